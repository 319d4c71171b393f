// The story through the tables. The tool and its answer are functions in any case.
import { asUser, pool, sqlstate } from './skills.js';

const alice = (work) => asUser('alice', 'acme', work);
const bob = (work) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';
const pinned = `SELECT version, body FROM skills.skill_subscription JOIN skills.skill_version USING (org_id, skill_id)
	WHERE skill_id = $1 AND version = ai_version`;

const id = await alice(async (query) => {
	const [skill] = await query('INSERT INTO skills.skill (name) VALUES ($1) RETURNING skill_id, name', ['refund']);
	await query('INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3)', [skill.skill_id, description, text1]);
	const [{ ai_version }] = await query('SELECT ai_version FROM skills.skill_summary WHERE skill_id = $1', [skill.skill_id]);
	say(`created ${skill.name}: version ${ai_version}, pinned by its author`);
	return skill.skill_id;
});

if ((await bob((query) => query('SELECT FROM skills.skill'))).length === 0) say('hidden from bob while it is private');
await alice((query) => query("UPDATE skills.skill SET accessibility = 'org' WHERE skill_id = $1", [id]));

await bob(async (query) => {
	const [{ ai_version }] = await query(
		'INSERT INTO skills.skill_subscription (skill_id, ai_version) VALUES ($1, 1) RETURNING ai_version', [id]);
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await query('SELECT tool FROM skills.load_skill_tool()');
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await query(pinned, [id]);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice((query) => query(
	'INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3) RETURNING version', [id, description, text2]));

await bob(async (query) => {
	const [before] = await query(pinned, [id]);
	say(`edited: version ${version}, bob still loads version ${before.version}`);
	await query('UPDATE skills.skill_subscription SET ai_version = $2 WHERE skill_id = $1', [id, version]);
	const [after] = await query(pinned, [id]);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (query) => {
	for (const name of ['archive', 'billing', 'travel']) {
		const [{ skill_id }] = await query("INSERT INTO skills.skill (name, accessibility) VALUES ($1, 'org') RETURNING skill_id", [name]);
		await query('INSERT INTO skills.skill_version (skill_id, description, body) VALUES ($1, $2, $3)', [skill_id, `Use for ${name}.`, 'Ask first.']);
	}
});

// Pages go on from the last row that was seen.
const page = (last) => bob((query) => query(
	'SELECT name, skill_id FROM skills.skill_summary WHERE (name, skill_id) > ($1, $2) ORDER BY name, skill_id LIMIT 2', [last.name, last.skill_id]));
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skill_id: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)))}`);

say(`not found: ${await sqlstate(bob((query) => query('UPDATE skills.skill_subscription SET ai_version = 9 WHERE skill_id = $1', [id])))}`);
say(`not allowed: ${await sqlstate(bob((query) => query("UPDATE skills.skill SET name = 'repay' WHERE skill_id = $1", [id])))}`);
say(`name taken: ${await sqlstate(bob((query) => query("INSERT INTO skills.skill (name, accessibility) VALUES ('refund', 'org')")))}`);

// Read, changed by another session, written from the old copy.
const edit = (body, revision) => alice((query) => query(
	'UPDATE skills.skill_version SET body = $3 WHERE skill_id = $1 AND version = $2 AND revision = $4 RETURNING revision', [id, version, body, revision]));
const [copy] = await alice((query) => query('SELECT body, revision FROM skills.skill_version WHERE skill_id = $1 AND version = $2', [id, version]));
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).length === 0) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(pool.query("INSERT INTO skills.skill (name) VALUES ('refund')"))}`);
const seen = await asUser('dave', 'globex', (query) => query('SELECT FROM skills.skill'));
say(`dave of globex sees ${seen.length} skills`);
await pool.end();
