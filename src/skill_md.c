/*
 * skill_md.c
 *		SKILL.md: what one says, one that says what a version does, and whether
 *		the two agree.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "frontmatter.h"
#include "package.h"
#include "skills.h"

PG_FUNCTION_INFO_V1(skills_read_skill_md);
PG_FUNCTION_INFO_V1(skills_write_skill_md);

#define ELLIPSIS "\xe2\x80\xa6"

/* Reading */

static void
close_reader(void *reader)
{
	skills_front_matter_close(reader);
}

static bool
read_front_matter(SkillsReading *reading, bytea *content, FrontMatter *front_matter, Problem *problem)
{
	FrontMatterReader *reader = skills_front_matter_open(&reading->surroundings);

	skills_release_with(reading, close_reader, reader);
	return skills_front_matter_read(reader, VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content),
									(size_t) skills_max_frontmatter_size, front_matter, problem);
}

static Jsonb *
jsonb_of(const Bytes *json)
{
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(json->data, json->size))));
}

static text *
body_of(bytea *content, const FrontMatter *front_matter)
{
	return cstring_to_text_with_len(VARDATA_ANY(content) + front_matter->body,
									(int) (VARSIZE_ANY_EXHDR(content) - front_matter->body));
}

/*
 * The description as a version has it: a longer one than that may be is cut,
 * with an ellipsis for its last character (design, section 7).
 */
static text *
cut_description(const char *description, size_t size)
{
	int			length = pg_mbstrlen_with_len(description, (int) size);
	int			kept;
	StringInfoData cut;

	if (length <= SKILLS_MAX_IMPORTED_DESCRIPTION)
		return cstring_to_text_with_len(description, (int) size);
	kept = pg_mbcharcliplen(description, (int) size, SKILLS_MAX_IMPORTED_DESCRIPTION - 1);
	initStringInfo(&cut);
	appendBinaryStringInfo(&cut, description, kept);
	appendStringInfoString(&cut, ELLIPSIS);
	return cstring_to_text_with_len(cut.data, cut.len);
}

static void
warn_of_cut(const FrontMatterText *description)
{
	int			length = pg_mbstrlen_with_len(description->text, (int) description->size);

	if (length > SKILLS_MAX_IMPORTED_DESCRIPTION)
		ereport(WARNING,
				(errmsg("the description is too long and is cut: %d characters, limit %d",
						length, SKILLS_MAX_IMPORTED_DESCRIPTION),
				 errdetail("The whole of it stays in the front matter and in SKILL.md.")));
}

/* What a skill cannot be without. */
static void
require_texts(const FrontMatter *front_matter)
{
	Problem		problem = {.kind = PROBLEM_NONE,.line = 1,.column = 1};

	if (!front_matter->name.given)
		skills_problem(&problem, PROBLEM_MALFORMED, "the front matter has no name");
	else if (!front_matter->description.given)
		skills_problem(&problem, PROBLEM_MALFORMED, "the front matter has no description");
	if (problem.kind != PROBLEM_NONE)
		skills_raise_problem(&problem, SKILLS_RAISE);
}

#define SKILL_MD_COLUMNS 7
#define NAME 0
#define DESCRIPTION 1
#define FRONTMATTER 2
#define BODY 3
#define LINES 4
#define LINE 5
#define MESSAGE 6

static void
put_skill_md(const SkillsReading *reading, bytea *content, const FrontMatter *front_matter)
{
	const FrontMatterText *name = &front_matter->name;
	const FrontMatterText *description = &front_matter->description;
	Datum		values[SKILL_MD_COLUMNS] = {0};
	bool		nulls[SKILL_MD_COLUMNS] = {!name->given, !description->given, false, false, false, true, true};

	if (name->given)
		values[NAME] = PointerGetDatum(cstring_to_text_with_len(name->text, (int) name->size));
	if (description->given)
		values[DESCRIPTION] = PointerGetDatum(cut_description(description->text, description->size));
	values[FRONTMATTER] = JsonbPGetDatum(jsonb_of(&front_matter->json));
	values[BODY] = PointerGetDatum(body_of(content, front_matter));
	values[LINES] = JsonbPGetDatum(jsonb_of(&front_matter->lines));
	tuplestore_putvalues(reading->result->setResult, reading->result->setDesc, values, nulls);
}

static void
put_problem(const SkillsReading *reading, const Problem *problem)
{
	Datum		values[SKILL_MD_COLUMNS] = {0};
	bool		nulls[SKILL_MD_COLUMNS] = {true, true, true, true, true, false, false};

	values[LINE] = Int32GetDatum(problem->line);
	values[MESSAGE] = PointerGetDatum(cstring_to_text(psprintf("%s (column %d)", problem->message, problem->column)));
	tuplestore_putvalues(reading->result->setResult, reading->result->setDesc, values, nulls);
}

/*
 * skills.read_skill_md(content, on_problem): what the text says, the line of
 * each key, and for "list" its first problem instead. Otherwise that is raised
 * as 22023, 22021 or 54000, as is a missing name or description; unless for
 * "ignore", a description that is cut is a warning.
 */
Datum
skills_read_skill_md(PG_FUNCTION_ARGS)
{
	bytea	   *content = PG_GETARG_BYTEA_PP(0);
	SkillsReading reading;
	FrontMatter front_matter;
	Problem		problem;
	bool		is_read;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	skills_begin_reading(&reading, skills_read_on_problem(PG_GETARG_TEXT_PP(1)));
	reading.result = (ReturnSetInfo *) fcinfo->resultinfo;
	is_read = read_front_matter(&reading, content, &front_matter, &problem);
	if (!is_read && problem.kind == PROBLEM_OUT_OF_MEMORY)
		skills_raise_problem(&problem, SKILLS_RAISE);
	if (reading.on_problem != SKILLS_LIST)
	{
		if (!is_read)
			skills_raise_problem(&problem, reading.on_problem);
		require_texts(&front_matter);
		if (reading.on_problem == SKILLS_RAISE)
			warn_of_cut(&front_matter.description);
	}
	if (is_read)
		put_skill_md(&reading, content, &front_matter);
	else
		put_problem(&reading, &problem);
	skills_end_reading(&reading);
	return (Datum) 0;
}

/* Agreeing */

static bool
is_same_text(text *left, text *right)
{
	return VARSIZE_ANY_EXHDR(left) == VARSIZE_ANY_EXHDR(right) &&
		memcmp(VARDATA_ANY(left), VARDATA_ANY(right), VARSIZE_ANY_EXHDR(left)) == 0;
}

/*
 * Whether a SKILL.md says what a version of that description, body and front
 * matter does, of a skill of that name: then it is what export gives. A text
 * that is no SKILL.md is 22023, 22021 or 54000.
 */
bool
skills_skill_md_says(bytea *content, text *name, text *description, text *body, Jsonb *frontmatter)
{
	SkillsReading reading;
	FrontMatter front_matter;
	Problem		problem;
	bool		same;

	skills_begin_reading(&reading, SKILLS_IGNORE_WARNINGS);
	if (!read_front_matter(&reading, content, &front_matter, &problem))
		skills_raise_problem(&problem, SKILLS_RAISE);
	require_texts(&front_matter);
	same = is_same_text(name, cstring_to_text_with_len(front_matter.name.text, (int) front_matter.name.size)) &&
		is_same_text(description, cut_description(front_matter.description.text, front_matter.description.size)) &&
		is_same_text(body, body_of(content, &front_matter)) &&
		compareJsonbContainers(&frontmatter->root, &jsonb_of(&front_matter.json)->root) == 0;
	skills_end_reading(&reading);
	return same;
}

/* Writing */

static void
put_text(FrontMatterWriter *writer, const char *text, int size)
{
	(void) skills_front_matter_put_text(writer, text, (size_t) size);
}

static void
put_scalar(FrontMatterWriter *writer, const JsonbValue *value)
{
	const char *plain = "null";

	if (value->type == jbvString)
	{
		put_text(writer, value->val.string.val, value->val.string.len);
		return;
	}
	if (value->type == jbvNumeric)
		plain = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	else if (value->type == jbvBool)
		plain = value->val.boolean ? "true" : "false";
	(void) skills_front_matter_put_plain(writer, plain, strlen(plain));
}

static void
put_container(FrontMatterWriter *writer, JsonbContainer *container)
{
	JsonbIterator *iterator = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		switch (token)
		{
			case WJB_BEGIN_OBJECT:
				(void) skills_front_matter_put(writer, FRONT_MATTER_BEGIN_MAPPING);
				break;
			case WJB_END_OBJECT:
				(void) skills_front_matter_put(writer, FRONT_MATTER_END_MAPPING);
				break;
			case WJB_BEGIN_ARRAY:
				(void) skills_front_matter_put(writer, FRONT_MATTER_BEGIN_SEQUENCE);
				break;
			case WJB_END_ARRAY:
				(void) skills_front_matter_put(writer, FRONT_MATTER_END_SEQUENCE);
				break;
			default:
				put_scalar(writer, &value);
		}
	}
}

static bool
is_key(const JsonbValue *key, const char *name)
{
	return key->val.string.len == (int) strlen(name) &&
		memcmp(key->val.string.val, name, strlen(name)) == 0;
}

/* The other keys of the front matter, as jsonb orders them. */
static void
put_others(FrontMatterWriter *writer, Jsonb *frontmatter)
{
	JsonbIterator *iterator = JsonbIteratorInit(&frontmatter->root);
	JsonbIteratorToken token;
	JsonbValue	key;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (is_key(&key, "name") || is_key(&key, "description"))
			continue;
		put_text(writer, key.val.string.val, key.val.string.len);
		if (value.type == jbvBinary)
			put_container(writer, value.val.binary.data);
		else
			put_scalar(writer, &value);
	}
}

/* The description in whole, if the version's is a cut of what the front matter has. */
static text *
whole_description(text *description, Jsonb *frontmatter)
{
	const char *name = "description";
	JsonbValue	key = {.type = jbvString};
	JsonbValue *whole;

	if (frontmatter == NULL)
		return description;
	key.val.string.val = unconstify(char *, name);
	key.val.string.len = (int) strlen(name);
	whole = findJsonbValueFromContainer(&frontmatter->root, JB_FOBJECT, &key);
	if (whole == NULL || whole->type != jbvString ||
		!is_same_text(description, cut_description(whole->val.string.val, whole->val.string.len)))
		return description;
	return cstring_to_text_with_len(whole->val.string.val, whole->val.string.len);
}

static void
discard_writer(void *writer)
{
	skills_front_matter_discard(writer);
}

/* Name and description first; of the front matter, if there is any, the other keys follow. */
static const Bytes *
write_front_matter(SkillsReading *reading, text *name, text *description, Jsonb *frontmatter)
{
	FrontMatterWriter *writer = skills_front_matter_begin(&reading->surroundings);
	const Bytes *written;

	skills_release_with(reading, discard_writer, writer);
	(void) skills_front_matter_put(writer, FRONT_MATTER_BEGIN_MAPPING);
	put_text(writer, "name", (int) strlen("name"));
	put_text(writer, VARDATA_ANY(name), (int) VARSIZE_ANY_EXHDR(name));
	put_text(writer, "description", (int) strlen("description"));
	put_text(writer, VARDATA_ANY(description), (int) VARSIZE_ANY_EXHDR(description));
	if (frontmatter != NULL)
		put_others(writer, frontmatter);
	(void) skills_front_matter_put(writer, FRONT_MATTER_END_MAPPING);
	written = skills_front_matter_end(writer);
	if (written == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("Failed while writing the front matter.")));
	return written;
}

/*
 * skills.write_skill_md(name, description, frontmatter, body) → text: a
 * SKILL.md that says this; the front matter may be null, as of a version that
 * was written in place. Null if anything else is null.
 */
Datum
skills_write_skill_md(PG_FUNCTION_ARGS)
{
	Jsonb	   *frontmatter = PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2);
	text	   *description;
	text	   *body;
	const Bytes *written;
	text	   *skill_md;
	SkillsReading reading;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	if (frontmatter != NULL && !JB_ROOT_IS_OBJECT(frontmatter))
		frontmatter = NULL;
	body = PG_GETARG_TEXT_PP(3);
	skills_begin_reading(&reading, SKILLS_RAISE);
	description = whole_description(PG_GETARG_TEXT_PP(1), frontmatter);
	written = write_front_matter(&reading, PG_GETARG_TEXT_PP(0), description, frontmatter);
	skill_md = MemoryContextAlloc(reading.before, VARHDRSZ + written->size + VARSIZE_ANY_EXHDR(body));
	SET_VARSIZE(skill_md, VARHDRSZ + written->size + VARSIZE_ANY_EXHDR(body));
	memcpy(VARDATA(skill_md), written->data, written->size);
	memcpy(VARDATA(skill_md) + written->size, VARDATA_ANY(body), VARSIZE_ANY_EXHDR(body));
	skills_end_reading(&reading);
	PG_RETURN_TEXT_P(skill_md);
}
