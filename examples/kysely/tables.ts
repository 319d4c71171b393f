// The story through the tables. The tool and its answer are functions in any case.
import { type NotNull, sql, type Transaction } from 'kysely';
import type { DB } from './schema.js';
import { asUser, db, sqlstate } from './skills.js';

type Work<T> = (trx: Transaction<DB>) => Promise<T>;
const alice = <T>(work: Work<T>) => asUser('alice', 'acme', work);
const bob = <T>(work: Work<T>) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const id = await alice(async (trx) => {
	const skill = await trx.insertInto('skills.skill').values({ name: 'refund' }).returning(['skill_id', 'name']).executeTakeFirstOrThrow();
	await trx.insertInto('skills.skill_version').values({ skill_id: skill.skill_id, description, body: text1 }).execute();
	const { ai_version } = await trx.selectFrom('skills.skill_summary').select('ai_version')
		.where('skill_id', '=', skill.skill_id).executeTakeFirstOrThrow();
	say(`created ${skill.name}: version ${ai_version}, pinned by its author`);
	return skill.skill_id;
});

if ((await bob((trx) => trx.selectFrom('skills.skill').select('name').execute())).length === 0) say('hidden from bob while it is private');
await alice((trx) => trx.updateTable('skills.skill').set({ accessibility: 'org' }).where('skill_id', '=', id).execute());

const pinned = (trx: Transaction<DB>) => trx.selectFrom('skills.skill_subscription as s')
	.innerJoin('skills.skill_version as v', (join) => join.onRef('v.org_id', '=', 's.org_id').onRef('v.skill_id', '=', 's.skill_id'))
	.select(['v.version', 'v.body']).where('s.skill_id', '=', id).whereRef('v.version', '=', 's.ai_version').executeTakeFirstOrThrow();
await bob(async (trx) => {
	const { ai_version } = await trx.insertInto('skills.skill_subscription').values({ skill_id: id, ai_version: 1 })
		.returning('ai_version').executeTakeFirstOrThrow();
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const { rows: [{ tool }] } = await sql<{ tool: any }>`SELECT tool FROM skills.load_skill_tool()`.execute(trx);
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const { version, body } = await pinned(trx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const { version } = await alice((trx) => trx.insertInto('skills.skill_version').values({ skill_id: id, description, body: text2 })
	.returning('version').executeTakeFirstOrThrow());

await bob(async (trx) => {
	say(`edited: version ${version}, bob still loads version ${(await pinned(trx)).version}`);
	await trx.updateTable('skills.skill_subscription').set({ ai_version: version }).where('skill_id', '=', id).execute();
	const after = await pinned(trx);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (trx) => {
	const shared = ['archive', 'billing', 'travel'].map((name) => ({ name, accessibility: 'org' }));
	const added = await trx.insertInto('skills.skill').values(shared).returning(['skill_id', 'name']).execute();
	await trx.insertInto('skills.skill_version')
		.values(added.map(({ skill_id, name }) => ({ skill_id, description: `Use for ${name}.`, body: 'Ask first.' }))).execute();
});

// Pages go on from the last row that was seen. A view's columns may be null for all that the types know.
const page = (last: { name: string, skill_id: string }) => bob((trx) => trx.selectFrom('skills.skill_summary')
	.select(['name', 'skill_id']).$narrowType<{ name: NotNull, skill_id: NotNull }>()
	.where((eb) => eb(eb.refTuple('name', 'skill_id'), '>', eb.tuple(last.name, last.skill_id)))
	.orderBy('name').orderBy('skill_id').limit(2).execute());
const names = (rows: { name: string }[]) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skill_id: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)!))}`);

say(`not found: ${await sqlstate(bob((trx) =>
	trx.updateTable('skills.skill_subscription').set({ ai_version: 9 }).where('skill_id', '=', id).execute()))}`);
say(`not allowed: ${await sqlstate(bob((trx) => trx.updateTable('skills.skill').set({ name: 'repay' }).where('skill_id', '=', id).execute()))}`);
say(`name taken: ${await sqlstate(bob((trx) => trx.insertInto('skills.skill').values({ name: 'refund', accessibility: 'org' }).execute()))}`);

// Read, changed by another session, written from the old copy.
const edit = (body: string, revision: number) => alice((trx) => trx.updateTable('skills.skill_version').set({ body })
	.where('skill_id', '=', id).where('version', '=', version).where('revision', '=', revision).executeTakeFirstOrThrow());
const copy = await alice((trx) => trx.selectFrom('skills.skill_version').select(['body', 'revision'])
	.where('skill_id', '=', id).where('version', '=', version).executeTakeFirstOrThrow());
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).numUpdatedRows === 0n) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(db.insertInto('skills.skill').values({ name: 'refund' }).execute())}`);
const seen = await asUser('dave', 'globex', (trx) => trx.selectFrom('skills.skill').select('name').execute());
say(`dave of globex sees ${seen.length} skills`);
await db.destroy();
