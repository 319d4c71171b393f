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

static SkillsQuery registry = {
	.sql = "SELECT DISTINCT ON (s.name) s.name, s.skill_id, v.version, v.description,"
	" v.relevant_topics, s.accessibility, s.created_by"
	PINNED " ORDER BY s.name," PRIVATE_FIRST
};

static SkillsQuery listing = {
	.sql = "SELECT DISTINCT ON (s.name) s.name, v.description"
	PINNED " ORDER BY s.name," PRIVATE_FIRST
};

static SkillsQuery loaded = {
	.sql = "SELECT s.name, s.skill_id, v.version, v.description, v.body, v.relevant_topics"
	PINNED " AND s.name " EQ " $1 ORDER BY" PRIVATE_FIRST " LIMIT 1",
	.nargs = 1,
	.argtype = TEXTOID
};

static SkillsQuery explained = {
	.sql = "SELECT r.name, r.skill_id, r.ai_version, r.latest_version,"
	" r.ai_version IS NOT NULL AND r.winner " EQ " r.skill_id AS offered,"
	" CASE WHEN r.ai_version IS NULL THEN 'not pinned: pin a version to have it offered'"
	" WHEN r.winner " NE " r.skill_id THEN 'shadowed by ' " CAT " r.winner " CAT
	" ', your private skill of that name: rename or unpin that one to have this one offered'"
	" WHEN r.ai_version " LT " r.latest_version THEN 'offered: version ' " CAT
	" r.latest_version::pg_catalog.text " CAT " ' is newer'"
	" ELSE 'offered' END AS reason"
	" FROM (SELECT s.name, s.skill_id, t.ai_version,"
	" (SELECT pg_catalog.max(v.version) FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " s.org_id AND v.skill_id " EQ " s.skill_id) AS latest_version,"
	" pg_catalog.first_value(s.skill_id) OVER (PARTITION BY s.name, t.ai_version IS NOT NULL"
	" ORDER BY" PRIVATE_FIRST ") AS winner"
	SUBSCRIBED OF_CALLER ") AS r ORDER BY r.name, r.skill_id"
};

/* Run the query and make its rows the result of a set-returning function. */
static uint64
give_rows(FunctionCallInfo fcinfo, SkillsQuery *query, Datum argument)
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
	rows = skills_query(query, argument, dest);
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

	(void) give_rows(fcinfo, &registry, (Datum) 0);
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

	(void) give_rows(fcinfo, &explained, (Datum) 0);
	skills_act_as_before(nest_level);
	return (Datum) 0;
}

/* A frozen registry is given; the JSON null is what mappers send for their own. */
static bool
is_frozen(FunctionCallInfo fcinfo, int number)
{
	Jsonb	   *document;
	JsonbValue	scalar;

	if (PG_ARGISNULL(number))
		return false;
	document = PG_GETARG_JSONB_P(number);
	return !(JB_ROOT_IS_SCALAR(document) &&
			 JsonbExtractScalar(&document->root, &scalar) && scalar.type == jbvNull);
}

pg_noreturn static void not_in_registry(const char *name, bool is_frozen);

static void
not_in_registry(const char *name, bool is_frozen)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("skill \"%s\" is not in the registry", skills_clip(name)),
			 is_frozen ? 0 :
			 errhint("skills.explain_registry() says what is in it, and why the rest is not.")));
}

static void
give_frozen(FunctionCallInfo fcinfo, const char *name)
{
	ReturnSetInfo *result;
	int			nentries;
	SkillsFrozenEntry *entries = skills_read_frozen(PG_GETARG_JSONB_P(1), &nentries);
	bool		nulls[6] = {false};

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	for (int i = 0; i < nentries; i++)
	{
		if (strcmp(entries[i].name, name) == 0)
		{
			Datum		values[6] = {
				CStringGetTextDatum(entries[i].name), PointerGetDatum(entries[i].skill_id),
				Int32GetDatum(entries[i].version), PointerGetDatum(entries[i].description),
				PointerGetDatum(entries[i].body), PointerGetDatum(entries[i].relevant_topics)
			};

			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			return;
		}
	}
	not_in_registry(name, true);
}

/*
 * skills.load_skill(name, frozen): the pinned version of the skill that the
 * caller's registry offers under that name, or what the frozen registry holds
 * of it, for which nobody needs an identity. 22004 for no name, P0002 if
 * there is none, 22023 for a document that is no frozen registry.
 */
Datum
skills_load_skill(PG_FUNCTION_ARGS)
{
	bool		frozen = is_frozen(fcinfo, 1);
	const char *name;

	if (!frozen)
	{
		SkillsIdentity identity;

		skills_require_identity(&identity);
	}
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"name\" must not be null")));
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (frozen)
		give_frozen(fcinfo, name);
	else if (give_rows(fcinfo, &loaded, PG_GETARG_DATUM(0)) == 0)
		not_in_registry(name, false);
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
	rows = skills_query(&listing, (Datum) 0, NULL);
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

static SkillsToolEntry *
list_frozen(Jsonb *document, int *nentries)
{
	SkillsFrozenEntry *frozen = skills_read_frozen(document, nentries);
	SkillsToolEntry *entries = MemoryContextAllocHuge(CurrentMemoryContext,
													  sizeof(SkillsToolEntry) * (*nentries + 1));

	for (int i = 0; i < *nentries; i++)
	{
		entries[i].name = frozen[i].name;
		entries[i].description = text_to_cstring(frozen[i].description);
	}
	return entries;
}

static void
give_tool(FunctionCallInfo fcinfo, SkillsFormat format, int64 budget,
		  SkillsToolEntry *entries, int nentries)
{
	ReturnSetInfo *result;
	SkillsTool	tool;
	Datum		values[4];
	bool		nulls[4] = {false};

	InitMaterializedSRF(fcinfo, 0);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (nentries == 0)
		return;
	skills_build_tool(&tool, format, entries, nentries, budget);
	values[0] = PointerGetDatum(tool.definition);
	values[1] = PointerGetDatum(tool.digest);
	values[2] = Int32GetDatum(tool.offered);
	values[3] = Int32GetDatum(tool.trimmed);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static int64
budget_argument(FunctionCallInfo fcinfo, int number)
{
	if (PG_ARGISNULL(number))
		return PG_INT64_MAX;
	if (PG_GETARG_INT32(number) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("budget must not be negative: %d", PG_GETARG_INT32(number))));
	return PG_GETARG_INT32(number);
}

/*
 * skills.load_skill_tool(format, budget, user_id, org_id, frozen): the
 * registry of that user as the definition of the tool "load_skill", one row,
 * or none if nothing is offered. Of a frozen registry, if one is given: then
 * nobody needs an identity. 22023 for an unknown format, a negative budget or
 * a document that is no frozen registry, and what ai_registry() raises.
 */
Datum
skills_load_skill_tool(PG_FUNCTION_ARGS)
{
	bool		frozen = is_frozen(fcinfo, 4);
	int			nest_level = frozen ? 0 :
		skills_act_as(text_argument(fcinfo, 2), text_argument(fcinfo, 3));
	SkillsFormat format = skills_read_format(text_argument(fcinfo, 0));
	int64		budget = budget_argument(fcinfo, 1);
	int			nentries;
	SkillsToolEntry *entries = frozen ?
		list_frozen(PG_GETARG_JSONB_P(4), &nentries) : list_entries(&nentries);

	give_tool(fcinfo, format, budget, entries, nentries);
	if (!frozen)
		skills_act_as_before(nest_level);
	return (Datum) 0;
}
