/*
 * reference.c
 *		Finds the references "/name" and "/name@v2" in a chat message, in time
 *		linear in its size.
 *
 * A reference stands at the start of the message or after white space, and
 * not in code. What is code follows CommonMark, as far as chat needs it: a
 * fenced block, also one that is indented or quoted, and a code span, which
 * ends within its paragraph.
 */
#include "reference.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A longer run of backticks opens no code span. CommonMark's own parsers do so, too. */
#define MAX_BACKTICKS 80

/* As many as an integer has, so that zeros in front do not make a number of any length. */
#define MAX_VERSION_DIGITS 10

typedef struct Scanner
{
	const char *text;
	size_t		size;
	ReferenceFound found;
	void	   *context;
	/* Of each length of a run of backticks, where its last run in the paragraph begins. */
	size_t		last_run[MAX_BACKTICKS + 1];
} Scanner;

typedef struct Fence
{
	char		character;		/* 0 for none */
	size_t		length;
} Fence;

static size_t
run_length(const Scanner *scanner, size_t position, size_t end)
{
	char		character = scanner->text[position];
	size_t		next = position;

	while (next < end && scanner->text[next] == character)
		next++;
	return next - position;
}

static size_t
find_byte(const Scanner *scanner, char byte, size_t position, size_t end)
{
	const char *hit = memchr(scanner->text + position, byte, end - position);

	return hit ? (size_t) (hit - scanner->text) : end;
}

/* Characters */

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* The character at position, whose bytes are valid UTF-8 or else stand for themselves. */
static uint32_t
decode(const Scanner *scanner, size_t position, size_t *length)
{
	const unsigned char *s = (const unsigned char *) scanner->text + position;
	size_t		left = scanner->size - position;

	if (s[0] >= 0xf0 && left >= 4)
	{
		*length = 4;
		return ((uint32_t) (s[0] & 0x07) << 18) | ((uint32_t) (s[1] & 0x3f) << 12) |
			((uint32_t) (s[2] & 0x3f) << 6) | (uint32_t) (s[3] & 0x3f);
	}
	if (s[0] >= 0xe0 && left >= 3)
	{
		*length = 3;
		return ((uint32_t) (s[0] & 0x0f) << 12) | ((uint32_t) (s[1] & 0x3f) << 6) |
			(uint32_t) (s[2] & 0x3f);
	}
	if (s[0] >= 0xc0 && left >= 2)
	{
		*length = 2;
		return ((uint32_t) (s[0] & 0x1f) << 6) | (uint32_t) (s[1] & 0x3f);
	}
	*length = 1;
	return s[0];
}

static bool
is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}

/* What may stand behind a reference without being part of it. */
static bool
is_punctuation(uint32_t c)
{
	if (c < 0x80)
		return c > ' ' && c != 0x7f && !is_name_byte((char) c) &&
			c != '/' && c != '\\' && c != '@';
	return (c >= 0xa1 && c <= 0xbf && c != 0xaa && c != 0xb5 && c != 0xba) ||
		(c >= 0x2010 && c <= 0x205e) || (c >= 0x3001 && c <= 0x3003) ||
		(c >= 0x3008 && c <= 0x3020) || (c >= 0xff01 && c <= 0xff0f) ||
		(c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40) ||
		(c >= 0xff5b && c <= 0xff65);
}

/* References */

static bool
stands_after_space(const Scanner *scanner, size_t position)
{
	size_t		start = position;
	size_t		length;

	if (position == 0)
		return true;
	do
		start--;
	while (start > 0 && position - start < 4 &&
		   ((unsigned char) scanner->text[start] & 0xc0) == 0x80);
	return is_space(decode(scanner, start, &length));
}

/* Behind a reference is nothing but punctuation up to the next white space. */
static bool
stands_before_space(const Scanner *scanner, size_t position)
{
	while (position < scanner->size)
	{
		size_t		length;
		uint32_t	character = decode(scanner, position, &length);

		if (is_space(character))
			return true;
		if (!is_punctuation(character))
			return false;
		position += length;
	}
	return true;
}

/* Reads "@v" and a number; false if what begins with "@" is no version. */
static bool
read_version(const Scanner *scanner, Reference *reference)
{
	size_t		position = reference->start + reference->length;
	size_t		first_digit = position + 2;
	int64_t		version = 0;

	reference->version = REFERENCE_NO_VERSION;
	if (position >= scanner->size || scanner->text[position] != '@')
		return true;
	if (first_digit >= scanner->size || scanner->text[position + 1] != 'v')
		return false;
	for (position = first_digit; position < scanner->size; position++)
	{
		char		c = scanner->text[position];

		if (c < '0' || c > '9')
			break;
		version = version * 10 + (c - '0');
		if (version > INT_MAX || position - first_digit >= MAX_VERSION_DIGITS)
			return false;
	}
	reference->version = (int) version;
	reference->length = position - reference->start;
	return position > first_digit;
}

/* The slash at position may begin a reference, but not one of several; gives where to go on. */
static size_t
read_reference(const Scanner *scanner, size_t position)
{
	Reference	reference = {.start = position};
	size_t		end = position + 1;

	if (end < scanner->size && scanner->text[end] == '/')
		return position + run_length(scanner, position, scanner->size);
	while (end < scanner->size && is_name_byte(scanner->text[end]))
		end++;
	reference.name_length = end - position - 1;
	reference.length = end - position;
	if (reference.name_length >= 1 && reference.name_length <= REFERENCE_MAX_NAME &&
		stands_after_space(scanner, position) &&
		read_version(scanner, &reference) &&
		stands_before_space(scanner, reference.start + reference.length))
		scanner->found(&reference, scanner->context);
	return end;
}

/* Code spans */

static void
note_runs(Scanner *scanner, size_t start, size_t end)
{
	memset(scanner->last_run, 0, sizeof(scanner->last_run));
	for (size_t i = find_byte(scanner, '`', start, end); i < end;)
	{
		size_t		length = run_length(scanner, i, end);

		if (length <= MAX_BACKTICKS)
			scanner->last_run[length] = i;
		i = find_byte(scanner, '`', i + length, end);
	}
}

static bool
is_escaped(const Scanner *scanner, size_t start, size_t position)
{
	size_t		backslash = position;

	while (backslash > start && scanner->text[backslash - 1] == '\\')
		backslash--;
	return (position - backslash) % 2 == 1;
}

/*
 * The run of backticks at position opens code if a run of the same length
 * follows; gives where to go on. It looks for an end only where there is one,
 * so all looks together read a paragraph once.
 */
static size_t
skip_span(const Scanner *scanner, size_t start, size_t position, size_t end)
{
	size_t		length;
	size_t		inside;

	if (is_escaped(scanner, start, position))
		position++;
	if (position >= end || scanner->text[position] != '`')
		return position;
	length = run_length(scanner, position, end);
	inside = position + length;
	if (length > MAX_BACKTICKS || scanner->last_run[length] < inside)
		return inside;
	for (size_t i = find_byte(scanner, '`', inside, end); i < end;)
	{
		size_t		closing = run_length(scanner, i, end);

		if (closing == length)
			return i + closing;
		i = find_byte(scanner, '`', i + closing, end);
	}
	return inside;
}

static void
scan_paragraph(Scanner *scanner, size_t start, size_t end)
{
	size_t		slash = find_byte(scanner, '/', start, end);
	size_t		backtick;

	if (slash == end)
		return;
	backtick = find_byte(scanner, '`', start, end);
	if (backtick < end)
		note_runs(scanner, backtick, end);
	while (slash < end)
	{
		if (slash < backtick)
			slash = find_byte(scanner, '/', read_reference(scanner, slash), end);
		else
		{
			size_t		next = skip_span(scanner, start, backtick, end);

			if (slash < next)
				slash = find_byte(scanner, '/', next, end);
			backtick = find_byte(scanner, '`', next, end);
		}
	}
}

/* Lines */

static size_t
line_end(const Scanner *scanner, size_t position)
{
	size_t		newline = find_byte(scanner, '\n', position, scanner->size);

	return newline < scanner->size ? newline + 1 : newline;
}

static size_t
skip_indent(const Scanner *scanner, size_t position, size_t end)
{
	while (position < end && (scanner->text[position] == ' ' || scanner->text[position] == '\t' ||
							  scanner->text[position] == '>' || scanner->text[position] == '\r'))
		position++;
	return position;
}

/* Is nothing but white space from there to the end of the line? */
static bool
is_blank(const Scanner *scanner, size_t position, size_t end)
{
	size_t		first = skip_indent(scanner, position, end);

	return first == end || scanner->text[first] == '\n';
}

/* The fence that opens at first, where the line has its first character, if one does. */
static Fence
opening_fence(const Scanner *scanner, size_t first, size_t end)
{
	Fence		fence = {0, 0};

	if (scanner->text[first] != '`' && scanner->text[first] != '~')
		return fence;
	fence.length = run_length(scanner, first, end);
	if (fence.length < 3 ||
		(scanner->text[first] == '`' && find_byte(scanner, '`', first + fence.length, end) < end))
		return fence;
	fence.character = scanner->text[first];
	return fence;
}

static bool
closes_fence(const Scanner *scanner, Fence fence, size_t start, size_t end)
{
	size_t		first = skip_indent(scanner, start, end);
	size_t		length;

	if (first == end || scanner->text[first] != fence.character)
		return false;
	length = run_length(scanner, first, end);
	return length >= fence.length && is_blank(scanner, first + length, end);
}

/* The end of the block whose opening line ends at position. */
static size_t
skip_fenced(const Scanner *scanner, Fence fence, size_t position)
{
	while (position < scanner->size)
	{
		size_t		end = line_end(scanner, position);
		bool		closed = closes_fence(scanner, fence, position, end);

		position = end;
		if (closed)
			break;
	}
	return position;
}

/* Calls found for each reference, in their order. Takes any bytes. */
void
skills_scan_references(const char *text, size_t size, ReferenceFound found, void *context)
{
	Scanner		scanner = {.text = text,.size = size,.found = found,.context = context};
	size_t		paragraph = 0;
	size_t		position = 0;

	while (position < size)
	{
		size_t		first = skip_indent(&scanner, position, size);
		bool		blank = first == size || text[first] == '\n';
		size_t		end = blank ? first + 1 : line_end(&scanner, first);
		Fence		fence = {0, 0};

		if (!blank)
			fence = opening_fence(&scanner, first, end);
		if (blank || fence.character != 0)
		{
			if (paragraph < position)
				scan_paragraph(&scanner, paragraph, position);
			if (fence.character != 0)
				end = skip_fenced(&scanner, fence, end);
			paragraph = end;
		}
		position = end;
	}
	if (paragraph < size)
		scan_paragraph(&scanner, paragraph, size);
}
