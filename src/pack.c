/*
 * pack.c
 *		Writes the archive of a package: the same bytes for the same files,
 *		whoever asks, whenever, in whatever locale and time zone.
 *
 * libarchive writes into memory that is there before, so that nothing of the
 * surroundings is called from within it.
 */
#include "pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <string.h>

/* A zip has local time to two seconds, from this day on: there, no time is written at all. */
#define TAR_TIME 315532800		/* 1980-01-01 in UTC */

#define BYTES_PER_FILE 4096		/* headers, their names aside, and padding */
#define BYTES_PER_ARCHIVE 65536
#define BYTES_PER_INTERRUPT 262144

struct Packer
{
	const Surroundings *surroundings;
	struct archive *archive;
	struct archive_entry *entry;
	locale_t	locale;
	bool		is_open;		/* what is open holds memory that closing alone lets go */
	size_t		size;			/* written to when it is closed, so it lives as long */
};

Packer *
skills_pack_open(const Surroundings *surroundings)
{
	Packer	   *packer = surroundings->allocate(surroundings->context, sizeof(*packer));

	memset(packer, 0, sizeof(*packer));
	packer->surroundings = surroundings;
	return packer;
}

void
skills_pack_close(Packer *packer)
{
	if (packer->entry != NULL)
		archive_entry_free(packer->entry);
	packer->entry = NULL;
	if (packer->is_open)
	{
		/* Half a file is filled up first, in the memory that is there; freed or failed without this, it leaks. */
		(void) archive_write_close(packer->archive);
	}
	packer->is_open = false;
	if (packer->archive != NULL)
		(void) archive_write_free(packer->archive);
	packer->archive = NULL;
	if (packer->locale != (locale_t) 0)
		freelocale(packer->locale);
	packer->locale = (locale_t) 0;
}

/*
 * Names are UTF-8, and a zip says so of a name if the locale does. Others of
 * that charset write the same.
 */
static locale_t
utf8_locale(void)
{
	static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8", NULL};
	locale_t	locale = (locale_t) 0;

	for (int i = 0; names[i] != NULL && locale == (locale_t) 0; i++)
		locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t) 0);
	return locale;
}

/* More than what is written can come to: what does not compress grows by less than this. */
static size_t
largest_size(const char *folder, const PackageFile *files, size_t nfiles)
{
	size_t		size = BYTES_PER_ARCHIVE;

	for (size_t i = 0; i < nfiles; i++)
		size += files[i].size + BYTES_PER_FILE + 4 * (strlen(folder) + files[i].path_size);
	return size + size / 256;
}

static bool
start(Packer *packer, PackFormat format, bool compress, void *memory, size_t capacity)
{
	struct archive *archive = packer->archive;

	if (format == PACK_ZIP)
		(void) archive_write_set_format_zip(archive);
	else
		(void) archive_write_set_format_gnutar(archive);
	if (format == PACK_ZIP && !compress && archive_write_zip_set_compression_store(archive) != ARCHIVE_OK)
		return false;
	if (format == PACK_TAR_GZ &&
		(archive_write_add_filter_gzip(archive) != ARCHIVE_OK ||
		 archive_write_set_filter_option(archive, "gzip", "timestamp", NULL) != ARCHIVE_OK ||
		 (!compress && archive_write_set_filter_option(archive, "gzip", "compression-level", "0") != ARCHIVE_OK)))
		return false;
	packer->is_open = archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
		archive_write_open_memory(archive, memory, capacity, &packer->size) == ARCHIVE_OK;
	return packer->is_open;
}

static bool
finish(Packer *packer)
{
	if (!skills_has_spare_memory())
		return false;
	packer->is_open = false;
	return archive_write_close(packer->archive) == ARCHIVE_OK;
}

static bool
write_header(Packer *packer, PackFormat format, const char *path, const PackageFile *file)
{
	struct archive_entry *entry = packer->entry;
	locale_t	before;
	bool		is_written;

	if (!skills_has_spare_memory())
		return false;
	before = uselocale(packer->locale);
	(void) archive_entry_clear(entry);
	archive_entry_copy_pathname(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, file->is_executable ? 0755 : 0644);
	archive_entry_set_size(entry, (la_int64_t) file->size);
	if (format != PACK_ZIP)
		archive_entry_set_mtime(entry, TAR_TIME, 0);
	is_written = archive_write_header(packer->archive, entry) == ARCHIVE_OK;
	(void) uselocale(before);
	return is_written;
}

/* In pieces, because one call would compress the whole file before it can be interrupted. */
static bool
write_content(Packer *packer, const PackageFile *file)
{
	size_t		done = 0;

	while (done < file->size)
	{
		size_t		size = file->size - done < BYTES_PER_INTERRUPT ? file->size - done : BYTES_PER_INTERRUPT;

		packer->surroundings->interrupt(packer->surroundings->context);
		if (!skills_has_spare_memory() ||
			archive_write_data(packer->archive, file->content + done, size) != (la_ssize_t) size)
			return false;
		done += size;
	}
	return true;
}

static bool
write_files(Packer *packer, PackFormat format, const char *folder, const PackageFile *files, size_t nfiles)
{
	const Surroundings *surroundings = packer->surroundings;

	for (size_t i = 0; i < nfiles; i++)
	{
		size_t		folder_size = strlen(folder);
		char	   *path;

		surroundings->interrupt(surroundings->context);
		path = surroundings->allocate(surroundings->context, folder_size + files[i].path_size + 2);
		memcpy(path, folder, folder_size);
		if (folder_size > 0)
			path[folder_size++] = '/';
		memcpy(path + folder_size, files[i].path, files[i].path_size);
		path[folder_size + files[i].path_size] = '\0';
		if (!write_header(packer, format, path, &files[i]) || !write_content(packer, &files[i]))
			return false;
	}
	return true;
}

/* What the archive unpacks to, as its reader counts: of a gzip it is its last number. */
static uint64_t
unpacked_size(PackFormat format, const unsigned char *archive, size_t size,
			  const PackageFile *files, size_t nfiles)
{
	uint64_t	unpacked = 0;

	if (format == PACK_TAR_GZ)
	{
		for (size_t i = 1; i <= 4 && i <= size; i++)
			unpacked = unpacked << 8 | archive[size - i];
		return unpacked;
	}
	for (size_t i = 0; i < nfiles; i++)
		unpacked += files[i].size;
	return unpacked;
}

static bool
open_writer(Packer *packer)
{
	packer->locale = utf8_locale();
	packer->archive = archive_write_new();
	packer->entry = archive_entry_new();
	return packer->locale != (locale_t) 0 && packer->archive != NULL && packer->entry != NULL;
}

/* Why it could not be written; libarchive does not say everywhere that memory was missing. */
static void
note_failure(const Packer *packer, Problem *problem)
{
	const char *how = packer->archive ? archive_error_string(packer->archive) : NULL;

	if (errno == ENOMEM || (packer->archive != NULL && archive_errno(packer->archive) == ENOMEM))
		skills_problem(problem, PROBLEM_OUT_OF_MEMORY, "writing the archive");
	else if (packer->locale == (locale_t) 0)
		skills_problem(problem, PROBLEM_MALFORMED, "no locale of this machine has the charset UTF-8");
	else
		skills_problem(problem, PROBLEM_MALFORMED, "the archive could not be written: %s", how ? how : "without a reason");
}

static bool
write_archive(Packer *packer, PackFormat format, bool compress, const char *folder,
			  const PackageFile *files, size_t nfiles,
			  void *memory, size_t capacity, size_t *size, Problem *problem)
{
	bool		is_written;

	is_written = skills_has_spare_memory() && open_writer(packer) &&
		start(packer, format, compress, memory, capacity) &&
		write_files(packer, format, folder, files, nfiles) &&
		finish(packer);
	if (!is_written)
		note_failure(packer, problem);
	skills_pack_close(packer);
	*size = packer->size;
	return is_written;
}

/*
 * The files, in their order, as an archive with that folder around them ("" for
 * none). What would unpack to more than so many times its size is not
 * compressed, so that it can be read again. False and a problem if it cannot
 * be written.
 */
bool
skills_pack(Packer *packer, PackFormat format, uint64_t ratio, const char *folder,
			const PackageFile *files, size_t nfiles,
			const char **archive, size_t *size, Problem *problem)
{
	const Surroundings *surroundings = packer->surroundings;
	size_t		capacity = largest_size(folder, files, nfiles);
	void	   *memory = surroundings->allocate(surroundings->context, capacity);

	memset(problem, 0, sizeof(*problem));
	*archive = memory;
	if (!write_archive(packer, format, true, folder, files, nfiles, memory, capacity, size, problem))
		return false;
	if (skills_is_ratio_allowed(unpacked_size(format, memory, *size, files, nfiles), *size, ratio))
		return true;
	return write_archive(packer, format, false, folder, files, nfiles, memory, capacity, size, problem);
}
