/*
 * archive.c
 *		Fuzzes the reading of archives, with limits that a small input can meet.
 *		What was read without an error is packed and read again: it is the same.
 */
#include <string.h>

#include "pack.h"
#include "surroundings.h"
#include "unpack.h"

static const PackageLimits limits = {.files = 32,.size = 2 * 1024 * 1024,.ratio = 20};

static void
found(const Problem *problem, const char *path, size_t path_size, void *context)
{
	(void) context;
	REQUIRE(problem->kind != PROBLEM_NONE && problem->message[0] != '\0');
	REQUIRE(skills_valid_utf8(problem->message, strlen(problem->message)) == strlen(problem->message));
	REQUIRE(path != NULL || path_size == 0);
}

static void
check_package(const Package *package)
{
	uint64_t	size = 0;

	REQUIRE(package->has_skill_md && package->nfiles > 0 && package->nfiles <= limits.files);
	for (size_t i = 0; i < package->nfiles; i++)
	{
		const PackageFile *file = &package->files[i];

		REQUIRE(strlen(file->path) == file->path_size && path_problem(NULL, file->path) == NULL);
		REQUIRE(skills_valid_utf8(file->path, file->path_size) == file->path_size);
		size += file->size;
	}
	REQUIRE(size <= limits.size);
}

static void
pack_again(const Package *package, PackFormat format)
{
	Packer	   *packer = skills_pack_open(&surroundings);
	Unpacker   *unpacker = skills_unpack_open(&surroundings, &limits, found);
	Package		again;
	Problem		problem;
	const char *archive;
	size_t		size;

	REQUIRE(skills_pack(packer, format, limits.ratio, "folder", package->files, package->nfiles,
						&archive, &size, &problem));
	REQUIRE(skills_unpack(unpacker, archive, size, &again));
	REQUIRE(again.nfiles == package->nfiles && strcmp(again.folder, "folder") == 0);
	for (size_t i = 0; i < again.nfiles; i++)
	{
		const PackageFile *left = &again.files[i];
		const PackageFile *right = &package->files[i];

		REQUIRE(left->path_size == right->path_size && memcmp(left->path, right->path, left->path_size) == 0);
		REQUIRE(left->size == right->size && memcmp(left->content, right->content, left->size) == 0);
		REQUIRE(left->is_executable == right->is_executable);
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	Unpacker   *unpacker = skills_unpack_open(&surroundings, &limits, found);
	Package		package;

	if (skills_unpack(unpacker, (const char *) data, size, &package))
	{
		check_package(&package);
		pack_again(&package, (PackFormat) (size % 3));
	}
	skills_unpack_close(unpacker);
	let_go();
	return 0;
}
