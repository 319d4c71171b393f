/*
 * registry.c
 *		What a user's AI may load by itself: the registry, why a skill is in it
 *		or not, the tool made of it, and what a call of the tool gives.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_ai_registry);
PG_FUNCTION_INFO_V1(skills_explain_registry);
PG_FUNCTION_INFO_V1(skills_load_skill);
PG_FUNCTION_INFO_V1(skills_load_skill_tool);

/* The user is named, too, for callers that bypass row security. */
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
	" ORDER BY (s.accessibility " EQ " 'private') DESC) AS winner"
	" FROM skills.skill_subscription AS t"
	" JOIN skills.skill AS s ON s.org_id " EQ " t.org_id AND s.skill_id " EQ " t.skill_id"
	" WHERE t.org_id " EQ " skills.current_org_id() AND t.user_id " EQ " skills.current_user_id()"
	" AND skills.can_see(s.created_by, s.accessibility)) AS r ORDER BY r.name, r.skill_id"
};

static text *
text_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL : PG_GETARG_TEXT_PP(number);
}

static SkillsIdentity
identity_arguments(FunctionCallInfo fcinfo, int user, int org)
{
	SkillsIdentity identity;

	skills_resolve_identity(&identity, text_argument(fcinfo, user), text_argument(fcinfo, org));
	return identity;
}

/*
 * skills.ai_registry(user_id, org_id): every pinned skill of that user, one a
 * name, in byte order of the name. 28000 without an identity, 42501 for
 * another's without the right to assume it.
 */
Datum
skills_ai_registry(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity = identity_arguments(fcinfo, 0, 1);
	ReturnSetInfo *result;
	uint64		count;
	SkillsOffer *offers = skills_read_offers(&identity, &count);
	bool		nulls[7] = {false};

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	for (uint64 i = 0; i < count; i++)
	{
		Datum		values[7] = {
			PointerGetDatum(offers[i].name), PointerGetDatum(offers[i].skill_id),
			Int32GetDatum(offers[i].version), PointerGetDatum(offers[i].description),
			offers[i].relevant_topics,
			PointerGetDatum(offers[i].accessibility), PointerGetDatum(offers[i].created_by)
		};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * skills.explain_registry(user_id, org_id): every subscription of that user,
 * and why the registry offers it or not. Raises what ai_registry() raises.
 */
Datum
skills_explain_registry(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity = identity_arguments(fcinfo, 0, 1);
	int			nest_level = skills_act_as(&identity);

	skills_give_rows(fcinfo, &explained, NULL, SKILLS_ALL_ROWS);
	skills_act_as_before(nest_level);
	return (Datum) 0;
}

/* A frozen registry is given. */
bool
skills_is_frozen(FunctionCallInfo fcinfo, int number)
{
	return !PG_ARGISNULL(number) && !skills_is_json_null(PG_GETARG_JSONB_P(number));
}

/* P0002 for a name that the caller's registry, or the frozen one, has not. */
void
skills_not_in_registry(const char *name, bool is_frozen)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("skill \"%s\" is not in the registry", skills_clip(name)),
			 is_frozen ? 0 :
			 errhint("skills.explain_registry() says what is in it, and why the rest is not.")));
}

static Datum
paths_of(const SkillsFrozenEntry *entry)
{
	Datum	   *paths = palloc(sizeof(Datum) * (entry->nfiles + 1));

	for (int i = 0; i < entry->nfiles; i++)
		paths[i] = CStringGetTextDatum(entry->files[i].path);
	return PointerGetDatum(construct_array(paths, entry->nfiles, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
load_frozen(FunctionCallInfo fcinfo, Datum *values)
{
	SkillsFrozenEntry *entry = skills_find_frozen(PG_GETARG_JSONB_P(1),
												  text_to_cstring(PG_GETARG_TEXT_PP(0)));

	values[0] = CStringGetTextDatum(entry->name);
	values[1] = PointerGetDatum(entry->skill_id);
	values[2] = Int32GetDatum(entry->version);
	values[3] = PointerGetDatum(entry->description);
	values[4] = PointerGetDatum(entry->body);
	values[5] = PointerGetDatum(entry->relevant_topics);
	values[6] = paths_of(entry);
}

static void
load_offered(FunctionCallInfo fcinfo, const SkillsIdentity *identity, Datum *values)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	SkillsOffer offer;

	if (!skills_read_offer(&offer, identity, name))
		skills_not_in_registry(text_to_cstring(name), false);
	values[0] = PointerGetDatum(offer.name);
	values[1] = PointerGetDatum(offer.skill_id);
	values[2] = Int32GetDatum(offer.version);
	values[3] = PointerGetDatum(offer.description);
	values[4] = offer.body;
	values[5] = offer.relevant_topics;
	values[6] = offer.files;
}

/*
 * skills.load_skill(name, frozen): the pinned version of the skill that the
 * caller's registry offers under that name, or what the frozen registry holds
 * of it, for which nobody needs an identity; and the paths of its files, but
 * for SKILL.md, which says nothing else. 22004 for no name, P0002 if there is
 * none, 22023 for a document that is no frozen registry.
 */
Datum
skills_load_skill(PG_FUNCTION_ARGS)
{
	bool		frozen = skills_is_frozen(fcinfo, 1);
	SkillsIdentity identity;
	ReturnSetInfo *result;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (!frozen)
		skills_require_identity(&identity);
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"name\" must not be null")));
	if (frozen)
		load_frozen(fcinfo, values);
	else
		load_offered(fcinfo, &identity, values);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

static SkillsToolEntry *
list_offers(const SkillsIdentity *identity, int *nentries)
{
	uint64		count;
	SkillsOffer *offers = skills_read_offers(identity, &count);
	SkillsToolEntry *entries = MemoryContextAllocHuge(CurrentMemoryContext,
													  sizeof(SkillsToolEntry) * (count + 1));

	for (uint64 i = 0; i < count; i++)
	{
		entries[i].name = text_to_cstring(offers[i].name);
		entries[i].description = text_to_cstring(offers[i].description);
	}
	*nentries = (int) count;
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

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
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
	bool		frozen = skills_is_frozen(fcinfo, 4);
	SkillsIdentity identity = {NULL, NULL};
	SkillsFormat format;
	int64		budget;
	int			nentries;
	SkillsToolEntry *entries;

	if (!frozen)
		identity = identity_arguments(fcinfo, 2, 3);
	format = skills_read_format(text_argument(fcinfo, 0));
	budget = budget_argument(fcinfo, 1);
	entries = frozen ?
		list_frozen(PG_GETARG_JSONB_P(4), &nentries) : list_offers(&identity, &nentries);
	give_tool(fcinfo, format, budget, entries, nentries);
	return (Datum) 0;
}
