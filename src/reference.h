/*
 * reference.h
 *		References to skills in a chat message. Needs no server, so that it can
 *		be fuzzed without one.
 */
#ifndef SKILLS_REFERENCE_H
#define SKILLS_REFERENCE_H

#include <stddef.h>

#define REFERENCE_MAX_NAME 120
#define REFERENCE_NO_VERSION (-1)

typedef struct Reference
{
	size_t		start;			/* of the slash, in bytes */
	size_t		length;			/* from the slash to the end of the version */
	size_t		name_length;	/* the name begins behind the slash */
	int			version;
} Reference;

typedef void (*ReferenceFound) (const Reference *reference, void *context);

extern void skills_scan_references(const char *text, size_t size,
								   ReferenceFound found, void *context);

#endif							/* SKILLS_REFERENCE_H */
