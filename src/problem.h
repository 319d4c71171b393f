/*
 * problem.h
 *		What can be wrong with a package, and where its readers get memory.
 *		Needs no server, so that the readers can be fuzzed without one.
 */
#ifndef SKILLS_PROBLEM_H
#define SKILLS_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ProblemKind
{
	PROBLEM_NONE,
	PROBLEM_WARNING,			/* it is taken all the same */
	PROBLEM_MALFORMED,
	PROBLEM_NOT_UTF8,
	PROBLEM_OVER_LIMIT,
	PROBLEM_OUT_OF_MEMORY		/* the machine's problem, not the package's; the message says at what */
} ProblemKind;

#define PROBLEM_MAX_MESSAGE 480
#define PROBLEM_MAX_QUOTED 160

typedef struct Problem
{
	ProblemKind kind;
	int			line;			/* from 1, 0 for none */
	int			column;			/* in characters, from 1 */
	const char *parameter;		/* that sets the limit, NULL for none */
	char		message[PROBLEM_MAX_MESSAGE];
} Problem;

/*
 * What the surroundings give: memory that goes as a whole, by them, whatever
 * happens, and before that if it is let go; a place to be interrupted at; what is wrong with the path of a
 * file, as a sentence (NULL for nothing); and a string that is the same for
 * all paths that are one to a file system without case and normal form. Paths
 * are valid UTF-8. They need not return.
 */
typedef struct Surroundings
{
	void	   *(*allocate) (void *context, size_t size);
	void		(*let_go) (void *context, void *memory);
	void		(*interrupt) (void *context);
	const char *(*path_problem) (void *context, const char *path);
	const char *(*path_key) (void *context, const char *path);
	void	   *context;
} Surroundings;

/* Text that grows; its memory comes from the surroundings. */
typedef struct Bytes
{
	const Surroundings *surroundings;
	char	   *data;
	size_t		size;
	size_t		capacity;
} Bytes;

extern void skills_append(Bytes *buffer, const void *bytes, size_t size);

extern void skills_problem(Problem *problem, ProblemKind kind, const char *format,...)
			__attribute__((format(printf, 3, 4)));
extern bool skills_has_spare_memory(void);
extern const char *skills_quote(char *quoted, const char *bytes, size_t size);
extern size_t skills_utf8_length(const char *bytes, size_t size);
extern size_t skills_valid_utf8(const char *bytes, size_t size);

#endif							/* SKILLS_PROBLEM_H */
