/*
 * package.c
 *		Archives of packages: what is in one, as rows, and rows as an archive.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "package.h"
#include "pack.h"
#include "skills.h"
#include "unpack.h"

PG_FUNCTION_INFO_V1(skills_read_package);
PG_FUNCTION_INFO_V1(skills_write_archive);

/* Of memory; those of the server's own default. */
#define FIRST_BLOCK 8192
#define LARGEST_BLOCK 8388608

/* What the readers and writers get from the server. The context is that of their memory. */

static void *
allocate(void *context, size_t size)
{
	return MemoryContextAllocHuge(((const SkillsReading *) context)->memory, size);
}

static void
let_go(void *context, void *memory)
{
	pfree(memory);
}

static void
interrupt(void *context)
{
	CHECK_FOR_INTERRUPTS();
}

static const char *
path_problem(void *context, const char *path)
{
	return skills_path_problem(path);
}

static const char *
path_key(void *context, const char *path)
{
	return skills_path_key(path);
}

/*
 * Begin: all that is allocated until skills_end_reading() is in its context,
 * which an error frees, too. What libraries hold outside is let go then.
 */
void
skills_begin_reading(SkillsReading *reading, SkillsOnProblem on_problem)
{
	reading->memory = AllocSetContextCreate(CurrentMemoryContext, "package",
											0, FIRST_BLOCK, LARGEST_BLOCK);
	reading->before = MemoryContextSwitchTo(reading->memory);
	reading->on_problem = on_problem;
	reading->surroundings.allocate = allocate;
	reading->surroundings.let_go = let_go;
	reading->surroundings.interrupt = interrupt;
	reading->surroundings.path_problem = path_problem;
	reading->surroundings.path_key = path_key;
	reading->surroundings.context = reading;
	reading->result = NULL;
}

void
skills_end_reading(SkillsReading *reading)
{
	MemoryContextSwitchTo(reading->before);
	MemoryContextDelete(reading->memory);
}

/* Call that when the memory goes, whatever the reason. */
void
skills_release_with(SkillsReading *reading, MemoryContextCallbackFunction release, void *argument)
{
	MemoryContextCallback *callback = MemoryContextAlloc(reading->memory, sizeof(*callback));

	callback->func = release;
	callback->arg = argument;
	MemoryContextRegisterResetCallback(reading->memory, callback);
}

/* How the calling function wants to hear of problems. */
SkillsOnProblem
skills_read_on_problem(text *value)
{
	const char *name = text_to_cstring(value);

	if (strcmp(name, "raise") == 0)
		return SKILLS_RAISE;
	if (strcmp(name, "ignore") == 0)
		return SKILLS_IGNORE_WARNINGS;
	if (strcmp(name, "list") == 0)
		return SKILLS_LIST;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("on_problem must be \"raise\", \"ignore\" or \"list\"")));
}

/* 22023, 22021 or 54000 (design, section 5), 53200, or a warning. */
void
skills_raise_problem(const Problem *problem, SkillsOnProblem on_problem)
{
	int			sqlstate = ERRCODE_INVALID_PARAMETER_VALUE;

	if (problem->kind == PROBLEM_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("Failed while %s.", problem->message)));
	if (problem->kind == PROBLEM_WARNING)
	{
		if (on_problem == SKILLS_RAISE)
			ereport(WARNING, (errmsg("%s", problem->message)));
		return;
	}
	if (problem->kind == PROBLEM_NOT_UTF8)
		sqlstate = ERRCODE_CHARACTER_NOT_IN_REPERTOIRE;
	if (problem->kind == PROBLEM_OVER_LIMIT)
		sqlstate = ERRCODE_PROGRAM_LIMIT_EXCEEDED;
	if (problem->line > 0)
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("invalid SKILL.md at line %d, column %d: %s",
						problem->line, problem->column, problem->message),
				 problem->parameter ? errdetail("The parameter \"%s\" sets the limit.", problem->parameter) : 0));
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid package: %s", problem->message),
			 problem->parameter ? errdetail("The parameter \"%s\" sets the limit.", problem->parameter) : 0));
}

/* Reading */

#define PACKAGE_COLUMNS 6
#define PATH 0
#define CONTENT 1
#define EXECUTABLE 2
#define FOLDER 3
#define SEVERITY 4
#define MESSAGE 5

static void
put_row(const SkillsReading *reading, Datum *values, const bool *nulls)
{
	tuplestore_putvalues(reading->result->setResult, reading->result->setDesc, values, unconstify(bool *, nulls));
}

/* What is no text, or is not to be shown as it is, is with escapes, and cut. */
static text *
path_as_text(const char *path, size_t size)
{
	char		quoted[PROBLEM_MAX_QUOTED];

	if (memchr(path, '\0', size) == NULL && skills_valid_utf8(path, size) == size &&
		skills_refused_character(path, size, "") == NULL)
		return cstring_to_text_with_len(path, (int) size);
	return cstring_to_text(skills_quote(quoted, path, size));
}

static void
put_problem(const Problem *problem, const char *path, size_t path_size, void *context)
{
	const SkillsReading *reading = context;
	Datum		values[PACKAGE_COLUMNS] = {0};
	bool		nulls[PACKAGE_COLUMNS] = {path == NULL, true, true, true, false, false};

	if (reading->on_problem != SKILLS_LIST || problem->kind == PROBLEM_OUT_OF_MEMORY)
	{
		skills_raise_problem(problem, reading->on_problem);
		return;
	}
	if (path != NULL)
		values[PATH] = PointerGetDatum(path_as_text(path, path_size));
	values[SEVERITY] = CStringGetTextDatum(problem->kind == PROBLEM_WARNING ? "warning" : "error");
	values[MESSAGE] = CStringGetTextDatum(problem->message);
	put_row(reading, values, nulls);
}

static void
put_file(const SkillsReading *reading, const PackageFile *file, const char *folder)
{
	Datum		values[PACKAGE_COLUMNS] = {0};
	bool		nulls[PACKAGE_COLUMNS] = {false, false, false, folder == NULL, true, true};
	bytea	   *content = palloc(file->size + VARHDRSZ);

	SET_VARSIZE(content, file->size + VARHDRSZ);
	memcpy(VARDATA(content), file->content, file->size);
	values[PATH] = CStringGetTextDatum(file->path);
	values[CONTENT] = PointerGetDatum(content);
	values[EXECUTABLE] = BoolGetDatum(file->is_executable);
	if (folder != NULL)
		values[FOLDER] = CStringGetTextDatum(folder);
	put_row(reading, values, nulls);
	pfree(content);
}

static void
close_unpacker(void *unpacker)
{
	skills_unpack_close(unpacker);
}

/*
 * skills.read_package(archive, on_problem): the files of the archive, SKILL.md
 * first. What is wrong with it is raised as 22023, 22021 or 54000, its warnings
 * too unless on_problem says "ignore"; or for "list" all are rows, of severity
 * "error" or "warning" (design, section 7). Memory that runs out is 53200, however
 * problems are asked for: it says nothing about the archive.
 */
Datum
skills_read_package(PG_FUNCTION_ARGS)
{
	bytea	   *archive = PG_GETARG_BYTEA_PP(0);
	SkillsReading reading;
	PackageLimits limits = {
		.files = (size_t) skills_max_package_files,
		.size = Min((uint64) skills_max_package_size, MaxAllocSize - VARHDRSZ),
		.ratio = (uint64) skills_max_package_ratio
	};
	Unpacker   *unpacker;
	Package		package;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	skills_begin_reading(&reading, skills_read_on_problem(PG_GETARG_TEXT_PP(1)));
	reading.result = (ReturnSetInfo *) fcinfo->resultinfo;
	unpacker = skills_unpack_open(&reading.surroundings, &limits, put_problem);
	skills_release_with(&reading, close_unpacker, unpacker);
	(void) skills_unpack(unpacker, VARDATA_ANY(archive), VARSIZE_ANY_EXHDR(archive), &package);
	for (size_t i = 0; i < package.nfiles; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_file(&reading, &package.files[i], package.folder);
	}
	skills_end_reading(&reading);
	return (Datum) 0;
}

/* Writing */

static PackFormat
read_format(text *value)
{
	const char *name = text_to_cstring(value);

	if (strcmp(name, "zip") == 0)
		return PACK_ZIP;
	if (strcmp(name, "tar") == 0)
		return PACK_TAR;
	if (strcmp(name, "tar.gz") == 0)
		return PACK_TAR_GZ;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown archive format \"%s\"", skills_clip(name)),
			 errdetail("The formats are \"zip\", \"tar\" and \"tar.gz\".")));
}

pg_noreturn static void refuse_file(const char *file);

static void
refuse_file(const char *file)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid file of an archive: \"%s\"", skills_clip(file)),
			 errdetail("It must be its size, \"t\" if it is executable or else \"f\", and its path, with a space between; the contents must be as long as all sizes together.")));
}

/* The file, whose content begins at *content, and goes on to the next. */
static PackageFile
read_file(const char *file, const char **content, const char *end)
{
	char	   *space;
	uint64		size = strtou64(file, &space, 10);
	PackageFile parsed = {.content = *content};

	if (file[0] < '0' || file[0] > '9' || space[0] != ' ' || (space[1] != 't' && space[1] != 'f') ||
		space[2] != ' ' || size > (uint64) (end - *content))
		refuse_file(file);
	parsed.size = (size_t) size;
	parsed.is_executable = space[1] == 't';
	parsed.path = space + 3;
	parsed.path_size = strlen(parsed.path);
	skills_require_path(parsed.path);
	*content += size;
	return parsed;
}

static PackageFile *
read_files(ArrayType *array, bytea *contents, int *nfiles)
{
	Datum	   *values;
	bool	   *nulls;
	PackageFile *files;
	const char *content = VARDATA_ANY(contents);
	const char *end = content + VARSIZE_ANY_EXHDR(contents);

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, nfiles);
	files = palloc(sizeof(PackageFile) * (*nfiles + 1));
	for (int i = 0; i < *nfiles; i++)
		files[i] = read_file(nulls[i] ? "" : TextDatumGetCString(values[i]), &content, end);
	if (content != end)
		refuse_file("");
	return files;
}

static void
close_packer(void *packer)
{
	skills_pack_close(packer);
}

/*
 * skills.write_archive(folder, format, files, contents) → bytea: the files in
 * their order, in that folder, or without one if it is empty. The same bytes
 * for the same arguments. A file is its size, whether it is executable, and its
 * path; the contents follow each other. Compressed, unless it could
 * not be read again then, by the limit of the ratio here and by its default. 22023 for an unknown format, a path
 * that may not be, or files that are not so.
 */
Datum
skills_write_archive(PG_FUNCTION_ARGS)
{
	SkillsReading reading;
	PackFormat	format;
	PackageFile *files;
	Packer	   *packer;
	int			nfiles;
	char	   *folder = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *bytes;
	size_t		size = 0;
	bytea	   *archive;
	Problem		problem;

	skills_begin_reading(&reading, SKILLS_RAISE);
	format = read_format(PG_GETARG_TEXT_PP(1));
	if (folder[0] != '\0')
		skills_require_path(folder);
	files = read_files(PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_BYTEA_PP(3), &nfiles);
	packer = skills_pack_open(&reading.surroundings);
	skills_release_with(&reading, close_packer, packer);
	if (!skills_pack(packer, format, (uint64) Min(skills_max_package_ratio, SKILLS_DEFAULT_PACKAGE_RATIO), folder, files, (size_t) nfiles, &bytes, &size, &problem))
	{
		if (problem.kind == PROBLEM_OUT_OF_MEMORY)
			skills_raise_problem(&problem, SKILLS_RAISE);
		elog(ERROR, "%s", problem.message);
	}
	archive = MemoryContextAlloc(reading.before, size + VARHDRSZ);
	SET_VARSIZE(archive, size + VARHDRSZ);
	memcpy(VARDATA(archive), bytes, size);
	skills_end_reading(&reading);
	PG_RETURN_BYTEA_P(archive);
}
