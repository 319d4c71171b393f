/*
 * path.c
 *		The paths of a skill's files: their form, and which of them are one
 *		file where a file system knows neither case nor normal form.
 */
#include "postgres.h"

#include "common/string.h"
#include "common/unicode_norm.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_check_path);
PG_FUNCTION_INFO_V1(skills_path_key_of);

typedef struct FoldRange
{
	pg_wchar	first;
	pg_wchar	last;
	int			step;
	int			delta;
} FoldRange;

#include "fold_table.h"

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What is wrong with the segment, NULL for nothing. */
static const char *
segment_problem(const char *segment, size_t length)
{
	if (length == 0)
		return "It has an empty segment.";
	if (length == 1 && segment[0] == '.')
		return "It has a segment \".\".";
	if (length == 2 && segment[0] == '.' && segment[1] == '.')
		return "It has a segment \"..\".";
	return NULL;
}

static const char *
segments_problem(const char *path)
{
	const char *problem = NULL;
	const char *segment = path;

	for (const char *end = strchr(path, '/'); end != NULL && problem == NULL; end = strchr(segment, '/'))
	{
		problem = segment_problem(segment, (size_t) (end - segment));
		segment = end + 1;
	}
	return problem != NULL ? problem : segment_problem(segment, strlen(segment));
}

/* A skill always has a SKILL.md, stored or made on export: nothing may stand in its place. */
static const char *
skill_md_problem(const char *path)
{
	const char *skill_md_key = skills_path_key(SKILLS_SKILL_MD);
	const char *key = skills_path_key(path);

	if (strcmp(path, SKILLS_SKILL_MD) == 0)
		return NULL;
	if (strcmp(key, skill_md_key) == 0)
		return "It differs from \"" SKILLS_SKILL_MD "\" in case only.";
	if (strncmp(key, skill_md_key, strlen(skill_md_key)) == 0 && key[strlen(skill_md_key)] == '/')
		return "\"" SKILLS_SKILL_MD "\" is a file, not a folder.";
	return NULL;
}

/*
 * What is wrong with the path of a file, as a sentence, or NULL for nothing.
 * Its length is asked before anything else. What is refused in a description
 * is refused here too: paths are listed to the model.
 */
const char *
skills_path_problem(const char *path)
{
	size_t		size = strlen(path);
	const char *refused;

	if (size == 0)
		return "It is empty.";
	if (size > SKILLS_MAX_PATH)
		return psprintf("It has %zu bytes, limit %d.", size, SKILLS_MAX_PATH);
	refused = skills_refused_character(path, size, "");
	if (refused != NULL)
		return psprintf("It contains %s.", refused);
	if (path[0] == '/')
		return "It is absolute.";
	if (is_letter(path[0]) && path[1] == ':')
		return "It begins with a drive letter.";
	if (strchr(path, '\\') != NULL)
		return "It contains a backslash.";
	if (path[size - 1] == '/')
		return "It ends with \"/\".";
	if (segments_problem(path) != NULL)
		return segments_problem(path);
	return skill_md_problem(path);
}

/* 22023 unless the path can be that of a skill's file. */
void
skills_require_path(const char *path)
{
	const char *problem = skills_path_problem(path);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid file path \"%s\"", skills_visible(path)),
				 errdetail("%s", problem),
				 errhint("A path is relative to the skill's folder, with \"/\" between its segments.")));
}

static int
compare_to_range(const void *key, const void *entry)
{
	pg_wchar	character = *(const pg_wchar *) key;
	const FoldRange *range = entry;

	return (character > range->last) - (character < range->first);
}

static pg_wchar
fold(pg_wchar character)
{
	const FoldRange *range;

	if (character < 0x80)
		return pg_ascii_tolower((unsigned char) character);
	range = bsearch(&character, folds, lengthof(folds), sizeof(FoldRange), compare_to_range);
	if (range == NULL || (character - range->first) % range->step != 0)
		return character;
	return (pg_wchar) ((int) character + range->delta);
}

static char *
encode(const pg_wchar *characters)
{
	size_t		ncharacters = 0;
	unsigned char *out;
	char	   *encoded;

	while (characters[ncharacters] != 0)
		ncharacters++;
	encoded = palloc(ncharacters * 4 + 1);
	out = (unsigned char *) encoded;
	for (; *characters != 0; characters++)
	{
		unicode_to_utf8(*characters, out);
		out += pg_utf_mblen(out);
	}
	*out = '\0';
	return encoded;
}

static char *
fold_ascii(const char *path)
{
	char	   *key = pstrdup(path);

	for (char *next = key; *next != '\0'; next++)
		*next = (char) pg_ascii_tolower((unsigned char) *next);
	return key;
}

/*
 * One string for all paths that are equal but for case or canonical normal
 * form. Of the locale, and of the collations of the server, it knows nothing.
 * "/" composes with no other character, so the key of a folder begins the keys
 * of all that is in it. For paths only, which are short: normalization can
 * take the square of the length.
 */
char *
skills_path_key(const char *path)
{
	pg_wchar   *characters;
	int			ncharacters = 0;
	pg_wchar   *decomposed;

	if (pg_is_ascii(path))
		return fold_ascii(path);
	characters = palloc((strlen(path) + 1) * sizeof(pg_wchar));
	for (const unsigned char *next = (const unsigned char *) path; *next != '\0'; next += pg_utf_mblen(next))
		characters[ncharacters++] = utf8_to_unicode(next);
	characters[ncharacters] = 0;
	decomposed = unicode_normalize(UNICODE_NFD, characters);
	for (pg_wchar *next = decomposed; *next != 0; next++)
		*next = fold(*next);
	return encode(unicode_normalize(UNICODE_NFC, decomposed));
}

/*
 * skills.check_path(value) → boolean: true, or 22023 unless it can be the path
 * of a skill's file: 1 to 512 bytes, relative, of segments that are neither
 * empty nor "." nor "..", without backslash, drive letter or refused character.
 */
Datum
skills_check_path(PG_FUNCTION_ARGS)
{
	skills_require_path(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_BOOL(true);
}

/*
 * skills.path_key(path) → text: the same for two paths that are equal but for
 * case or normal form; what the unique index of files is made of. 22023 for
 * what is too long for a path. It asks no more, because an index asks it often.
 */
Datum
skills_path_key_of(PG_FUNCTION_ARGS)
{
	const char *path = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (strlen(path) > SKILLS_MAX_PATH)
		skills_require_path(path);
	PG_RETURN_TEXT_P(cstring_to_text(skills_path_key(path)));
}
