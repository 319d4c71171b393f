/*
 * unpack.h
 *		Reading the archive of a package: zip, tar or tar.gz. Needs no server,
 *		so that it can be fuzzed without one.
 */
#ifndef SKILLS_UNPACK_H
#define SKILLS_UNPACK_H

#include "problem.h"

#define PACKAGE_SKILL_MD "SKILL.md"

typedef struct PackageLimits
{
	size_t		files;
	uint64_t	size;			/* bytes of all files, unpacked */
	uint64_t	ratio;			/* of unpacked to packed, above 1 MiB */
} PackageLimits;

typedef struct PackageFile
{
	const char *path;
	size_t		path_size;
	const char *content;
	size_t		size;
	bool		is_executable;
} PackageFile;

typedef struct Package
{
	PackageFile *files;			/* SKILL.md, if it is there, then the others by the bytes of their paths */
	size_t		nfiles;
	bool		has_skill_md;
	const char *folder;			/* around all files, NULL for none */
} Package;

/* Whether an archive of that ratio may be read: a small one may unpack to anything. */
extern bool skills_is_ratio_allowed(uint64_t unpacked, uint64_t packed, uint64_t ratio);

/* Told of each problem, and its path (NULL for none); need not return. */
typedef void (*PackageProblemFound) (const Problem *problem, const char *path, size_t path_size,
									 void *context);

/* What it has allocated outside the surroundings, close lets go; more than once, if need be. */
typedef struct Unpacker Unpacker;

extern Unpacker *skills_unpack_open(const Surroundings *surroundings, const PackageLimits *limits,
									PackageProblemFound found);
extern bool skills_unpack(Unpacker *unpacker, const char *archive, size_t size, Package *package);
extern void skills_unpack_close(Unpacker *unpacker);

#endif							/* SKILLS_UNPACK_H */
