/*
 * skill.c
 *		The triggers of skills.skill.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_skill_guard);
PG_FUNCTION_INFO_V1(skills_skill_spread_accessibility);
PG_FUNCTION_INFO_V1(skills_skill_require_version);

static const char *const fixed_columns[] = {"org_id", "skill_id", "created_by", "created", NULL};
static const char *const needed_columns[] = {
	"org_id", "skill_id", "name", "accessibility", "created_by", NULL
};

static SkillsSkill
skill_of(SkillsRow row)
{
	SkillsSkill skill;

	skill.org_id = skills_get_text(row, "org_id");
	skill.skill_id = skills_get_text(row, "skill_id");
	skill.author = skills_get_text(row, "created_by");
	skill.accessibility = skills_get_text(row, "accessibility");
	return skill;
}

static SkillsStatement find_name_among_shared = {
	.sql = "SELECT FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.name " EQ " $2"
	" AND s.accessibility " NE " 'private' AND s.skill_id " NE " $3",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID}
};

static SkillsStatement find_name_among_own_private = {
	.sql = "SELECT FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.name " EQ " $2"
	" AND s.accessibility " EQ " 'private' AND s.skill_id " NE " $3 AND s.created_by " EQ " $4",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

/*
 * 23505 that says the name (rule 6). The unique indexes stand behind it; they
 * alone can refuse the loser of a race, and cannot say the name then.
 */
static void
require_free_name(const SkillsSkill *skill, const char *name, Relation table)
{
	bool		is_private = strcmp(skill->accessibility, SKILLS_PRIVATE) == 0;
	bool		taken;
	Datum		args[4] = {
		CStringGetTextDatum(skill->org_id), CStringGetTextDatum(name),
		CStringGetTextDatum(skill->skill_id), CStringGetTextDatum(skill->author)
	};

	taken = skills_execute(is_private ? &find_name_among_own_private : &find_name_among_shared,
						   table, args, SKILLS_AS_OF_NOW) > 0;
	if (taken)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg(is_private ?
						"name \"%s\" is taken among the author's private skills" :
						"name \"%s\" is taken among the shared skills of the org", name),
				 errhint("Choose another name.")));
}

/*
 * 23505 for an id that the caller gives and a skill has that the caller cannot
 * see, as the primary key says it. ON CONFLICT must not get as far as that
 * row: servers before the minor releases of November 2026 show it to the WHERE
 * of DO UPDATE, and only then ask row security. One that the caller sees
 * is locked, so that it is not hidden before the server comes to it.
 */
static void
require_no_hidden(const SkillsSkill *skill, Relation table)
{
	SkillsSkill locked = *skill;

	if (!skills_is_there(skill, table, SKILLS_AS_TRANSACTION) ||
		skills_lock_visible(&locked, SKILLS_LOCK_TO_WRITE, table) ||
		!skills_is_there(skill, table, SKILLS_AS_TRANSACTION))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("duplicate key value violates unique constraint \"%s\"", "skill_pkey"),
			 errtableconstraint(table, "skill_pkey")));
}

static void
set_tags(SkillsRow *row)
{
	bool		isnull;
	Datum		tags = skills_get(*row, "tags", &isnull);

	if (!isnull)
		skills_set(row, "tags", PointerGetDatum(skills_canonical_tags(DatumGetArrayTypeP(tags))));
}

/* Rules 4, 6 and 12. */
static Datum
before_insert(SkillsRow row)
{
	SkillsIdentity identity;
	SkillsSkill skill;

	if (skills_writer(&identity) != SKILLS_WRITER_USER)
		return PointerGetDatum(row.tuple);
	skills_require_values(row, needed_columns);
	skill = skill_of(row);
	skills_require_own_org(skill.org_id, &identity);
	skills_require_own_user(skill.author, "created_by", &identity);
	require_no_hidden(&skill, row.table);
	require_free_name(&skill, skills_get_text(row, "name"), row.table);
	set_tags(&row);
	skills_stamp_insert(&row, &identity);
	return skills_finish(row);
}

/* Rules 2, 3 and 6 for a change; the server has locked the row. */
static void
require_change(SkillsRow old_row, SkillsRow new_row, const SkillsIdentity *identity)
{
	SkillsSkill old_skill = skill_of(old_row);
	SkillsSkill new_skill = skill_of(new_row);
	bool		other_accessibility = skills_is_changed(old_row, new_row, "accessibility");

	skills_require_own_org(old_skill.org_id, identity);
	skills_require_edit(&old_skill, identity, old_row.table);
	if (other_accessibility)
		skills_require_author(&old_skill, identity, "change the accessibility of");
	if (other_accessibility || skills_is_changed(old_row, new_row, "name"))
		require_free_name(&new_skill, skills_get_text(new_row, "name"), old_row.table);
}

/*
 * Rules 6 and 12 for the one way to another author, skills.transfer_skill():
 * what the database writes is shown to clients as a DBA's update is.
 */
static void
require_transfer(SkillsRow old_row, SkillsRow *new_row, const SkillsIdentity *identity)
{
	SkillsSkill skill = skill_of(*new_row);

	require_free_name(&skill, skills_get_text(*new_row, "name"), old_row.table);
	skills_stamp_update(old_row, new_row, SKILLS_WRITER_AS_GIVEN, identity);
}

/* Rules 2, 3, 6, 11 and 12. */
static Datum
before_update(SkillsRow old_row, SkillsRow new_row)
{
	SkillsIdentity identity;
	SkillsWriter writer = skills_writer(&identity);

	if (writer == SKILLS_WRITER_DATABASE)
	{
		if (skills_is_changed(old_row, new_row, "created_by"))
			require_transfer(old_row, &new_row, &identity);
		return skills_finish(new_row);
	}
	skills_forbid_changes(old_row, new_row, fixed_columns);
	if (writer == SKILLS_WRITER_USER)
	{
		skills_require_values(new_row, needed_columns);
		require_change(old_row, new_row, &identity);
		set_tags(&new_row);
	}
	skills_stamp_update(old_row, &new_row, writer, &identity);
	return skills_finish(new_row);
}

/* Rule 3. */
static Datum
before_delete(SkillsRow row)
{
	SkillsIdentity identity;
	SkillsSkill skill = skill_of(row);

	if (skills_writer(&identity) == SKILLS_WRITER_USER)
	{
		skills_require_own_org(skill.org_id, &identity);
		skills_require_author(&skill, &identity, "delete");
	}
	return PointerGetDatum(row.tuple);
}

/*
 * skills.skill_guard() trigger: before every INSERT, UPDATE and DELETE of a
 * skill, rules 2, 3, 4, 6, 11 and 12.
 */
Datum
skills_skill_guard(PG_FUNCTION_ARGS)
{
	return skills_guard(fcinfo, "skill_guard", before_insert, before_update, before_delete);
}

static SkillsStatement copy_to_versions = {
	.sql = "UPDATE skills.skill_version SET author = $3, accessibility = $4"
	" WHERE org_id " EQ " $1 AND skill_id " EQ " $2 AND (author " NE " $3 OR accessibility " NE " $4)",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

static SkillsStatement copy_to_files = {
	.sql = "UPDATE skills.skill_file SET author = $3, accessibility = $4"
	" WHERE org_id " EQ " $1 AND skill_id " EQ " $2 AND (author " NE " $3 OR accessibility " NE " $4)",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

/*
 * On the transaction's own snapshot: of a subscription or a pin that it does
 * not show, the server says 40001.
 */
static SkillsStatement subscribe_new_author = {
	.sql = "INSERT INTO skills.skill_subscription (org_id, user_id, skill_id, ai_version)"
	" SELECT $1, $3, $2, (SELECT t.ai_version FROM skills.skill_subscription AS t"
	" WHERE t.org_id " EQ " $1 AND t.user_id " EQ " $4 AND t.skill_id " EQ " $2)"
	" ON CONFLICT (org_id, user_id, skill_id) DO NOTHING",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};

static SkillsStatement prune_subscriptions = {
	.sql = "DELETE FROM skills.skill_subscription"
	" WHERE org_id " EQ " $1 AND skill_id " EQ " $2 AND user_id " NE " $3",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID}
};

/* Rule 4 for a new author: a subscription that is there stays, or gets the former author's pin. */
static void
subscribe_changed_author(SkillsRow old_row, SkillsRow new_row, Datum *args)
{
	if (!skills_is_changed(old_row, new_row, "created_by"))
		return;
	args[3] = CStringGetTextDatum(skills_get_text(old_row, "created_by"));
	(void) skills_execute(&subscribe_new_author, new_row.table, args, SKILLS_AS_TRANSACTION);
}

/*
 * skills.skill_spread_accessibility() trigger: after a change of author or
 * accessibility both are copied to the versions and files, whose policies read
 * their own row only; a new author is subscribed (rule 4), and a private skill
 * keeps no subscription but its author's (rule 10).
 */
Datum
skills_skill_spread_accessibility(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	SkillsRow	new_row;
	SkillsSkill skill;
	Datum		args[4];

	skills_called_as_trigger(fcinfo, "skill_spread_accessibility");
	new_row = skills_new_row(trigger);
	skill = skill_of(new_row);
	args[0] = CStringGetTextDatum(skill.org_id);
	args[1] = CStringGetTextDatum(skill.skill_id);
	args[2] = CStringGetTextDatum(skill.author);
	args[3] = CStringGetTextDatum(skill.accessibility);

	(void) skills_execute(&copy_to_versions, trigger->tg_relation, args, SKILLS_AS_OF_NOW);
	(void) skills_execute(&copy_to_files, trigger->tg_relation, args, SKILLS_AS_OF_NOW);
	subscribe_changed_author(skills_old_row(trigger), new_row, args);
	if (strcmp(skill.accessibility, SKILLS_PRIVATE) == 0)
		(void) skills_execute(&prune_subscriptions, trigger->tg_relation, args, SKILLS_AS_OF_NOW);
	return PointerGetDatum(NULL);
}

static SkillsStatement find_empty_skill = {
	.sql = "SELECT FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $2"
	" AND NOT EXISTS (SELECT FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " s.org_id AND v.skill_id " EQ " s.skill_id)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

/*
 * skills.skill_require_version() trigger: at commit, 23514 for a new skill
 * that has no version (rule 4).
 */
Datum
skills_skill_require_version(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	SkillsSkill skill;
	Datum		key[2];

	skills_called_as_trigger(fcinfo, "skill_require_version");
	skill = skill_of(skills_new_row(trigger));
	key[0] = CStringGetTextDatum(skill.org_id);
	key[1] = CStringGetTextDatum(skill.skill_id);

	if (skills_execute(&find_empty_skill, trigger->tg_relation, key, SKILLS_AS_OF_NOW) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("skill \"%s\" has no version", skill.skill_id),
				 errdetail("A skill and its first version are written in one transaction."),
				 errhint("Insert into skills.skill_version before the commit, or use skills.create_skill().")));
	return PointerGetDatum(NULL);
}
