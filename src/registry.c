/*
 * registry.c
 *		What a user's AI may load by itself: the registry, why a skill is in it
 *		or not, the tool made of it, and what a call of the tool gives.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_ai_registry);
PG_FUNCTION_INFO_V1(skills_explain_registry);
PG_FUNCTION_INFO_V1(skills_load_skill);
PG_FUNCTION_INFO_V1(skills_load_skill_tool);

/* A query that runs as the caller: row security decides what it reads. */
typedef struct RegistryQuery
{
	const char *sql;
	int			nargs;
	Oid			argtype;
	SPIPlanPtr	plan;
} RegistryQuery;

/* The user is named, too, for callers that bypass row security. */
#define SUBSCRIBED \
	" FROM skills.skill_subscription AS t" \
	" JOIN skills.skill AS s ON s.org_id " EQ " t.org_id AND s.skill_id " EQ " t.skill_id"
#define OF_CALLER \
	" WHERE t.org_id " EQ " skills.current_org_id() AND t.user_id " EQ " skills.current_user_id()" \
	" AND skills.can_see(s.created_by, s.accessibility)"
#define PINNED \
	SUBSCRIBED \
	" JOIN skills.skill_version AS v ON v.org_id " EQ " t.org_id" \
	" AND v.skill_id " EQ " t.skill_id AND v.version " EQ " t.ai_version" OF_CALLER

/* Two skills of one name are the caller's private one and a shared one. */
#define PRIVATE_FIRST " (s.accessibility " EQ " 'private') DESC"

static RegistryQuery registry = {
	.sql = "SELECT DISTINCT ON (s.name) s.name, s.skill_id, v.version, v.description,"
	" v.relevant_topics, s.accessibility, s.created_by"
	PINNED " ORDER BY s.name," PRIVATE_FIRST
};

static RegistryQuery listing = {
	.sql = "SELECT DISTINCT ON (s.name) s.name, v.description"
	PINNED " ORDER BY s.name," PRIVATE_FIRST
};

static RegistryQuery loaded = {
	.sql = "SELECT s.name, s.skill_id, v.version, v.description, v.body, v.relevant_topics"
	PINNED " AND s.name " EQ " $1 ORDER BY" PRIVATE_FIRST " LIMIT 1",
	.nargs = 1,
	.argtype = TEXTOID
};

static RegistryQuery explained = {
	.sql = "SELECT r.name, r.skill_id, r.ai_version, r.latest_version,"
	" r.ai_version IS NOT NULL AND r.winner " EQ " r.skill_id AS offered,"
	" CASE WHEN r.ai_version IS NULL THEN 'not pinned'"
	" WHEN r.winner " NE " r.skill_id THEN 'shadowed by ' " CAT " r.winner"
	" WHEN r.ai_version " LT " r.latest_version THEN 'offered; a newer version exists'"
	" ELSE 'offered' END AS reason"
	" FROM (SELECT s.name, s.skill_id, t.ai_version,"
	" (SELECT pg_catalog.max(v.version) FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " s.org_id AND v.skill_id " EQ " s.skill_id) AS latest_version,"
	" pg_catalog.first_value(s.skill_id) OVER (PARTITION BY s.name, t.ai_version IS NOT NULL"
	" ORDER BY" PRIVATE_FIRST ") AS winner"
	SUBSCRIBED OF_CALLER ") AS r ORDER BY r.name, r.skill_id"
};

static void
prepare_once(RegistryQuery *query)
{
	SPIPlanPtr	plan;

	if (query->plan != NULL)
		return;
	plan = SPI_prepare(query->sql, query->nargs, &query->argtype);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", query->sql,
			 SPI_result_code_string(SPI_result));
	query->plan = plan;
}

/* The rows go to dest, or into SPI_tuptable if that is NULL; all from the caller's snapshot. */
static uint64
run(RegistryQuery *query, text *argument, DestReceiver *dest)
{
	SPIExecuteOptions options = {.read_only = true,.dest = dest};
	int			result;

	prepare_once(query);
	if (query->nargs > 0)
	{
		options.params = makeParamList(query->nargs);
		options.params->params[0].value = PointerGetDatum(argument);
		options.params->params[0].isnull = false;
		options.params->params[0].ptype = query->argtype;
		options.params->params[0].pflags = PARAM_FLAG_CONST;
	}
	result = SPI_execute_plan_extended(query->plan, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\": %s", query->sql, SPI_result_code_string(result));
	return SPI_processed;
}

/* Run the query and make its rows the result of a set-returning function. */
static uint64
give_rows(FunctionCallInfo fcinfo, RegistryQuery *query, text *argument)
{
	ReturnSetInfo *result;
	DestReceiver *dest;
	uint64		rows;

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(dest, result->setResult,
									CurrentMemoryContext, false, NULL, NULL);
	SPI_connect();
	rows = run(query, argument, dest);
	SPI_finish();
	return rows;
}

static text *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : PG_GETARG_TEXT_PP(number);
}

/*
 * skills.ai_registry(user_id, org_id): every pinned skill of that user, one a
 * name, in byte order of the name. 28000 without an identity, 42501 for
 * another's without the right to assume it.
 */
Datum
skills_ai_registry(PG_FUNCTION_ARGS)
{
	int			nest_level = skills_act_as(text_argument(fcinfo, 0), text_argument(fcinfo, 1));

	(void) give_rows(fcinfo, &registry, NULL);
	skills_act_as_before(nest_level);
	return (Datum) 0;
}

/*
 * skills.explain_registry(user_id, org_id): every subscription of that user,
 * and why the registry offers it or not. Raises what ai_registry() raises.
 */
Datum
skills_explain_registry(PG_FUNCTION_ARGS)
{
	int			nest_level = skills_act_as(text_argument(fcinfo, 0), text_argument(fcinfo, 1));

	(void) give_rows(fcinfo, &explained, NULL);
	skills_act_as_before(nest_level);
	return (Datum) 0;
}

/*
 * skills.load_skill(name): the pinned version of the skill that the caller's
 * registry offers under that name. 22004 for no name, P0002 if there is none.
 */
Datum
skills_load_skill(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;

	skills_require_identity(&identity);
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"name\" must not be null")));
	if (give_rows(fcinfo, &loaded, PG_GETARG_TEXT_PP(0)) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("skill \"%s\" is not in the registry",
						text_to_cstring(PG_GETARG_TEXT_PP(0))),
				 errhint("Subscribe to a skill of that name and pin a version of it.")));
	return (Datum) 0;
}

/* The names and descriptions of the registry, in memory of the caller's. */
static SkillsToolEntry *
list_entries(int *nentries)
{
	MemoryContext context = CurrentMemoryContext;
	SkillsToolEntry *entries;
	uint64		rows;

	SPI_connect();
	rows = run(&listing, NULL, NULL);
	entries = MemoryContextAllocHuge(context, sizeof(SkillsToolEntry) * (rows + 1));
	for (uint64 i = 0; i < rows; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];

		CHECK_FOR_INTERRUPTS();
		entries[i].name = MemoryContextStrdup(context, SPI_getvalue(row, SPI_tuptable->tupdesc, 1));
		entries[i].description = MemoryContextStrdup(context, SPI_getvalue(row, SPI_tuptable->tupdesc, 2));
	}
	SPI_finish();
	*nentries = (int) rows;
	return entries;
}

static void
give_tool(FunctionCallInfo fcinfo, const char *format, int64 budget)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			nentries;
	SkillsToolEntry *entries = list_entries(&nentries);
	SkillsTool	tool;
	Datum		values[4];
	bool		nulls[4] = {false, false, false, false};

	if (nentries == 0)
		return;
	skills_build_tool(&tool, format, entries, nentries, budget);
	values[0] = PointerGetDatum(tool.definition);
	values[1] = PointerGetDatum(tool.digest);
	values[2] = Int32GetDatum(tool.offered);
	values[3] = Int32GetDatum(tool.trimmed);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * skills.load_skill_tool(format, budget, user_id, org_id): the registry of
 * that user as the definition of the tool "load_skill", one row, or none if
 * nothing is offered. 22023 for an unknown format or a negative budget, and
 * what ai_registry() raises.
 */
Datum
skills_load_skill_tool(PG_FUNCTION_ARGS)
{
	int			nest_level = skills_act_as(text_argument(fcinfo, 2), text_argument(fcinfo, 3));
	int64		budget = PG_ARGISNULL(1) ? PG_INT64_MAX : PG_GETARG_INT32(1);
	const char *format;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"format\" must not be null")));
	format = text_to_cstring(PG_GETARG_TEXT_PP(0));
	skills_require_tool_format(format);
	if (budget < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("budget must not be negative: %lld", (long long) budget)));
	InitMaterializedSRF(fcinfo, 0);
	give_tool(fcinfo, format, budget);
	skills_act_as_before(nest_level);
	return (Datum) 0;
}
