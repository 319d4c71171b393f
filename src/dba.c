/*
 * dba.c
 *		What only a DBA may do: pass a skill on, forget a user, forget an org.
 *
 * The statements here are the database's own, and run as their caller. Who may
 * call, what is locked in which order, and what stays is said in sql/dba.sql.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_transfer_skill);
PG_FUNCTION_INFO_V1(skills_forget_user);
PG_FUNCTION_INFO_V1(skills_forget_org);

#define BATCH "1000"			/* skills */

/* The columns of forget_user(), of which forget_org() has the first four. */
enum
{
	SKILLS_DELETED,
	VERSIONS_DELETED,
	FILES_DELETED,
	SUBSCRIPTIONS_DELETED,
	SKILLS_TRANSFERRED,
	ROWS_REWRITTEN,
	NCOUNTS
};

/* Who may call, and with what. */

/* 42501 for a caller from whom row security hides rows: it would do half the work. */
static void
require_dba(void)
{
	static const char *const tables[] = {
		"skill", "skill_version", "skill_file", "skill_subscription", NULL
	};
	Oid			schema = get_namespace_oid("skills", false);

	for (const char *const *table = tables; *table != NULL; table++)
	{
		if (check_enable_rls(get_relname_relid(*table, schema), InvalidOid, true) == RLS_ENABLED)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to write what row-level security hides"),
					 errdetail("Only a role that bypasses row-level security sees all rows of an org."),
					 errhint("Call the function as a superuser or as a role with BYPASSRLS.")));
	}
}

/* The arguments by their numbers. */
static const char *const of_transfer[] = {"org_id", "skill_id", "new_author"};
static const char *const of_forgetting[] = {"org_id", "user_id", "heir"};

/* 22023 for an argument that is empty. */
static void
require_id(FunctionCallInfo fcinfo, const char *const *arguments, int number)
{
	if (VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(number)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be empty", arguments[number])));
}

/* As everywhere, 22004 for any of them that is null comes before what is wrong with another. */
static void
require_ids(FunctionCallInfo fcinfo, const char *const *arguments, int narguments)
{
	for (int i = 0; i < narguments; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be null", arguments[i])));
	}
	for (int i = 0; i < narguments; i++)
		require_id(fcinfo, arguments, i);
}

/* The column of the one row that a statement gave; 0 for null. */
static Datum
column_of_row(int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? (Datum) 0 : value;
}

static uint64
run(SkillsStatement *statement, const Datum *args)
{
	return skills_run_as_caller(statement, args, SKILLS_AS_OF_NOW);
}

/* What a statement counts, rather than how many rows it gives. */
static int64
run_count(SkillsStatement *statement, const Datum *args)
{
	int64		count;

	(void) run(statement, args);
	count = DatumGetInt64(column_of_row(1));
	SPI_freetuptable(SPI_tuptable);
	return count;
}

/* The one row of a function that counts. */
static void
give_counts(FunctionCallInfo fcinfo, const int64 *counts, int ncounts)
{
	ReturnSetInfo *result;
	Datum		values[NCOUNTS];
	bool		nulls[NCOUNTS] = {false};

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	for (int i = 0; i < ncounts; i++)
		values[i] = Int64GetDatum(counts[i]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* To another author. */

static SkillsStatement lock_skill = {
	.sql = "SELECT s.created_by " EQ " $3, s FROM skills.skill AS s"
	" WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " $2 FOR NO KEY UPDATE",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID}
};

/* The guard of skills.skill asks for the name, and its trigger does the rest. */
static SkillsStatement pass_on = {
	.sql = "UPDATE skills.skill AS s SET created_by = $3"
	" WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " ANY ($2) RETURNING s",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTARRAYOID, TEXTOID}
};

/*
 * Writes skills that are locked, and gives their number: args[1] is the array
 * of their ids. 09000 where a trigger of a DBA's own suppresses it for a row.
 */
static int64
write_skills(SkillsStatement *statement, const Datum *args)
{
	ArrayType  *ids = DatumGetArrayTypeP(args[1]);
	int64		wanted = ArrayGetNItems(ARR_NDIM(ids), ARR_DIMS(ids));
	int64		written = (int64) run(statement, args);

	if (written < wanted)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("%lld of %lld skills were not written", (long long) (wanted - written), (long long) wanted),
				 errdetail("A trigger on table \"skill\" has suppressed it.")));
	return written;
}

/*
 * skills.transfer_skill(org_id, skill_id, new_author) → skills.skill: the skill
 * with that author (rule 11). P0002 if there is none, 23505 if it is private
 * and the name is taken there, 42501 for who is no DBA, 22004 and 22023 for
 * what is null or empty, 09000 where a trigger of a DBA's suppresses the update.
 * The author that it has is no change.
 */
Datum
skills_transfer_skill(PG_FUNCTION_ARGS)
{
	Datum		args[3];
	int			column = 2;
	Datum		skill;

	require_dba();
	require_ids(fcinfo, of_transfer, 3);
	args[0] = PG_GETARG_DATUM(0);
	args[1] = PG_GETARG_DATUM(1);
	args[2] = PG_GETARG_DATUM(2);

	SPI_connect();
	if (skills_run_as_caller(&lock_skill, args, SKILLS_AS_TRANSACTION) == 0)
		skills_no_such_skill(TextDatumGetCString(args[1]));
	if (!DatumGetBool(column_of_row(1)))
	{
		args[1] = PointerGetDatum(construct_array(&args[1], 1, TEXTOID, -1, false, TYPALIGN_INT));
		(void) write_skills(&pass_on, args);
		column = 1;
	}
	skill = SPI_datumTransfer(column_of_row(column), false, -1);
	SPI_finish();
	PG_RETURN_DATUM(skill);
}

/* Deleting skills, a batch at a time. */

static SkillsStatement delete_files = {
	.sql = "DELETE FROM skills.skill_file AS f WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " ANY ($2)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTARRAYOID}
};

static SkillsStatement delete_subscriptions = {
	.sql = "DELETE FROM skills.skill_subscription AS t WHERE t.org_id " EQ " $1 AND t.skill_id " EQ " ANY ($2)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTARRAYOID}
};

/* Exact: whoever adds or deletes a version locks its skill. */
static SkillsStatement count_versions = {
	.sql = "SELECT pg_catalog.count(*) FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " ANY ($2)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTARRAYOID}
};

static SkillsStatement delete_skills = {
	.sql = "DELETE FROM skills.skill AS s WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " ANY ($2)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTARRAYOID}
};

/*
 * Skills that are locked, with all that belongs to them. Files and
 * subscriptions go first, each by one statement and not a cascade a row.
 */
static void
delete_batch(const Datum *args, int64 *counts)
{
	counts[FILES_DELETED] += (int64) run(&delete_files, args);
	counts[SUBSCRIPTIONS_DELETED] += (int64) run(&delete_subscriptions, args);
	counts[VERSIONS_DELETED] += run_count(&count_versions, args);
	counts[SKILLS_DELETED] += write_skills(&delete_skills, args);
}

/*
 * Locks the next skills: the last of them, those to delete and those to pass
 * on, null for none. The walk along the key never reads again what it deleted.
 */
#define LOCK_BATCH(of_whom, to_delete) \
	"SELECT pg_catalog.max(b.skill_id), pg_catalog.array_agg(b.skill_id) FILTER (WHERE " to_delete ")," \
	" pg_catalog.array_agg(b.skill_id) FILTER (WHERE NOT (" to_delete "))" \
	" FROM (SELECT s.skill_id, s.accessibility FROM skills.skill AS s" \
	" WHERE s.org_id " EQ " $1 AND s.skill_id " GT " $2" of_whom \
	" ORDER BY s.skill_id LIMIT " BATCH " FOR UPDATE) AS b"

static SkillsStatement lock_batch_of_org = {
	.sql = LOCK_BATCH("", "true"),
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement lock_batch_of_user = {
	.sql = LOCK_BATCH(" AND s.created_by " EQ " $3", "$4 OR b.accessibility " EQ " 'private'"),
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, TEXTOID, BOOLOID}
};

/*
 * Deletes or passes on the next batch. args are those of the statement that
 * locks it; the second one is the last skill of the batch before, and advances.
 * False if there is none.
 */
static bool
forget_batch(SkillsStatement *lock, Datum *args, Datum heir, int64 *counts)
{
	Datum		to_delete[2];
	Datum		to_pass_on[3];
	Datum		last;

	CHECK_FOR_INTERRUPTS();
	SPI_connect();
	(void) run(lock, args);
	to_delete[0] = to_pass_on[0] = args[0];
	last = column_of_row(1);
	to_delete[1] = column_of_row(2);
	to_pass_on[1] = column_of_row(3);
	to_pass_on[2] = heir;
	if (to_delete[1] != (Datum) 0)
		delete_batch(to_delete, counts);
	if (to_pass_on[1] != (Datum) 0)
		counts[SKILLS_TRANSFERRED] += write_skills(&pass_on, to_pass_on);
	if (last != (Datum) 0)
		args[1] = SPI_datumTransfer(last, false, -1);
	SPI_finish();
	return last != (Datum) 0;
}

/*
 * skills.forget_org(org_id) → counts: nothing of the org is left. 42501 for who
 * is no DBA, 22004 and 22023 for an org_id that is null or empty.
 */
Datum
skills_forget_org(PG_FUNCTION_ARGS)
{
	int64		counts[NCOUNTS] = {0};
	Datum		args[2];

	require_dba();
	require_ids(fcinfo, of_forgetting, 1);
	args[0] = PG_GETARG_DATUM(0);
	args[1] = CStringGetTextDatum("");
	while (forget_batch(&lock_batch_of_org, args, (Datum) 0, counts))
		continue;
	give_counts(fcinfo, counts, SKILLS_TRANSFERRED);
	return (Datum) 0;
}

/* What names a user. */

/*
 * Locks every skill that names the user, itself or in its versions and files,
 * in the order of their ids, and counts them.
 */
static SkillsStatement lock_traces = {
	.sql = "SELECT pg_catalog.count(*) FROM (SELECT FROM skills.skill AS s"
	" WHERE s.org_id " EQ " $1 AND s.skill_id " EQ " ANY ("
	"SELECT o.skill_id FROM skills.skill AS o"
	" WHERE o.org_id " EQ " $1 AND (o.created_by " EQ " $2 OR o.modified_by " EQ " $2)"
	" UNION ALL SELECT v.skill_id FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND (v.created_by " EQ " $2 OR v.modified_by " EQ " $2 OR v.author " EQ " $2)"
	" UNION ALL SELECT f.skill_id FROM skills.skill_file AS f"
	" WHERE f.org_id " EQ " $1 AND (f.created_by " EQ " $2 OR f.author " EQ " $2))"
	" ORDER BY s.skill_id FOR UPDATE) AS locked",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement rewrite_skills = {
	.sql = "UPDATE skills.skill AS s SET modified_by = NULL"
	" WHERE s.org_id " EQ " $1 AND s.modified_by " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement rewrite_versions = {
	.sql = "UPDATE skills.skill_version AS v SET"
	" created_by = CASE WHEN v.created_by " EQ " $2 THEN v.author ELSE v.created_by END,"
	" modified_by = CASE WHEN v.modified_by " EQ " $2 THEN NULL ELSE v.modified_by END"
	" WHERE v.org_id " EQ " $1 AND (v.created_by " EQ " $2 OR v.modified_by " EQ " $2)",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement rewrite_files = {
	.sql = "UPDATE skills.skill_file AS f SET created_by = f.author"
	" WHERE f.org_id " EQ " $1 AND f.created_by " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement delete_subscriptions_of_user = {
	.sql = "DELETE FROM skills.skill_subscription AS t WHERE t.org_id " EQ " $1 AND t.user_id " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static SkillsStatement count_subscriptions_of_user = {
	.sql = "SELECT pg_catalog.count(*) FROM skills.skill_subscription AS t WHERE t.org_id " EQ " $1 AND t.user_id " EQ " $2",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

/* args: the org, the user. 40001 if the user is still named: somebody has written on meanwhile. */
static void
forget_traces(const Datum *args, int64 *counts)
{
	SPI_connect();
	counts[ROWS_REWRITTEN] += (int64) run(&rewrite_skills, args);
	counts[ROWS_REWRITTEN] += (int64) run(&rewrite_versions, args);
	counts[ROWS_REWRITTEN] += (int64) run(&rewrite_files, args);
	if (run_count(&lock_traces, args) > 0)
		skills_serialization_failure();
	counts[SUBSCRIPTIONS_DELETED] += (int64) run(&delete_subscriptions_of_user, args);
	if (run_count(&count_subscriptions_of_user, args) > 0)
		skills_serialization_failure();
	SPI_finish();
}

static void
require_other_heir(Datum user_id, Datum heir)
{
	if (datum_image_eq(user_id, heir, false, -1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("user \"%s\" cannot be the heir of what is theirs", TextDatumGetCString(user_id)),
				 errhint("Name another user, or NULL to delete the user's shared skills.")));
}

/*
 * skills.forget_user(org_id, user_id, heir) → counts: no column of the org
 * names the user. Private skills and subscriptions go, shared skills pass to
 * the heir, or go where that is NULL. In the skills of others created_by
 * becomes the skill's author and modified_by NULL, as after a DBA's update.
 * 42501 for who is no DBA, 22004 and 22023 for what is null or empty and for
 * the user as the heir.
 */
Datum
skills_forget_user(PG_FUNCTION_ARGS)
{
	int64		counts[NCOUNTS] = {0};
	bool		delete_all = PG_ARGISNULL(2);
	Datum		named[2];
	Datum		args[4];

	require_dba();
	require_ids(fcinfo, of_forgetting, 2);
	named[0] = args[0] = PG_GETARG_DATUM(0);
	named[1] = args[2] = PointerGetDatum(PG_GETARG_TEXT_PP(1));
	args[1] = CStringGetTextDatum("");
	args[3] = BoolGetDatum(delete_all);
	if (!delete_all)
	{
		require_id(fcinfo, of_forgetting, 2);
		require_other_heir(named[1], PG_GETARG_DATUM(2));
	}

	SPI_connect();
	(void) run_count(&lock_traces, named);
	SPI_finish();
	while (forget_batch(&lock_batch_of_user, args, delete_all ? (Datum) 0 : PG_GETARG_DATUM(2), counts))
		continue;
	forget_traces(named, counts);
	give_counts(fcinfo, counts, NCOUNTS);
	return (Datum) 0;
}
