// The story through the functions. Raw rows have the columns' own names.
import { QueryTypes } from 'sequelize';
import { asUser, sequelize, sqlstate } from './skills.js';

const query = (statement, bind, tx) => sequelize.query(statement, { bind, type: QueryTypes.SELECT, ...tx });
const alice = (statement, bind) => asUser('alice', 'acme', (tx) => query(statement, bind, tx));
const bob = (statement, bind) => asUser('bob', 'acme', (tx) => query(statement, bind, tx));
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const [{ skill_id: id }] = await alice('SELECT skill_id FROM skills.create_skill($1, $2, $3)', ['refund', description, text1]);
const [{ name, version: first }] = await alice('SELECT name, version FROM skills.ai_registry()');
say(`created ${name}: version ${first}, pinned by its author`);

if ((await bob('SELECT name FROM skills.list_skills()')).length === 0) say('hidden from bob while it is private');
await alice("SELECT revision FROM skills.update_skill($1, accessibility => 'org')", [id]);

const pin = 'SELECT ai_version FROM skills.set_ai_version($1, $2)';
const load = 'SELECT version, body FROM skills.load_skill($1)';
await asUser('bob', 'acme', async (tx) => {
	const [{ ai_version }] = await query(pin, [id, 1], tx);
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await query('SELECT tool FROM skills.load_skill_tool()', [], tx);
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await query(load, ['refund'], tx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice('SELECT version FROM skills.create_version($1, $2, $3)', [id, description, text2]);
const [before] = await bob(load, ['refund']);
say(`edited: version ${version}, bob still loads version ${before.version}`);
await bob(pin, [id, version]);
const [after] = await bob(load, ['refund']);
say(`bob pins version ${after.version}: ${after.body}`);

for (const name of ['archive', 'billing', 'travel'])
	await alice("SELECT skill_id FROM skills.create_skill($1, $2, 'Ask first.', 'org')", [name, `Use for ${name}.`]);

// Pages go on from the last row that was seen.
const page = (after) => bob('SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => $1)', [after]);
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page(null);
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1).page_token))}`);

say(`not found: ${await sqlstate(bob(pin, [id, 9]))}`);
say(`not allowed: ${await sqlstate(bob("SELECT skills.update_skill($1, name => 'repay')", [id]))}`);
say(`name taken: ${await sqlstate(bob("SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')"))}`);

// Read, changed by another session, written from the old copy.
const edit = (body, revision) => alice(
	'SELECT revision FROM skills.update_version($1, $2, body => $3, expected_revision => $4)', [id, version, body, revision]);
const [copy] = await alice('SELECT body, revision FROM skills.get_version($1, $2)', [id, version]);
await edit(`${copy.body} Once.`, copy.revision);
if (await sqlstate(edit(text1, copy.revision)) === '55000') say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(query("SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')"))}`);
say(`dave of globex sees ${(await asUser('dave', 'globex', (tx) => query('SELECT name FROM skills.list_skills()', [], tx))).length} skills`);
await sequelize.close();
