// The extension's tables. They are not the app's to create: drizzle.config.ts names another file.
import { relations, sql } from 'drizzle-orm';
import { boolean, customType, foreignKey, integer, jsonb, pgSchema, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
// As text: a Date would lose the microseconds.
const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });
const orgId = () => text('org_id').notNull().default(sql`skills.current_org_id()`);
const user = (name: string) => text(name).default(sql`skills.current_user_id()`);

const skills = pgSchema('skills');

export const skill = skills.table('skill', {
	orgId: orgId(),
	skillId: text('skill_id').notNull().default(sql`skills.new_skill_id()`),
	name: text('name').notNull(),
	accessibility: text('accessibility', { enum: ['private', 'org', 'org-editable'] }).notNull().default('private'),
	tags: text('tags').array().notNull().default([]),
	created: time('created').notNull().defaultNow(),
	createdBy: user('created_by').notNull(),
	modified: time('modified').notNull().defaultNow(),
	modifiedBy: user('modified_by'),
	revision: integer('revision').notNull().default(1),
}, (table) => [primaryKey({ columns: [table.orgId, table.skillId] })]);

export const skillVersion = skills.table('skill_version', {
	orgId: orgId(),
	skillId: text('skill_id').notNull(),
	version: integer('version').notNull().default(0),
	description: text('description').notNull(),
	body: text('body').notNull(),
	relevantTopics: text('relevant_topics').array().notNull().default([]),
	frontmatter: jsonb('frontmatter'),
	author: user('author').notNull(),
	accessibility: text('accessibility').notNull().default('private'),
	created: time('created').notNull().defaultNow(),
	createdBy: user('created_by').notNull(),
	modified: time('modified').notNull().defaultNow(),
	modifiedBy: user('modified_by'),
	revision: integer('revision').notNull().default(1),
}, (table) => [
	primaryKey({ columns: [table.orgId, table.skillId, table.version] }),
	foreignKey({ columns: [table.orgId, table.skillId], foreignColumns: [skill.orgId, skill.skillId] }),
]);

export const skillSubscription = skills.table('skill_subscription', {
	orgId: orgId(),
	userId: user('user_id').notNull(),
	skillId: text('skill_id').notNull(),
	aiVersion: integer('ai_version'),
	subscribed: time('subscribed').notNull().defaultNow(),
}, (table) => [
	primaryKey({ columns: [table.orgId, table.userId, table.skillId] }),
	foreignKey({
		columns: [table.orgId, table.skillId, table.aiVersion],
		foreignColumns: [skillVersion.orgId, skillVersion.skillId, skillVersion.version],
	}),
]);

export const skillFile = skills.table('skill_file', {
	orgId: orgId(),
	skillId: text('skill_id').notNull(),
	version: integer('version').notNull(),
	path: text('path').notNull(),
	content: bytea('content').notNull(),
	size: integer('size').notNull().default(0),
	sha256: text('sha256').notNull().default(''),
	executable: boolean('executable').notNull().default(false),
	author: user('author').notNull(),
	accessibility: text('accessibility').notNull().default('private'),
	created: time('created').notNull().defaultNow(),
	createdBy: user('created_by').notNull(),
}, (table) => [primaryKey({ columns: [table.orgId, table.skillId, table.version, table.path] })]);

export const skillSummary = skills.view('skill_summary', {
	orgId: text('org_id').notNull(),
	skillId: text('skill_id').notNull(),
	name: text('name').notNull(),
	accessibility: text('accessibility').notNull(),
	tags: text('tags').array().notNull(),
	created: time('created').notNull(),
	createdBy: text('created_by').notNull(),
	modified: time('modified').notNull(),
	modifiedBy: text('modified_by'),
	revision: integer('revision').notNull(),
	latestVersion: integer('latest_version').notNull(),
	latestDescription: text('latest_description').notNull(),
	latestBody: text('latest_body').notNull(),
	latestRelevantTopics: text('latest_relevant_topics').array().notNull(),
	latestCreated: time('latest_created').notNull(),
	latestModified: time('latest_modified').notNull(),
	isSubscribed: boolean('is_subscribed').notNull(),
	aiVersion: integer('ai_version'),
	subscribed: time('subscribed'),
	isAuthor: boolean('is_author').notNull(),
	canEdit: boolean('can_edit').notNull(),
}).existing();

// A relation names all columns of the key.
export const subscriptionRelations = relations(skillSubscription, ({ one }) => ({
	skill: one(skill, { fields: [skillSubscription.orgId, skillSubscription.skillId], references: [skill.orgId, skill.skillId] }),
	pinned: one(skillVersion, {
		fields: [skillSubscription.orgId, skillSubscription.skillId, skillSubscription.aiVersion],
		references: [skillVersion.orgId, skillVersion.skillId, skillVersion.version],
	}),
}));
export const versionRelations = relations(skillVersion, ({ one }) => ({
	skill: one(skill, { fields: [skillVersion.orgId, skillVersion.skillId], references: [skill.orgId, skill.skillId] }),
}));
export const skillRelations = relations(skill, ({ many }) => ({ versions: many(skillVersion), subscriptions: many(skillSubscription) }));
