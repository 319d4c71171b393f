/*
 * frozen.c
 *		A registry that is fixed for one conversation: the document that
 *		skills.freeze_registry() gives, and what is read from one that an app
 *		gives back. An app may keep it anywhere, so nothing in it is trusted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "skills.h"

#define FROZEN_FORMAT 1

pg_noreturn static void refuse(const char *path, const char *what);

static void
refuse(const char *path, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid frozen registry: \"%s\" %s", path, what),
			 errhint("Give back what skills.freeze_registry() gave, unchanged.")));
}

static JsonbValue *
field(JsonbContainer *object, const char *key)
{
	JsonbValue	name = {.type = jbvString};

	name.val.string.val = unconstify(char *, key);
	name.val.string.len = (int) strlen(key);
	return findJsonbValueFromContainer(object, JB_FOBJECT, &name);
}

static int32
integer_field(JsonbContainer *object, const char *key, const char *path)
{
	JsonbValue *value = field(object, key);
	bool		is_error = false;
	int32		number;

	if (value == NULL || value->type != jbvNumeric)
		refuse(path, "must be an integer");
	number = numeric_int4_opt_error(value->val.numeric, &is_error);
	if (is_error ||
		!DatumGetBool(DirectFunctionCall2(numeric_eq, NumericGetDatum(value->val.numeric),
										  NumericGetDatum(int64_to_numeric(number)))))
		refuse(path, "must be an integer");
	return number;
}

static text *
text_field(JsonbContainer *object, const char *key, const char *path)
{
	JsonbValue *value = field(object, key);

	if (value == NULL || value->type != jbvString)
		refuse(path, "must be a string");
	return cstring_to_text_with_len(value->val.string.val, value->val.string.len);
}

static bool
boolean_field(JsonbContainer *object, const char *key, const char *path)
{
	JsonbValue *value = field(object, key);

	if (value == NULL || value->type != jbvBool)
		refuse(path, "must be a boolean");
	return value->val.boolean;
}

/* The array, or NULL for anything else. */
static JsonbContainer *
array_field(JsonbContainer *object, const char *key)
{
	JsonbValue *value = field(object, key);

	if (value == NULL || value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerIsScalar(value->val.binary.data))
		return NULL;
	return value->val.binary.data;
}

/* The object at that place of the array. */
static JsonbContainer *
object_at(JsonbContainer *array, int i, const char *path)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, (uint32) i);

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		refuse(path, "must be an object");
	return value->val.binary.data;
}

/* An array of strings, or of nulls for what was null in the store. */
static ArrayType *
topics_field(JsonbContainer *object, const char *key, const char *path)
{
	JsonbContainer *array = array_field(object, key);
	Datum	   *topics;
	bool	   *nulls;
	int			ntopics;
	int			lower_bound = 1;

	if (array == NULL)
		refuse(path, "must be an array of strings");
	ntopics = (int) JsonContainerSize(array);
	topics = palloc(sizeof(Datum) * (ntopics + 1));
	nulls = palloc0(sizeof(bool) * (ntopics + 1));
	for (int i = 0; i < ntopics; i++)
	{
		JsonbValue *topic = getIthJsonbValueFromContainer(array, i);

		nulls[i] = topic->type == jbvNull;
		if (!nulls[i] && topic->type != jbvString)
			refuse(psprintf("%s[%d]", path, i), "must be a string");
		topics[i] = nulls[i] ? (Datum) 0 :
			PointerGetDatum(cstring_to_text_with_len(topic->val.string.val, topic->val.string.len));
	}
	if (ntopics == 0)
		return construct_empty_array(TEXTOID);
	return construct_md_array(topics, nulls, 1, &ntopics, &lower_bound,
							  TEXTOID, -1, false, TYPALIGN_INT);
}

/* The content stays encoded until somebody asks for it. */
static void
read_file(SkillsFrozenFile *file, JsonbContainer *object, const char *path)
{
	JsonbValue *content = field(object, "content");

	file->path = text_to_cstring(text_field(object, "path", psprintf("%s.path", path)));
	file->size = integer_field(object, "size", psprintf("%s.size", path));
	file->sha256 = text_to_cstring(text_field(object, "sha256", psprintf("%s.sha256", path)));
	file->executable = boolean_field(object, "executable", psprintf("%s.executable", path));
	if (content == NULL || content->type != jbvString)
		refuse(psprintf("%s.content", path), "must be a string");
	file->base64 = content->val.string.val;
	file->base64_length = content->val.string.len;
	if (skills_path_problem(file->path) != NULL || strcmp(file->path, SKILLS_SKILL_MD) == 0)
		refuse(psprintf("%s.path", path), "must be the path of a file");
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(((const SkillsFrozenFile *) a)->path, ((const SkillsFrozenFile *) b)->path);
}

/* Documents that were frozen before skills had files have none. */
static void
read_files(SkillsFrozenEntry *entry, JsonbContainer *object, const char *path)
{
	JsonbContainer *array = array_field(object, "files");

	if (array == NULL && field(object, "files") != NULL)
		refuse(path, "must be an array");
	entry->nfiles = array == NULL ? 0 : (int) JsonContainerSize(array);
	entry->files = MemoryContextAllocHuge(CurrentMemoryContext,
										  sizeof(SkillsFrozenFile) * (entry->nfiles + 1));
	for (int i = 0; i < entry->nfiles; i++)
	{
		const char *file_path = psprintf("%s[%d]", path, i);

		CHECK_FOR_INTERRUPTS();
		read_file(&entry->files[i], object_at(array, i, file_path), file_path);
	}
	if (entry->nfiles > 1)
		qsort(entry->files, entry->nfiles, sizeof(SkillsFrozenFile), compare_paths);
	for (int i = 1; i < entry->nfiles; i++)
		if (compare_paths(&entry->files[i - 1], &entry->files[i]) == 0)
			refuse(path, psprintf("has two files \"%s\"", entry->files[i].path));
}

/* The content of the file. 22023 unless it is what size and digest say. */
bytea *
skills_frozen_content(const SkillsFrozenFile *file)
{
	int			room = pg_b64_dec_len(file->base64_length);
	bytea	   *content = palloc(VARHDRSZ + room);
	int			size = pg_b64_decode(file->base64, file->base64_length, (void *) VARDATA(content), room);

	if (size < 0 || size != file->size ||
		strcmp(skills_sha256_hex(VARDATA(content), size), file->sha256) != 0)
		refuse(file->path, "must have the size and sha256 that are given with it");
	SET_VARSIZE(content, VARHDRSZ + size);
	return content;
}

static void
read_entry(SkillsFrozenEntry *entry, JsonbContainer *array, int i)
{
	const char *path = psprintf("skills[%d]", i);
	JsonbContainer *object = object_at(array, i, path);
	text	   *name = text_field(object, "name", psprintf("%s.name", path));

	entry->name = text_to_cstring(name);
	entry->skill_id = text_field(object, "skill_id", psprintf("%s.skill_id", path));
	entry->version = integer_field(object, "version", psprintf("%s.version", path));
	entry->description = text_field(object, "description", psprintf("%s.description", path));
	entry->body = text_field(object, "body", psprintf("%s.body", path));
	entry->relevant_topics = topics_field(object, "relevant_topics",
										  psprintf("%s.relevant_topics", path));
	read_files(entry, object, psprintf("%s.files", path));
	skills_require_name(psprintf("frozen registry: \"%s.name\"", path), name);
	skills_require_description(psprintf("frozen registry: \"%s.description\"", path),
							   entry->description, true);
	if (!skills_is_skill_id(text_to_cstring(entry->skill_id)))
		refuse(psprintf("%s.skill_id", path), "must be a skill id");
	if (entry->version < 1)
		refuse(psprintf("%s.version", path), "must be at least 1");
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const SkillsFrozenEntry *) a)->name, ((const SkillsFrozenEntry *) b)->name);
}

/* The entries of the document, by name. 22023 with the path of what is wrong. */
SkillsFrozenEntry *
skills_read_frozen(Jsonb *document, int *nentries)
{
	JsonbContainer *array;
	SkillsFrozenEntry *entries;

	if (!JB_ROOT_IS_OBJECT(document))
		refuse("$", "must be an object");
	if (integer_field(&document->root, "format", "format") != FROZEN_FORMAT)
		refuse("format", psprintf("must be %d", FROZEN_FORMAT));
	array = array_field(&document->root, "skills");
	if (array == NULL)
		refuse("skills", "must be an array");
	*nentries = (int) JsonContainerSize(array);
	entries = MemoryContextAllocHuge(CurrentMemoryContext,
									 sizeof(SkillsFrozenEntry) * (*nentries + 1));
	for (int i = 0; i < *nentries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_entry(&entries[i], array, i);
	}
	if (*nentries > 1)
		qsort(entries, *nentries, sizeof(SkillsFrozenEntry), compare_names);
	for (int i = 1; i < *nentries; i++)
		if (compare_names(&entries[i - 1], &entries[i]) == 0)
			refuse("skills", psprintf("has two entries named \"%s\"",
									  entries[i].name));
	return entries;
}

/* The entry of that name. P0002 if the document has none. */
SkillsFrozenEntry *
skills_find_frozen(Jsonb *document, const char *name)
{
	int			nentries;
	SkillsFrozenEntry *entries = skills_read_frozen(document, &nentries);

	for (int i = 0; i < nentries; i++)
		if (strcmp(entries[i].name, name) == 0)
			return &entries[i];
	skills_not_in_registry(name, true);
}
