// The story through the tables. The tool and its answer are functions in any case.
import type { Prisma } from './generated/client.js';
import { asUser, prisma, sqlstate } from './skills.js';

type Work<T> = (tx: Prisma.TransactionClient) => Promise<T>;
const alice = <T>(work: Work<T>) => asUser('alice', 'acme', work);
const bob = <T>(work: Work<T>) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

// A skill and its first version are created together.
const skill_id = await alice(async (tx) => {
	const { skill_id, name } = await tx.skill.create({ data: { name: 'refund', skill_version: { create: { description, body: text1 } } } });
	const { ai_version } = await tx.skill_summary.findFirstOrThrow({ where: { skill_id } });
	say(`created ${name}: version ${ai_version}, pinned by its author`);
	return skill_id;
});

if (await bob((tx) => tx.skill.count()) === 0) say('hidden from bob while it is private');
await alice((tx) => tx.skill.updateMany({ where: { skill_id }, data: { accessibility: 'org' } }));

const pinned = async (tx: Prisma.TransactionClient) =>
	(await tx.skill_subscription.findFirstOrThrow({ where: { skill_id }, include: { skill_version: true } })).skill_version!;
await bob(async (tx) => {
	const { ai_version } = await tx.skill_subscription.create({ data: { skill_id, ai_version: 1 } });
	say(`shared: bob subscribes and pins version ${ai_version}`);
	const [{ tool }] = await tx.$queryRaw<{ tool: any }[]>`SELECT tool FROM skills.load_skill_tool()`;
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const { version, body } = await pinned(tx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const { version } = await alice((tx) => tx.skill_version.create({ data: { skill_id, description, body: text2 } }));

await bob(async (tx) => {
	say(`edited: version ${version}, bob still loads version ${(await pinned(tx)).version}`);
	await tx.skill_subscription.updateMany({ where: { skill_id }, data: { ai_version: version } });
	const after = await pinned(tx);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (tx) => {
	for (const name of ['archive', 'billing', 'travel']) {
		const first = { description: `Use for ${name}.`, body: 'Ask first.' };
		await tx.skill.create({ data: { name, accessibility: 'org', skill_version: { create: first } } });
	}
});

// Pages go on from the last row that was seen.
const page = (last: { name: string, skill_id: string }) => bob((tx) => tx.skill_summary.findMany({
	select: { name: true, skill_id: true },
	where: { OR: [{ name: { gt: last.name } }, { name: last.name, skill_id: { gt: last.skill_id } }] },
	orderBy: [{ name: 'asc' }, { skill_id: 'asc' }], take: 2,
}) as Promise<{ name: string, skill_id: string }[]>);
const names = (rows: { name: string }[]) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skill_id: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)!))}`);

say(`not found: ${await sqlstate(bob((tx) => tx.skill_subscription.updateMany({ where: { skill_id }, data: { ai_version: 9 } })))}`);
say(`not allowed: ${await sqlstate(bob((tx) => tx.skill.updateMany({ where: { skill_id }, data: { name: 'repay' } })))}`);
say(`name taken: ${await sqlstate(bob((tx) => tx.skill.create({ data: { name: 'refund', accessibility: 'org' } })))}`);

// Read, changed by another session, written from the old copy.
const edit = (body: string, revision: number) => alice((tx) => tx.skill_version.updateMany({ where: { skill_id, version, revision }, data: { body } }));
const copy = await alice((tx) => tx.skill_version.findFirstOrThrow({ where: { skill_id, version } }));
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).count === 0) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(prisma.skill.create({ data: { name: 'refund' } }))}`);
say(`dave of globex sees ${await asUser('dave', 'globex', (tx) => tx.skill.count())} skills`);
await prisma.$disconnect();
