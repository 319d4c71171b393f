/*
 * access.c
 *		The rules: who sees a skill, who edits it, and the lock that keeps both true.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_can_edit);
PG_FUNCTION_INFO_V1(skills_no_such);
PG_FUNCTION_INFO_V1(skills_check_revision);
PG_FUNCTION_INFO_V1(skills_taken_as_given);

/* Rule 1, for a skill of the caller's own org. */
static bool
can_see(bool is_private, bool is_author)
{
	return !is_private || is_author;
}

/* Rule 2. */
static bool
can_edit(bool is_org_editable, bool is_author, bool is_subscribed)
{
	return is_author || (is_org_editable && is_subscribed);
}

bool
skills_is_private(text *accessibility)
{
	return skills_text_equals(accessibility, SKILLS_PRIVATE);
}

/* Rule 1 for rows that were read without a plan; SQL asks skills.can_see(). */
bool
skills_can_see(text *author, text *accessibility, const SkillsIdentity *identity)
{
	return can_see(skills_is_private(accessibility), skills_text_equals(author, identity->user_id));
}

/*
 * skills.can_edit(author, accessibility, is_subscribed) → boolean: whether the
 * caller may edit such a skill of its own org (rule 2).
 */
Datum
skills_can_edit(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	if (!skills_identity(&identity))
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(can_edit(skills_text_equals(PG_GETARG_TEXT_PP(1), SKILLS_ORG_EDITABLE),
							skills_text_equals(PG_GETARG_TEXT_PP(0), identity.user_id),
							PG_GETARG_BOOL(2)));
}

/*
 * skills.no_such(skill_id, version) → boolean: never gives one, always raises
 * P0002; version null means the skill itself. For functions that found none.
 */
Datum
skills_no_such(PG_FUNCTION_ARGS)
{
	const char *skill_id = PG_ARGISNULL(0) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (PG_ARGISNULL(1))
		skills_no_such_skill(skill_id);
	skills_no_such_version(skill_id, PG_GETARG_INT32(1));
}

void
skills_no_such_skill(const char *skill_id)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("skill \"%s\" does not exist", skills_clip(skill_id))));
}

void
skills_no_such_version(const char *skill_id, int64 version)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("version %lld of skill \"%s\" does not exist",
					(long long) version, skills_clip(skill_id))));
}

/*
 * skills.check_revision(expected, actual) → boolean: true, or 55000 if the row
 * has changed since the caller read it; expected null asks for nothing.
 */
Datum
skills_check_revision(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0) && PG_GETARG_INT32(0) != PG_GETARG_INT32(1))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("expected revision %d, not %d",
						PG_GETARG_INT32(0), PG_GETARG_INT32(1)),
				 errdetail("Somebody has changed it meanwhile, and nothing was written."),
				 errhint("Read it again, and decide anew.")));
	PG_RETURN_BOOL(true);
}

/*
 * Rows of a role that bypasses row security and has no identity set are taken
 * as given: a dump that is restored, a DBA at work (design, section 2).
 */
static bool
taken_as_given(void)
{
	SkillsIdentity identity;

	return !skills_identity(&identity) && has_bypassrls_privilege(GetUserId());
}

/*
 * skills.taken_as_given() → boolean: whether a row that the session writes now
 * is taken as given. The triggers' WHEN clauses ask it when the row is
 * written, not when they fire.
 */
Datum
skills_taken_as_given(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(taken_as_given());
}

/*
 * Whose write a trigger looks at, and the identity if it is a user's. 28000
 * for a caller without an identity.
 */
SkillsWriter
skills_writer(SkillsIdentity *identity)
{
	identity->user_id = NULL;
	identity->org_id = NULL;
	if (skills_is_own_statement())
		return SKILLS_WRITER_DATABASE;
	if (taken_as_given())
		return SKILLS_WRITER_AS_GIVEN;
	skills_require_identity(identity);
	return SKILLS_WRITER_USER;
}

/*
 * The condition stands in the WHERE clause, so that it is asked of the row
 * before the lock is waited for and of the new row after the wait.
 */
#define LOCK_VISIBLE(strength) \
	"SELECT s.created_by, s.accessibility FROM skills.skill AS s" \
	" WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $2" \
	" AND skills.can_see(s.created_by, s.accessibility) FOR " strength

static SkillsStatement lock_to_write = {
	.sql = LOCK_VISIBLE("NO KEY UPDATE"),
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement lock_to_subscribe = {
	.sql = LOCK_VISIBLE("SHARE"),
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement lock_unseen = {
	.sql = "SELECT FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $2"
	" FOR NO KEY UPDATE",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement find_subscription = {
	.sql = "SELECT FROM skills.skill_subscription AS t"
	" WHERE t.org_id " EQ " $1 AND t.user_id " EQ " skills.current_user_id() AND t.skill_id " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement find_skill = {
	.sql = "SELECT FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

/* No matter who sees it. */
bool
skills_is_there(const SkillsSkill *skill, Relation table, SkillsView view)
{
	Datum		key[2] = {CStringGetTextDatum(skill->org_id), CStringGetTextDatum(skill->skill_id)};

	return skills_execute(&find_skill, table, key, view) > 0;
}

/*
 * Lock the skill, the one mutex of all that belongs to it, and fill in its
 * author and accessibility as they stand under the lock. False if the caller
 * cannot see it; 40001 in REPEATABLE READ if it was written since the
 * transaction's snapshot, by the server itself.
 */
bool
skills_lock_visible(SkillsSkill *skill, SkillsLock lock, Relation table)
{
	Datum		key[2] = {CStringGetTextDatum(skill->org_id), CStringGetTextDatum(skill->skill_id)};
	MemoryContext context = CurrentMemoryContext;
	bool		is_visible;

	SPI_connect();
	is_visible = skills_run(lock == SKILLS_LOCK_TO_WRITE ? &lock_to_write : &lock_to_subscribe,
							table, key, SKILLS_AS_TRANSACTION) > 0;
	if (is_visible)
	{
		HeapTuple	found = SPI_tuptable->vals[0];

		skill->author = MemoryContextStrdup(context, SPI_getvalue(found, SPI_tuptable->tupdesc, 1));
		skill->accessibility = MemoryContextStrdup(context, SPI_getvalue(found, SPI_tuptable->tupdesc, 2));
	}
	SPI_finish();
	return is_visible;
}

/* The same, and P0002 if the caller cannot see it. */
void
skills_lock(SkillsSkill *skill, SkillsLock lock, Relation table)
{
	if (!skills_lock_visible(skill, lock, table))
		skills_no_such_skill(skill->skill_id);
}

/* Lock the skill for a writer whose rows are taken as given: no matter who sees it. */
void
skills_lock_unseen(SkillsSkill *skill, Relation table)
{
	Datum		key[2] = {CStringGetTextDatum(skill->org_id), CStringGetTextDatum(skill->skill_id)};

	(void) skills_execute(&lock_unseen, table, key, SKILLS_AS_TRANSACTION);
}

/* 42501 for a row of another org than the caller's. */
void
skills_require_own_org(const char *org_id, const SkillsIdentity *identity)
{
	if (strcmp(org_id, identity->org_id) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for a row of another org"),
				 errdetail("The caller's org is \"%s\".", identity->org_id),
				 errhint("Leave \"org_id\" out: its default is the caller's org.")));
}

/* 42501 for a row that names another user than the caller. */
void
skills_require_own_user(const char *user_id, const char *column,
						const SkillsIdentity *identity)
{
	if (strcmp(user_id, identity->user_id) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for a row of another user"),
				 errdetail("Column \"%s\" must name the caller, \"%s\".", column, identity->user_id),
				 errhint("Leave \"%s\" out: its default is the caller.", column)));
}

/* Whether the caller is subscribed; 40001 where the transaction's snapshot says otherwise. */
bool
skills_is_subscribed(const SkillsSkill *skill, Relation table)
{
	Datum		key[2] = {CStringGetTextDatum(skill->org_id), CStringGetTextDatum(skill->skill_id)};

	return skills_exists(&find_subscription, table, key);
}

/*
 * Rule 2, under the lock of the row that is written: P0002 if the caller cannot see the skill,
 * 42501 if it may not edit it.
 */
void
skills_require_edit(const SkillsSkill *skill, const SkillsIdentity *identity, Relation table)
{
	bool		is_author = strcmp(skill->author, identity->user_id) == 0;
	bool		is_org_editable = strcmp(skill->accessibility, SKILLS_ORG_EDITABLE) == 0;

	if (can_edit(is_org_editable, is_author, false))
		return;
	if (!can_see(strcmp(skill->accessibility, SKILLS_PRIVATE) == 0, is_author))
		skills_no_such_skill(skill->skill_id);
	if (can_edit(is_org_editable, is_author, true))
	{
		if (skills_is_subscribed(skill, table))
			return;
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to edit skill \"%s\"", skill->skill_id),
				 errdetail("An \"org-editable\" skill may be edited by its author and by its subscribers."),
				 errhint("Subscribe to the skill first.")));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to edit skill \"%s\"", skill->skill_id),
			 errdetail("An \"%s\" skill may be edited by its author only.", skill->accessibility)));
}

/*
 * Rule 3: P0002 if the caller cannot see the skill, 42501 if it is not the
 * author; rule says what only an author may do.
 */
void
skills_require_author(const SkillsSkill *skill, const SkillsIdentity *identity, const char *rule)
{
	bool		is_author = strcmp(skill->author, identity->user_id) == 0;

	if (is_author)
		return;
	if (!can_see(strcmp(skill->accessibility, SKILLS_PRIVATE) == 0, is_author))
		skills_no_such_skill(skill->skill_id);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to %s skill \"%s\"", rule, skill->skill_id),
			 errdetail("Only its author may do that.")));
}
