// The extension's tables. They are not the app's to create: synchronize is false for each.
import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, VersionColumn, ViewColumn, ViewEntity } from 'typeorm';

// What the database fills: left out of INSERT, it is read back after it.
const callersOrg = { name: 'org_id', default: () => 'skills.current_org_id()' };
const caller = { default: () => 'skills.current_user_id()' };
// What the database alone writes.
const stamp = { insert: false, update: false };
const now = { ...stamp, default: () => 'now()' };

abstract class Stamped {
	@Column('timestamptz', now) created!: Date;
	@Column('text', { ...stamp, ...caller, name: 'created_by' }) createdBy!: string;
	@Column('timestamptz', now) modified!: Date;
	@Column('text', { ...stamp, ...caller, name: 'modified_by', nullable: true }) modifiedBy!: string | null;
	@VersionColumn() revision!: number;
}

@Entity('skill', { schema: 'skills', synchronize: false })
export class Skill extends Stamped {
	@PrimaryColumn('text', callersOrg) orgId!: string;
	@PrimaryColumn('text', { name: 'skill_id', default: () => 'skills.new_skill_id()' }) skillId!: string;
	@Column('text') name!: string;
	@Column('text', { default: 'private' }) accessibility!: 'private' | 'org' | 'org-editable';
	@Column('text', { array: true, default: [] }) tags!: string[];
	// A skill and its first version are saved together.
	@OneToMany(() => SkillVersion, (version) => version.skill, { cascade: ['insert'] }) versions!: SkillVersion[];
}

@Entity('skill_version', { schema: 'skills', synchronize: false })
export class SkillVersion extends Stamped {
	@PrimaryColumn('text', callersOrg) orgId!: string;
	@PrimaryColumn('text', { name: 'skill_id' }) skillId!: string;
	@PrimaryColumn('int', { default: 0 }) version!: number;
	@Column('text') description!: string;
	@Column('text') body!: string;
	@Column('text', { name: 'relevant_topics', array: true, default: [] }) relevantTopics!: string[];
	@Column('jsonb', { nullable: true }) frontmatter!: Record<string, unknown> | null;
	@Column('text', { ...stamp, ...caller }) author!: string;
	@Column('text', { ...stamp, default: 'private' }) accessibility!: string;
	@ManyToOne(() => Skill, (skill) => skill.versions)
	@JoinColumn([{ name: 'org_id', referencedColumnName: 'orgId' }, { name: 'skill_id', referencedColumnName: 'skillId' }]) skill!: Skill;
}

@Entity('skill_subscription', { schema: 'skills', synchronize: false })
export class SkillSubscription {
	@PrimaryColumn('text', callersOrg) orgId!: string;
	@PrimaryColumn('text', { ...caller, name: 'user_id' }) userId!: string;
	@PrimaryColumn('text', { name: 'skill_id' }) skillId!: string;
	@Column('int', { name: 'ai_version', nullable: true }) aiVersion!: number | null;
	@Column('timestamptz', now) subscribed!: Date;
	@ManyToOne(() => SkillVersion)
	@JoinColumn([
		{ name: 'org_id', referencedColumnName: 'orgId' }, { name: 'skill_id', referencedColumnName: 'skillId' },
		{ name: 'ai_version', referencedColumnName: 'version' },
	]) pinned!: SkillVersion | null;
}

@Entity('skill_file', { schema: 'skills', synchronize: false })
export class SkillFile {
	@PrimaryColumn('text', callersOrg) orgId!: string;
	@PrimaryColumn('text', { name: 'skill_id' }) skillId!: string;
	@PrimaryColumn('int') version!: number;
	@PrimaryColumn('text') path!: string;
	@Column('bytea') content!: Buffer;
	@Column('int', { ...stamp, default: 0 }) size!: number;
	@Column('text', { ...stamp, default: '' }) sha256!: string;
	@Column('boolean', { default: false }) executable!: boolean;
	@Column('text', { ...stamp, ...caller }) author!: string;
	@Column('text', { ...stamp, default: 'private' }) accessibility!: string;
	@Column('timestamptz', now) created!: Date;
	@Column('text', { ...stamp, ...caller, name: 'created_by' }) createdBy!: string;
}

@ViewEntity('skill_summary', { schema: 'skills', synchronize: false })
export class SkillSummary {
	@ViewColumn({ name: 'org_id' }) orgId!: string;
	@ViewColumn({ name: 'skill_id' }) skillId!: string;
	@ViewColumn() name!: string;
	@ViewColumn() accessibility!: string;
	@ViewColumn() tags!: string[];
	@ViewColumn() created!: Date;
	@ViewColumn({ name: 'created_by' }) createdBy!: string;
	@ViewColumn() modified!: Date;
	@ViewColumn({ name: 'modified_by' }) modifiedBy!: string | null;
	@ViewColumn() revision!: number;
	@ViewColumn({ name: 'latest_version' }) latestVersion!: number;
	@ViewColumn({ name: 'latest_description' }) latestDescription!: string;
	@ViewColumn({ name: 'latest_body' }) latestBody!: string;
	@ViewColumn({ name: 'latest_relevant_topics' }) latestRelevantTopics!: string[];
	@ViewColumn({ name: 'latest_created' }) latestCreated!: Date;
	@ViewColumn({ name: 'latest_modified' }) latestModified!: Date;
	@ViewColumn({ name: 'is_subscribed' }) isSubscribed!: boolean;
	@ViewColumn({ name: 'ai_version' }) aiVersion!: number | null;
	@ViewColumn() subscribed!: Date | null;
	@ViewColumn({ name: 'is_author' }) isAuthor!: boolean;
	@ViewColumn({ name: 'can_edit' }) canEdit!: boolean;
}
