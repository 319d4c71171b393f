/*
 * zip.h
 *		The central directory of a zip. Needs no server, so that it can be
 *		fuzzed without one.
 */
#ifndef SKILLS_ZIP_H
#define SKILLS_ZIP_H

#include "problem.h"

typedef struct ZipEntry
{
	const char *name;			/* bytes of the archive */
	size_t		name_size;
	uint64_t	offset;			/* of the local header */
	uint64_t	size;			/* unpacked */
	uint64_t	packed_size;
	uint32_t	checksum;
	unsigned int type;			/* of the file, as in a mode; 0 if it is not said */
	bool		is_encrypted;
	int			method;
} ZipEntry;

extern ZipEntry *skills_zip_directory(const char *archive, size_t size, size_t max_entries,
									  const Surroundings *surroundings, size_t *nentries,
									  Problem *problem);

#endif							/* SKILLS_ZIP_H */
