/*
 * version.c
 *		The triggers of skills.skill_version.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_version_guard);
PG_FUNCTION_INFO_V1(skills_version_subscribe_author);
PG_FUNCTION_INFO_V1(skills_version_delete_emptied_skill);

static const char *const fixed_columns[] = {
	"org_id", "skill_id", "version", "created_by", "created", NULL
};
static const char *const needed_columns[] = {"org_id", "skill_id", "version", "created_by", NULL};

static SkillsSkill
skill_of(SkillsRow row)
{
	SkillsSkill skill = {NULL, NULL, NULL, NULL};

	skill.org_id = skills_get_text(row, "org_id");
	skill.skill_id = skills_get_text(row, "skill_id");
	return skill;
}

static SkillsStatement find_last_version = {
	.sql = "SELECT v.version FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " $2 ORDER BY v.version DESC LIMIT 1",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static int64
last_version(const SkillsSkill *skill, Relation table, SkillsView view)
{
	Datum		key[2] = {CStringGetTextDatum(skill->org_id), CStringGetTextDatum(skill->skill_id)};
	int64		last = 0;

	SPI_connect();
	if (skills_run(&find_last_version, table, key, view) > 0)
	{
		bool		isnull;

		last = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	}
	SPI_finish();
	return last;
}

/*
 * Rule 5: the number of a new version, under the skill's lock. A number that
 * was right by the transaction's own snapshot lost a race, and one that is
 * still taken there would be seen twice: 40001.
 */
static int32
number(const SkillsSkill *skill, int32 requested, Relation table)
{
	int64		next = last_version(skill, table, SKILLS_AS_OF_NOW) + 1;

	if (next > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("skill \"%s\" has no version number left", skill->skill_id)));
	if (IsolationUsesXactSnapshot())
	{
		int64		seen = last_version(skill, table, SKILLS_AS_TRANSACTION);

		if (seen >= next || (requested != next && requested == seen + 1))
			skills_serialization_failure();
	}
	if (requested == 0 || requested == next)
		return (int32) next;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("wrong version number for skill \"%s\": expected %lld, not %d",
					skill->skill_id, (long long) next, requested),
			 errhint("Leave \"version\" out: the database numbers versions.")));
}

static void
set_from_skill(SkillsRow *row, const SkillsSkill *skill)
{
	skills_set_text(row, "author", skill->author);
	skills_set_text(row, "accessibility", skill->accessibility);
}

/* What a user writes is no larger than what could be imported. The JSON null is none. */
static void
set_frontmatter(SkillsRow *row)
{
	bool		isnull;
	Datum		value = skills_get(*row, "frontmatter", &isnull);
	Jsonb	   *frontmatter;

	if (isnull)
		return;
	frontmatter = DatumGetJsonbP(value);
	if (skills_is_json_null(frontmatter))
		skills_set_null(row, "frontmatter");
	else
		skills_limit_frontmatter(frontmatter);
}

/* Rules 2, 5 and 12. */
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
	skills_require_own_user(skills_get_text(row, "created_by"), "created_by", &identity);
	skills_lock(&skill, SKILLS_LOCK_TO_WRITE, row.table);
	skills_require_edit(&skill, &identity, row.table);
	set_frontmatter(&row);
	skills_set(&row, "version",
			   Int32GetDatum(number(&skill, skills_get_int(row, "version"), row.table)));
	set_from_skill(&row, &skill);
	skills_stamp_insert(&row, &identity);
	return skills_finish(row);
}

/*
 * Rules 2, 11 and 12. The server has locked the row, which a flip and a delete
 * of the skill write too: that is lock enough, and the skill's, taken after
 * it, would deadlock with theirs.
 */
static Datum
before_update(SkillsRow old_row, SkillsRow new_row)
{
	SkillsIdentity identity;
	SkillsWriter writer = skills_writer(&identity);
	SkillsSkill skill = skill_of(old_row);

	if (writer == SKILLS_WRITER_DATABASE)
		return PointerGetDatum(new_row.tuple);
	skills_forbid_changes(old_row, new_row, fixed_columns);
	if (writer == SKILLS_WRITER_USER)
	{
		skill.author = skills_get_text(old_row, "author");
		skill.accessibility = skills_get_text(old_row, "accessibility");
		skills_require_own_org(skill.org_id, &identity);
		skills_require_edit(&skill, &identity, old_row.table);
		if (skills_is_changed(old_row, new_row, "frontmatter"))
			set_frontmatter(&new_row);
		set_from_skill(&new_row, &skill);
	}
	skills_stamp_update(old_row, &new_row, writer, &identity);
	return skills_finish(new_row);
}

static SkillsStatement clear_pins = {
	.sql = "UPDATE skills.skill_subscription SET ai_version = NULL"
	" WHERE org_id " EQ " $1 AND skill_id " EQ " $2 AND ai_version " EQ " $3",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

/* Only the cascade of a skill's own delete meets versions without a skill. */
static bool
is_cascade(const SkillsSkill *skill, Relation table)
{
	return !skills_is_there(skill, table, SKILLS_AS_OF_NOW);
}

static SkillsStatement find_other_version = {
	.sql = "SELECT FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " $2 AND v.version " NE " $3 LIMIT 1",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

/* Rules 2 and 3, under the skill's lock: 42501 unless the caller may delete that version. */
static void
require_delete(SkillsSkill *skill, Datum *args, const SkillsIdentity *identity, Relation table)
{
	skills_require_own_org(skill->org_id, identity);
	skills_lock(skill, SKILLS_LOCK_TO_WRITE, table);
	skills_require_edit(skill, identity, table);
	if (skills_execute(&find_other_version, table, args, SKILLS_AS_OF_NOW) == 0)
		skills_require_author(skill, identity, "delete the last version of");
}

/* Rules 2, 3 and 8. When the skill itself goes, its subscriptions go with it. */
static Datum
before_delete(SkillsRow row)
{
	SkillsIdentity identity;
	SkillsSkill skill = skill_of(row);
	Datum		args[3] = {
		CStringGetTextDatum(skill.org_id), CStringGetTextDatum(skill.skill_id),
		Int32GetDatum(skills_get_int(row, "version"))
	};

	if (is_cascade(&skill, row.table))
		return PointerGetDatum(row.tuple);
	if (skills_writer(&identity) == SKILLS_WRITER_USER)
		require_delete(&skill, args, &identity, row.table);
	else
		skills_lock_unseen(&skill, row.table);
	(void) skills_execute(&clear_pins, row.table, args, SKILLS_AS_OF_NOW);
	return PointerGetDatum(row.tuple);
}

/*
 * skills.version_guard() trigger: before every INSERT, UPDATE and DELETE of a
 * version, rules 2, 3, 5, 8, 11 and 12.
 */
Datum
skills_version_guard(PG_FUNCTION_ARGS)
{
	return skills_guard(fcinfo, "version_guard", before_insert, before_update, before_delete);
}

static SkillsStatement subscribe_author = {
	.sql = "INSERT INTO skills.skill_subscription AS t (org_id, user_id, skill_id, ai_version)"
	" SELECT s.org_id, $2, s.skill_id, 1 FROM skills.skill AS s"
	" WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $3"
	" AND s.created " EQ " pg_catalog.transaction_timestamp()"
	" ON CONFLICT (org_id, user_id, skill_id) DO UPDATE SET ai_version = 1"
	" WHERE t.ai_version IS NULL",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID}
};

/*
 * skills.version_subscribe_author() trigger: after version 1 of a skill of
 * this transaction is written, its author is subscribed and pinned to it
 * (rule 4). A sole version that is replaced in one statement moves no pin.
 */
Datum
skills_version_subscribe_author(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	SkillsRow	row;
	SkillsSkill skill;
	Datum		args[3];

	skills_called_as_trigger(fcinfo, "version_subscribe_author");
	row = skills_new_row(trigger);
	skill = skill_of(row);
	args[0] = CStringGetTextDatum(skill.org_id);
	args[1] = CStringGetTextDatum(skills_get_text(row, "author"));
	args[2] = CStringGetTextDatum(skill.skill_id);
	(void) skills_execute(&subscribe_author, row.table, args, SKILLS_AS_OF_NOW);
	return PointerGetDatum(NULL);
}

static SkillsStatement delete_skill = {
	.sql = "DELETE FROM skills.skill WHERE org_id " EQ " $1 AND skill_id " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

/*
 * skills.version_delete_emptied_skill() trigger: after the last version of a
 * skill is deleted the skill goes too (rule 8).
 */
Datum
skills_version_delete_emptied_skill(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	SkillsRow	row;
	SkillsSkill skill;
	Datum		key[2];

	skills_called_as_trigger(fcinfo, "version_delete_emptied_skill");
	row = skills_old_row(trigger);
	skill = skill_of(row);
	if (last_version(&skill, row.table, SKILLS_AS_OF_NOW) > 0)
		return PointerGetDatum(NULL);
	key[0] = CStringGetTextDatum(skill.org_id);
	key[1] = CStringGetTextDatum(skill.skill_id);
	(void) skills_execute(&delete_skill, row.table, key, SKILLS_AS_OF_NOW);
	return PointerGetDatum(NULL);
}
