// The extension's tables. They are not the app's to create or to drop.
import { DataTypes, literal } from 'sequelize';

const { TEXT, INTEGER, BOOLEAN, DATE, JSONB, BLOB, ARRAY } = DataTypes;
const key = (type, rest) => ({ type, primaryKey: true, allowNull: false, ...rest });
// What the database fills: left out, it is read back after the INSERT.
const orgId = () => key(TEXT, { defaultValue: literal('DEFAULT') });
const filled = (type, rest) => ({ type, defaultValue: literal('DEFAULT'), ...rest });
const required = (type) => ({ type, allowNull: false });

/** Defines the models; underscored makes skillId the column skill_id. */
export function define(sequelize) {
	const model = (name, table, columns, options) => {
		const defined = sequelize.define(name, columns, { schema: 'skills', tableName: table, timestamps: false, underscored: true, ...options });
		// So sync() and drop() do not know them.
		sequelize.modelManager.removeModel(defined);
		return defined;
	};
	// Sequelize takes for the new revision what it sent: 1 for a new row, then one more.
	const stamps = () => ({
		created: filled(DATE), createdBy: filled(TEXT), modified: filled(DATE), modifiedBy: filled(TEXT), revision: { type: INTEGER, defaultValue: 1 },
	});
	const Skill = model('Skill', 'skill', {
		orgId: orgId(), skillId: key(TEXT, { defaultValue: literal('DEFAULT') }), name: required(TEXT),
		accessibility: filled(TEXT), tags: filled(ARRAY(TEXT)), ...stamps(),
	}, { version: 'revision' });
	const SkillVersion = model('SkillVersion', 'skill_version', {
		orgId: orgId(), skillId: key(TEXT), version: key(INTEGER, { defaultValue: literal('DEFAULT') }),
		description: required(TEXT), body: required(TEXT), relevantTopics: filled(ARRAY(TEXT)), frontmatter: JSONB,
		author: filled(TEXT), accessibility: filled(TEXT), ...stamps(),
	}, { version: 'revision' });
	const SkillSubscription = model('SkillSubscription', 'skill_subscription', {
		orgId: orgId(), userId: key(TEXT, { defaultValue: literal('DEFAULT') }), skillId: key(TEXT), aiVersion: INTEGER, subscribed: filled(DATE),
	});
	const SkillFile = model('SkillFile', 'skill_file', {
		orgId: orgId(), skillId: key(TEXT), version: key(INTEGER), path: key(TEXT), content: required(BLOB), size: filled(INTEGER),
		sha256: filled(TEXT), executable: filled(BOOLEAN), author: filled(TEXT), accessibility: filled(TEXT), created: filled(DATE), createdBy: filled(TEXT),
	});
	const SkillSummary = model('SkillSummary', 'skill_summary', {
		orgId: key(TEXT), skillId: key(TEXT), name: TEXT, accessibility: TEXT, tags: ARRAY(TEXT), created: DATE, createdBy: TEXT,
		modified: DATE, modifiedBy: TEXT, revision: INTEGER, latestVersion: INTEGER, latestDescription: TEXT, latestBody: TEXT,
		latestRelevantTopics: ARRAY(TEXT), latestCreated: DATE, latestModified: DATE, isSubscribed: BOOLEAN, aiVersion: INTEGER,
		subscribed: DATE, isAuthor: BOOLEAN, canEdit: BOOLEAN,
	});
	return { Skill, SkillVersion, SkillSubscription, SkillFile, SkillSummary };
}
