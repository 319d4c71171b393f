// The story through the functions.
import { asUser, sql, sqlstate } from './skills.js';

const alice = (work) => asUser('alice', 'acme', work);
const bob = (work) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const id = await alice(async (tx) => {
	const [{ skill_id }] = await tx`SELECT skill_id FROM skills.create_skill('refund', ${description}, ${text1})`;
	const [{ name, version }] = await tx`SELECT name, version FROM skills.ai_registry()`;
	say(`created ${name}: version ${version}, pinned by its author`);
	return skill_id;
});

if ((await bob((tx) => tx`SELECT name FROM skills.list_skills()`)).length === 0) say('hidden from bob while it is private');
await alice((tx) => tx`SELECT revision FROM skills.update_skill(${id}, accessibility => 'org')`);

await bob(async (tx) => {
	const [{ ai_version }] = await tx`SELECT ai_version FROM skills.set_ai_version(${id}, 1)`;
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await tx`SELECT tool FROM skills.load_skill_tool()`;
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await tx`SELECT version, body FROM skills.load_skill('refund')`;
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice((tx) => tx`SELECT version FROM skills.create_version(${id}, ${description}, ${text2})`);

await bob(async (tx) => {
	const [before] = await tx`SELECT version FROM skills.load_skill('refund')`;
	say(`edited: version ${version}, bob still loads version ${before.version}`);
	await tx`SELECT ai_version FROM skills.set_ai_version(${id}, ${version})`;
	const [after] = await tx`SELECT version, body FROM skills.load_skill('refund')`;
	say(`bob pins version ${after.version}: ${after.body}`);
});

// Sent together, one behind the other over the transaction's connection.
await alice((tx) => Promise.all(['archive', 'billing', 'travel'].map((name) =>
	tx`SELECT skill_id FROM skills.create_skill(${name}, ${`Use for ${name}.`}, 'Ask first.', 'org')`)));

// Pages go on from the last row that was seen.
const page = (after) => bob((tx) => tx`SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => ${after})`);
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page(null);
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1).page_token))}`);

say(`not found: ${await sqlstate(bob((tx) => tx`SELECT skills.set_ai_version(${id}, 9)`))}`);
say(`not allowed: ${await sqlstate(bob((tx) => tx`SELECT skills.update_skill(${id}, name => 'repay')`))}`);
say(`name taken: ${await sqlstate(bob((tx) => tx`SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')`))}`);

// Read, changed by another session, written from the old copy.
const edit = (body, revision) => alice((tx) => tx`
	SELECT revision FROM skills.update_version(${id}, ${version}, body => ${body}, expected_revision => ${revision})`);
const [copy] = await alice((tx) => tx`SELECT body, revision FROM skills.get_version(${id}, ${version})`);
await edit(`${copy.body} Once.`, copy.revision);
if (await sqlstate(edit(text1, copy.revision)) === '55000') say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(sql`SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')`)}`);
const seen = await asUser('dave', 'globex', (tx) => tx`SELECT name FROM skills.list_skills()`);
say(`dave of globex sees ${seen.length} skills`);
await sql.end();
