/*
 * frontmatter.c
 *		Reads the front matter of a SKILL.md into JSON, and writes one.
 *
 * What YAML makes of a scalar is for its reader to say, and readers differ
 * (007, 1.50, off, a date): here every scalar is the text that was written.
 * Memory of libyaml is held by the reader or writer alone, which the caller
 * lets go also after an error that did not return.
 */
#include "frontmatter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define BOM "\xef\xbb\xbf"
#define FENCE "---"
#define EVENTS_PER_INTERRUPT 1024

typedef struct Key
{
	const char *text;			/* known once all keys of the mapping are */
	size_t		offset;			/* in key_text */
	size_t		size;
	int			line;
	int			column;
} Key;

typedef struct Level
{
	bool		is_mapping;
	bool		is_key_next;
	bool		has_members;
	size_t		first_key;
	size_t		first_key_text;
} Level;

struct FrontMatterReader
{
	const Surroundings *surroundings;
	yaml_parser_t parser;
	yaml_event_t event;
	bool		is_open;

	/* One text at a time. */
	int			first_line;		/* of the YAML, from 0 */
	FrontMatter *front_matter;
	Problem    *problem;
	Level		levels[FRONTMATTER_MAX_DEPTH];
	int			depth;
	Key		   *keys;
	size_t		nkeys;
	size_t		max_keys;
	Bytes		key_text;
	char		member[16];		/* the key at the top that the next value is of, cut */
};

FrontMatterReader *
skills_front_matter_open(const Surroundings *surroundings)
{
	FrontMatterReader *reader = surroundings->allocate(surroundings->context, sizeof(*reader));

	memset(reader, 0, sizeof(*reader));
	reader->surroundings = surroundings;
	return reader;
}

void
skills_front_matter_close(FrontMatterReader *reader)
{
	if (!reader->is_open)
		return;
	yaml_event_delete(&reader->event);
	yaml_parser_delete(&reader->parser);
	reader->is_open = false;
}

/* Where things are */

/* The line and column of a place in the text, counted from the start of a line that is known. */
static void
locate(Problem *problem, int first_line, const char *text, size_t position)
{
	problem->line = first_line + 1;
	problem->column = 1;
	for (size_t i = 0; i < position; i++)
	{
		if (text[i] == '\n')
		{
			problem->line++;
			problem->column = 1;
		}
		else if (((unsigned char) text[i] & 0xc0) != 0x80)
			problem->column++;
	}
}

static bool
fail_at(FrontMatterReader *reader, yaml_mark_t mark)
{
	reader->problem->line = reader->first_line + (int) mark.line + 1;
	reader->problem->column = (int) mark.column + 1;
	return false;
}

/* The two lines */

static size_t
line_length(const char *text, size_t size)
{
	const char *end = memchr(text, '\n', size);

	return end ? (size_t) (end - text) + 1 : size;
}

/* White space behind the dashes does not show, and does no harm. */
static bool
is_fence(const char *line, size_t length)
{
	if (length < strlen(FENCE) || memcmp(line, FENCE, strlen(FENCE)) != 0)
		return false;
	for (size_t i = strlen(FENCE); i < length; i++)
		if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r' && line[i] != '\n')
			return false;
	return true;
}

/* Finds the YAML between the two lines, and the body behind them. */
static bool
find_fences(const char *text, size_t size, size_t *start, size_t *end, size_t *body, Problem *problem)
{
	size_t		opening = size >= strlen(BOM) && memcmp(text, BOM, strlen(BOM)) == 0 ? strlen(BOM) : 0;
	size_t		position = opening + line_length(text + opening, size - opening);

	problem->line = 1;
	problem->column = 1;
	if (!is_fence(text + opening, position - opening))
	{
		skills_problem(problem, PROBLEM_MALFORMED,
					   "there is no front matter: the first line must be \"" FENCE "\"");
		return false;
	}
	*start = position;
	while (position < size)
	{
		size_t		length = line_length(text + position, size - position);

		if (is_fence(text + position, length))
		{
			*end = position;
			*body = position + length;
			return true;
		}
		position += length;
	}
	skills_problem(problem, PROBLEM_MALFORMED,
				   "the front matter has no closing line \"" FENCE "\"");
	return false;
}

/* The database holds text in UTF-8, without NUL. */
static bool
check_text(const char *text, size_t size, Problem *problem)
{
	const char *nul = memchr(text, '\0', size);
	size_t		valid = skills_valid_utf8(text, nul ? (size_t) (nul - text) : size);

	if (valid == size)
		return true;
	locate(problem, 0, text, valid);
	if (text[valid] == '\0')
		skills_problem(problem, PROBLEM_NOT_UTF8, "the text has a NUL byte");
	else
		skills_problem(problem, PROBLEM_NOT_UTF8, "the text is not valid UTF-8: byte 0x%02x",
					   (unsigned char) text[valid]);
	return false;
}

/* JSON */

static void
append_string(Bytes *json, const char *text, size_t size)
{
	size_t		done = 0;

	skills_append(json, "\"", 1);
	for (size_t i = 0; i < size; i++)
	{
		char		escape[7];
		int			length;

		if (text[i] == '"' || text[i] == '\\')
			length = snprintf(escape, sizeof(escape), "\\%c", text[i]);
		else if ((unsigned char) text[i] < 0x20)
			length = snprintf(escape, sizeof(escape), "\\u%04x", (unsigned int) text[i]);
		else
			continue;
		skills_append(json, text + done, i - done);
		skills_append(json, escape, (size_t) length);
		done = i + 1;
	}
	skills_append(json, text + done, size - done);
	skills_append(json, "\"", 1);
}

/* What stands before the next key, or the next value. */
static void
append_separator(FrontMatterReader *reader)
{
	Bytes	   *json = &reader->front_matter->json;
	Level	   *level = &reader->levels[reader->depth - 1];

	if (level->is_mapping && !level->is_key_next)
		skills_append(json, ":", 1);
	else if (level->has_members)
		skills_append(json, ",", 1);
	level->has_members = true;
}

/* Keys */

static void
note_key(FrontMatterReader *reader)
{
	const char *text = (const char *) reader->event.data.scalar.value;
	Key		   *key;

	if (reader->nkeys == reader->max_keys)
	{
		size_t		max_keys = reader->max_keys > 0 ? reader->max_keys * 2 : 64;
		Key		   *keys = reader->surroundings->allocate(reader->surroundings->context,
														  max_keys * sizeof(Key));

		if (reader->nkeys > 0)
			memcpy(keys, reader->keys, reader->nkeys * sizeof(Key));
		reader->keys = keys;
		reader->max_keys = max_keys;
	}
	key = &reader->keys[reader->nkeys++];
	key->offset = reader->key_text.size;
	key->size = reader->event.data.scalar.length;
	key->line = reader->first_line + (int) reader->event.start_mark.line + 1;
	key->column = (int) reader->event.start_mark.column + 1;
	skills_append(&reader->key_text, text, key->size);
	if (reader->depth == 1)
	{
		Bytes	   *lines = &reader->front_matter->lines;
		char		line[16];

		if (lines->size > 1)
			skills_append(lines, ",", 1);
		append_string(lines, text, key->size);
		skills_append(lines, line, (size_t) snprintf(line, sizeof(line), ":%d", key->line));
		(void) snprintf(reader->member, sizeof(reader->member), "%s", text);
	}
}

static int
compare_places(const Key *left, const Key *right)
{
	if (left->line != right->line)
		return left->line < right->line ? -1 : 1;
	return (left->column > right->column) - (left->column < right->column);
}

static int
compare_texts(const Key *left, const Key *right)
{
	size_t		shorter = left->size < right->size ? left->size : right->size;
	int			order = shorter > 0 ? memcmp(left->text, right->text, shorter) : 0;

	if (order != 0)
		return order;
	return (left->size > right->size) - (left->size < right->size);
}

static int
compare_keys(const void *a, const void *b)
{
	int			order = compare_texts(a, b);

	return order != 0 ? order : compare_places(a, b);
}

/* All keys of the innermost mapping are known: no two may be the same. */
static bool
check_keys(FrontMatterReader *reader)
{
	Level	   *level = &reader->levels[reader->depth - 1];
	size_t		nkeys = reader->nkeys - level->first_key;
	Key		   *keys = nkeys > 0 ? &reader->keys[level->first_key] : NULL;
	const Key  *duplicate = NULL;
	char		quoted[PROBLEM_MAX_QUOTED];

	for (size_t i = 0; i < nkeys; i++)
		keys[i].text = reader->key_text.data + keys[i].offset;
	if (nkeys > 1)
		qsort(keys, nkeys, sizeof(Key), compare_keys);
	for (size_t i = 1; i < nkeys; i++)
		if (compare_texts(&keys[i - 1], &keys[i]) == 0 &&
			(duplicate == NULL || compare_places(&keys[i], duplicate) < 0))
			duplicate = &keys[i];
	reader->nkeys = level->first_key;
	reader->key_text.size = level->first_key_text;
	if (duplicate == NULL)
		return true;
	skills_problem(reader->problem, PROBLEM_MALFORMED, "duplicate key \"%s\"",
				   skills_quote(quoted, duplicate->text, duplicate->size));
	reader->problem->line = duplicate->line;
	reader->problem->column = duplicate->column;
	return false;
}

/* Events */

static bool
refuse(FrontMatterReader *reader, const char *what)
{
	skills_problem(reader->problem, PROBLEM_MALFORMED, "%s", what);
	return fail_at(reader, reader->event.start_mark);
}

/* The mapping is a key or a value of the level around it. */
static void
leave_value(FrontMatterReader *reader)
{
	Level	   *level = &reader->levels[reader->depth - 1];

	if (level->is_mapping)
		level->is_key_next = !level->is_key_next;
}

/* Name and description are what everybody asks for; a list in their place is a mistake. */
static bool
begin_collection(FrontMatterReader *reader, bool is_mapping)
{
	Level	   *level;

	if (reader->depth == 0 && !is_mapping)
		return refuse(reader, "the front matter must be a mapping of keys to values");
	if (reader->depth == FRONTMATTER_MAX_DEPTH)
	{
		skills_problem(reader->problem, PROBLEM_OVER_LIMIT,
					   "the front matter is nested too deeply: more than %d levels", FRONTMATTER_MAX_DEPTH);
		return fail_at(reader, reader->event.start_mark);
	}
	if (reader->depth > 0)
	{
		level = &reader->levels[reader->depth - 1];
		if (level->is_mapping && level->is_key_next)
			return refuse(reader, "a key must be a text");
		if (reader->depth == 1 && strcmp(reader->member, "name") == 0)
			return refuse(reader, "\"name\" must be a text");
		if (reader->depth == 1 && strcmp(reader->member, "description") == 0)
			return refuse(reader, "\"description\" must be a text");
		append_separator(reader);
	}
	level = &reader->levels[reader->depth++];
	level->is_mapping = is_mapping;
	level->is_key_next = is_mapping;
	level->has_members = false;
	level->first_key = reader->nkeys;
	level->first_key_text = reader->key_text.size;
	skills_append(&reader->front_matter->json, is_mapping ? "{" : "[", 1);
	return true;
}

static bool
end_collection(FrontMatterReader *reader)
{
	bool		is_mapping = reader->levels[reader->depth - 1].is_mapping;

	if (is_mapping && !check_keys(reader))
		return false;
	skills_append(&reader->front_matter->json, is_mapping ? "}" : "]", 1);
	reader->depth--;
	if (reader->depth > 0)
		leave_value(reader);
	return true;
}

/* As YAML's core schema has it. */
static bool
is_null(const yaml_event_t *event)
{
	const char *value = (const char *) event->data.scalar.value;

	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
		(value[0] == '\0' || strcmp(value, "~") == 0 || strcmp(value, "null") == 0 ||
		 strcmp(value, "Null") == 0 || strcmp(value, "NULL") == 0);
}

static bool
is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The scalar, if it says anything. */
static FrontMatterText
keep_text(FrontMatterReader *reader, bool trim)
{
	const char *value = (const char *) reader->event.data.scalar.value;
	size_t		start = 0;
	size_t		end = reader->event.data.scalar.length;
	FrontMatterText kept = {false, NULL, 0};
	char	   *copy;

	while (start < end && is_white(value[start]))
		start++;
	if (start == end || is_null(&reader->event))
		return kept;
	while (trim && is_white(value[end - 1]))
		end--;
	if (!trim)
		start = 0;
	copy = reader->surroundings->allocate(reader->surroundings->context, end - start);
	memcpy(copy, value + start, end - start);
	kept.given = true;
	kept.text = copy;
	kept.size = end - start;
	return kept;
}

static bool
read_scalar(FrontMatterReader *reader)
{
	const char *value = (const char *) reader->event.data.scalar.value;
	size_t		length = reader->event.data.scalar.length;
	Level	   *level;

	if (reader->depth == 0)
		return refuse(reader, "the front matter must be a mapping of keys to values");
	if (memchr(value, '\0', length) != NULL)
		return refuse(reader, "a value may not contain NUL");
	level = &reader->levels[reader->depth - 1];
	append_separator(reader);
	append_string(&reader->front_matter->json, value, length);
	if (level->is_mapping && level->is_key_next)
		note_key(reader);
	else if (reader->depth == 1 && strcmp(reader->member, "name") == 0)
		reader->front_matter->name = keep_text(reader, true);
	else if (reader->depth == 1 && strcmp(reader->member, "description") == 0)
		reader->front_matter->description = keep_text(reader, false);
	leave_value(reader);
	return true;
}

/* Anchors, aliases and tags say what another reader may take otherwise. */
static bool
check_properties(FrontMatterReader *reader)
{
	const yaml_event_t *event = &reader->event;
	const yaml_char_t *anchor = NULL;
	const yaml_char_t *tag = NULL;

	switch (event->type)
	{
		case YAML_ALIAS_EVENT:
			return refuse(reader, "aliases (\"*\") are not taken");
		case YAML_SCALAR_EVENT:
			anchor = event->data.scalar.anchor;
			tag = event->data.scalar.tag;
			break;
		case YAML_MAPPING_START_EVENT:
			anchor = event->data.mapping_start.anchor;
			tag = event->data.mapping_start.tag;
			break;
		case YAML_SEQUENCE_START_EVENT:
			anchor = event->data.sequence_start.anchor;
			tag = event->data.sequence_start.tag;
			break;
		default:
			break;
	}
	if (anchor != NULL)
		return refuse(reader, "anchors (\"&\") are not taken");
	if (tag != NULL)
		return refuse(reader, "tags (\"!\") are not taken");
	return true;
}

static bool
read_event(FrontMatterReader *reader)
{
	if (!check_properties(reader))
		return false;
	switch (reader->event.type)
	{
		case YAML_DOCUMENT_START_EVENT:
			if (reader->front_matter->json.size > 0)
				return refuse(reader, "the front matter must be one document");
			return true;
		case YAML_MAPPING_START_EVENT:
			return begin_collection(reader, true);
		case YAML_SEQUENCE_START_EVENT:
			return begin_collection(reader, false);
		case YAML_MAPPING_END_EVENT:
		case YAML_SEQUENCE_END_EVENT:
			return end_collection(reader);
		case YAML_SCALAR_EVENT:
			return read_scalar(reader);
		default:
			return true;
	}
}

/* What libyaml says is wrong, and where. */
static bool
fail_to_parse(FrontMatterReader *reader, const char *yaml)
{
	const yaml_parser_t *parser = &reader->parser;
	const char *what = parser->problem ? parser->problem : "it cannot be parsed";

	if (parser->error == YAML_MEMORY_ERROR)
		skills_problem(reader->problem, PROBLEM_OUT_OF_MEMORY, "reading the front matter");
	else if (parser->context != NULL)
		skills_problem(reader->problem, PROBLEM_MALFORMED, "the front matter is not valid YAML: %s, %s",
					   parser->context, what);
	else
		skills_problem(reader->problem, PROBLEM_MALFORMED, "the front matter is not valid YAML: %s", what);
	if (parser->error != YAML_READER_ERROR)
		return fail_at(reader, parser->problem_mark);
	locate(reader->problem, reader->first_line, yaml, parser->problem_offset);
	return false;
}

static bool
read_events(FrontMatterReader *reader, const char *yaml)
{
	yaml_event_type_t type = YAML_NO_EVENT;

	for (unsigned int i = 1; type != YAML_STREAM_END_EVENT; i++)
	{
		bool		taken;

		if (i % EVENTS_PER_INTERRUPT == 0)
			reader->surroundings->interrupt(reader->surroundings->context);
		if (!yaml_parser_parse(&reader->parser, &reader->event))
			return fail_to_parse(reader, yaml);
		type = reader->event.type;
		taken = read_event(reader);
		yaml_event_delete(&reader->event);
		if (!taken)
			return false;
	}
	if (reader->front_matter->json.size > 0)
		return true;
	skills_problem(reader->problem, PROBLEM_MALFORMED, "the front matter is empty");
	reader->problem->line = 1;
	reader->problem->column = 1;
	return false;
}

static bool
read_yaml(FrontMatterReader *reader, const char *yaml, size_t size)
{
	bool		done;

	if (!yaml_parser_initialize(&reader->parser))
	{
		skills_problem(reader->problem, PROBLEM_OUT_OF_MEMORY, "reading the front matter");
		return false;
	}
	reader->is_open = true;
	yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader->parser, (const unsigned char *) yaml, size);
	done = read_events(reader, yaml);
	skills_front_matter_close(reader);
	return done;
}

/*
 * Read the text of a SKILL.md, whose front matter may have max_size bytes.
 * False and a problem, with line and column, for the first thing that is
 * wrong with it (design, section 7). A name or description may be missing.
 */
bool
skills_front_matter_read(FrontMatterReader *reader, const char *text, size_t size,
						 size_t max_size, FrontMatter *front_matter, Problem *problem)
{
	size_t		start;
	size_t		end;
	bool		done;

	memset(front_matter, 0, sizeof(*front_matter));
	memset(problem, 0, sizeof(*problem));
	front_matter->json.surroundings = reader->surroundings;
	front_matter->lines.surroundings = reader->surroundings;
	if (!check_text(text, size, problem) ||
		!find_fences(text, size, &start, &end, &front_matter->body, problem))
		return false;
	if (end - start > max_size)
	{
		skills_problem(problem, PROBLEM_OVER_LIMIT,
					   "the front matter is too large: %zu bytes, limit %zu", end - start, max_size);
		problem->parameter = "skills.max_frontmatter_size";
		return false;
	}
	reader->first_line = 1;
	reader->front_matter = front_matter;
	reader->problem = problem;
	reader->depth = 0;
	reader->nkeys = 0;
	memset(&reader->key_text, 0, sizeof(reader->key_text));
	reader->key_text.surroundings = reader->surroundings;
	skills_append(&reader->key_text, "", 1);	/* so that an empty key has a place */
	skills_append(&front_matter->lines, "{", 1);
	done = read_yaml(reader, text + start, end - start);
	skills_append(&front_matter->lines, "}", 1);
	if (done)
		problem->line = problem->column = 0;
	return done;
}

/* Writing */

struct FrontMatterWriter
{
	yaml_emitter_t emitter;
	bool		is_open;
	bool		is_broken;
	Bytes		text;
};

static int
write_out(void *context, unsigned char *bytes, size_t size)
{
	skills_append(context, bytes, size);
	return 1;
}

static bool
emit(FrontMatterWriter *writer, yaml_event_t *event, int initialized)
{
	if (!initialized || !yaml_emitter_emit(&writer->emitter, event))
		writer->is_broken = true;
	return !writer->is_broken;
}

/* Begin a front matter; what is put follows, then its end or its discard. */
FrontMatterWriter *
skills_front_matter_begin(const Surroundings *surroundings)
{
	FrontMatterWriter *writer = surroundings->allocate(surroundings->context, sizeof(*writer));
	yaml_event_t event;

	memset(writer, 0, sizeof(*writer));
	writer->text.surroundings = surroundings;
	skills_append(&writer->text, FENCE "\n", strlen(FENCE "\n"));
	writer->is_open = yaml_emitter_initialize(&writer->emitter);
	writer->is_broken = !writer->is_open;
	if (writer->is_broken)
		return writer;
	yaml_emitter_set_output(&writer->emitter, write_out, &writer->text);
	yaml_emitter_set_encoding(&writer->emitter, YAML_UTF8_ENCODING);
	yaml_emitter_set_unicode(&writer->emitter, 1);
	yaml_emitter_set_width(&writer->emitter, -1);
	(void) (emit(writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
			emit(writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)));
	return writer;
}

/* Begin or end a mapping or a sequence; false if it cannot be written. */
bool
skills_front_matter_put(FrontMatterWriter *writer, FrontMatterToken token)
{
	yaml_event_t event;

	if (writer->is_broken)
		return false;
	switch (token)
	{
		case FRONT_MATTER_BEGIN_MAPPING:
			return emit(writer, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
																			YAML_BLOCK_MAPPING_STYLE));
		case FRONT_MATTER_END_MAPPING:
			return emit(writer, &event, yaml_mapping_end_event_initialize(&event));
		case FRONT_MATTER_BEGIN_SEQUENCE:
			return emit(writer, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
																			 YAML_BLOCK_SEQUENCE_STYLE));
		case FRONT_MATTER_END_SEQUENCE:
			return emit(writer, &event, yaml_sequence_end_event_initialize(&event));
	}
	return false;
}

static bool
put_scalar(FrontMatterWriter *writer, const char *text, size_t size, yaml_scalar_style_t style)
{
	yaml_event_t event;

	return !writer->is_broken &&
		emit(writer, &event, yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *) text,
														  (int) size, 1, 1, style));
}

/* Words that YAML readers, of 1.1 or 1.2, take for something else than a text. */
static bool
is_word_of_yaml(const char *text, size_t size)
{
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n", NULL
	};

	for (int i = 0; words[i] != NULL; i++)
	{
		size_t		position = 0;

		while (position < size && words[i][position] != '\0' &&
			   (text[position] | 0x20) == words[i][position])
			position++;
		if (position == size && words[i][position] == '\0')
			return true;
	}
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ((unsigned char) c & 0x80) != 0;
}

/* Whether there is a line break that a block of text would not keep. */
static bool
has_strange_break(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
	{
		if (text[i] == '\r' ||
			(i + 1 < size && memcmp(text + i, "\xc2\x85", 2) == 0) ||
			(i + 2 < size && (memcmp(text + i, "\xe2\x80\xa8", 3) == 0 ||
							  memcmp(text + i, "\xe2\x80\xa9", 3) == 0)))
			return true;
	}
	return false;
}

/* Put a text, so that it is read as one, and as the same; false if it cannot be written. */
bool
skills_front_matter_put_text(FrontMatterWriter *writer, const char *text, size_t size)
{
	yaml_scalar_style_t style = YAML_SINGLE_QUOTED_SCALAR_STYLE;

	if (memchr(text, '\t', size) != NULL || has_strange_break(text, size))
		style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	else if (memchr(text, '\n', size) != NULL)
		style = size > 0 && is_letter(text[0]) ? YAML_LITERAL_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	else if (size > 0 && is_letter(text[0]) && !is_word_of_yaml(text, size))
		style = YAML_PLAIN_SCALAR_STYLE;
	return put_scalar(writer, text, size, style);
}

/* Put a number, a truth value or null, as it is. */
bool
skills_front_matter_put_plain(FrontMatterWriter *writer, const char *text, size_t size)
{
	return put_scalar(writer, text, size, YAML_PLAIN_SCALAR_STYLE);
}

/* The front matter with its two lines, or NULL if libyaml had no memory: it can write all that is put. */
const Bytes *
skills_front_matter_end(FrontMatterWriter *writer)
{
	yaml_event_t event;
	bool		done = !writer->is_broken &&
		emit(writer, &event, yaml_document_end_event_initialize(&event, 1)) &&
		emit(writer, &event, yaml_stream_end_event_initialize(&event));

	skills_front_matter_discard(writer);
	if (!done)
		return NULL;
	skills_append(&writer->text, FENCE "\n", strlen(FENCE "\n"));
	return &writer->text;
}

void
skills_front_matter_discard(FrontMatterWriter *writer)
{
	if (writer->is_open)
		yaml_emitter_delete(&writer->emitter);
	writer->is_open = false;
}
