/*
 * check.c
 *		The form of names, tags, descriptions and the like. CHECK constraints
 *		call these, so that every path to a table meets them; they raise rather
 *		than say false, because only they can name the limit and what was found.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "frontmatter.h"
#include "skills.h"

#define MAX_NAME 120
#define MAX_QUOTED 200
#define MAX_TAG 64
#define MAX_TAGS 64
#define MAX_DESCRIPTION 500

#define NAME_CHARACTERS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

PG_FUNCTION_INFO_V1(skills_check_name);
PG_FUNCTION_INFO_V1(skills_check_accessibility);
PG_FUNCTION_INFO_V1(skills_check_tags);
PG_FUNCTION_INFO_V1(skills_check_description);
PG_FUNCTION_INFO_V1(skills_check_frontmatter);

static int
length_in_characters(text *value)
{
	return pg_mbstrlen_with_len(VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value));
}

bool
skills_text_equals(text *value, const char *string)
{
	size_t		size = VARSIZE_ANY_EXHDR(value);

	return strlen(string) == size && memcmp(string, VARDATA_ANY(value), size) == 0;
}

/* By bytes, as text COLLATE "C" is ordered. */
int
skills_compare_text(text *a, text *b)
{
	int			size_a = (int) VARSIZE_ANY_EXHDR(a);
	int			size_b = (int) VARSIZE_ANY_EXHDR(b);
	int			order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(size_a, size_b));

	return order != 0 ? order : size_a - size_b;
}

/* As much of what the caller gave as a message needs. */
char *
skills_clip(const char *value)
{
	size_t		size = strlen(value);
	int			kept = size <= MAX_QUOTED ? (int) size :
		pg_mbcliplen(value, (int) size, MAX_QUOTED);

	return psprintf("%.*s%s", kept, value, size <= MAX_QUOTED ? "" : "...");
}

static void
check_length(const char *what, text *value, int limit)
{
	int			length = length_in_characters(value);

	if (length == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be empty", what),
				 errdetail("It must have 1 to %d characters.", limit)));
	if (length > limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is too long: %d characters, limit %d", what, length, limit)));
}

/* C0, DEL and C1: what a terminal or a prompt may take as a command. */
static bool
is_control(pg_wchar character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

typedef struct CharacterRange
{
	pg_wchar	first;
	pg_wchar	last;
} CharacterRange;

/* What changes the order in which a reader sees the text, and so its meaning. */
static const CharacterRange bidirectional[] = {
	{0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069},
};

/* What a model reads and a person does not see: a way to hide instructions. */
static const CharacterRange invisible[] = {
	{0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	{0x180b, 0x180f}, {0x200b, 0x200b}, {0x2060, 0x2065}, {0x206a, 0x206f},
	{0x2800, 0x2800}, {0x3164, 0x3164}, {0xfe00, 0xfe0d}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
	{0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool
is_in(pg_wchar character, const CharacterRange *ranges, size_t nranges)
{
	for (size_t i = 0; i < nranges; i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
}

static bool
is_joiner(pg_wchar character)
{
	return character == 0x200c || character == 0x200d;
}

static bool
is_emoji_selector(pg_wchar character)
{
	return character == 0xfe0e || character == 0xfe0f;
}

/*
 * Joiners and selectors belong to the writing of many languages and to emoji:
 * a joiner between two characters beyond ASCII, a selector behind a character.
 * Elsewhere, and in a row, they hide.
 */
static bool
is_stray(pg_wchar character, pg_wchar previous, pg_wchar following)
{
	if (is_joiner(character))
		return previous < 0x80 || following < 0x80 || is_joiner(following) ||
			is_emoji_selector(following);
	if (is_emoji_selector(character))
		return previous <= ' ' || is_emoji_selector(previous);
	return false;
}

/* What kind of character may not stand there, NULL for one that may. */
static const char *
refused_kind(pg_wchar character, pg_wchar previous, pg_wchar following)
{
	if (is_control(character))
		return "a control character";
	if (is_in(character, bidirectional, lengthof(bidirectional)))
		return "a bidirectional control character";
	if (is_in(character, invisible, lengthof(invisible)) ||
		is_stray(character, previous, following))
		return "an invisible character";
	return NULL;
}

/* Reads on to the next character; gives what kind of a refused one it is, NULL if it may stand there. */
static const char *
next_character(const char **next, const char *end, pg_wchar *character)
{
	pg_wchar	previous = *character;

	*character = utf8_to_unicode((const unsigned char *) *next);
	*next += pg_utf_mblen((const unsigned char *) *next);
	return refused_kind(*character, previous,
						*next < end ? utf8_to_unicode((const unsigned char *) *next) : 0);
}

/*
 * The first character that may not stand in the text, in words, or NULL if all
 * may; allowed lists what of ASCII may all the same.
 */
const char *
skills_refused_character(const char *value, size_t size, const char *allowed)
{
	const char *end = value + size;
	pg_wchar	character = 0;

	for (int position = 1; value < end; position++)
	{
		const char *kind = next_character(&value, end, &character);

		if (kind != NULL && (character >= 0x80 || strchr(allowed, (int) character) == NULL))
			return psprintf("%s: U+%04X at position %d", kind, (unsigned int) character, position);
	}
	return NULL;
}

/* The value for a message that a terminal shows: clipped, and refused characters by their number. */
char *
skills_visible(const char *value)
{
	const char *next = skills_clip(value);
	const char *end = next + strlen(next);
	StringInfoData visible;
	pg_wchar	character = 0;

	initStringInfo(&visible);
	while (next < end)
	{
		const char *start = next;

		if (next_character(&next, end, &character) != NULL)
			appendStringInfo(&visible, "<U+%04X>", (unsigned int) character);
		else
			appendBinaryStringInfo(&visible, start, (int) (next - start));
	}
	return visible.data;
}

static void
check_characters(const char *what, text *value, const char *allowed)
{
	const char *refused = skills_refused_character(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), allowed);

	if (refused != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s contains %s", what, refused)));
}

/* Whether the first so many bytes have the form of a name. */
bool
skills_is_name(const char *value, size_t size)
{
	return size >= 1 && size <= MAX_NAME && strspn(value, NAME_CHARACTERS) >= size;
}


/* 22023 unless the value can be a skill's name; what says whose name it is. */
void
skills_require_name(const char *what, text *value)
{
	const char *name = text_to_cstring(value);

	check_length(what, value, MAX_NAME);
	if (strspn(name, NAME_CHARACTERS) != strlen(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s \"%s\"", what, skills_visible(name)),
				 errdetail("A skill name has letters A to Z and a to z, digits, \"_\" and \"-\" only.")));
	if (skills_is_skill_id(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid %s \"%s\"", what, name),
				 errdetail("A skill name may not have the form of a skill id.")));
}

/*
 * 22023 unless the value can be a description, in place or imported (the limit
 * follows the format it came in); what says whose description it is.
 */
void
skills_require_description(const char *what, text *value, bool imported)
{
	check_length(what, value, imported ? SKILLS_MAX_IMPORTED_DESCRIPTION : MAX_DESCRIPTION);
	check_characters(what, value, "\n\t");
}

/*
 * skills.check_name(value) → boolean: true, or 22023 unless it has 1 to 120
 * characters of A-Z a-z 0-9 _ - and is not of a skill id's form.
 */
Datum
skills_check_name(PG_FUNCTION_ARGS)
{
	skills_require_name("skill name", PG_GETARG_TEXT_PP(0));
	PG_RETURN_BOOL(true);
}

/* skills.check_accessibility(value) → boolean: true, or 22023 unless it is one of the three. */
Datum
skills_check_accessibility(PG_FUNCTION_ARGS)
{
	const char *value = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (strcmp(value, SKILLS_PRIVATE) != 0 && strcmp(value, SKILLS_ORG) != 0 &&
		strcmp(value, SKILLS_ORG_EDITABLE) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid accessibility \"%s\"", skills_clip(value)),
				 errdetail("Accessibility is \"%s\", \"%s\" or \"%s\".",
						   SKILLS_PRIVATE, SKILLS_ORG, SKILLS_ORG_EDITABLE)));
	PG_RETURN_BOOL(true);
}

static void
check_tag(text *tag)
{
	check_length("tag", tag, MAX_TAG);
	check_characters("tag", tag, "");
}

static Datum *
tags_of(ArrayType *tags, int *ntags)
{
	Datum	   *values;
	bool	   *nulls;

	if (ARR_NDIM(tags) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tags must be an array of one dimension, not %d", ARR_NDIM(tags))));
	deconstruct_array(tags, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, ntags);
	for (int i = 0; i < *ntags; i++)
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a tag must not be null")));
	return values;
}

static int
compare_tags(const void *a, const void *b)
{
	text	   *left = DatumGetTextPP(*(const Datum *) a);
	text	   *right = DatumGetTextPP(*(const Datum *) b);
	size_t		left_size = VARSIZE_ANY_EXHDR(left);
	size_t		right_size = VARSIZE_ANY_EXHDR(right);
	int			order = memcmp(VARDATA_ANY(left), VARDATA_ANY(right), Min(left_size, right_size));

	if (order != 0)
		return order;
	return (left_size > right_size) - (left_size < right_size);
}

pg_noreturn static void too_many_tags(int ntags);

static void
too_many_tags(int ntags)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("too many tags: %d, limit %d", ntags, MAX_TAGS)));
}

/* The tags as they are stored: sorted by bytes, each once. */
ArrayType *
skills_canonical_tags(ArrayType *tags)
{
	int			ntags;
	int			ndistinct = 0;
	Datum	   *values = tags_of(tags, &ntags);

	/* Repeated ones do no harm, but so many are no mistake of a mapper's. */
	if (ntags > MAX_TAGS * MAX_TAGS)
		too_many_tags(ntags);
	if (ntags > 1)
		qsort(values, ntags, sizeof(Datum), compare_tags);
	for (int i = 0; i < ntags; i++)
		if (i == 0 || compare_tags(&values[i], &values[ndistinct - 1]) != 0)
			values[ndistinct++] = values[i];
	return construct_array(values, ndistinct, TEXTOID, -1, false, TYPALIGN_INT);
}

/*
 * skills.check_tags(value) → boolean: true, or 22023 unless there are at most
 * 64, sorted and distinct, each of 1 to 64 characters without a control
 * character. Triggers have sorted them; rows taken as given are checked here.
 */
Datum
skills_check_tags(PG_FUNCTION_ARGS)
{
	int			ntags;
	Datum	   *values = tags_of(PG_GETARG_ARRAYTYPE_P(0), &ntags);

	if (ntags > MAX_TAGS)
		too_many_tags(ntags);
	for (int i = 0; i < ntags; i++)
	{
		check_tag(DatumGetTextPP(values[i]));
		if (i > 0 && compare_tags(&values[i - 1], &values[i]) >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("tags must be sorted and distinct")));
	}
	PG_RETURN_BOOL(true);
}

/*
 * skills.check_description(value, imported) → boolean: true, or 22023 unless
 * it has 1 to 500 characters, 1 to 1024 for an imported one, and neither a
 * control character but newline and tab nor an invisible one: it stands in
 * every turn's prompt.
 */
Datum
skills_check_description(PG_FUNCTION_ARGS)
{
	skills_require_description("description", PG_GETARG_TEXT_PP(0), PG_GETARG_BOOL(1));
	PG_RETURN_BOOL(true);
}

/* Scalars are the texts that were written (design, section 7): what else JSON has is none. */
static void
check_scalar(const JsonbValue *scalar)
{
	const char *what = scalar->type == jbvNumeric ? "a number" :
		scalar->type == jbvBool ? "a truth value" : "null";

	if (scalar->type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the front matter must not hold %s", what),
				 errhint("Give it as a text: \"1.50\", \"true\", \"null\".")));
}

/* What mappers send for their own null. */
bool
skills_is_json_null(Jsonb *value)
{
	JsonbValue	scalar;

	return JB_ROOT_IS_SCALAR(value) && JsonbExtractScalar(&value->root, &scalar) && scalar.type == jbvNull;
}

/*
 * skills.check_frontmatter(value) → boolean: true, or 22023 unless it is what
 * reading a SKILL.md can give: an object of texts, arrays and objects; 54000 if
 * it is nested to more than 16 levels, each of which indents what export makes.
 */
Datum
skills_check_frontmatter(PG_FUNCTION_ARGS)
{
	Jsonb	   *frontmatter = PG_GETARG_JSONB_P(0);
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			depth = 0;

	if (!JB_ROOT_IS_OBJECT(frontmatter))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the front matter must be a JSON object")));
	iterator = JsonbIteratorInit(&frontmatter->root);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_VALUE || token == WJB_ELEM)
			check_scalar(&value);
		else if (token == WJB_END_OBJECT || token == WJB_END_ARRAY)
			depth--;
		else if (token != WJB_KEY && ++depth > FRONTMATTER_MAX_DEPTH)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("the front matter is nested too deeply: more than %d levels", FRONTMATTER_MAX_DEPTH)));
	}
	PG_RETURN_BOOL(true);
}
