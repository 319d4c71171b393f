/*
 * unpack.c
 *		Reads the archive of a package. libarchive does the reading; here is
 *		what may come in: regular files under paths that may be, within limits
 *		that hold before memory is taken.
 *
 * Names are bytes. libarchive would convert them between charsets and normal
 * forms, as the locale says: so it runs in the locale "C", in which it leaves
 * those of a tar alone, and those of a zip come from its directory.
 *
 * A gzip is unpacked by one libarchive reader, whose output another one reads
 * as a tar: so every byte is counted, and the checksum at the end compared,
 * which libarchive does not do.
 */
#include "unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "zip.h"

#define STREAM_BLOCK 65536
#define MAX_NAME 1024			/* in the archive: a path, and the folder around all */
#define FREE_RATIO_SIZE 1048576 /* below, no ratio is a bomb */
#define ENTRIES_PER_FILE 8		/* folders and what is left out, too */
#define STREAM_BYTES_PER_ENTRY 4096 /* headers and padding of a tar */
#define GZIP_MIN_SIZE 18
#define GZIP_TRAILER 8

#define ZIP_STORED 0
#define ZIP_DEFLATED 8

#define READING "reading the archive"

#define MAC_FOLDER "__MACOSX"
#define MAC_FILE ".DS_Store"
#define LOWER_SKILL_MD "skill.md"

typedef enum Format
{
	FORMAT_ZIP,
	FORMAT_TAR,
	FORMAT_TAR_GZ
} Format;

typedef struct Member
{
	const char *name;
	size_t		name_size;
	bool		is_folder;
	PackageFile file;
} Member;

struct Unpacker
{
	const Surroundings *surroundings;
	PackageLimits limits;
	PackageProblemFound found;
	locale_t	locale;
	struct archive *archive;
	struct archive *gzip;

	/* One archive at a time. */
	Format		format;
	const char *bytes;
	size_t		size;
	ZipEntry   *zip_entries;
	size_t		nzip_entries;
	char	   *block;			/* of what the gzip unpacks to */
	uint64_t	stream_size;
	uint32_t	stream_checksum;
	Problem		stream_problem;

	Member	   *members;
	size_t		nmembers;
	size_t		max_members;
	size_t		nentries;
	size_t		nfiles;
	uint64_t	total_size;
	size_t		left_out_folder;	/* how many entries */
	size_t		left_out_files;
	bool		has_errors;
};

/* What readers of archives give for an entry, in the locale "C". */
typedef struct Entry
{
	const char *name;
	size_t		name_size;
	uint64_t	size;
	unsigned int type;			/* of the file, as in a mode */
	bool		is_link;
	bool		is_sparse;
	bool		is_encrypted;
	bool		is_executable;
	int			method;
} Entry;

Unpacker *
skills_unpack_open(const Surroundings *surroundings, const PackageLimits *limits, PackageProblemFound found)
{
	Unpacker   *unpacker = surroundings->allocate(surroundings->context, sizeof(*unpacker));

	memset(unpacker, 0, sizeof(*unpacker));
	unpacker->surroundings = surroundings;
	unpacker->limits = *limits;
	unpacker->found = found;
	return unpacker;
}

void
skills_unpack_close(Unpacker *unpacker)
{
	if (unpacker->archive != NULL)
		(void) archive_read_free(unpacker->archive);
	unpacker->archive = NULL;
	if (unpacker->gzip != NULL)
		(void) archive_read_free(unpacker->gzip);
	unpacker->gzip = NULL;
	if (unpacker->locale != (locale_t) 0)
		freelocale(unpacker->locale);
	unpacker->locale = (locale_t) 0;
}

/* Problems */

static void
report(Unpacker *unpacker, const Problem *problem, const char *path, size_t path_size)
{
	if (problem->kind != PROBLEM_WARNING)
		unpacker->has_errors = true;
	unpacker->found(problem, path, path_size, unpacker->surroundings->context);
}

/* Of an entry. Always false. */
static bool
refuse_entry(Unpacker *unpacker, const Entry *entry, const char *what)
{
	Problem		problem = {.kind = PROBLEM_NONE};
	char		quoted[PROBLEM_MAX_QUOTED];

	skills_problem(&problem, PROBLEM_MALFORMED, "\"%s\" %s",
				   skills_quote(quoted, entry->name, entry->name_size), what);
	report(unpacker, &problem, entry->name, entry->name_size);
	return false;
}

/* Of the archive, which is not read any further. Always false. */
static bool
refuse_archive(Unpacker *unpacker, ProblemKind kind, const char *what)
{
	Problem		problem = {.kind = PROBLEM_NONE};

	skills_problem(&problem, kind, "%s", what);
	report(unpacker, &problem, NULL, 0);
	return false;
}

/* Before libarchive is asked for anything: whether it may be, see skills_has_spare_memory(). */
static bool
has_memory(Unpacker *unpacker)
{
	return skills_has_spare_memory() || refuse_archive(unpacker, PROBLEM_OUT_OF_MEMORY, READING);
}

/* Whether what failed did so for want of memory, which libarchive does not say everywhere. */
static bool
is_out_of_memory(struct archive *archive)
{
	return errno == ENOMEM || archive_errno(archive) == ENOMEM;
}

static bool
is_damaged(Unpacker *unpacker, struct archive *archive)
{
	Problem		problem = {.kind = PROBLEM_NONE};
	bool		out_of_memory = is_out_of_memory(archive);
	const char *how = archive_error_string(archive);
	char		quoted[PROBLEM_MAX_QUOTED];

	if (unpacker->stream_problem.kind != PROBLEM_NONE)
		report(unpacker, &unpacker->stream_problem, NULL, 0);
	else if (out_of_memory)
		(void) refuse_archive(unpacker, PROBLEM_OUT_OF_MEMORY, READING);
	else
	{
		skills_problem(&problem, PROBLEM_MALFORMED, "the archive is damaged: %s",
					   how ? skills_quote(quoted, how, strlen(how)) : "it ends too early");
		report(unpacker, &problem, NULL, 0);
	}
	return false;
}

static void
too_many(Problem *problem, const char *what, size_t number, size_t limit)
{
	skills_problem(problem, PROBLEM_OVER_LIMIT, "too many %s in the archive: %zu, limit %zu",
				   what, number, limit);
	problem->parameter = "skills.max_package_files";
}

static void
too_large(Problem *problem, uint64_t size, uint64_t limit)
{
	skills_problem(problem, PROBLEM_OVER_LIMIT, "the package is too large: %llu bytes unpacked, limit %llu",
				   (unsigned long long) size, (unsigned long long) limit);
	problem->parameter = "skills.max_package_size";
}

static size_t
max_entries(const Unpacker *unpacker)
{
	return unpacker->limits.files * ENTRIES_PER_FILE;
}

bool
skills_is_ratio_allowed(uint64_t unpacked, uint64_t packed, uint64_t ratio)
{
	return unpacked <= FREE_RATIO_SIZE || unpacked <= ratio * packed;
}

/* Whether so many bytes are too many for the size of the archive. */
static bool
check_ratio(const Unpacker *unpacker, uint64_t unpacked, Problem *problem)
{
	if (skills_is_ratio_allowed(unpacked, unpacker->size, unpacker->limits.ratio))
		return true;
	skills_problem(problem, PROBLEM_OVER_LIMIT,
				   "the archive unpacks to too much: %llu bytes from %zu, limit %llu times",
				   (unsigned long long) unpacked, unpacker->size, (unsigned long long) unpacker->limits.ratio);
	problem->parameter = "skills.max_package_ratio";
	return false;
}

/* Opening */

typedef struct Magic
{
	const char *bytes;
	size_t		size;
	const char *name;
} Magic;

/* What else people pack with; to say so is kinder than to say that it is no archive. */
static const Magic other_formats[] = {
	{"7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive"},
	{"Rar!\x1a\x07", 6, "a RAR archive"},
	{"\xfd" "7zXZ\0", 6, "compressed by xz"},
	{"BZh", 3, "compressed by bzip2"},
	{"\x28\xb5\x2f\xfd", 4, "compressed by zstd"},
	{"\x1f\x9d", 2, "compressed by compress"},
	{"\x04\x22\x4d\x18", 4, "compressed by lz4"},
	{"!<arch>\n", 8, "an ar archive"},
	{"07070", 5, "a cpio archive"},
	{"MSCF", 4, "a cabinet"},
	{"PK\007\010", 4, "a zip archive in parts"},
};

static bool
begins_with(const Unpacker *unpacker, const char *bytes, size_t size)
{
	return unpacker->size >= size && memcmp(unpacker->bytes, bytes, size) == 0;
}

static bool
find_format(Unpacker *unpacker)
{
	Problem		problem = {.kind = PROBLEM_NONE};

	if (begins_with(unpacker, "PK\003\004", 4) || begins_with(unpacker, "PK\005\006", 4))
		unpacker->format = FORMAT_ZIP;
	else if (begins_with(unpacker, "\x1f\x8b", 2))
		unpacker->format = FORMAT_TAR_GZ;
	else
		unpacker->format = FORMAT_TAR;
	for (size_t i = 0; i < sizeof(other_formats) / sizeof(other_formats[0]); i++)
	{
		if (!begins_with(unpacker, other_formats[i].bytes, other_formats[i].size))
			continue;
		skills_problem(&problem, PROBLEM_MALFORMED, "the archive is %s: it must be zip, tar or tar.gz",
					   other_formats[i].name);
		report(unpacker, &problem, NULL, 0);
		return false;
	}
	return true;
}

/* CRC-32 as gzip has it. */
static uint32_t
add_to_checksum(uint32_t checksum, const unsigned char *bytes, size_t size)
{
	static uint32_t table[256];

	if (table[1] == 0)
	{
		for (uint32_t i = 0; i < 256; i++)
		{
			uint32_t	entry = i;

			for (int bit = 0; bit < 8; bit++)
				entry = (entry >> 1) ^ ((entry & 1) != 0 ? UINT32_C(0xedb88320) : 0);
			table[i] = entry;
		}
	}
	checksum = ~checksum;
	for (size_t i = 0; i < size; i++)
		checksum = (checksum >> 8) ^ table[(checksum ^ bytes[i]) & 0xff];
	return ~checksum;
}

/* The next bytes of what the gzip unpacks to; libarchive calls it, so an error waits. */
static la_ssize_t
read_stream(struct archive *archive, void *context, const void **bytes)
{
	Unpacker   *unpacker = context;
	uint64_t	limit = unpacker->limits.size + (uint64_t) max_entries(unpacker) * STREAM_BYTES_PER_ENTRY;
	la_ssize_t	size = ARCHIVE_FATAL;

	if (skills_has_spare_memory())
		size = archive_read_data(unpacker->gzip, unpacker->block, STREAM_BLOCK);
	if (size < 0 && is_out_of_memory(unpacker->gzip))
		skills_problem(&unpacker->stream_problem, PROBLEM_OUT_OF_MEMORY, READING);
	else if (size < 0)
	{
		const char *how = archive_error_string(unpacker->gzip);

		skills_problem(&unpacker->stream_problem, PROBLEM_MALFORMED, "the archive is damaged: %s",
					   how ? how : "it cannot be unpacked");
	}
	else
	{
		unpacker->stream_size += (uint64_t) size;
		unpacker->stream_checksum = add_to_checksum(unpacker->stream_checksum,
													(const unsigned char *) unpacker->block, (size_t) size);
		if (unpacker->stream_size > limit)
			too_large(&unpacker->stream_problem, unpacker->stream_size, unpacker->limits.size);
		(void) check_ratio(unpacker, unpacker->stream_size, &unpacker->stream_problem);
	}
	if (unpacker->stream_problem.kind != PROBLEM_NONE)
	{
		archive_set_error(archive, EINVAL, "%s", unpacker->stream_problem.message);
		return ARCHIVE_FATAL;
	}
	*bytes = unpacker->block;
	return size;
}

/* The one file that a gzip holds. */
static bool
open_gzip(Unpacker *unpacker)
{
	struct archive_entry *entry;

	if (unpacker->size < GZIP_MIN_SIZE)
		return refuse_archive(unpacker, PROBLEM_MALFORMED, "the archive is damaged: it ends too early");
	unpacker->block = unpacker->surroundings->allocate(unpacker->surroundings->context, STREAM_BLOCK);
	if (!has_memory(unpacker))
		return false;
	unpacker->gzip = archive_read_new();
	if (unpacker->gzip == NULL)
		return refuse_archive(unpacker, PROBLEM_OUT_OF_MEMORY, READING);
	if (archive_read_support_filter_gzip(unpacker->gzip) != ARCHIVE_OK ||
		archive_read_support_format_raw(unpacker->gzip) != ARCHIVE_OK ||
		archive_read_open_memory(unpacker->gzip, unpacker->bytes, unpacker->size) != ARCHIVE_OK ||
		archive_read_next_header(unpacker->gzip, &entry) != ARCHIVE_OK)
		return is_damaged(unpacker, unpacker->gzip);
	if (archive_filter_count(unpacker->gzip) != 2)
		return refuse_archive(unpacker, PROBLEM_MALFORMED, "the archive is compressed more than once, or not as it says");
	return true;
}

static bool
open_zip(Unpacker *unpacker)
{
	Problem		problem = {.kind = PROBLEM_NONE};

	unpacker->zip_entries = skills_zip_directory(unpacker->bytes, unpacker->size, max_entries(unpacker),
												 unpacker->surroundings, &unpacker->nzip_entries, &problem);
	if (unpacker->zip_entries != NULL && unpacker->nzip_entries == 0)
		skills_problem(&problem, PROBLEM_MALFORMED, "the archive is empty");
	if (problem.kind == PROBLEM_NONE)
		return true;
	report(unpacker, &problem, NULL, 0);
	return false;
}

static bool
open_archive(Unpacker *unpacker)
{
	locale_t	before;
	int			result;

	if (unpacker->format == FORMAT_ZIP && !open_zip(unpacker))
		return false;
	if (unpacker->format == FORMAT_TAR_GZ && !open_gzip(unpacker))
		return false;
	if (!has_memory(unpacker))
		return false;
	unpacker->archive = archive_read_new();
	unpacker->locale = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
	if (unpacker->archive == NULL || unpacker->locale == (locale_t) 0)
		return refuse_archive(unpacker, PROBLEM_OUT_OF_MEMORY, READING);
	before = uselocale(unpacker->locale);
	if (unpacker->format == FORMAT_ZIP)
		result = archive_read_support_format_zip_seekable(unpacker->archive);
	else
		result = archive_read_support_format_tar(unpacker->archive);
	if (result != ARCHIVE_OK)
		;
	else if (unpacker->format == FORMAT_TAR_GZ)
		result = archive_read_open(unpacker->archive, unpacker, NULL, read_stream, NULL);
	else
		result = archive_read_open_memory(unpacker->archive, unpacker->bytes, unpacker->size);
	(void) uselocale(before);
	if (result == ARCHIVE_OK)
		return true;
	if (unpacker->format != FORMAT_ZIP && unpacker->stream_problem.kind == PROBLEM_NONE &&
		!is_out_of_memory(unpacker->archive))
		return refuse_archive(unpacker, PROBLEM_MALFORMED, "the archive is neither zip nor tar nor tar.gz");
	return is_damaged(unpacker, unpacker->archive);
}

/* Entries */

static bool
take_from_zip(Unpacker *unpacker, Entry *entry)
{
	const ZipEntry *listed;

	if (unpacker->nentries > unpacker->nzip_entries)
		return refuse_archive(unpacker, PROBLEM_MALFORMED,
							  "the zip archive is damaged: it has more entries than its directory");
	listed = &unpacker->zip_entries[unpacker->nentries - 1];
	entry->name = listed->name;
	entry->name_size = listed->name_size;
	entry->size = listed->size;
	entry->is_encrypted = entry->is_encrypted || listed->is_encrypted;
	entry->method = listed->method;
	/* libarchive takes for a file what the mode says is something else. */
	if (listed->type != 0 && listed->type != AE_IFREG && listed->type != AE_IFDIR)
		entry->type = listed->type;
	return true;
}

/* The next entry: 1, at the end 0, and -1 if there is no going on. */
static int
next_entry(Unpacker *unpacker, Entry *entry)
{
	struct archive_entry *header;
	locale_t	before;
	int			result;

	if (!has_memory(unpacker))
		return -1;
	before = uselocale(unpacker->locale);
	result = archive_read_next_header(unpacker->archive, &header);
	/* A warning is that a name, of a file or its owner, was not converted. */
	if (result == ARCHIVE_OK || result == ARCHIVE_WARN)
	{
		memset(entry, 0, sizeof(*entry));
		entry->name = archive_entry_pathname(header);
		entry->name_size = entry->name ? strlen(entry->name) : 0;
		entry->size = (uint64_t) archive_entry_size(header);
		entry->type = archive_entry_filetype(header);
		entry->is_link = archive_entry_hardlink(header) != NULL || archive_entry_symlink(header) != NULL;
		entry->is_sparse = archive_entry_sparse_count(header) > 0;
		entry->is_encrypted = archive_entry_is_encrypted(header) != 0;
		entry->is_executable = (archive_entry_perm(header) & 0100) != 0;
	}
	(void) uselocale(before);
	if (result == ARCHIVE_EOF)
		return 0;
	if (result != ARCHIVE_OK && (result != ARCHIVE_WARN || (entry->name_size == 0 && unpacker->format != FORMAT_ZIP)))
	{
		(void) is_damaged(unpacker, unpacker->archive);
		return -1;
	}
	unpacker->nentries++;
	if (unpacker->nentries > max_entries(unpacker))
	{
		Problem		problem = {.kind = PROBLEM_NONE};

		too_many(&problem, "entries", unpacker->nentries, max_entries(unpacker));
		report(unpacker, &problem, NULL, 0);
		return -1;
	}
	if (unpacker->format == FORMAT_ZIP && !take_from_zip(unpacker, entry))
		return -1;
	if (entry->name == NULL)
		entry->name = "";
	return 1;
}

/* As "tar -C folder -c ." has it. */
static void
skip_current_folder(Entry *entry)
{
	while (entry->name_size >= 2 && entry->name[0] == '.' && entry->name[1] == '/')
	{
		entry->name += 2;
		entry->name_size -= 2;
		while (entry->name_size > 0 && entry->name[0] == '/')
		{
			entry->name++;
			entry->name_size--;
		}
	}
	if (entry->name_size == 1 && entry->name[0] == '.')
		entry->name_size = 0;
}

/* What a desktop puts into archives without being asked. */
static bool
is_left_out(Unpacker *unpacker, const Entry *entry)
{
	const char *slash = memrchr(entry->name, '/', entry->name_size);
	const char *last = slash ? slash + 1 : entry->name;
	size_t		last_size = entry->name_size - (size_t) (last - entry->name);
	size_t		folder_size = strlen(MAC_FOLDER);

	if (entry->name_size >= folder_size && memcmp(entry->name, MAC_FOLDER, folder_size) == 0 &&
		(entry->name_size == folder_size || entry->name[folder_size] == '/'))
		unpacker->left_out_folder++;
	else if (last_size == strlen(MAC_FILE) && memcmp(last, MAC_FILE, last_size) == 0)
		unpacker->left_out_files++;
	else
		return false;
	return true;
}

static bool
check_kind(Unpacker *unpacker, const Entry *entry)
{
	if (entry->is_encrypted)
		return refuse_entry(unpacker, entry, "is encrypted");
	if (entry->is_link || entry->type == AE_IFLNK)
		return refuse_entry(unpacker, entry, "is a link");
	if (entry->type == AE_IFCHR || entry->type == AE_IFBLK)
		return refuse_entry(unpacker, entry, "is a device");
	if (entry->type == AE_IFIFO || entry->type == AE_IFSOCK)
		return refuse_entry(unpacker, entry, "is a pipe or socket");
	if (entry->type != AE_IFREG && entry->type != AE_IFDIR)
		return refuse_entry(unpacker, entry, "is neither a file nor a folder");
	if (entry->type == AE_IFDIR && entry->size > 0)
		return refuse_entry(unpacker, entry, "is damaged: it is a folder, but has content");
	if (entry->is_sparse)
		return refuse_entry(unpacker, entry, "is a sparse file");
	if (unpacker->format == FORMAT_ZIP && entry->type == AE_IFREG &&
		entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED)
		return refuse_entry(unpacker, entry, "is compressed by something else than deflate");
	return true;
}

/* False and a problem unless the name is a text of a length that paths may have. */
static bool
check_name(const Entry *entry, Problem *problem)
{
	char		quoted[PROBLEM_MAX_QUOTED];

	(void) skills_quote(quoted, entry->name, entry->name_size);
	if (memchr(entry->name, '\0', entry->name_size) != NULL)
		skills_problem(problem, PROBLEM_NOT_UTF8, "the name \"%s\" has a NUL byte in it", quoted);
	else if (skills_valid_utf8(entry->name, entry->name_size) != entry->name_size)
		skills_problem(problem, PROBLEM_NOT_UTF8, "the name \"%s\" is not valid UTF-8", quoted);
	else if (entry->name_size > MAX_NAME)
		skills_problem(problem, PROBLEM_MALFORMED, "the name \"%s\" is too long: %zu bytes, limit %d",
					   quoted, entry->name_size, MAX_NAME);
	return problem->kind == PROBLEM_NONE;
}

static Member *
add_member(Unpacker *unpacker, const Entry *entry)
{
	const Surroundings *surroundings = unpacker->surroundings;
	Member	   *member;
	char	   *name;

	if (unpacker->nmembers == unpacker->max_members)
	{
		size_t		max_members = unpacker->max_members > 0 ? unpacker->max_members * 2 : 64;
		Member	   *members = surroundings->allocate(surroundings->context, max_members * sizeof(Member));

		if (unpacker->nmembers > 0)
			memcpy(members, unpacker->members, unpacker->nmembers * sizeof(Member));
		unpacker->members = members;
		unpacker->max_members = max_members;
	}
	name = surroundings->allocate(surroundings->context, entry->name_size + 1);
	memcpy(name, entry->name, entry->name_size);
	name[entry->name_size] = '\0';
	member = &unpacker->members[unpacker->nmembers++];
	memset(member, 0, sizeof(*member));
	member->name = name;
	member->name_size = entry->name_size;
	return member;
}

/* The limits, before a byte of the file is read. False if the archive is not read any further. */
static bool
check_limits(Unpacker *unpacker, const Entry *entry)
{
	Problem		problem = {.kind = PROBLEM_NONE};

	unpacker->nfiles++;
	if (unpacker->nfiles > unpacker->limits.files)
		too_many(&problem, "files", unpacker->nfiles, unpacker->limits.files);
	else if (entry->size > unpacker->limits.size - unpacker->total_size)
		too_large(&problem, entry->size > UINT64_MAX - unpacker->total_size ? entry->size :
				  unpacker->total_size + entry->size, unpacker->limits.size);
	else if (check_ratio(unpacker, unpacker->total_size + entry->size, &problem))
	{
		unpacker->total_size += entry->size;
		return true;
	}
	report(unpacker, &problem, NULL, 0);
	return false;
}

static int
read_block(Unpacker *unpacker, const void **bytes, size_t *size, la_int64_t *offset)
{
	locale_t	before = uselocale(unpacker->locale);
	int			result;

	result = skills_has_spare_memory() ? archive_read_data_block(unpacker->archive, bytes, size, offset) : ARCHIVE_FATAL;
	(void) uselocale(before);
	return result;
}

/* The content of the entry; it has the size that the archive said, or the archive is damaged. */
static bool
read_content(Unpacker *unpacker, const Entry *entry, PackageFile *file)
{
	const Surroundings *surroundings = unpacker->surroundings;
	char	   *content = surroundings->allocate(surroundings->context, (size_t) entry->size + 1);
	size_t		done = 0;

	for (;;)
	{
		const void *bytes = NULL;
		size_t		size = 0;
		la_int64_t	offset = 0;
		int			result;

		surroundings->interrupt(surroundings->context);
		result = read_block(unpacker, &bytes, &size, &offset);
		if (result == ARCHIVE_EOF)
			break;
		if (result != ARCHIVE_OK)
			return is_damaged(unpacker, unpacker->archive);
		if (size == 0)
			continue;
		if ((uint64_t) offset != done || size > (size_t) entry->size - done)
			return refuse_archive(unpacker, PROBLEM_MALFORMED, "the archive is damaged: a file is larger than it says");
		memcpy(content + done, bytes, size);
		done += size;
	}
	if (done != (size_t) entry->size)
		return refuse_archive(unpacker, PROBLEM_MALFORMED, "the archive is damaged: a file is smaller than it says");
	file->content = content;
	file->size = done;
	file->is_executable = entry->is_executable;
	return true;
}

/* False if the archive is not read any further. */
static bool
take_entry(Unpacker *unpacker, Entry *entry)
{
	Problem		problem = {.kind = PROBLEM_NONE};
	PackageFile file = {.path = NULL};
	Member	   *member;

	skip_current_folder(entry);
	if (is_left_out(unpacker, entry))
		return true;
	if (entry->name_size == 0 && entry->type == AE_IFDIR)
		return true;
	if (!check_kind(unpacker, entry))
		return true;
	while (entry->type == AE_IFDIR && entry->name_size > 1 && entry->name[entry->name_size - 1] == '/')
		entry->name_size--;
	if (!check_name(entry, &problem))
	{
		report(unpacker, &problem, entry->name, entry->name_size);
		return true;
	}
	if (entry->type == AE_IFREG && !check_limits(unpacker, entry))
		return false;
	/* A folder has none, or the archive is damaged. */
	if (!read_content(unpacker, entry, &file))
		return false;
	member = add_member(unpacker, entry);
	member->is_folder = entry->type == AE_IFDIR;
	member->file = file;
	return true;
}

/* The rest of the gzip, and whether what it unpacked to is what was packed. */
static bool
finish_gzip(Unpacker *unpacker)
{
	const unsigned char *trailer = (const unsigned char *) unpacker->bytes + unpacker->size - GZIP_TRAILER;
	uint32_t	checksum = 0;
	uint32_t	size = 0;
	const void *bytes;
	la_ssize_t	result;

	do
	{
		unpacker->surroundings->interrupt(unpacker->surroundings->context);
		result = read_stream(unpacker->gzip, unpacker, &bytes);
	} while (result > 0);
	if (result < 0)
		return is_damaged(unpacker, unpacker->gzip);
	for (int i = 3; i >= 0; i--)
	{
		checksum = checksum << 8 | trailer[i];
		size = size << 8 | trailer[4 + i];
	}
	if (checksum == unpacker->stream_checksum && size == (uint32_t) unpacker->stream_size)
		return true;
	return refuse_archive(unpacker, PROBLEM_MALFORMED,
						  "the archive is damaged: the checksum at its end is wrong, or more than one gzip is in it");
}

static bool
read_entries(Unpacker *unpacker)
{
	Entry		entry;
	int			result;

	while ((result = next_entry(unpacker, &entry)) > 0)
	{
		unpacker->surroundings->interrupt(unpacker->surroundings->context);
		if (!take_entry(unpacker, &entry))
			return false;
	}
	if (result < 0)
		return false;
	if (unpacker->format == FORMAT_ZIP && unpacker->nentries != unpacker->nzip_entries)
		return refuse_archive(unpacker, PROBLEM_MALFORMED,
							  "the zip archive is damaged: it has fewer entries than its directory");
	return unpacker->format != FORMAT_TAR_GZ || finish_gzip(unpacker);
}

static void
report_left_out(Unpacker *unpacker)
{
	Problem		problem = {.kind = PROBLEM_NONE};

	if (unpacker->left_out_folder > 0)
	{
		skills_problem(&problem, PROBLEM_WARNING, "\"" MAC_FOLDER "/\" is left out (entries: %zu)",
					   unpacker->left_out_folder);
		report(unpacker, &problem, MAC_FOLDER "/", strlen(MAC_FOLDER "/"));
	}
	problem.kind = PROBLEM_NONE;
	if (unpacker->left_out_files > 0)
	{
		skills_problem(&problem, PROBLEM_WARNING, "\"" MAC_FILE "\" is left out (entries: %zu)",
					   unpacker->left_out_files);
		report(unpacker, &problem, MAC_FILE, strlen(MAC_FILE));
	}
}

/* The package as a whole */

/* The length of the folder around all files, with its slash; 0 if there is none. */
static size_t
enclosing_folder(const Unpacker *unpacker)
{
	const Member *first = NULL;
	size_t		length = 0;

	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		const Member *member = &unpacker->members[i];
		const char *slash;

		if (member->is_folder)
			continue;
		slash = memchr(member->name, '/', member->name_size);
		if (slash == NULL)
			return 0;
		if (first == NULL)
		{
			first = member;
			length = (size_t) (slash - member->name) + 1;
		}
		else if (member->name_size < length || memcmp(member->name, first->name, length) != 0)
			return 0;
	}
	return length;
}

/* What is left of the members when the folder around them is gone. */
static void
remove_folder(Unpacker *unpacker, Package *package)
{
	const Surroundings *surroundings = unpacker->surroundings;
	size_t		length = enclosing_folder(unpacker);
	size_t		kept = 0;
	char	   *folder;

	if (length == 0)
		return;
	folder = surroundings->allocate(surroundings->context, length);
	for (size_t i = 0; i < unpacker->nmembers; i++)
		if (!unpacker->members[i].is_folder)
			memcpy(folder, unpacker->members[i].name, length);
	folder[length - 1] = '\0';
	package->folder = folder;
	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		Member		member = unpacker->members[i];

		/* The folder itself, and others without files. */
		if (member.name_size <= length || memcmp(member.name, folder, length - 1) != 0 ||
			member.name[length - 1] != '/')
			continue;
		member.name += length;
		member.name_size -= length;
		unpacker->members[kept++] = member;
	}
	unpacker->nmembers = kept;
}

typedef struct Place
{
	const char *key;
	size_t		key_size;
	const char *name;
	size_t		name_size;
	bool		is_folder;
} Place;

static int
compare_bytes(const char *left, size_t left_size, const char *right, size_t right_size)
{
	size_t		shorter = left_size < right_size ? left_size : right_size;
	int			order = shorter > 0 ? memcmp(left, right, shorter) : 0;

	return order != 0 ? order : (left_size > right_size) - (left_size < right_size);
}

static int
compare_places(const void *a, const void *b)
{
	const Place *left = a;
	const Place *right = b;
	int			order = compare_bytes(left->key, left->key_size, right->key, right->key_size);

	if (order == 0)
		order = compare_bytes(left->name, left->name_size, right->name, right->name_size);
	return order != 0 ? order : (int) left->is_folder - (int) right->is_folder;
}

static size_t
count_slashes(const Unpacker *unpacker)
{
	size_t		slashes = 0;

	for (size_t i = 0; i < unpacker->nmembers; i++)
		for (size_t j = 0; !unpacker->members[i].is_folder && j < unpacker->members[i].name_size; j++)
			slashes += unpacker->members[i].name[j] == '/';
	return slashes;
}

/* The member, and of a file every folder that it is in. The key keeps slashes. */
static size_t
add_places(Unpacker *unpacker, const Member *member, Place *places)
{
	const Surroundings *surroundings = unpacker->surroundings;
	const char *key = surroundings->path_key(surroundings->context, member->name);
	size_t		nplaces = 0;
	size_t		next = 0;

	for (size_t i = 0; !member->is_folder && i < member->name_size; i++)
	{
		const char *slash;

		if (member->name[i] != '/')
			continue;
		slash = strchr(key + next, '/');
		if (slash == NULL)
			break;
		places[nplaces++] = (Place) {key, (size_t) (slash - key), member->name, i, true};
		next = (size_t) (slash - key) + 1;
	}
	places[nplaces++] = (Place) {key, strlen(key), member->name, member->name_size, member->is_folder};
	return nplaces;
}

static void
check_pair(Unpacker *unpacker, const Place *first, const Place *second)
{
	Problem		problem = {.kind = PROBLEM_NONE};
	char		quoted[PROBLEM_MAX_QUOTED];
	char		other[PROBLEM_MAX_QUOTED];

	if (compare_bytes(first->key, first->key_size, second->key, second->key_size) != 0 ||
		(first->is_folder && second->is_folder &&
		 compare_bytes(first->name, first->name_size, second->name, second->name_size) == 0))
		return;
	(void) skills_quote(quoted, second->name, second->name_size);
	if (compare_bytes(first->name, first->name_size, second->name, second->name_size) != 0)
		skills_problem(&problem, PROBLEM_MALFORMED, "\"%s\" differs from \"%s\" in case or normal form only",
					   quoted, skills_quote(other, first->name, first->name_size));
	else if (first->is_folder != second->is_folder)
		skills_problem(&problem, PROBLEM_MALFORMED, "\"%s\" is both a file and a folder", quoted);
	else
		skills_problem(&problem, PROBLEM_MALFORMED, "\"%s\" is in the archive twice", quoted);
	report(unpacker, &problem, second->name, second->name_size);
}

/* No two files, or a file and a folder, may end in one place, on any file system. */
static void
check_places(Unpacker *unpacker)
{
	const Surroundings *surroundings = unpacker->surroundings;
	size_t		max_places = unpacker->nmembers + count_slashes(unpacker);
	Place	   *places = surroundings->allocate(surroundings->context, (max_places + 1) * sizeof(Place));
	size_t		nplaces = 0;

	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		surroundings->interrupt(surroundings->context);
		nplaces += add_places(unpacker, &unpacker->members[i], places + nplaces);
	}
	if (nplaces > 1)
		qsort(places, nplaces, sizeof(Place), compare_places);
	for (size_t i = 1; i < nplaces; i++)
		check_pair(unpacker, &places[i - 1], &places[i]);
}

static int
compare_files(const void *a, const void *b)
{
	const PackageFile *left = a;
	const PackageFile *right = b;
	bool		left_is_first = strcmp(left->path, PACKAGE_SKILL_MD) == 0;
	bool		right_is_first = strcmp(right->path, PACKAGE_SKILL_MD) == 0;

	if (left_is_first != right_is_first)
		return left_is_first ? -1 : 1;
	return compare_bytes(left->path, left->path_size, right->path, right->path_size);
}

/*
 * What is wrong with a name as it is in the archive, whatever is around the
 * files: a path may be longer there by the folder around it, and skill.md may
 * stand at the top.
 */
static const char *
name_problem(const Surroundings *surroundings, const Member *member)
{
	const char *refused = surroundings->path_problem(surroundings->context, member->name);
	const char *slash = strchr(member->name, '/');
	char	   *folder;

	if (refused == NULL || (!member->is_folder && strcmp(member->name, LOWER_SKILL_MD) == 0))
		return NULL;
	if (slash == NULL || slash == member->name)
		return refused;
	folder = surroundings->allocate(surroundings->context, (size_t) (slash - member->name) + 1);
	memcpy(folder, member->name, (size_t) (slash - member->name));
	folder[slash - member->name] = '\0';
	if (surroundings->path_problem(surroundings->context, folder) == NULL &&
		surroundings->path_problem(surroundings->context, slash + 1) == NULL)
		return NULL;
	return refused;
}

static const char *
path_problem(const Surroundings *surroundings, const Member *member)
{
	return surroundings->path_problem(surroundings->context, member->name);
}

/* Of the members, those in which no problem is found. */
static void
check_members(Unpacker *unpacker, const char *(*find_problem) (const Surroundings *, const Member *))
{
	const Surroundings *surroundings = unpacker->surroundings;
	size_t		kept = 0;

	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		Member		member = unpacker->members[i];
		Problem		problem = {.kind = PROBLEM_NONE};
		char		quoted[PROBLEM_MAX_QUOTED];
		const char *refused;

		surroundings->interrupt(surroundings->context);
		refused = find_problem(surroundings, &member);
		if (refused == NULL)
		{
			unpacker->members[kept++] = member;
			continue;
		}
		skills_problem(&problem, PROBLEM_MALFORMED, "invalid file path \"%s\": %s",
					   skills_quote(quoted, member.name, member.name_size), refused);
		report(unpacker, &problem, member.name, member.name_size);
	}
	unpacker->nmembers = kept;
}

static void
take_files(Unpacker *unpacker, Package *package)
{
	const Surroundings *surroundings = unpacker->surroundings;

	package->files = surroundings->allocate(surroundings->context, (unpacker->nmembers + 1) * sizeof(PackageFile));
	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		const Member *member = &unpacker->members[i];

		if (member->is_folder)
			continue;
		package->files[package->nfiles] = member->file;
		package->files[package->nfiles].path = member->name;
		package->files[package->nfiles].path_size = member->name_size;
		package->nfiles++;
	}
	if (package->nfiles > 1)
		qsort(package->files, package->nfiles, sizeof(PackageFile), compare_files);
}

/* SKILL.md, or skill.md in its place. */
static void
find_skill_md(Unpacker *unpacker, Package *package)
{
	Problem		problem = {.kind = PROBLEM_NONE};
	Member	   *lower = NULL;

	for (size_t i = 0; i < unpacker->nmembers; i++)
	{
		Member	   *member = &unpacker->members[i];

		if (member->is_folder)
			continue;
		if (strcmp(member->name, PACKAGE_SKILL_MD) == 0)
			package->has_skill_md = true;
		if (strcmp(member->name, LOWER_SKILL_MD) == 0)
			lower = member;
	}
	if (package->has_skill_md)
		return;
	if (lower == NULL)
	{
		skills_problem(&problem, PROBLEM_MALFORMED, "there is no " PACKAGE_SKILL_MD
					   " at the top of the package");
		report(unpacker, &problem, NULL, 0);
		return;
	}
	skills_problem(&problem, PROBLEM_WARNING, "\"" LOWER_SKILL_MD "\" is taken as " PACKAGE_SKILL_MD);
	report(unpacker, &problem, LOWER_SKILL_MD, strlen(LOWER_SKILL_MD));
	lower->name = PACKAGE_SKILL_MD;
	package->has_skill_md = true;
}

static void
forget_archive(Unpacker *unpacker, const char *archive, size_t size)
{
	unpacker->bytes = archive;
	unpacker->size = size;
	unpacker->stream_size = 0;
	unpacker->stream_checksum = 0;
	memset(&unpacker->stream_problem, 0, sizeof(unpacker->stream_problem));
	unpacker->nmembers = 0;
	unpacker->nentries = 0;
	unpacker->nfiles = 0;
	unpacker->total_size = 0;
	unpacker->left_out_folder = 0;
	unpacker->left_out_files = 0;
	unpacker->has_errors = false;
}

/*
 * Read the archive of a package: its files, and each problem that it has. True
 * if none is an error. Of one with errors, the files that are given are those
 * that could be read.
 */
bool
skills_unpack(Unpacker *unpacker, const char *archive, size_t size, Package *package)
{
	bool		is_read;

	memset(package, 0, sizeof(*package));
	forget_archive(unpacker, archive, size);
	is_read = find_format(unpacker) && open_archive(unpacker) && read_entries(unpacker);
	skills_unpack_close(unpacker);
	if (!is_read)
		return false;
	report_left_out(unpacker);
	/* A path that leads out of the folder around all is no reason to look for SKILL.md elsewhere. */
	check_members(unpacker, name_problem);
	remove_folder(unpacker, package);
	find_skill_md(unpacker, package);
	check_members(unpacker, path_problem);
	check_places(unpacker);
	take_files(unpacker, package);
	return !unpacker->has_errors;
}
