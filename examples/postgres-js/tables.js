// The story through the tables. The tool and its answer are functions in any case.
import { asUser, sql, sqlstate } from './skills.js';

const alice = (work) => asUser('alice', 'acme', work);
const bob = (work) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const id = await alice(async (tx) => {
	const [skill] = await tx`INSERT INTO skills.skill ${tx({ name: 'refund' })} RETURNING skill_id, name`;
	await tx`INSERT INTO skills.skill_version ${tx({ skill_id: skill.skill_id, description, body: text1 })}`;
	const [{ ai_version }] = await tx`SELECT ai_version FROM skills.skill_summary WHERE skill_id = ${skill.skill_id}`;
	say(`created ${skill.name}: version ${ai_version}, pinned by its author`);
	return skill.skill_id;
});

if ((await bob((tx) => tx`SELECT name FROM skills.skill`)).length === 0) say('hidden from bob while it is private');
await alice((tx) => tx`UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = ${id}`);

const pinned = (tx) => tx`SELECT version, body FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
	WHERE skill_id = ${id} AND version = ai_version`;
await bob(async (tx) => {
	const [{ ai_version }] = await tx`INSERT INTO skills.skill_subscription ${tx({ skill_id: id, ai_version: 1 })} RETURNING ai_version`;
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await tx`SELECT tool FROM skills.load_skill_tool()`;
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await pinned(tx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice((tx) => tx`
	INSERT INTO skills.skill_version ${tx({ skill_id: id, description, body: text2 })} RETURNING version`);

await bob(async (tx) => {
	const [before] = await pinned(tx);
	say(`edited: version ${version}, bob still loads version ${before.version}`);
	await tx`UPDATE skills.skill_subscription SET ${tx({ ai_version: version })} WHERE skill_id = ${id}`;
	const [after] = await pinned(tx);
	say(`bob pins version ${after.version}: ${after.body}`);
});

// Several rows with one statement each.
await alice(async (tx) => {
	const shared = ['archive', 'billing', 'travel'].map((name) => ({ name, accessibility: 'org' }));
	const added = await tx`INSERT INTO skills.skill ${tx(shared)} RETURNING skill_id, name`;
	const versions = added.map(({ skill_id, name }) => ({ skill_id, description: `Use for ${name}.`, body: 'Ask first.' }));
	await tx`INSERT INTO skills.skill_version ${tx(versions)}`;
});

// Pages go on from the last row that was seen.
const page = (last) => bob((tx) => tx`SELECT name, skill_id FROM skills.skill_summary
	WHERE (name, skill_id) > (${last.name}, ${last.skill_id}) ORDER BY name, skill_id LIMIT 2`);
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skill_id: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)))}`);

say(`not found: ${await sqlstate(bob((tx) => tx`UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = ${id}`))}`);
say(`not allowed: ${await sqlstate(bob((tx) => tx`UPDATE skills.skill SET name = 'repay' WHERE skill_id = ${id}`))}`);
say(`name taken: ${await sqlstate(bob((tx) => tx`INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')`))}`);

// Read, changed by another session, written from the old copy.
const edit = (body, revision) => alice((tx) => tx`
	UPDATE skills.skill_version SET ${tx({ body })} WHERE skill_id = ${id} AND version = ${version} AND revision = ${revision}`);
const [copy] = await alice((tx) => tx`SELECT body, revision FROM skills.skill_version WHERE skill_id = ${id} AND version = ${version}`);
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).count === 0) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(sql`INSERT INTO skills.skill (name) VALUES ('refund')`)}`);
const seen = await asUser('dave', 'globex', (tx) => tx`SELECT name FROM skills.skill`);
say(`dave of globex sees ${seen.length} skills`);
await sql.end();
