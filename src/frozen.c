/*
 * frozen.c
 *		A registry that is fixed for one conversation: the document that
 *		skills.freeze_registry() gives, and what is read from one that an app
 *		gives back. An app may keep it anywhere, so nothing in it is trusted.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
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

/* An array of strings, or of nulls for what was null in the store. */
static ArrayType *
topics_field(JsonbContainer *object, const char *key, const char *path)
{
	JsonbValue *value = field(object, key);
	JsonbContainer *array;
	Datum	   *topics;
	bool	   *nulls;
	int			ntopics;
	int			lower_bound = 1;

	if (value == NULL || value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data) ||
		JsonContainerIsScalar(value->val.binary.data))
		refuse(path, "must be an array of strings");
	array = value->val.binary.data;
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

static void
read_entry(SkillsFrozenEntry *entry, JsonbValue *value, int i)
{
	const char *path = psprintf("skills[%d]", i);
	JsonbContainer *object;
	text	   *name;

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		refuse(path, "must be an object");
	object = value->val.binary.data;
	name = text_field(object, "name", psprintf("%s.name", path));
	entry->name = text_to_cstring(name);
	entry->skill_id = text_field(object, "skill_id", psprintf("%s.skill_id", path));
	entry->version = integer_field(object, "version", psprintf("%s.version", path));
	entry->description = text_field(object, "description", psprintf("%s.description", path));
	entry->body = text_field(object, "body", psprintf("%s.body", path));
	entry->relevant_topics = topics_field(object, "relevant_topics",
										  psprintf("%s.relevant_topics", path));
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
	JsonbValue *skills;
	JsonbContainer *array;
	SkillsFrozenEntry *entries;

	if (!JB_ROOT_IS_OBJECT(document))
		refuse("$", "must be an object");
	if (integer_field(&document->root, "format", "format") != FROZEN_FORMAT)
		refuse("format", psprintf("must be %d", FROZEN_FORMAT));
	skills = field(&document->root, "skills");
	if (skills == NULL || skills->type != jbvBinary || !JsonContainerIsArray(skills->val.binary.data) ||
		JsonContainerIsScalar(skills->val.binary.data))
		refuse("skills", "must be an array");
	array = skills->val.binary.data;
	*nentries = (int) JsonContainerSize(array);
	entries = MemoryContextAllocHuge(CurrentMemoryContext,
									 sizeof(SkillsFrozenEntry) * (*nentries + 1));
	for (int i = 0; i < *nentries; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_entry(&entries[i], getIthJsonbValueFromContainer(array, i), i);
	}
	if (*nentries > 1)
		qsort(entries, *nentries, sizeof(SkillsFrozenEntry), compare_names);
	for (int i = 1; i < *nentries; i++)
		if (compare_names(&entries[i - 1], &entries[i]) == 0)
			refuse("skills", psprintf("has two entries named \"%s\"",
									  entries[i].name));
	return entries;
}
