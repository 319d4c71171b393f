/*
 * frontmatter.h
 *		The text of a SKILL.md: YAML between two lines of "---", then the body.
 *		Needs no server, so that it can be fuzzed without one.
 */
#ifndef SKILLS_FRONTMATTER_H
#define SKILLS_FRONTMATTER_H

#include "problem.h"

#define FRONTMATTER_MAX_DEPTH 16

typedef struct FrontMatterText
{
	bool		given;			/* false also for an empty one, and for a null */
	const char *text;
	size_t		size;
} FrontMatterText;

typedef struct FrontMatter
{
	Bytes		json;			/* an object; every scalar is a string in it */
	Bytes		lines;			/* an object: the line of each key at the top */
	FrontMatterText name;		/* without white space around it */
	FrontMatterText description;
	size_t		body;			/* where it begins */
} FrontMatter;

/* Reading. What it has allocated outside the surroundings, close lets go; more than once, if need be. */
typedef struct FrontMatterReader FrontMatterReader;

extern FrontMatterReader *skills_front_matter_open(const Surroundings *surroundings);
extern bool skills_front_matter_read(FrontMatterReader *reader, const char *text, size_t size,
									 size_t max_size, FrontMatter *front_matter, Problem *problem);
extern void skills_front_matter_close(FrontMatterReader *reader);

/* Writing: a mapping, key by key. */
typedef struct FrontMatterWriter FrontMatterWriter;

typedef enum FrontMatterToken
{
	FRONT_MATTER_BEGIN_MAPPING,
	FRONT_MATTER_END_MAPPING,
	FRONT_MATTER_BEGIN_SEQUENCE,
	FRONT_MATTER_END_SEQUENCE
} FrontMatterToken;

extern FrontMatterWriter *skills_front_matter_begin(const Surroundings *surroundings);
extern bool skills_front_matter_put(FrontMatterWriter *writer, FrontMatterToken token);
extern bool skills_front_matter_put_text(FrontMatterWriter *writer, const char *text, size_t size);
extern bool skills_front_matter_put_plain(FrontMatterWriter *writer, const char *text, size_t size);
extern const Bytes *skills_front_matter_end(FrontMatterWriter *writer);
extern void skills_front_matter_discard(FrontMatterWriter *writer);

#endif							/* SKILLS_FRONTMATTER_H */
