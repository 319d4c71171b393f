/*
 * summary.c
 *		Lists of skills, a page at a time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_list_skills);

#define COLUMNS \
	"s.org_id, s.skill_id, s.name, s.accessibility, s.tags, s.created, s.created_by, s.modified," \
	" s.modified_by, s.revision, s.latest_version, s.latest_description, s.latest_body," \
	" s.latest_relevant_topics, s.latest_created, s.latest_modified, s.is_subscribed, s.ai_version," \
	" s.subscribed, s.is_author, s.can_edit, s.name " CAT " ':' " CAT " s.skill_id"

#define LISTING(condition, options) \
	{ \
		.sql = "SELECT " COLUMNS " FROM skills.skill_summary AS s" \
		" WHERE s.org_id " EQ " skills.current_org_id()" \
		" AND (s.name, s.skill_id) OPERATOR(pg_catalog.>) ($1, $2)" condition \
		" ORDER BY s.name, s.skill_id", \
		.nargs = 2, \
		.argtypes = {TEXTOID, TEXTOID}, \
		.cursor_options = (options) \
	}

/*
 * A page is read in the order of the index skill_by_name, and no more rows are
 * joined than it has, however many the org has. For all that there is, another
 * plan is better: it hashes and sorts.
 */
#define IN_SCOPE(name, condition) \
	{name, LISTING(condition, CURSOR_OPT_FAST_PLAN), LISTING(condition, 0)}
#define LARGEST_PAGE 1000

typedef struct Scope
{
	const char *name;			/* NULL for all that is visible */
	SkillsQuery page;
	SkillsQuery all;
} Scope;

static Scope scopes[] = {
	IN_SCOPE(NULL, ""),
	IN_SCOPE("personal", " AND (s.is_author OR s.is_subscribed)"),
	IN_SCOPE("org", " AND s.accessibility " NE " 'private' AND NOT s.is_author"),
};

static Scope *
read_scope(text *argument)
{
	const char *wanted = argument == NULL ? NULL : text_to_cstring(argument);

	if (wanted == NULL)
		return &scopes[0];
	for (size_t i = 1; i < lengthof(scopes); i++)
		if (strcmp(scopes[i].name, wanted) == 0)
			return &scopes[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown scope \"%s\"", skills_clip(wanted)),
			 errdetail("Scopes are \"personal\" and \"org\"; NULL is all that is visible.")));
}

/*
 * A page token is the sort key of its row, so it stays valid whatever happens
 * to that row; a name cannot hold the colon. None is what comes before every
 * name.
 */
static void
read_page_token(text *argument, Datum *key)
{
	char	   *token = argument == NULL ? "" : text_to_cstring(argument);
	char	   *colon = strchr(token, ':');

	if (argument != NULL &&
		(colon == NULL || !skills_is_name(token, (size_t) (colon - token)) ||
		 !skills_is_skill_id(colon + 1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("malformed page token \"%s\"", skills_clip(token)),
				 errhint("Give the page_token of the last row of the page before.")));
	key[0] = PointerGetDatum(cstring_to_text_with_len(token, colon ? (int) (colon - token) : 0));
	key[1] = CStringGetTextDatum(colon ? colon + 1 : "");
}

/* The planner is to think of the first rows only, whatever part of all they are. */
static void
give_page(FunctionCallInfo fcinfo, SkillsQuery *page, const Datum *key, int64 max_rows)
{
	int			nest_level = NewGUCNestLevel();

	(void) set_config_option("cursor_tuple_fraction", "0.05", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	skills_give_rows(fcinfo, page, key, max_rows);
	AtEOXact_GUC(true, nest_level);
}

/*
 * skills.list_skills(scope, max_rows, after): the visible skills by name, at
 * most so many, from behind the page token on. 28000 without an identity,
 * 22023 for an unknown scope, a negative number or a malformed token.
 */
Datum
skills_list_skills(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;
	Scope	   *scope;
	int64		max_rows = PG_ARGISNULL(1) ? SKILLS_ALL_ROWS : PG_GETARG_INT32(1);
	Datum		key[2];

	skills_require_identity(&identity);
	scope = read_scope(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0));
	if (max_rows < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_rows must not be negative: %d", PG_GETARG_INT32(1))));
	read_page_token(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2), key);
	if (max_rows <= LARGEST_PAGE)
		give_page(fcinfo, &scope->page, key, max_rows);
	else
		skills_give_rows(fcinfo, &scope->all, key, max_rows);
	return (Datum) 0;
}
