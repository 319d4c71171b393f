// The story through the tables. The tool and its answer are functions in any case.
import { Op, OptimisticLockError, QueryTypes } from 'sequelize';
import { asUser, sequelize, Skill, SkillSubscription, SkillSummary, SkillVersion, sqlstate } from './skills.js';

const alice = (work) => asUser('alice', 'acme', work);
const bob = (work) => asUser('bob', 'acme', work);
const say = console.log;
const description = 'Use when a customer wants money back.';
const text1 = 'Up to 30 days after the order: pay it back.';
const text2 = 'Up to 60 days after the order: pay it back.';

const skillId = await alice(async (tx) => {
	const skill = await Skill.create({ name: 'refund' }, tx);
	await SkillVersion.create({ skillId: skill.skillId, description, body: text1 }, tx);
	const { aiVersion } = await SkillSummary.findOne({ where: { skillId: skill.skillId }, ...tx });
	say(`created ${skill.name}: version ${aiVersion}, pinned by its author`);
	return skill.skillId;
});

if (await bob((tx) => Skill.count(tx)) === 0) say('hidden from bob while it is private');
await alice((tx) => Skill.update({ accessibility: 'org' }, { where: { skillId }, ...tx }));

// An association has one foreign key column; these keys have more.
const pinned = async (tx) => {
	const { aiVersion } = await SkillSubscription.findOne({ where: { skillId }, ...tx });
	return SkillVersion.findOne({ where: { skillId, version: aiVersion }, ...tx });
};
await bob(async (tx) => {
	const { aiVersion } = await SkillSubscription.create({ skillId, aiVersion: 1 }, tx);
	say(`shared: bob subscribes and pins version ${aiVersion}`);
	const [{ tool }] = await sequelize.query('SELECT tool FROM skills.load_skill_tool()', { type: QueryTypes.SELECT, ...tx });
	say(`the tool offers bob: ${tool.input_schema.properties.name.enum.join(', ')}`);
	const { version, body } = await pinned(tx);
	say(`loaded by bob: version ${version}, ${body}`);
});

const { version } = await alice((tx) => SkillVersion.create({ skillId, description, body: text2 }, tx));

await bob(async (tx) => {
	say(`edited: version ${version}, bob still loads version ${(await pinned(tx)).version}`);
	await SkillSubscription.update({ aiVersion: version }, { where: { skillId }, ...tx });
	const after = await pinned(tx);
	say(`bob pins version ${after.version}: ${after.body}`);
});

await alice(async (tx) => {
	for (const name of ['archive', 'billing', 'travel']) {
		const { skillId } = await Skill.create({ name, accessibility: 'org' }, tx);
		await SkillVersion.create({ skillId, description: `Use for ${name}.`, body: 'Ask first.' }, tx);
	}
});

// Pages go on from the last row that was seen.
const page = (last) => bob((tx) => SkillSummary.findAll({
	attributes: ['name', 'skillId'],
	where: { [Op.or]: [{ name: { [Op.gt]: last.name } }, { name: last.name, skillId: { [Op.gt]: last.skillId } }] },
	order: ['name', 'skillId'], limit: 2, ...tx,
}));
const names = (rows) => rows.map((row) => row.name).join(', ');
const page1 = await page({ name: '', skillId: '' });
say(`page 1: ${names(page1)}`);
say(`page 2: ${names(await page(page1.at(-1)))}`);

say(`not found: ${await sqlstate(bob((tx) => SkillSubscription.update({ aiVersion: 9 }, { where: { skillId }, ...tx })))}`);
say(`not allowed: ${await sqlstate(bob((tx) => Skill.update({ name: 'repay' }, { where: { skillId }, ...tx })))}`);
say(`name taken: ${await sqlstate(bob((tx) => Skill.create({ name: 'refund', accessibility: 'org' }, tx)))}`);

// Read, changed by another session, written from the old copy: save() compares the revision.
const read = () => alice((tx) => SkillVersion.findOne({ where: { skillId, version }, ...tx }));
const edit = (copy, body) => alice((tx) => copy.set({ body }).save(tx));
const [copy, other] = [await read(), await read()];
await edit(other, `${other.body} Once.`);
const stale = await edit(copy, text1).catch((error) => error);
if (stale instanceof OptimisticLockError) say('changed meanwhile: read it again');

say(`no identity: ${await sqlstate(Skill.create({ name: 'refund' }))}`);
say(`dave of globex sees ${await asUser('dave', 'globex', (tx) => Skill.count(tx))} skills`);
await sequelize.close();
