/*
 * subscription.c
 *		The trigger of skills.skill_subscription.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_subscription_guard);

static const char *const fixed_columns[] = {
	"org_id", "user_id", "skill_id", "subscribed", NULL
};
static const char *const needed_columns[] = {"org_id", "user_id", "skill_id", NULL};

static SkillsStatement lock_version = {
	.sql = "SELECT FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " $2 AND v.version " EQ " $3"
	" AND skills.can_see(v.author, v.accessibility) FOR KEY SHARE",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

/*
 * Rule 7: P0002 unless the pin, if any, names a version that the caller sees,
 * locked against its delete. The foreign key looks for it in the transaction's
 * own snapshot: for one that is not there yet, 40001 and not the key's 23503.
 */
static void
require_version(SkillsRow row)
{
	Datum		args[3];

	if (skills_is_null(row, "ai_version"))
		return;
	args[0] = CStringGetTextDatum(skills_get_text(row, "org_id"));
	args[1] = CStringGetTextDatum(skills_get_text(row, "skill_id"));
	args[2] = Int32GetDatum(skills_get_int(row, "ai_version"));
	if (!skills_exists(&lock_version, row.table, args))
		skills_no_such_version(skills_get_text(row, "skill_id"), skills_get_int(row, "ai_version"));
}

/*
 * Rule 7: lock the skill, P0002 unless the caller sees it. 40001 if the
 * subscription came or went since the transaction's snapshot: the transaction
 * would see it twice, or not at all.
 */
static void
require_skill(SkillsRow row)
{
	SkillsSkill skill = {NULL, NULL, NULL, NULL};

	skill.org_id = skills_get_text(row, "org_id");
	skill.skill_id = skills_get_text(row, "skill_id");
	skills_lock(&skill, SKILLS_LOCK_TO_SUBSCRIBE, row.table);
	if (IsolationUsesXactSnapshot())
		(void) skills_is_subscribed(&skill, row.table);
}

static void
require_own(SkillsRow row, const SkillsIdentity *identity)
{
	skills_require_own_org(skills_get_text(row, "org_id"), identity);
	skills_require_own_user(skills_get_text(row, "user_id"), "user_id", identity);
}

static Datum
before_insert(SkillsRow row)
{
	SkillsIdentity identity;

	if (skills_writer(&identity) != SKILLS_WRITER_USER)
		return PointerGetDatum(row.tuple);
	skills_require_values(row, needed_columns);
	require_own(row, &identity);
	require_skill(row);
	require_version(row);
	skills_set(&row, "subscribed", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	return skills_finish(row);
}

static Datum
before_update(SkillsRow old_row, SkillsRow new_row)
{
	SkillsIdentity identity;
	SkillsWriter writer = skills_writer(&identity);

	if (writer == SKILLS_WRITER_DATABASE)
		return PointerGetDatum(new_row.tuple);
	skills_forbid_changes(old_row, new_row, fixed_columns);
	if (writer == SKILLS_WRITER_USER)
	{
		require_own(old_row, &identity);
		/* No lock of the skill: a flip or a delete of it waits for this row. */
		if (skills_is_changed(old_row, new_row, "ai_version"))
			require_version(new_row);
	}
	return PointerGetDatum(new_row.tuple);
}

/*
 * skills.subscription_guard() trigger: before every INSERT and UPDATE of a
 * subscription, rules 7 and 11. A DELETE needs no
 * guard but row security, and a flip to private deletes 100,000 at once.
 */
Datum
skills_subscription_guard(PG_FUNCTION_ARGS)
{
	return skills_guard(fcinfo, "subscription_guard", before_insert, before_update, NULL);
}
