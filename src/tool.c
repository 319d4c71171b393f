/*
 * tool.c
 *		The JSON of the tool "load_skill": a pure function of the names and
 *		descriptions, to the byte, so that a prompt cache can live on it.
 */
#include "postgres.h"

#include "common/sha2.h"
#include "common/cryptohash.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "skills.h"

#define ELLIPSIS "\xE2\x80\xA6"

static const char introduction[] =
"Load the full instructions of one of the user's skills. A skill is a procedure "
"that the user's organisation wants followed for a kind of task.\n"
"Before you start a task, look for a skill below whose description fits it. If there is "
"one, call this tool with its exact name and follow the instructions that come back. "
"If several fit, load each of them. If none fits, do not call this tool.\n"
"Each line below is one skill: its name and when to use it.\n";

typedef struct Shape
{
	const char *name;
	const char *head;			/* before the tool's own name */
	const char *schema_key;
	const char *tail;			/* after the schema */
} Shape;

static const Shape shapes[] = {
	[SKILLS_ANTHROPIC] = {"anthropic", "{", "input_schema", "}"},
	[SKILLS_OPENAI] = {"openai", "{\"type\":\"function\",", "parameters", ",\"strict\":true}"},
	[SKILLS_OPENAI_CHAT] = {"openai-chat", "{\"type\":\"function\",\"function\":{", "parameters",
	",\"strict\":true}}"},
	[SKILLS_MCP] = {"mcp", "{", "inputSchema", ",\"annotations\":{\"readOnlyHint\":true}}"},
};

/* The format of that name; 22004 for NULL, 22023 if there is none. */
SkillsFormat
skills_read_format(text *name)
{
	const char *wanted;

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"format\" must not be null")));
	wanted = text_to_cstring(name);
	for (size_t i = 0; i < lengthof(shapes); i++)
		if (strcmp(shapes[i].name, wanted) == 0)
			return (SkillsFormat) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown format \"%s\"", skills_clip(wanted)),
			 errdetail("Formats are \"anthropic\", \"openai\", \"openai-chat\" and \"mcp\".")));
}

/* The length in bytes of the white space at s: of ASCII, or a line or paragraph separator. */
static int
space_length(const char *s)
{
	if (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		return 1;
	/* What they begin with is asked first: this is asked of every byte. */
	if (*s == '\xE2' &&
		(strncmp(s, "\xE2\x80\xA8", 3) == 0 || strncmp(s, "\xE2\x80\xA9", 3) == 0))
		return 3;
	return 0;
}

/* Fold every run of white space to one blank, in place, none at either end. */
static void
fold_white_space(char *s)
{
	char	   *out = s;
	char	   *start = s;

	while (*s != '\0')
	{
		int			space = space_length(s);

		if (space == 0)
			*out++ = *s++;
		else
		{
			if (out > start && out[-1] != ' ')
				*out++ = ' ';
			s += space;
		}
	}
	if (out > start && out[-1] == ' ')
		out--;
	*out = '\0';
}

static int64
total_at(const int *lengths, int n, int cut)
{
	int64		total = 0;

	for (int i = 0; i < n; i++)
		total += Min(lengths[i], cut);
	return total;
}

/* The largest c with the sum of min(length, c) within the budget. */
static int
common_length(const int *lengths, int n, int64 budget)
{
	int			low = 0;
	int			high = 0;

	for (int i = 0; i < n; i++)
		high = Max(high, lengths[i]);
	while (low < high)
	{
		int			middle = low + (high - low + 1) / 2;

		if (total_at(lengths, n, middle) <= budget)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* Cut to so many characters, the last of which is an ellipsis. */
static char *
trim(const char *description, int characters)
{
	int			kept;

	if (characters == 0)
		return pstrdup("");
	kept = pg_mbcharcliplen(description, (int) strlen(description), characters - 1);
	return psprintf("%.*s" ELLIPSIS, kept, description);
}

/* Bytes are no fewer than characters: what fits by them need not be counted. */
static bool
fits_by_bytes(const SkillsToolEntry *entries, int n, int64 budget)
{
	int64		total = 0;

	for (int i = 0; i < n && total <= budget; i++)
		total += (int64) strlen(entries[i].description);
	return total <= budget;
}

/* Share the budget out fairly; gives how many descriptions were cut. */
static int
fit_budget(SkillsToolEntry *entries, int n, int64 budget)
{
	int		   *lengths;
	int			cut;
	int			trimmed = 0;

	if (fits_by_bytes(entries, n, budget))
		return 0;
	lengths = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * (n + 1));
	for (int i = 0; i < n; i++)
		lengths[i] = pg_mbstrlen(entries[i].description);
	cut = common_length(lengths, n, budget);
	for (int i = 0; i < n; i++)
	{
		if (lengths[i] <= cut)
			continue;
		entries[i].description = trim(entries[i].description, cut);
		trimmed++;
	}
	pfree(lengths);
	return trimmed;
}

/* As escape_json() does it. */
static void
append_escape(StringInfo json, char c)
{
	static const char *const named[] = {
		['\b'] = "\\b",['\f'] = "\\f",['\n'] = "\\n",['\r'] = "\\r",['\t'] = "\\t",['"'] = "\\\"",['\\'] = "\\\\"
	};

	if (named[(unsigned char) c] != NULL)
		appendStringInfoString(json, named[(unsigned char) c]);
	else
		appendStringInfo(json, "\\u%04x", (unsigned char) c);
}

/*
 * Append the inside of a JSON string. What has to be escaped is rare in prose,
 * so that runs of other bytes are copied as a whole; escape_json() itself
 * looks at one byte at a time.
 */
static void
append_escaped(StringInfo json, const char *s)
{
	while (*s != '\0')
	{
		const char *start = s;

		while ((unsigned char) *s >= ' ' && *s != '"' && *s != '\\')
			s++;
		appendBinaryStringInfo(json, start, (int) (s - start));
		if (*s != '\0')
			append_escape(json, *s++);
	}
}

/* The introduction, and a line for each skill, as a JSON string. */
static void
write_description(StringInfo json, const SkillsToolEntry *entries, int n)
{
	appendStringInfoChar(json, '"');
	append_escaped(json, introduction);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(json, "\\n- ");
		append_escaped(json, entries[i].name);
		if (entries[i].description[0] == '\0')
			continue;
		appendStringInfoString(json, ": ");
		append_escaped(json, entries[i].description);
	}
	appendStringInfoChar(json, '"');
}

static void
write_schema(StringInfo json, const SkillsToolEntry *entries, int n)
{
	appendStringInfoString(json, "{\"type\":\"object\",\"properties\":{\"name\":"
						   "{\"type\":\"string\",\"description\":\"The name of the skill to load.\","
						   "\"enum\":[");
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoChar(json, ',');
		appendStringInfoChar(json, '"');
		append_escaped(json, entries[i].name);
		appendStringInfoChar(json, '"');
	}
	appendStringInfoString(json, "]}},\"required\":[\"name\"],\"additionalProperties\":false}");
}

/*
 * Their digest; 53200 if memory runs out, of which OpenSSL says no more than
 * that it could not begin.
 */
char *
skills_sha256_hex(const char *bytes, size_t length)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char	   *hex = palloc0(PG_SHA256_DIGEST_LENGTH * 2 + 1);
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);

	errno = 0;
	if (hash == NULL ||
		pg_cryptohash_init(hash) < 0 ||
		pg_cryptohash_update(hash, (const uint8 *) bytes, length) < 0 ||
		pg_cryptohash_final(hash, digest, sizeof(digest)) < 0)
	{
		int			sqlstate = errno == ENOMEM ? ERRCODE_OUT_OF_MEMORY : ERRCODE_INTERNAL_ERROR;

		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg_internal("could not compute a SHA-256 digest: %s", pg_cryptohash_error(hash))));
	}
	pg_cryptohash_free(hash);
	(void) hex_encode((const char *) digest, sizeof(digest), hex);
	return hex;
}

/*
 * The tool's definition in the format, of at least one entry; what of the
 * descriptions is over the budget, in characters, is cut.
 */
void
skills_build_tool(SkillsTool *tool, SkillsFormat format,
				  SkillsToolEntry *entries, int nentries, int64 budget)
{
	const Shape *shape = &shapes[format];
	StringInfoData json;

	for (int i = 0; i < nentries; i++)
		fold_white_space(entries[i].description);
	tool->offered = nentries;
	tool->trimmed = fit_budget(entries, nentries, budget);

	initStringInfo(&json);
	appendStringInfo(&json, "%s\"name\":\"load_skill\",\"description\":", shape->head);
	write_description(&json, entries, nentries);
	appendStringInfo(&json, ",\"%s\":", shape->schema_key);
	write_schema(&json, entries, nentries);
	appendStringInfoString(&json, shape->tail);

	tool->definition = cstring_to_text_with_len(json.data, json.len);
	tool->digest = cstring_to_text(skills_sha256_hex(json.data, json.len));
}
