/*
 * file.c
 *		The triggers of skills.skill_file, and when a stored SKILL.md goes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "skills.h"

PG_FUNCTION_INFO_V1(skills_file_guard);
PG_FUNCTION_INFO_V1(skills_file_limits);
PG_FUNCTION_INFO_V1(skills_version_outdates_skill_md);
PG_FUNCTION_INFO_V1(skills_skill_outdates_skill_md);
PG_FUNCTION_INFO_V1(skills_no_such_file);

static const char *const fixed_columns[] = {
	"org_id", "skill_id", "version", "path", "created_by", "created", NULL
};
static const char *const needed_columns[] = {
	"org_id", "skill_id", "version", "path", "content", "created_by", NULL
};

typedef struct Place
{
	SkillsSkill skill;
	int32		version;
	char	   *path;
	Datum		key[3];			/* of the version: org, skill, number */
} Place;

static Place
place_of(SkillsRow row)
{
	Place		place = {.version = skills_get_int(row, "version")};

	place.skill.org_id = skills_get_text(row, "org_id");
	place.skill.skill_id = skills_get_text(row, "skill_id");
	place.path = skills_get_text(row, "path");
	place.key[0] = CStringGetTextDatum(place.skill.org_id);
	place.key[1] = CStringGetTextDatum(place.skill.skill_id);
	place.key[2] = Int32GetDatum(place.version);
	return place;
}

static char *
describe_version(const Place *place)
{
	return psprintf("version %d of skill \"%s\"", place->version, place->skill.skill_id);
}

static bool
is_skill_md(const Place *place)
{
	return strcmp(place->path, SKILLS_SKILL_MD) == 0;
}

static SkillsStatement find_version = {
	.sql = "SELECT FROM skills.skill_version AS v"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " $2 AND v.version " EQ " $3",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

/* P0002 for a version that is not there, under the skill's lock. */
static void
require_version(const Place *place, Relation table)
{
	if (!skills_exists(&find_version, table, place->key))
		skills_no_such_version(place->skill.skill_id, place->version);
}

/*
 * SKILL.md. A stored one must say what its version says, because it is what an
 * export gives. Import writes it as any user could, so that there is nothing
 * to fake: who stores one that says something else is refused, whoever it is.
 * The version's row is locked meanwhile: an edit of its text, which takes no
 * lock of the skill's, then finds the file and removes it.
 */

static SkillsStatement lock_text = {
	.sql = "SELECT s.name, v.description, v.body, v.frontmatter"
	" FROM skills.skill_version AS v, skills.skill AS s"
	" WHERE v.org_id " EQ " $1 AND v.skill_id " EQ " $2 AND v.version " EQ " $3"
	" AND s.org_id " EQ " $1 AND s.skill_id " EQ " $2 FOR SHARE OF v",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

/* The column of the only row that a statement gave; 0 for null. */
static Datum
column_of_row(int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? (Datum) 0 : value;
}

/* 22023 for a SKILL.md that contradicts its version. */
static void
require_skill_md(const Place *place, bytea *content, Relation table)
{
	bool		matches = false;

	SPI_connect();
	if (skills_run(&lock_text, table, place->key, SKILLS_AS_TRANSACTION) > 0 && column_of_row(4) != (Datum) 0)
		matches = skills_skill_md_says(content, DatumGetTextPP(column_of_row(1)), DatumGetTextPP(column_of_row(2)),
									   DatumGetTextPP(column_of_row(3)), DatumGetJsonbP(column_of_row(4)));
	SPI_finish();
	if (!matches)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("file \"%s\" contradicts %s", SKILLS_SKILL_MD, describe_version(place)),
				 errdetail("It is made from the version's front matter, description and body when it is exported."),
				 errhint("Change the version with skills.update_version(), or import the file with skills.import_skill_md().")));
}

/* Paths that cannot stand beside each other. */

static SkillsStatement find_key = {
	.sql = "SELECT f.path FROM skills.skill_file AS f"
	" WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " $2 AND f.version " EQ " $3"
	" AND skills.path_key(f.path) " EQ " $4",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, INT4OID, TEXTOID}
};

/* "0" comes right after "/". The order is that of the index which is to be used. */
static SkillsStatement find_key_in_folder = {
	.sql = "SELECT f.path FROM skills.skill_file AS f"
	" WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " $2 AND f.version " EQ " $3"
	" AND skills.path_key(f.path) " GE " ($4 " CAT " '/')"
	" AND skills.path_key(f.path) " LT " ($4 " CAT " '0') ORDER BY skills.path_key(f.path) LIMIT 1",
	.nargs = 4,
	.argtypes = {TEXTOID, TEXTOID, INT4OID, TEXTOID}
};

static char *
find_path(SkillsStatement *statement, const Place *place, Datum key, Relation table, SkillsView view)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *found = NULL;
	Datum		args[4] = {place->key[0], place->key[1], place->key[2], key};

	SPI_connect();
	if (skills_run(statement, table, args, view) > 0)
		found = MemoryContextStrdup(context, SPI_getvalue(SPI_tuptable->vals[0],
														  SPI_tuptable->tupdesc, 1));
	SPI_finish();
	return found;
}

/* The path of a file of the same key, of one that is a folder of it, or of one in it; NULL for none. */
static char *
file_in_the_way(const Place *place, const char *key, Relation table, SkillsView view)
{
	Datum		whole = CStringGetTextDatum(key);
	char	   *found = find_path(&find_key, place, whole, table, view);

	for (const char *end = strchr(key, '/'); end != NULL && found == NULL; end = strchr(end + 1, '/'))
		found = find_path(&find_key, place,
						  PointerGetDatum(cstring_to_text_with_len(key, (int) (end - key))), table, view);
	return found != NULL ? found : find_path(&find_key_in_folder, place, whole, table, view);
}

/*
 * 22023 where a file system could not hold both files. The same path is no
 * clash: that is for the primary key, or ON CONFLICT. Where the transaction's
 * own snapshot shows another file or none, a race was lost: 40001.
 */
static void
require_room(const Place *place, Relation table)
{
	const char *key = skills_path_key(place->path);
	const char *other = file_in_the_way(place, key, table, SKILLS_AS_OF_NOW);

	if (IsolationUsesXactSnapshot())
	{
		const char *seen = file_in_the_way(place, key, table, SKILLS_AS_TRANSACTION);

		if ((other == NULL) != (seen == NULL) || (other != NULL && strcmp(other, seen) != 0))
			skills_serialization_failure();
	}
	if (other == NULL || strcmp(other, place->path) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("file path \"%s\" clashes with \"%s\" in %s",
					skills_visible(place->path), skills_visible(other), describe_version(place)),
			 strcmp(skills_path_key(other), key) == 0 ?
			 errdetail("They differ in case or Unicode normal form only.") :
			 errdetail("A path cannot be both a file and a folder.")));
}

/* Users' writes of files in this session, see file_limits(). */
static uint64 writes_begun;

static bytea *
content_of(SkillsRow row)
{
	bool		isnull;

	return DatumGetByteaPP(skills_get(row, "content", &isnull));
}

static void
stamp_content(SkillsRow *row)
{
	bytea	   *content = content_of(*row);

	skills_set(row, "size", Int32GetDatum((int32) VARSIZE_ANY_EXHDR(content)));
	skills_set_text(row, "sha256", skills_sha256_hex(VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content)));
}

static void
set_from_skill(SkillsRow *row, const SkillsSkill *skill)
{
	skills_set_text(row, "author", skill->author);
	skills_set_text(row, "accessibility", skill->accessibility);
}

/* Rules 2 and 12, and what a version's files may be. */
static Datum
before_insert(SkillsRow row)
{
	SkillsIdentity identity;
	Place		place;

	if (skills_writer(&identity) != SKILLS_WRITER_USER)
		return PointerGetDatum(row.tuple);
	skills_require_values(row, needed_columns);
	place = place_of(row);
	skills_require_own_org(place.skill.org_id, &identity);
	skills_require_own_user(skills_get_text(row, "created_by"), "created_by", &identity);
	skills_lock(&place.skill, SKILLS_LOCK_TO_WRITE, row.table);
	skills_require_edit(&place.skill, &identity, row.table);
	require_version(&place, row.table);
	skills_require_path(place.path);
	/* The whole of a version is asked when it is written. */
	skills_limit_size(describe_version(&place), (int64) VARSIZE_ANY_EXHDR(content_of(row)));
	require_room(&place, row.table);
	if (is_skill_md(&place))
		require_skill_md(&place, content_of(row), row.table);
	writes_begun++;
	stamp_content(&row);
	set_from_skill(&row, &place.skill);
	skills_set(&row, "created", TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	return skills_finish(row);
}

/*
 * What an editor may change: content and executable. The server has locked the
 * row, which a flip and a delete of the version write too; the skill's lock is
 * needed, after it, only where a file grows, for the limit on all files
 * together. skills.put_file() takes that lock first.
 */
static void
update_as_user(SkillsRow old_row, SkillsRow *new_row, const SkillsIdentity *identity)
{
	Place		place = place_of(old_row);
	bytea	   *content;

	place.skill.author = skills_get_text(old_row, "author");
	place.skill.accessibility = skills_get_text(old_row, "accessibility");
	skills_require_own_org(place.skill.org_id, identity);
	skills_require_edit(&place.skill, identity, old_row.table);
	skills_require_values(*new_row, needed_columns);
	content = content_of(*new_row);
	skills_limit_size(describe_version(&place), (int64) VARSIZE_ANY_EXHDR(content));
	if ((int64) VARSIZE_ANY_EXHDR(content) > skills_get_int(old_row, "size"))
		skills_lock(&place.skill, SKILLS_LOCK_TO_WRITE, old_row.table);
	if (is_skill_md(&place))
		require_skill_md(&place, content, old_row.table);
	writes_begun++;
	stamp_content(new_row);
	set_from_skill(new_row, &place.skill);
}

/* Rules 2, 11 and 12. */
static Datum
before_update(SkillsRow old_row, SkillsRow new_row)
{
	SkillsIdentity identity;
	SkillsWriter writer = skills_writer(&identity);

	if (writer == SKILLS_WRITER_DATABASE)
		return PointerGetDatum(new_row.tuple);
	skills_forbid_changes(old_row, new_row, fixed_columns);
	if (writer == SKILLS_WRITER_USER)
		update_as_user(old_row, &new_row, &identity);
	else if (!skills_is_null(new_row, "content") &&
			 !skills_is_changed(old_row, new_row, "size") &&
			 !skills_is_changed(old_row, new_row, "sha256"))
		stamp_content(&new_row);
	return skills_finish(new_row);
}

/* Only the cascade of a version's own delete meets files without a version. */
static bool
is_cascade(const Place *place, Relation table)
{
	return skills_execute(&find_version, table, place->key, SKILLS_AS_OF_NOW) == 0;
}

/* Rule 2; the server has locked the row, see update_as_user(). */
static Datum
before_delete(SkillsRow row)
{
	SkillsIdentity identity;
	Place		place = place_of(row);

	if (skills_is_own_statement() || is_cascade(&place, row.table))
		return PointerGetDatum(row.tuple);
	if (skills_writer(&identity) == SKILLS_WRITER_USER)
	{
		place.skill.author = skills_get_text(row, "author");
		place.skill.accessibility = skills_get_text(row, "accessibility");
		skills_require_own_org(place.skill.org_id, &identity);
		skills_require_edit(&place.skill, &identity, row.table);
	}
	return PointerGetDatum(row.tuple);
}

/*
 * skills.file_guard() trigger: before every INSERT, UPDATE and DELETE of a
 * file, rules 2, 11 and 12, the path, SKILL.md.
 */
Datum
skills_file_guard(PG_FUNCTION_ARGS)
{
	return skills_guard(fcinfo, "file_guard", before_insert, before_update, before_delete);
}

/* The limits on all files of a version together. */

static SkillsStatement sum_files = {
	.sql = "SELECT pg_catalog.count(*) FILTER (WHERE f.path " NE " '" SKILLS_SKILL_MD "'),"
	" coalesce(pg_catalog.sum(f.size), 0) FROM skills.skill_file AS f"
	" WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " $2 AND f.version " EQ " $3",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

typedef struct Total
{
	int64		files;			/* SKILL.md included, whether stored or not */
	int64		size;
} Total;

static Total
total_of(const Place *place, Relation table, SkillsView view)
{
	Total		total;
	bool		isnull;

	SPI_connect();
	(void) skills_run(&sum_files, table, place->key, view);
	total.files = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) + 1;
	total.size = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
	SPI_finish();
	return total;
}

static bool
is_over(Total total)
{
	return total.files > skills_max_package_files || total.size > skills_max_package_size;
}

/* 54000; 40001 where only what others have written meanwhile is too much. */
static void
require_within_limits(const Place *place, Relation table)
{
	Total		total = total_of(place, table, SKILLS_AS_OF_NOW);

	if (!is_over(total))
		return;
	if (IsolationUsesXactSnapshot() && !is_over(total_of(place, table, SKILLS_AS_TRANSACTION)))
		skills_serialization_failure();
	skills_limit_files(describe_version(place), total.files);
	skills_limit_size(describe_version(place), total.size);
}

/*
 * The version that was found within the limits last. That holds until a user's
 * next write of a file begins, so one statement that writes 512 files counts
 * them once and not 512 times. At another trigger depth it does not hold: what
 * a trigger of somebody else's writes stands between file_guard() and the row
 * that it has let through, and is counted before that row is there.
 */
static struct
{
	FullTransactionId transaction;
	uint64		writes;
	int			trigger_depth;
	char	   *version;		/* lives as long as the transaction */
}			within_limits;

static char *
version_key(const Place *place)
{
	return psprintf("%d %zu %s %s", place->version, strlen(place->skill.org_id),
					place->skill.org_id, place->skill.skill_id);
}

static bool
is_noted(void)
{
	return within_limits.version != NULL &&
		FullTransactionIdEquals(within_limits.transaction, GetTopFullTransactionIdIfAny());
}

static bool
is_known_within_limits(const char *version)
{
	return is_noted() && within_limits.writes == writes_begun &&
		within_limits.trigger_depth == skills_trigger_depth() &&
		strcmp(within_limits.version, version) == 0;
}

static void
note_within_limits(const char *version)
{
	if (is_noted())
		pfree(within_limits.version);
	within_limits.version = NULL;
	within_limits.version = MemoryContextStrdup(TopTransactionContext, version);
	within_limits.writes = writes_begun;
	within_limits.trigger_depth = skills_trigger_depth();
	within_limits.transaction = GetTopFullTransactionIdIfAny();
}

/*
 * skills.file_limits() trigger: after files were added or have grown, 54000
 * where the version has more of them than skills.max_package_files, or more
 * bytes than skills.max_package_size.
 */
Datum
skills_file_limits(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Place		place;
	const char *version;

	skills_called_as_trigger(fcinfo, "file_limits");
	place = place_of(skills_new_row(trigger));
	version = version_key(&place);
	if (!is_known_within_limits(version))
	{
		require_within_limits(&place, trigger->tg_relation);
		note_within_limits(version);
	}
	return PointerGetDatum(NULL);
}

/* From an edit on, SKILL.md is made anew when it is exported. */

static SkillsStatement delete_skill_md_of_version = {
	.sql = "DELETE FROM skills.skill_file AS f WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " $2"
	" AND f.version " EQ " $3 AND f.path " EQ " '" SKILLS_SKILL_MD "'",
	.nargs = 3,
	.argtypes = {TEXTOID, TEXTOID, INT4OID}
};

static SkillsStatement delete_skill_md_of_skill = {
	.sql = "DELETE FROM skills.skill_file AS f WHERE f.org_id " EQ " $1 AND f.skill_id " EQ " $2"
	" AND f.path " EQ " '" SKILLS_SKILL_MD "'",
	.nargs = 2,
	.argtypes = {TEXTOID, TEXTOID}
};

static void
delete_skill_md(SkillsStatement *statement, SkillsRow row)
{
	Datum		key[3] = {
		CStringGetTextDatum(skills_get_text(row, "org_id")),
		CStringGetTextDatum(skills_get_text(row, "skill_id"))
	};

	if (statement->nargs == 3)
		key[2] = Int32GetDatum(skills_get_int(row, "version"));
	(void) skills_execute(statement, row.table, key, SKILLS_AS_OF_NOW);
}

/*
 * skills.version_outdates_skill_md() trigger: after the description, body or
 * front matter of a version has changed, its SKILL.md goes.
 */
Datum
skills_version_outdates_skill_md(PG_FUNCTION_ARGS)
{
	skills_called_as_trigger(fcinfo, "version_outdates_skill_md");
	delete_skill_md(&delete_skill_md_of_version, skills_new_row((TriggerData *) fcinfo->context));
	return PointerGetDatum(NULL);
}

/*
 * skills.skill_outdates_skill_md() trigger: after the name of a skill has
 * changed, the SKILL.md of each of its versions goes.
 */
Datum
skills_skill_outdates_skill_md(PG_FUNCTION_ARGS)
{
	skills_called_as_trigger(fcinfo, "skill_outdates_skill_md");
	delete_skill_md(&delete_skill_md_of_skill, skills_new_row((TriggerData *) fcinfo->context));
	return PointerGetDatum(NULL);
}

/* skills.no_such_file(skill_id, version, path) → boolean: never gives one, always raises P0002. */
Datum
skills_no_such_file(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("file \"%s\" of version %d of skill \"%s\" does not exist",
					skills_visible(text_to_cstring(PG_GETARG_TEXT_PP(2))), PG_GETARG_INT32(1),
					skills_clip(text_to_cstring(PG_GETARG_TEXT_PP(0))))));
}
