/*
 * skills.h
 *		What the subjects of the extension share.
 */
#ifndef SKILLS_H
#define SKILLS_H

#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "utils/relcache.h"

#include "compatibility.h"

/* identity.c: who is asking */

typedef struct SkillsIdentity
{
	const char *user_id;
	const char *org_id;
} SkillsIdentity;

extern void skills_define_identity_parameters(void);
extern bool skills_identity(SkillsIdentity *identity);
extern void skills_require_identity(SkillsIdentity *identity);
extern void skills_resolve_identity(SkillsIdentity *identity, text *user_id, text *org_id);
extern int	skills_act_as(const SkillsIdentity *identity);
extern void skills_act_as_before(int nest_level);

/* statement.c: the database's own SQL */

/* SQL inside C is safe under any search_path: it qualifies operators, too. */
#define EQ "OPERATOR(pg_catalog.=)"
#define NE "OPERATOR(pg_catalog.<>)"
#define LT "OPERATOR(pg_catalog.<)"
#define GT "OPERATOR(pg_catalog.>)"
#define GE "OPERATOR(pg_catalog.>=)"
#define CAT "OPERATOR(pg_catalog.||)"

#define SKILLS_MAX_ARGS 4

typedef struct SkillsStatement
{
	const char *sql;
	int			nargs;
	Oid			argtypes[SKILLS_MAX_ARGS];
	SPIPlanPtr	plan;			/* saved by the first use in a session */
} SkillsStatement;

typedef enum SkillsView
{
	SKILLS_AS_TRANSACTION,		/* what the transaction's own snapshot shows */
	SKILLS_AS_OF_NOW			/* what is committed by now */
} SkillsView;

extern void skills_prepare_once(SPIPlanPtr *plan, const char *sql,
								int nargs, Oid *argtypes, int cursor_options);
extern uint64 skills_run_as_caller(SkillsStatement *statement, const Datum *args, SkillsView view);
extern uint64 skills_run(SkillsStatement *statement, Relation table,
						 const Datum *args, SkillsView view);
extern uint64 skills_execute(SkillsStatement *statement, Relation table,
							 const Datum *args, SkillsView view);
extern int	skills_trigger_depth(void);
extern bool skills_is_own_statement(void);
extern bool skills_exists(SkillsStatement *statement, Relation table,
						  const Datum *args);
pg_noreturn extern void skills_serialization_failure(void);

/* query.c: SQL that functions run as their caller, under row security */

typedef struct SkillsQuery
{
	const char *sql;
	int			nargs;
	Oid			argtypes[SKILLS_MAX_ARGS];
	int			cursor_options;
	SPIPlanPtr	plan;			/* saved by the first use in a session */
} SkillsQuery;

#define SKILLS_ALL_ROWS PG_INT64_MAX

extern uint64 skills_query(SkillsQuery *query, const Datum *args, int64 max_rows,
						   DestReceiver *dest);
extern void skills_give_rows(FunctionCallInfo fcinfo, SkillsQuery *query, const Datum *args,
							 int64 max_rows);

/* access.c: the rules */

typedef enum SkillsWriter
{
	SKILLS_WRITER_USER,			/* a caller with an identity: all rules apply */
	SKILLS_WRITER_DATABASE,		/* a trigger, or a DBA's function, of ours */
	SKILLS_WRITER_AS_GIVEN		/* a restore or a DBA, without an identity */
} SkillsWriter;

typedef enum SkillsLock
{
	SKILLS_LOCK_TO_WRITE,		/* FOR NO KEY UPDATE: writers of versions */
	SKILLS_LOCK_TO_SUBSCRIBE	/* FOR SHARE: subscribers */
} SkillsLock;

typedef struct SkillsSkill
{
	char	   *org_id;
	char	   *skill_id;
	char	   *author;
	char	   *accessibility;
} SkillsSkill;

#define SKILLS_PRIVATE "private"
#define SKILLS_ORG "org"
#define SKILLS_ORG_EDITABLE "org-editable"

extern bool skills_is_private(text *accessibility);
extern bool skills_can_see(text *author, text *accessibility, const SkillsIdentity *identity);
extern SkillsWriter skills_writer(SkillsIdentity *identity);
extern bool skills_is_subscribed(const SkillsSkill *skill, Relation table);
extern bool skills_is_there(const SkillsSkill *skill, Relation table, SkillsView view);
extern bool skills_lock_visible(SkillsSkill *skill, SkillsLock lock, Relation table);
extern void skills_lock(SkillsSkill *skill, SkillsLock lock, Relation table);
extern void skills_lock_unseen(SkillsSkill *skill, Relation table);
extern void skills_require_own_org(const char *org_id, const SkillsIdentity *identity);
extern void skills_require_own_user(const char *user_id, const char *column,
									const SkillsIdentity *identity);
extern void skills_require_edit(const SkillsSkill *skill,
								const SkillsIdentity *identity, Relation table);
extern void skills_require_author(const SkillsSkill *skill,
								  const SkillsIdentity *identity, const char *rule);
pg_noreturn extern void skills_no_such_skill(const char *skill_id);
pg_noreturn extern void skills_no_such_version(const char *skill_id, int64 version);

/* offer.c: what a user's AI is offered */

typedef struct SkillsOffer
{
	text	   *name;
	text	   *skill_id;
	int32		version;
	text	   *description;
	Datum		relevant_topics;
	text	   *accessibility;
	text	   *created_by;
	/* of the one that is loaded */
	Datum		body;
	Datum		files;
} SkillsOffer;

extern SkillsOffer *skills_read_offers(const SkillsIdentity *identity, uint64 *count);
extern bool skills_read_offer(SkillsOffer *offer, const SkillsIdentity *identity, text *name);

/* row.c: reading and filling the rows that a trigger is given */

#define SKILLS_MAX_CHANGES 8

typedef struct SkillsRow
{
	Relation	table;
	HeapTuple	tuple;			/* as the client gave it; what is set waits below */
	int			nchanges;
	int			columns[SKILLS_MAX_CHANGES];
	Datum		values[SKILLS_MAX_CHANGES];
	bool		nulls[SKILLS_MAX_CHANGES];
} SkillsRow;

extern int	skills_column_number(TupleDesc columns, const char *column);
extern void skills_called_as_trigger(FunctionCallInfo fcinfo, const char *name);
extern SkillsRow skills_old_row(const TriggerData *trigger);
extern SkillsRow skills_new_row(const TriggerData *trigger);
extern Datum skills_guard(FunctionCallInfo fcinfo, const char *name,
						  Datum (*before_insert) (SkillsRow new_row),
						  Datum (*before_update) (SkillsRow old_row, SkillsRow new_row),
						  Datum (*before_delete) (SkillsRow old_row));
extern Datum skills_get(SkillsRow row, const char *column, bool *isnull);
extern char *skills_get_text(SkillsRow row, const char *column);
extern bool skills_is_null(SkillsRow row, const char *column);
extern int32 skills_get_int(SkillsRow row, const char *column);
extern bool skills_is_changed(SkillsRow old_row, SkillsRow new_row, const char *column);
extern void skills_set(SkillsRow *row, const char *column, Datum value);
extern void skills_set_text(SkillsRow *row, const char *column, const char *value);
extern void skills_set_null(SkillsRow *row, const char *column);
extern Datum skills_finish(SkillsRow row);
extern void skills_require_values(SkillsRow row, const char *const *columns);
extern void skills_forbid_changes(SkillsRow old_row, SkillsRow new_row,
								  const char *const *columns);
extern void skills_stamp_insert(SkillsRow *row, const SkillsIdentity *identity);
extern void skills_stamp_update(SkillsRow old_row, SkillsRow *new_row,
								SkillsWriter writer, const SkillsIdentity *identity);

/* id.c */

extern bool skills_is_skill_id(const char *value);

/* check.c: the form of names, tags, descriptions and front matter */

extern bool skills_text_equals(text *value, const char *string);
extern int	skills_compare_text(text *a, text *b);
#define SKILLS_MAX_IMPORTED_DESCRIPTION 1024

extern char *skills_clip(const char *value);
extern bool skills_is_name(const char *value, size_t size);
extern char *skills_visible(const char *value);
extern const char *skills_refused_character(const char *value, size_t size,
											const char *allowed);
extern void skills_require_name(const char *what, text *value);
extern void skills_require_description(const char *what, text *value, bool imported);
extern ArrayType *skills_canonical_tags(ArrayType *tags);
extern bool skills_is_json_null(Jsonb *value);

/* limits.c: the parameters that limit a package */

#define SKILLS_DEFAULT_PACKAGE_RATIO 100

extern int	skills_max_package_files;
extern int	skills_max_package_size;
extern int	skills_max_package_ratio;
extern int	skills_max_frontmatter_size;

extern void skills_define_limit_parameters(void);
extern void skills_limit_files(const char *what, int64 nfiles);
extern void skills_limit_size(const char *what, int64 size);
extern void skills_limit_frontmatter(Jsonb *frontmatter);

/* path.c: the paths of a skill's files */

#define SKILLS_MAX_PATH 512		/* bytes */
#define SKILLS_SKILL_MD "SKILL.md"

extern const char *skills_path_problem(const char *path);
extern void skills_require_path(const char *path);
extern char *skills_path_key(const char *path);

/* skill_md.c */

extern bool skills_skill_md_says(bytea *content, text *name, text *description, text *body,
								 Jsonb *frontmatter);

/* frozen.c: a registry that is fixed for one conversation */

typedef struct SkillsFrozenFile
{
	char	   *path;
	int32		size;
	char	   *sha256;
	bool		executable;
	const char *base64;			/* in the document, not terminated */
	int			base64_length;
} SkillsFrozenFile;

typedef struct SkillsFrozenEntry
{
	char	   *name;
	text	   *skill_id;
	int32		version;
	text	   *description;
	text	   *body;
	ArrayType  *relevant_topics;
	SkillsFrozenFile *files;	/* by path */
	int			nfiles;
} SkillsFrozenEntry;

extern SkillsFrozenEntry *skills_read_frozen(Jsonb *document, int *nentries);
extern SkillsFrozenEntry *skills_find_frozen(Jsonb *document, const char *name);
extern bytea *skills_frozen_content(const SkillsFrozenFile *file);

/* registry.c: what a user's AI may load by itself */

extern bool skills_is_frozen(FunctionCallInfo fcinfo, int number);
pg_noreturn extern void skills_not_in_registry(const char *name, bool is_frozen);

/* tool.c: the registry as a model's tool */

typedef struct SkillsToolEntry
{
	char	   *name;
	char	   *description;
} SkillsToolEntry;

typedef struct SkillsTool
{
	text	   *definition;
	text	   *digest;
	int			offered;
	int			trimmed;
} SkillsTool;

typedef enum SkillsFormat
{
	SKILLS_ANTHROPIC,
	SKILLS_OPENAI,
	SKILLS_OPENAI_CHAT,
	SKILLS_MCP
} SkillsFormat;

extern SkillsFormat skills_read_format(text *name);
extern char *skills_sha256_hex(const char *bytes, size_t length);
extern void skills_build_tool(SkillsTool *tool, SkillsFormat format,
							  SkillsToolEntry *entries, int nentries, int64 budget);

#endif							/* SKILLS_H */
