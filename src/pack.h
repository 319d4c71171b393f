/*
 * pack.h
 *		Writing the archive of a package. Needs no server.
 */
#ifndef SKILLS_PACK_H
#define SKILLS_PACK_H

#include "unpack.h"

typedef enum PackFormat
{
	PACK_ZIP,
	PACK_TAR,
	PACK_TAR_GZ
} PackFormat;

/* What it has allocated outside the surroundings, close lets go; more than once, if need be. */
typedef struct Packer Packer;

extern Packer *skills_pack_open(const Surroundings *surroundings);
extern bool skills_pack(Packer *packer, PackFormat format, uint64_t ratio, const char *folder,
						const PackageFile *files, size_t nfiles,
						const char **archive, size_t *size, Problem *problem);
extern void skills_pack_close(Packer *packer);

#endif							/* SKILLS_PACK_H */
