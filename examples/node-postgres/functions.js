// The story through the functions.
import { asUser, pool, sqlstate } from './skills.js';

const alice = (work) => asUser('alice', 'acme', work);
const bob = (work) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const id = await alice(async (query) => {
	const [{ skill_id }] = await query('SELECT skill_id FROM skills.create_skill($1, $2, $3)', ['refund', description, text1]);
	const [{ name, version }] = await query('SELECT name, version FROM skills.ai_registry()');
	say(`created ${name}: version ${version}, pinned by its author`);
	return skill_id;
});

if ((await bob((query) => query('SELECT name FROM skills.list_skills()'))).length === 0) say('hidden from bob while it is private');
await alice((query) => query("SELECT revision FROM skills.update_skill($1, accessibility => 'org')", [id]));

await bob(async (query) => {
	const [{ ai_version }] = await query('SELECT ai_version FROM skills.set_ai_version($1, 1)', [id]);
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await query('SELECT tool FROM skills.load_skill_tool()');
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await query('SELECT version, body FROM skills.load_skill($1)', ['refund']);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice((query) => query('SELECT version FROM skills.create_version($1, $2, $3)', [id, description, text2]));

await bob(async (query) => {
	const [before] = await query('SELECT version FROM skills.load_skill($1)', ['refund']);
	say(`edited: version ${version}, bob still loads version ${before.version}`);
	await query('SELECT ai_version FROM skills.set_ai_version($1, $2)', [id, version]);
	const [after] = await query('SELECT version, body FROM skills.load_skill($1)', ['refund']);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (query) => {
	for (const name of ['archive', 'billing', 'travel'])
		await query("SELECT skill_id FROM skills.create_skill($1, $2, 'Ask first.', 'org')", [name, `Use for ${name}.`]);
});

// Pages go on from the last row that was seen.
const page = (after) => bob((query) => query('SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => $1)', [after]));
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page(null);
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1).page_token))}`);

say(`not found: ${await sqlstate(bob((query) => query('SELECT skills.set_ai_version($1, 9)', [id])))}`);
say(`not allowed: ${await sqlstate(bob((query) => query("SELECT skills.update_skill($1, name => 'repay')", [id])))}`);
say(`name taken: ${await sqlstate(bob((query) => query("SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')")))}`);

// Read, changed by another session, written from the old copy.
const edit = (body, revision) => alice((query) => query(
	'SELECT revision FROM skills.update_version($1, $2, body => $3, expected_revision => $4)', [id, version, body, revision]));
const [copy] = await alice((query) => query('SELECT body, revision FROM skills.get_version($1, $2)', [id, version]));
await edit(`${copy.body} Once.`, copy.revision);
if (await sqlstate(edit(text1, copy.revision)) === '55000') say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(pool.query("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')"))}`);
const seen = await asUser('dave', 'globex', (query) => query('SELECT name FROM skills.list_skills()'));
say(`dave of globex sees ${seen.length} skills`);
await pool.end();
