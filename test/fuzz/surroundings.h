/*
 * surroundings.h
 *		What a fuzzed parser gets in place of the server: memory that is let go
 *		after each input, and never an interrupt.
 */
#ifndef SKILLS_FUZZ_SURROUNDINGS_H
#define SKILLS_FUZZ_SURROUNDINGS_H

#include <stdlib.h>
#include <string.h>

#include "problem.h"

typedef struct Chunk
{
	struct Chunk *next;
	char		bytes[];
} Chunk;

static Chunk *chunks;

static void *
allocate(void *context, size_t size)
{
	Chunk	   *chunk = malloc(sizeof(Chunk) + size);

	(void) context;
	if (chunk == NULL)
		abort();
	chunk->next = chunks;
	chunks = chunk;
	return chunk->bytes;
}

/* At once, so that what is still read is found. */
static void
let_go_of(void *context, void *memory)
{
	Chunk	  **link = &chunks;

	(void) context;
	while ((*link)->bytes != memory)
		link = &(*link)->next;
	memory = *link;
	*link = (*link)->next;
	free(memory);
}

static void
go_on(void *context)
{
	(void) context;
}

static void
let_go(void)
{
	while (chunks != NULL)
	{
		Chunk	   *next = chunks->next;

		free(chunks);
		chunks = next;
	}
}

/* In place of the rule in path.c: nothing that leads out of a folder. */
static const char *
path_problem(void *context, const char *path)
{
	(void) context;
	return path[0] == '/' || path[0] == '\0' || strstr(path, "..") != NULL ? "It leads out." : NULL;
}

/* ASCII is enough to find what is equal but for case. */
static const char *
path_key(void *context, const char *path)
{
	char	   *key = allocate(context, strlen(path) + 1);

	for (size_t i = 0; i <= strlen(path); i++)
		key[i] = path[i] >= 'A' && path[i] <= 'Z' ? (char) (path[i] + 'a' - 'A') : path[i];
	return key;
}

__attribute__((unused))
static const Surroundings surroundings = {
	.allocate = allocate,.let_go = let_go_of,.interrupt = go_on,.path_problem = path_problem,.path_key = path_key
};

#define REQUIRE(condition) do { if (!(condition)) abort(); } while (0)

extern int	LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#endif							/* SKILLS_FUZZ_SURROUNDINGS_H */
