/*
 * zip.c
 *		Reads the central directory of a zip, before libarchive does.
 *
 * libarchive takes names from the local headers, and memory for every entry
 * of the directory before the first is read. What lists an archive looks at
 * the directory, so an archive whose two sides differ shows a reviewer one
 * thing and unpacks another: it is refused, as is one with too many entries,
 * and one with any byte that is of no entry, directory or end record.
 */
#include "zip.h"

#include <stdlib.h>
#include <string.h>

#define LOCAL_HEADER "PK\003\004"
#define LOCAL_HEADER_SIZE 30
#define DIRECTORY_HEADER "PK\001\002"
#define DIRECTORY_HEADER_SIZE 46
#define END_RECORD "PK\005\006"
#define END_RECORD_SIZE 22
#define MAX_COMMENT 16384		/* libarchive looks no further */
#define END_RECORD_64 "PK\006\006"
#define END_RECORD_64_SIZE 56
#define LOCATOR_64 "PK\006\007"
#define LOCATOR_64_SIZE 20
#define EXTRA_64 0x0001
#define EXTRA_NAME 0x7075		/* Info-ZIP's: version, checksum of the other name, name */
#define EXTRA_NAME_START 5
#define DESCRIPTOR "PK\007\010"

#define FLAG_ENCRYPTED 0x0001
#define FLAG_STRONGLY_ENCRYPTED 0x0040
#define FLAG_MASKED 0x2000
#define FLAG_SIZES_FOLLOW 0x0008

#define MODE_TYPE 0170000

typedef struct Zip
{
	const char *archive;
	size_t		size;
	uint64_t	nentries;
	uint64_t	directory;		/* offset */
	uint64_t	directory_end;
	Problem    *problem;
} Zip;

static uint64_t
read_number(const char *bytes, int size)
{
	uint64_t	number = 0;

	for (int i = size - 1; i >= 0; i--)
		number = number << 8 | (unsigned char) bytes[i];
	return number;
}

static bool
is_damaged(Zip *zip, const char *how)
{
	skills_problem(zip->problem, PROBLEM_MALFORMED, "the zip archive is damaged: %s", how);
	return false;
}

/* The record at the very end, whose comment reaches to the last byte. */
static bool
find_end_record(Zip *zip, size_t *position)
{
	if (zip->size < END_RECORD_SIZE)
		return is_damaged(zip, "it is too short");
	for (size_t comment = 0; comment <= MAX_COMMENT && comment + END_RECORD_SIZE <= zip->size; comment++)
	{
		const char *record = zip->archive + zip->size - END_RECORD_SIZE - comment;

		if (memcmp(record, END_RECORD, 4) != 0)
			continue;
		if (read_number(record + 20, 2) != comment)
			return is_damaged(zip, "bytes follow its end");
		*position = (size_t) (record - zip->archive);
		return true;
	}
	return is_damaged(zip, "its directory is missing");
}

/* The wider record, which stands before its locator, which stands before the other. */
static bool
read_end_record_64(Zip *zip, size_t locator)
{
	uint64_t	position = read_number(zip->archive + locator + 8, 8);
	const char *record;

	if (locator < END_RECORD_64_SIZE || position > locator - END_RECORD_64_SIZE)
		return is_damaged(zip, "its end record is not where it should be");
	record = zip->archive + position;
	if (memcmp(record, END_RECORD_64, 4) != 0 ||
		read_number(record + 4, 8) != locator - position - 12 ||
		read_number(record + 16, 4) != 0 || read_number(record + 20, 4) != 0)
		return is_damaged(zip, "its end record is wrong");
	zip->nentries = read_number(record + 32, 8);
	zip->directory = read_number(record + 48, 8);
	zip->directory_end = position;
	if (zip->directory > position || position - zip->directory != read_number(record + 40, 8))
		return is_damaged(zip, "its directory is not where it should be");
	return true;
}

static bool
read_end_record(Zip *zip)
{
	size_t		position = 0;
	const char *record;

	if (!find_end_record(zip, &position))
		return false;
	record = zip->archive + position;
	if (read_number(record + 4, 2) != 0 || read_number(record + 6, 2) != 0 ||
		read_number(record + 8, 2) != read_number(record + 10, 2))
		return is_damaged(zip, "it is one of several parts");
	if (position >= LOCATOR_64_SIZE && memcmp(record - LOCATOR_64_SIZE, LOCATOR_64, 4) == 0)
		return read_end_record_64(zip, position - LOCATOR_64_SIZE);
	zip->nentries = read_number(record + 10, 2);
	zip->directory = read_number(record + 16, 4);
	zip->directory_end = position;
	if (zip->directory > position || position - zip->directory != read_number(record + 12, 4))
		return is_damaged(zip, "its directory is not where it should be");
	return true;
}

/* The extra fields of a header, one after the other. */
typedef struct Extra
{
	const char *next;
	size_t		left;
	size_t		tag;
	const char *field;
	size_t		size;
} Extra;

static bool
next_extra(Extra *extra)
{
	if (extra->left < 4)
		return false;
	extra->tag = (size_t) read_number(extra->next, 2);
	extra->size = (size_t) read_number(extra->next + 2, 2);
	extra->field = extra->next + 4;
	extra->left -= 4;
	if (extra->size > extra->left)
		return false;
	extra->next = extra->field + extra->size;
	extra->left -= extra->size;
	return true;
}

/* The next number of the field takes the place of one that did not fit. */
static void
widen(Extra *extra, uint64_t *number)
{
	if (*number != UINT32_MAX || extra->size < 8)
		return;
	*number = read_number(extra->field, 8);
	extra->field += 8;
	extra->size -= 8;
}

static bool
read_extra_64(Zip *zip, const char *fields, size_t size, ZipEntry *entry)
{
	Extra		extra = {.next = fields,.left = size};

	while (next_extra(&extra))
	{
		if (extra.tag != EXTRA_64)
			continue;
		widen(&extra, &entry->size);
		widen(&extra, &entry->packed_size);
		widen(&extra, &entry->offset);
		return true;
	}
	return entry->offset != UINT32_MAX || is_damaged(zip, "an offset is missing");
}

/* Others unpack an entry under the name that an extra field gives it. */
static bool
check_extra_name(Zip *zip, const char *fields, size_t size, const ZipEntry *entry)
{
	Extra		extra = {.next = fields,.left = size};

	while (next_extra(&extra))
	{
		if (extra.tag == EXTRA_NAME &&
			(extra.size != EXTRA_NAME_START + entry->name_size ||
			 memcmp(extra.field + EXTRA_NAME_START, entry->name, entry->name_size) != 0))
			return is_damaged(zip, "an entry has another name in an extra field");
	}
	return true;
}

/* Whether a number of the local header is that of the directory, or is said elsewhere. */
static bool
is_same_number(const char *header, int position, uint64_t number)
{
	uint64_t	local = read_number(header + position, 4);

	return local == number || local == UINT32_MAX ||
		(local == 0 && (read_number(header + 6, 2) & FLAG_SIZES_FOLLOW) != 0);
}

/* The local header says the same, where it does not leave it to the directory. */
static bool
check_local_header(Zip *zip, const ZipEntry *entry)
{
	const char *header;
	size_t		extra_size;

	if (zip->directory < LOCAL_HEADER_SIZE || entry->offset > zip->directory - LOCAL_HEADER_SIZE)
		return is_damaged(zip, "an entry is not where it should be");
	header = zip->archive + entry->offset;
	if (memcmp(header, LOCAL_HEADER, 4) != 0)
		return is_damaged(zip, "an entry is not where it should be");
	if (read_number(header + 26, 2) != entry->name_size ||
		entry->name_size > zip->directory - entry->offset - LOCAL_HEADER_SIZE ||
		memcmp(header + LOCAL_HEADER_SIZE, entry->name, entry->name_size) != 0)
		return is_damaged(zip, "an entry has another name than the directory says");
	if ((int) read_number(header + 8, 2) != entry->method)
		return is_damaged(zip, "an entry is compressed in another way than the directory says");
	if (!is_same_number(header, 14, entry->checksum) || !is_same_number(header, 18, entry->packed_size) ||
		!is_same_number(header, 22, entry->size))
		return is_damaged(zip, "an entry has another size or checksum than the directory says");
	extra_size = (size_t) read_number(header + 28, 2);
	if (extra_size > zip->directory - entry->offset - LOCAL_HEADER_SIZE - entry->name_size)
		return is_damaged(zip, "an entry is larger than its place");
	return check_extra_name(zip, header + LOCAL_HEADER_SIZE + entry->name_size, extra_size, entry);
}

static bool
is_encrypted(const char *flags)
{
	return (read_number(flags, 2) & (FLAG_ENCRYPTED | FLAG_STRONGLY_ENCRYPTED | FLAG_MASKED)) != 0;
}

/* Reads the entry whose header begins at *position, and goes on to the next. */
static bool
read_entry(Zip *zip, size_t *position, ZipEntry *entry)
{
	const char *header = zip->archive + *position;
	size_t		left = (size_t) zip->directory_end - *position;
	size_t		extra_size;
	size_t		length;

	if (left < DIRECTORY_HEADER_SIZE || memcmp(header, DIRECTORY_HEADER, 4) != 0)
		return is_damaged(zip, "its directory is wrong");
	entry->name = header + DIRECTORY_HEADER_SIZE;
	entry->name_size = (size_t) read_number(header + 28, 2);
	extra_size = (size_t) read_number(header + 30, 2);
	length = DIRECTORY_HEADER_SIZE + entry->name_size + extra_size + (size_t) read_number(header + 32, 2);
	if (length > left)
		return is_damaged(zip, "its directory is wrong");
	entry->method = (int) read_number(header + 10, 2);
	entry->checksum = (uint32_t) read_number(header + 16, 4);
	entry->packed_size = read_number(header + 20, 4);
	entry->size = read_number(header + 24, 4);
	entry->type = (unsigned int) read_number(header + 40, 2) & MODE_TYPE;
	entry->offset = read_number(header + 42, 4);
	*position += length;
	if (!read_extra_64(zip, entry->name + entry->name_size, extra_size, entry) ||
		!check_extra_name(zip, entry->name + entry->name_size, extra_size, entry) ||
		!check_local_header(zip, entry))
		return false;
	entry->is_encrypted = is_encrypted(header + 8) || is_encrypted(zip->archive + entry->offset + 6);
	return true;
}

static int
compare_offsets(const void *a, const void *b)
{
	const ZipEntry *left = a;
	const ZipEntry *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

/* In the order of their local headers: that in which libarchive gives them. */
static bool
sort_entries(Zip *zip, ZipEntry *entries)
{
	if (zip->nentries > 1)
		qsort(entries, (size_t) zip->nentries, sizeof(ZipEntry), compare_offsets);
	for (size_t i = 1; i < zip->nentries; i++)
		if (entries[i - 1].offset == entries[i].offset)
			return is_damaged(zip, "two entries are in one place");
	return true;
}

/* Whether the bytes behind an entry's content say again what the directory does, and nothing else. */
static bool
is_descriptor(const char *bytes, uint64_t size, const ZipEntry *entry)
{
	int			width;

	if ((size == 16 || size == 24) && memcmp(bytes, DESCRIPTOR, 4) == 0)
	{
		bytes += 4;
		size -= 4;
	}
	if (size != 12 && size != 20)
		return false;
	width = size == 12 ? 4 : 8;
	return read_number(bytes, 4) == entry->checksum &&
		read_number(bytes + 4, width) == entry->packed_size &&
		read_number(bytes + 4 + width, width) == entry->size;
}

/*
 * From the first byte to the directory, every one is an entry's. Otherwise one
 * could be there that the directory does not list, and others would unpack.
 */
static bool
check_places(Zip *zip, const ZipEntry *entries)
{
	if (zip->nentries > 0 ? entries[0].offset != 0 : zip->directory != 0)
		return is_damaged(zip, "bytes precede its first entry");
	for (size_t i = 0; i < zip->nentries; i++)
	{
		const ZipEntry *entry = &entries[i];
		const char *header = zip->archive + entry->offset;
		uint64_t	content = entry->offset + LOCAL_HEADER_SIZE + entry->name_size + read_number(header + 28, 2);
		uint64_t	next = i + 1 < zip->nentries ? entries[i + 1].offset : zip->directory;
		uint64_t	end;

		if (content > next || entry->packed_size > next - content)
			return is_damaged(zip, "an entry is larger than its place");
		end = content + entry->packed_size;
		if (end != next && ((read_number(header + 6, 2) & FLAG_SIZES_FOLLOW) == 0 ||
							!is_descriptor(zip->archive + end, next - end, entry)))
			return is_damaged(zip, "there are bytes between its entries that are of none");
	}
	return true;
}

/*
 * The entries of the zip, in the order of their local headers; NULL and a
 * problem if it is damaged, or has more than max_entries.
 */
ZipEntry *
skills_zip_directory(const char *archive, size_t size, size_t max_entries,
					 const Surroundings *surroundings, size_t *nentries, Problem *problem)
{
	Zip			zip = {.archive = archive,.size = size,.problem = problem};
	ZipEntry   *entries;
	size_t		position;

	if (!read_end_record(&zip))
		return NULL;
	if (zip.nentries > max_entries)
	{
		skills_problem(problem, PROBLEM_OVER_LIMIT,
					   "too many entries in the archive: %llu, limit %zu, which is 8 times the limit of files",
					   (unsigned long long) zip.nentries, max_entries);
		problem->parameter = "skills.max_package_files";
		return NULL;
	}
	*nentries = (size_t) zip.nentries;
	entries = surroundings->allocate(surroundings->context, (*nentries + 1) * sizeof(ZipEntry));
	position = (size_t) zip.directory;
	for (size_t i = 0; i < *nentries; i++)
		if (!read_entry(&zip, &position, &entries[i]))
			return NULL;
	if (position != zip.directory_end)
	{
		(void) is_damaged(&zip, "its directory has another number of entries than it says");
		return NULL;
	}
	return sort_entries(&zip, entries) && check_places(&zip, entries) ? entries : NULL;
}
