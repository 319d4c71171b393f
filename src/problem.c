/*
 * problem.c
 *		What the readers of packages share: their problems in words, text that
 *		grows, and UTF-8.
 */
#include "problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256
#define SPARE_MEMORY 1048576	/* more than a call of libarchive takes */

/* Add the bytes; what is in the buffer may move. */
void
skills_append(Bytes *buffer, const void *bytes, size_t size)
{
	if (size > buffer->capacity - buffer->size)
	{
		size_t		capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
		char	   *data;

		while (size > capacity - buffer->size)
			capacity *= 2;
		data = buffer->surroundings->allocate(buffer->surroundings->context, capacity);
		if (buffer->size > 0)
			memcpy(data, buffer->data, buffer->size);
		if (buffer->data != NULL)
			buffer->surroundings->let_go(buffer->surroundings->context, buffer->data);
		buffer->data = data;
		buffer->capacity = capacity;
	}
	if (size > 0)
		memcpy(buffer->data + buffer->size, bytes, size);
	buffer->size += size;
}

/* Say what is wrong; what is said first stays. */
void
skills_problem(Problem *problem, ProblemKind kind, const char *format,...)
{
	va_list		arguments;

	if (problem->kind != PROBLEM_NONE)
		return;
	problem->kind = kind;
	va_start(arguments, format);
	(void) vsnprintf(problem->message, sizeof(problem->message), format, arguments);
	va_end(arguments);
}

/*
 * Whether the C library has memory for the next call of a library. libarchive
 * ends the process where a string cannot grow, even that of an error, and
 * writes through NULL where a filter is not to be had. Nobody else takes what
 * is let go here, as far as the limit is the process's own. errno says the same,
 * and afterwards what that call says.
 */
bool
skills_has_spare_memory(void)
{
	void	   *volatile spare = malloc(SPARE_MEMORY);

	free(spare);
	errno = spare != NULL ? 0 : ENOMEM;
	return spare != NULL;
}

static bool
is_continuation(char byte)
{
	return ((unsigned char) byte & 0xc0) == 0x80;
}

/* The length of the character that the bytes begin with, 0 if they are no valid UTF-8. */
size_t
skills_utf8_length(const char *bytes, size_t size)
{
	const unsigned char *s = (const unsigned char *) bytes;

	if (size >= 1 && s[0] < 0x80)
		return 1;
	if (size >= 2 && s[0] >= 0xc2 && s[0] <= 0xdf && is_continuation(bytes[1]))
		return 2;
	if (size >= 3 && s[0] >= 0xe0 && s[0] <= 0xef && is_continuation(bytes[1]) && is_continuation(bytes[2]) &&
		!(s[0] == 0xe0 && s[1] < 0xa0) && !(s[0] == 0xed && s[1] > 0x9f))
		return 3;
	if (size >= 4 && s[0] >= 0xf0 && s[0] <= 0xf4 && is_continuation(bytes[1]) && is_continuation(bytes[2]) &&
		is_continuation(bytes[3]) && !(s[0] == 0xf0 && s[1] < 0x90) && !(s[0] == 0xf4 && s[1] > 0x8f))
		return 4;
	return 0;
}

/* How many of the bytes, from the first on, are valid UTF-8. */
size_t
skills_valid_utf8(const char *bytes, size_t size)
{
	size_t		valid = 0;

	while (valid < size)
	{
		size_t		length = skills_utf8_length(bytes + valid, size - valid);

		if (length == 0)
			break;
		valid += length;
	}
	return valid;
}

static bool
is_control(const char *bytes, size_t length)
{
	unsigned char first = (unsigned char) bytes[0];

	return (length == 1 && (first < 0x20 || first == 0x7f)) ||
		(length == 2 && first == 0xc2 && (unsigned char) bytes[1] < 0xa0);
}

/*
 * As much of the bytes as a message needs, with an escape for each that is no
 * text. The room for it has PROBLEM_MAX_QUOTED bytes.
 */
const char *
skills_quote(char *quoted, const char *bytes, size_t size)
{
	size_t		used = 0;
	size_t		position = 0;

	while (position < size)
	{
		size_t		length = skills_utf8_length(bytes + position, size - position);
		bool		escape = length == 0 || is_control(bytes + position, length);

		if (used + 9 > PROBLEM_MAX_QUOTED)
		{
			memcpy(quoted + used, "...", 3);
			used += 3;
			break;
		}
		if (escape)
		{
			used += (size_t) snprintf(quoted + used, 5, "\\x%02x", (unsigned char) bytes[position]);
			position++;
			continue;
		}
		memcpy(quoted + used, bytes + position, length);
		used += length;
		position += length;
	}
	quoted[used] = '\0';
	return quoted;
}
