// The story through the tables. The tool and its answer are functions in any case.
import { and, eq, sql } from 'drizzle-orm';
import { skill, skillSubscription, skillSummary, skillVersion } from './schema.js';
import { asUser, db, sqlstate, type Transaction } from './skills.js';

type Work<T> = (tx: Transaction) => Promise<T>;
const alice = <T>(work: Work<T>) => asUser('alice', 'acme', work);
const bob = <T>(work: Work<T>) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const id = await alice(async (tx) => {
	const [{ skillId, name }] = await tx.insert(skill).values({ name: 'refund' }).returning();
	await tx.insert(skillVersion).values({ skillId, description, body: text1 });
	const [{ aiVersion }] = await tx.select().from(skillSummary).where(eq(skillSummary.skillId, skillId));
	say(`created ${name}: version ${aiVersion}, pinned by its author`);
	return skillId;
});

if ((await bob((tx) => tx.select().from(skill))).length === 0) say('hidden from bob while it is private');
await alice((tx) => tx.update(skill).set({ accessibility: 'org' }).where(eq(skill.skillId, id)));

const pinned = async (tx: Transaction) =>
	(await tx.query.skillSubscription.findFirst({ where: eq(skillSubscription.skillId, id), with: { pinned: true } }))!.pinned!;
await bob(async (tx) => {
	const [{ aiVersion }] = await tx.insert(skillSubscription).values({ skillId: id, aiVersion: 1 }).returning();
	say(`shared: bob subscribes and pins version ${aiVersion}`);
	const { rows: [{ tool }] } = await tx.execute<{ tool: any }>(sql`SELECT tool FROM skills.load_skill_tool()`);
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const { version, body } = await pinned(tx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const [{ version }] = await alice((tx) => tx.insert(skillVersion).values({ skillId: id, description, body: text2 }).returning());

await bob(async (tx) => {
	say(`edited: version ${version}, bob still loads version ${(await pinned(tx)).version}`);
	await tx.update(skillSubscription).set({ aiVersion: version }).where(eq(skillSubscription.skillId, id));
	const after = await pinned(tx);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (tx) => {
	const shared = ['archive', 'billing', 'travel'].map((name) => ({ name, accessibility: 'org' as const }));
	const added = await tx.insert(skill).values(shared).returning();
	await tx.insert(skillVersion).values(added.map(({ skillId, name }) => ({ skillId, description: `Use for ${name}.`, body: 'Ask first.' })));
});

// Pages go on from the last row that was seen.
const page = (last: { name: string, skillId: string }) => bob((tx) => tx
	.select({ name: skillSummary.name, skillId: skillSummary.skillId }).from(skillSummary)
	.where(sql`(${skillSummary.name}, ${skillSummary.skillId}) > (${last.name}, ${last.skillId})`)
	.orderBy(skillSummary.name, skillSummary.skillId).limit(2));
const names = (rows: { name: string }[]) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skillId: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)!))}`);

say(`not found: ${await sqlstate(bob((tx) => tx.update(skillSubscription).set({ aiVersion: 9 }).where(eq(skillSubscription.skillId, id))))}`);
say(`not allowed: ${await sqlstate(bob((tx) => tx.update(skill).set({ name: 'repay' }).where(eq(skill.skillId, id))))}`);
say(`name taken: ${await sqlstate(bob((tx) => tx.insert(skill).values({ name: 'refund', accessibility: 'org' })))}`);

// Read, changed by another session, written from the old copy.
const latest = and(eq(skillVersion.skillId, id), eq(skillVersion.version, version));
const edit = (body: string, revision: number) => alice((tx) => tx.update(skillVersion).set({ body })
	.where(and(latest, eq(skillVersion.revision, revision))));
const [copy] = await alice((tx) => tx.select().from(skillVersion).where(latest));
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).rowCount === 0) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(db.insert(skill).values({ name: 'refund' }))}`);
const seen = await asUser('dave', 'globex', (tx) => tx.select().from(skill));
say(`dave of globex sees ${seen.length} skills`);
await db.$client.end();
