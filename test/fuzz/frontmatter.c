/*
 * frontmatter.c
 *		Fuzzes the reading of a SKILL.md. What was read is written and read
 *		again: it is the same.
 */
#include "frontmatter.h"

#include <string.h>

#include "surroundings.h"

#define MAX_SIZE 8192

/* Of the JSON that the reader gives: strings, arrays and objects. */
typedef struct Json
{
	const char *next;
	const char *end;
	FrontMatterWriter *writer;
} Json;

static void put_value(Json *json);

static unsigned int
read_escape(Json *json)
{
	unsigned int code = 0;

	if (*json->next != 'u')
		return (unsigned char) *json->next++;
	json->next++;
	for (int i = 0; i < 4; i++, json->next++)
		code = code * 16 + (unsigned int) (*json->next <= '9' ? *json->next - '0' : *json->next - 'a' + 10);
	return code;
}

static void
put_string(Json *json)
{
	Bytes		text = {.surroundings = &surroundings};

	REQUIRE(*json->next == '"');
	json->next++;
	while (*json->next != '"')
	{
		char		c = *json->next++;

		REQUIRE(json->next < json->end && (unsigned char) c >= 0x20);
		if (c == '\\')
			c = (char) read_escape(json);
		skills_append(&text, &c, 1);
	}
	json->next++;
	skills_append(&text, "", 1);
	REQUIRE(skills_front_matter_put_text(json->writer, text.data, text.size - 1));
}

static void
put_members(Json *json, char end)
{
	json->next++;
	while (*json->next != end)
	{
		if (*json->next == ',')
			json->next++;
		if (end == '}')
		{
			put_string(json);
			REQUIRE(*json->next == ':');
			json->next++;
		}
		put_value(json);
	}
	json->next++;
}

static void
put_value(Json *json)
{
	if (*json->next == '"')
		put_string(json);
	else if (*json->next == '{')
	{
		REQUIRE(skills_front_matter_put(json->writer, FRONT_MATTER_BEGIN_MAPPING));
		put_members(json, '}');
		REQUIRE(skills_front_matter_put(json->writer, FRONT_MATTER_END_MAPPING));
	}
	else
	{
		REQUIRE(*json->next == '[');
		REQUIRE(skills_front_matter_put(json->writer, FRONT_MATTER_BEGIN_SEQUENCE));
		put_members(json, ']');
		REQUIRE(skills_front_matter_put(json->writer, FRONT_MATTER_END_SEQUENCE));
	}
}

static void
write_again(const FrontMatter *front_matter)
{
	Json		json = {front_matter->json.data, front_matter->json.data + front_matter->json.size, NULL};
	FrontMatterReader *reader = skills_front_matter_open(&surroundings);
	FrontMatter again;
	Problem		problem;
	const Bytes *text;

	json.writer = skills_front_matter_begin(&surroundings);
	put_value(&json);
	REQUIRE(json.next == json.end);
	text = skills_front_matter_end(json.writer);
	REQUIRE(text != NULL);
	REQUIRE(skills_front_matter_read(reader, text->data, text->size, SIZE_MAX, &again, &problem));
	REQUIRE(again.body == text->size);
	REQUIRE(again.json.size == front_matter->json.size);
	REQUIRE(memcmp(again.json.data, front_matter->json.data, again.json.size) == 0);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	FrontMatterReader *reader = skills_front_matter_open(&surroundings);
	FrontMatter front_matter;
	Problem		problem;

	if (skills_front_matter_read(reader, (const char *) data, size, MAX_SIZE, &front_matter, &problem))
	{
		REQUIRE(front_matter.body <= size && problem.kind == PROBLEM_NONE);
		write_again(&front_matter);
	}
	else
	{
		REQUIRE(problem.kind != PROBLEM_NONE && problem.line >= 1 && problem.column >= 1);
		REQUIRE(skills_valid_utf8(problem.message, strlen(problem.message)) == strlen(problem.message));
	}
	let_go();
	return 0;
}
