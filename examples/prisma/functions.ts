// The story through the functions. $queryRaw takes what sql makes of a template; a tag makes parameters of its values.
import { Prisma } from './generated/client.js';
import { asUser, prisma, sqlstate } from './skills.js';

type Row = Record<string, any>;
const { sql } = Prisma;
const call = (user: string, query: Prisma.Sql, org = 'acme') => asUser(user, org, (tx) => tx.$queryRaw<Row[]>(query));
const alice = (query: Prisma.Sql) => call('alice', query);
const bob = (query: Prisma.Sql) => call('bob', query);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const [{ skill_id: id }] = await alice(sql`SELECT skill_id FROM skills.create_skill('refund', ${description}, ${text1})`);
const [{ name, version: first }] = await alice(sql`SELECT name, version FROM skills.ai_registry()`);
say(`created ${name}: version ${first}, pinned by its author`);

if ((await bob(sql`SELECT name FROM skills.list_skills()`)).length === 0) say('hidden from bob while it is private');
await alice(sql`SELECT revision FROM skills.update_skill(${id}, accessibility => 'org')`);

const pin = (version: number) => sql`SELECT ai_version FROM skills.set_ai_version(${id}, ${version})`;
const load = sql`SELECT version, body FROM skills.load_skill('refund')`;
await asUser('bob', 'acme', async (tx) => {
	const [{ ai_version }] = await tx.$queryRaw<Row[]>(pin(1));
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await tx.$queryRaw<Row[]>(sql`SELECT tool FROM skills.load_skill_tool()`);
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const [{ version, body }] = await tx.$queryRaw<Row[]>(load);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice(sql`SELECT version FROM skills.create_version(${id}, ${description}, ${text2})`);
say(`edited: version ${version}, bob still loads version ${(await bob(load))[0].version}`);
await bob(pin(version));
const [after] = await bob(load);
say(`bob pins version ${after.version}: ${after.body}`);

for (const name of ['archive', 'billing', 'travel'])
	await alice(sql`SELECT skill_id FROM skills.create_skill(${name}, ${`Use for ${name}.`}, 'Ask first.', 'org')`);

// Pages go on from the last row that was seen.
const page = (after: string | null) => bob(sql`SELECT name, page_token FROM skills.list_skills(max_rows => 2, after => ${after})`);
const names = (rows: Row[]) => rows.map((row) => row.name).join(', ');
const page1 = await page(null);
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)!.page_token))}`);

say(`not found: ${await sqlstate(bob(pin(9)))}`);
say(`not allowed: ${await sqlstate(bob(sql`SELECT skills.update_skill(${id}, name => 'repay')`))}`);
say(`name taken: ${await sqlstate(bob(sql`SELECT skills.create_skill('refund', 'Mine.', 'Never.', 'org')`))}`);

// Read, changed by another session, written from the old copy.
const edit = (body: string, revision: number) => alice(sql`
	SELECT revision FROM skills.update_version(${id}, ${version}, body => ${body}, expected_revision => ${revision})`);
const [copy] = await alice(sql`SELECT body, revision FROM skills.get_version(${id}, ${version})`);
await edit(`${copy.body} Once.`, copy.revision);
if (await sqlstate(edit(text1, copy.revision)) === '55000') say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(prisma.$queryRaw(sql`SELECT skills.create_skill('refund', 'Nobody''s.', 'Never.')`))}`);
say(`dave of globex sees ${(await call('dave', sql`SELECT name FROM skills.list_skills()`, 'globex')).length} skills`);
await prisma.$disconnect();
