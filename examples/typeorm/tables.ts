// The story through the tables. The tool and its answer are functions in any case.
import { type EntityManager, MoreThan } from 'typeorm';
import { Skill, SkillSubscription, SkillSummary, SkillVersion } from './entities.js';
import { asUser, source, sqlstate } from './skills.js';

type Work<T> = (manager: EntityManager) => Promise<T>;
const alice = <T>(work: Work<T>) => asUser('alice', 'acme', work);
const bob = <T>(work: Work<T>) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const skillId = await alice(async (manager) => {
	const skill = await manager.save(manager.create(Skill, { name: 'refund', versions: [{ description, body: text1 }] }));
	const { aiVersion } = await manager.findOneByOrFail(SkillSummary, { skillId: skill.skillId });
	say(`created ${skill.name}: version ${aiVersion}, pinned by its author`);
	return skill.skillId;
});

if (await bob((manager) => manager.count(Skill)) === 0) say('hidden from bob while it is private');
await alice((manager) => manager.update(Skill, { skillId }, { accessibility: 'org' }));

const pinned = async (manager: EntityManager) =>
	(await manager.findOneOrFail(SkillSubscription, { where: { skillId }, relations: { pinned: true } })).pinned!;
await bob(async (manager) => {
	const { aiVersion } = await manager.save(manager.create(SkillSubscription, { skillId, aiVersion: 1 }));
	say(`shared: bob subscribes and pins version ${aiVersion}`);
	const [{ tool }] = await manager.query('SELECT tool FROM skills.load_skill_tool()');
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const { version, body } = await pinned(manager);
	say(`loaded by bob: version ${version}, ${body}`);
});

const { version } = await alice((manager) => manager.save(manager.create(SkillVersion, { skillId, description, body: text2 })));

await bob(async (manager) => {
	say(`edited: version ${version}, bob still loads version ${(await pinned(manager)).version}`);
	await manager.update(SkillSubscription, { skillId }, { aiVersion: version });
	const after = await pinned(manager);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice((manager) => manager.save(['archive', 'billing', 'travel'].map((name) => manager.create(Skill, {
	name, accessibility: 'org', versions: [{ description: `Use for ${name}.`, body: 'Ask first.' }],
}))));

// Pages go on from the last row that was seen.
const page = (last: { name: string, skillId: string }) => bob((manager) => manager.find(SkillSummary, {
	select: { name: true, skillId: true },
	where: [{ name: MoreThan(last.name) }, { name: last.name, skillId: MoreThan(last.skillId) }],
	order: { name: 'ASC', skillId: 'ASC' }, take: 2,
}));
const names = (rows: { name: string }[]) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skillId: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)!))}`);

say(`not found: ${await sqlstate(bob((manager) => manager.update(SkillSubscription, { skillId }, { aiVersion: 9 })))}`);
say(`not allowed: ${await sqlstate(bob((manager) => manager.update(Skill, { skillId }, { name: 'repay' })))}`);
say(`name taken: ${await sqlstate(bob((manager) => manager.insert(Skill, { name: 'refund', accessibility: 'org' })))}`);

// Read, changed by another session, written from the old copy.
const edit = (body: string, revision: number) => alice((manager) => manager.update(SkillVersion, { skillId, version, revision }, { body }));
const copy = await alice((manager) => manager.findOneByOrFail(SkillVersion, { skillId, version }));
await edit(`${copy.body} Once.`, copy.revision);
if ((await edit(text1, copy.revision)).affected === 0) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(source.manager.insert(Skill, { name: 'refund' }))}`);
say(`dave of globex sees ${await asUser('dave', 'globex', (manager) => manager.count(Skill))} skills`);
await source.destroy();
