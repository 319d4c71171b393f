/*
 * load_file.c
 *		A single file of a skill that a user's AI may load: the third step,
 *		after the list of skills and the text of one.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "skills.h"

#define NCOLUMNS 5

PG_FUNCTION_INFO_V1(skills_load_skill_file);

pg_noreturn static void no_such_file(const char *name, const char *path);

static void
no_such_file(const char *name, const char *path)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("file \"%s\" of skill \"%s\" does not exist",
					skills_visible(path), skills_clip(name)),
			 errhint("skills.load_skill() lists the files of a skill.")));
}

/* Which version that is, or the error that there is none, is load_skill()'s to say. */
static SkillsQuery loaded_file = {
	.sql = "SELECT f.path, f.size, f.sha256, f.executable, f.content"
	" FROM skills.load_skill($1) AS l JOIN skills.skill_file AS f"
	" ON f.org_id " EQ " skills.current_org_id() AND f.skill_id " EQ " l.skill_id"
	" AND f.version " EQ " l.version AND f.path " EQ " $2"
	" WHERE f.path " NE " '" SKILLS_SKILL_MD "'",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static void
give_stored(ReturnSetInfo *result, text *name, text *path)
{
	Datum		args[2] = {PointerGetDatum(name), PointerGetDatum(path)};
	Datum		values[NCOLUMNS];
	bool		nulls[NCOLUMNS];

	SPI_connect();
	if (skills_query(&loaded_file, args, 1, NULL) == 0)
		no_such_file(text_to_cstring(name), text_to_cstring(path));
	for (int i = 0; i < NCOLUMNS; i++)
		values[i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1, &nulls[i]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	SPI_finish();
}

static void
give_frozen(ReturnSetInfo *result, Jsonb *document, const char *name, const char *path)
{
	const SkillsFrozenEntry *entry = skills_find_frozen(document, name);
	bool		nulls[NCOLUMNS] = {false};

	for (int i = 0; i < entry->nfiles; i++)
	{
		const SkillsFrozenFile *file = &entry->files[i];

		if (strcmp(file->path, path) == 0)
		{
			Datum		values[NCOLUMNS] = {
				CStringGetTextDatum(file->path), Int32GetDatum(file->size),
				CStringGetTextDatum(file->sha256), BoolGetDatum(file->executable),
				PointerGetDatum(skills_frozen_content(file))
			};

			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			return;
		}
	}
	no_such_file(name, path);
}

static void
require_argument(FunctionCallInfo fcinfo, int number, const char *name)
{
	if (PG_ARGISNULL(number))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
}

/*
 * skills.load_skill_file(name, path, frozen): one of the files that
 * load_skill() lists for that name, of the same version and from the same
 * registry. SKILL.md is none of them: what it says is what load_skill() gives.
 * Raises what load_skill() raises, and P0002 for a file that it does not list.
 */
Datum
skills_load_skill_file(PG_FUNCTION_ARGS)
{
	bool		frozen = skills_is_frozen(fcinfo, 2);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	if (!frozen)
	{
		SkillsIdentity identity;

		skills_require_identity(&identity);
	}
	require_argument(fcinfo, 0, "name");
	require_argument(fcinfo, 1, "path");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (frozen)
		give_frozen(result, PG_GETARG_JSONB_P(2), text_to_cstring(PG_GETARG_TEXT_PP(0)),
					text_to_cstring(PG_GETARG_TEXT_PP(1)));
	else
		give_stored(result, PG_GETARG_TEXT_PP(0), PG_GETARG_TEXT_PP(1));
	return (Datum) 0;
}
