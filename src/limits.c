/*
 * limits.c
 *		How much a package may hold: the parameters, and the errors that name them.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "skills.h"

#define FILES_PARAMETER "skills.max_package_files"
#define SIZE_PARAMETER "skills.max_package_size"
#define RATIO_PARAMETER "skills.max_package_ratio"
#define FRONTMATTER_PARAMETER "skills.max_frontmatter_size"

#define DEFAULT_FILES 512
#define DEFAULT_SIZE (16 * 1024 * 1024)
#define MAX_RATIO 1000000
#define DEFAULT_FRONTMATTER (64 * 1024)
#define MAX_FRONTMATTER (16 * 1024 * 1024)

int			skills_max_package_files = DEFAULT_FILES;
int			skills_max_package_size = DEFAULT_SIZE;
int			skills_max_package_ratio = SKILLS_DEFAULT_PACKAGE_RATIO;
int			skills_max_frontmatter_size = DEFAULT_FRONTMATTER;

/* A superuser's to set, or that of a role with GRANT SET ON PARAMETER. */
void
skills_define_limit_parameters(void)
{
	DefineCustomIntVariable(FILES_PARAMETER,
							"The number of files that a version may have, its SKILL.md included.",
							NULL, &skills_max_package_files, DEFAULT_FILES, 1, INT_MAX,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(SIZE_PARAMETER,
							"The size of all files of a version together, unpacked.",
							NULL, &skills_max_package_size, DEFAULT_SIZE, 1, INT_MAX,
							PGC_SUSET, GUC_UNIT_BYTE, NULL, NULL, NULL);
	DefineCustomIntVariable(RATIO_PARAMETER,
							"How many times its own size an archive may unpack to.",
							"Up to 1 MiB, any archive may unpack to.",
							&skills_max_package_ratio, SKILLS_DEFAULT_PACKAGE_RATIO, 1, MAX_RATIO,
							PGC_SUSET, 0, NULL, NULL, NULL);
	DefineCustomIntVariable(FRONTMATTER_PARAMETER,
							"The size of the front matter of a SKILL.md.",
							NULL, &skills_max_frontmatter_size, DEFAULT_FRONTMATTER, 1, MAX_FRONTMATTER,
							PGC_SUSET, GUC_UNIT_BYTE, NULL, NULL, NULL);
}

/* 54000 for more files than the limit; what says where they are. */
void
skills_limit_files(const char *what, int64 nfiles)
{
	if (nfiles > skills_max_package_files)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many files in %s: %lld, limit %d",
						what, (long long) nfiles, skills_max_package_files),
				 errdetail("SKILL.md is one of them. The parameter \"%s\" sets the limit.",
						   FILES_PARAMETER)));
}

/* 54000 for more bytes than the limit; what says where they are. */
void
skills_limit_size(const char *what, int64 size)
{
	if (size > skills_max_package_size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the files of %s are too large: %lld bytes, limit %d",
						what, (long long) size, skills_max_package_size),
				 errdetail("The parameter \"%s\" sets the limit.", SIZE_PARAMETER)));
}

/* At most what it takes in a SKILL.md, however it is written there: the texts, and a byte to part each from the next. */
static int64
size_of_frontmatter(Jsonb *frontmatter)
{
	JsonbIterator *iterator = JsonbIteratorInit(&frontmatter->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	int64		size = 0;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY || ((token == WJB_VALUE || token == WJB_ELEM) && value.type == jbvString))
			size += value.val.string.len + 1;
		else if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			size++;
	}
	return size;
}

/* 54000 for a larger front matter than the limit. */
void
skills_limit_frontmatter(Jsonb *frontmatter)
{
	int64		size = size_of_frontmatter(frontmatter);

	if (size > skills_max_frontmatter_size)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the front matter is too large: %lld bytes, limit %d",
						(long long) size, skills_max_frontmatter_size),
				 errdetail("The parameter \"%s\" sets the limit.", FRONTMATTER_PARAMETER)));
}
