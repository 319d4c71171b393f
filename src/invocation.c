/*
 * invocation.c
 *		Manual invocation: the references in a chat message, and the messages
 *		that stand for a load_skill call which the model did not make itself.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/tuplestore.h"

#include "reference.h"
#include "skills.h"

PG_FUNCTION_INFO_V1(skills_parse_references);
PG_FUNCTION_INFO_V1(skills_invocation_messages);

/* References */

typedef struct Collector
{
	ReturnSetInfo *result;
	const char *text;
	size_t		counted_bytes;
	int			counted_characters;
} Collector;

static void
count_up_to(Collector *collector, size_t position)
{
	collector->counted_characters +=
		pg_mbstrlen_with_len(collector->text + collector->counted_bytes,
							 (int) (position - collector->counted_bytes));
	collector->counted_bytes = position;
}

static void
collect(const Reference *reference, void *context)
{
	Collector  *collector = context;
	const char *start = collector->text + reference->start;
	Datum		values[5];
	bool		nulls[5] = {false, false, reference->version == REFERENCE_NO_VERSION, false, false};

	CHECK_FOR_INTERRUPTS();
	count_up_to(collector, reference->start);
	values[0] = PointerGetDatum(cstring_to_text_with_len(start, (int) reference->length));
	values[1] = PointerGetDatum(cstring_to_text_with_len(start + 1, (int) reference->name_length));
	values[2] = Int32GetDatum(reference->version);
	values[3] = Int32GetDatum(collector->counted_characters + 1);
	values[4] = Int32GetDatum((int32) reference->length);
	tuplestore_putvalues(collector->result->setResult, collector->result->setDesc, values, nulls);
	pfree(DatumGetPointer(values[0]));
	pfree(DatumGetPointer(values[1]));
}

/*
 * skills.parse_references(message): the references in the message, in their
 * order, whether there are such skills or not; positions count characters,
 * from 1.
 */
Datum
skills_parse_references(PG_FUNCTION_ARGS)
{
	text	   *message = PG_GETARG_TEXT_PP(0);
	Collector	collector = {.text = VARDATA_ANY(message)};

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	collector.result = (ReturnSetInfo *) fcinfo->resultinfo;
	skills_scan_references(VARDATA_ANY(message), VARSIZE_ANY_EXHDR(message), collect, &collector);
	return (Datum) 0;
}

/* Messages */

#define CALL_ID_DIGITS 24
#define FILES_OF_SKILL "Files of this skill:"

typedef struct Call
{
	char	   *id;
	char	   *arguments;		/* as JSON */
	char	   *body;			/* and a list of the files, if there are any */
} Call;

static void
append_anthropic(StringInfo json, const Call *call)
{
	appendStringInfo(json, "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"%s\","
					 "\"name\":\"load_skill\",\"input\":%s}]},"
					 "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"%s\","
					 "\"content\":", call->id, call->arguments, call->id);
	escape_json(json, call->body);
	appendStringInfoString(json, "}]}");
}

static void
append_openai(StringInfo json, const Call *call)
{
	appendStringInfo(json, "{\"type\":\"function_call\",\"call_id\":\"%s\",\"name\":\"load_skill\","
					 "\"arguments\":", call->id);
	escape_json(json, call->arguments);
	appendStringInfo(json, "},{\"type\":\"function_call_output\",\"call_id\":\"%s\",\"output\":", call->id);
	escape_json(json, call->body);
	appendStringInfoChar(json, '}');
}

static void
append_openai_chat(StringInfo json, const Call *call)
{
	appendStringInfo(json, "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"%s\","
					 "\"type\":\"function\",\"function\":{\"name\":\"load_skill\",\"arguments\":", call->id);
	escape_json(json, call->arguments);
	appendStringInfo(json, "}}]},{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":", call->id);
	escape_json(json, call->body);
	appendStringInfoChar(json, '}');
}

static void
append_mcp(StringInfo json, const Call *call)
{
	appendStringInfo(json, "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"method\":\"tools/call\","
					 "\"params\":{\"name\":\"load_skill\",\"arguments\":%s}},"
					 "{\"jsonrpc\":\"2.0\",\"id\":\"%s\",\"result\":{\"content\":[{\"type\":\"text\",\"text\":",
					 call->id, call->arguments, call->id);
	escape_json(json, call->body);
	appendStringInfoString(json, "}],\"isError\":false}}");
}

static void
append_call(StringInfo json, SkillsFormat format, const Call *call)
{
	switch (format)
	{
		case SKILLS_ANTHROPIC:
			append_anthropic(json, call);
			break;
		case SKILLS_OPENAI:
			append_openai(json, call);
			break;
		case SKILLS_OPENAI_CHAT:
			append_openai_chat(json, call);
			break;
		case SKILLS_MCP:
			append_mcp(json, call);
			break;
	}
}

/* The same for the same seed, place and reference; another for any other. */
static char *
call_id(SkillsFormat format, const char *seed, int place, const char *reference)
{
	StringInfoData key;
	char	   *digest;

	initStringInfo(&key);
	appendStringInfo(&key, "%d:%s%d:%d:%s", (int) strlen(seed), seed,
					 place, (int) strlen(reference), reference);
	digest = skills_sha256_hex(key.data, key.len);
	return psprintf("%s_%.*s", format == SKILLS_ANTHROPIC ? "toolu" : "call",
					CALL_ID_DIGITS, digest);
}

static SkillsQuery resolved = {
	.sql = "SELECT s.name, v.body, (SELECT pg_catalog.string_agg(E'\\n- ' " CAT " f.path, '' ORDER BY f.path)"
	" FROM skills.skill_file AS f WHERE f.org_id " EQ " v.org_id AND f.skill_id " EQ " v.skill_id"
	" AND f.version " EQ " v.version AND f.path " NE " '" SKILLS_SKILL_MD "')"
	" FROM skills.resolve_skill($1) AS v"
	" JOIN skills.skill AS s ON s.org_id " EQ " v.org_id AND s.skill_id " EQ " v.skill_id",
	.nargs = 1,
	.argtypes = {TEXTOID}
};

/* The text of the result: the body, and behind an empty line the files that there are, one a line. */
static char *
with_files(char *body, const char *files)
{
	size_t		size = strlen(body);

	if (files == NULL)
		return body;
	return psprintf("%s%s" FILES_OF_SKILL "%s", body,
					size == 0 ? "" : body[size - 1] == '\n' ? "\n" : "\n\n", files);
}

static void
resolve(Call *call, Datum reference)
{
	MemoryContext context = CurrentMemoryContext;
	StringInfoData arguments;
	HeapTuple	row;
	TupleDesc	columns;

	initStringInfo(&arguments);
	SPI_connect();
	if (skills_query(&resolved, &reference, SKILLS_ALL_ROWS, NULL) != 1)
		elog(ERROR, "a reference was resolved to no skill");
	row = SPI_tuptable->vals[0];
	columns = SPI_tuptable->tupdesc;
	appendStringInfoString(&arguments, "{\"name\":");
	escape_json(&arguments, SPI_getvalue(row, columns, 1));
	appendStringInfoChar(&arguments, '}');
	call->arguments = MemoryContextStrdup(context, arguments.data);
	call->body = MemoryContextStrdup(context, with_files(SPI_getvalue(row, columns, 2),
														 SPI_getvalue(row, columns, 3)));
	SPI_finish();
}

static Datum *
references_argument(FunctionCallInfo fcinfo, int number, int *nreferences)
{
	Datum	   *references;
	bool	   *nulls;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(number), TEXTOID, -1, false, TYPALIGN_INT,
					  &references, &nulls, nreferences);
	for (int i = 0; i < *nreferences; i++)
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a reference must not be null")));
	return references;
}

static void
require_arguments(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {"refs", "format", "seed"};

	for (int i = 0; i < (int) lengthof(names); i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be null", names[i])));
}

/*
 * skills.invocation_messages(refs, format, seed) → json: an array that holds,
 * for each reference in order, the assistant's call of load_skill and its
 * result, as messages of that provider; a result ends with the paths of the
 * skill's files, if it has some. 28000 without an identity, 22004 for
 * a null, 22023 for an unknown format, and what resolve_skill() raises.
 */
Datum
skills_invocation_messages(PG_FUNCTION_ARGS)
{
	SkillsIdentity identity;
	SkillsFormat format;
	StringInfoData json;
	const char *seed;
	Datum	   *references;
	int			nreferences;

	skills_require_identity(&identity);
	require_arguments(fcinfo);
	references = references_argument(fcinfo, 0, &nreferences);
	format = skills_read_format(PG_GETARG_TEXT_PP(1));
	seed = text_to_cstring(PG_GETARG_TEXT_PP(2));

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	for (int i = 0; i < nreferences; i++)
	{
		Call		call;

		CHECK_FOR_INTERRUPTS();
		resolve(&call, references[i]);
		call.id = call_id(format, seed, i, TextDatumGetCString(references[i]));
		if (i > 0)
			appendStringInfoChar(&json, ',');
		append_call(&json, format, &call);
		pfree(call.body);
	}
	appendStringInfoChar(&json, ']');
	PG_RETURN_TEXT_P(cstring_to_text_with_len(json.data, json.len));
}
