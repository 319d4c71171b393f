/*
 * policy.c
 *		Whether the tables may be read without a plan: only where the rules
 *		that a plan would apply are the ones that such a reader applies itself.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "scan.h"
#include "skills.h"

/* What readers without a plan read by: the key, and the rows, that they count on. */
typedef struct GuardedIndex
{
	const char *name;			/* NULL is the primary key */
	const char *columns[4];		/* of the key, all of them */
	const char *predicate;		/* of a partial index */
	Node	   *parsed;
} GuardedIndex;

typedef struct GuardedTable
{
	const char *name;
	const char *policy;			/* what readers without a plan apply */
	GuardedIndex indexes[3];
	Oid			id;				/* of the table for which that was parsed */
	Node	   *parsed;
	MemoryContext memory;		/* where it is */
} GuardedTable;

#define OF_ORG "org_id " EQ " skills.current_org_id() AND "

static GuardedTable guarded_tables[] = {
	{
		.name = "skill_subscription",
		.policy = OF_ORG "user_id " EQ " skills.current_user_id()",
		.indexes = {
			{.name = SKILLS_PINS, .columns = {"org_id", "user_id", "skill_id", "ai_version"}, .predicate = "ai_version IS NOT NULL"}
		}
	},
	{
		.name = "skill",
		.policy = OF_ORG "skills.can_see(created_by, accessibility)",
		.indexes = {
			{.name = SKILLS_NAMES, .columns = {"org_id", "skill_id", "name"}},
			{.name = SKILLS_PRIVATE_NAMES, .columns = {"org_id", "created_by", "name"}, .predicate = "accessibility " EQ " 'private'"},
			{.name = SKILLS_SHARED_NAMES, .columns = {"org_id", "name"}, .predicate = "accessibility " NE " 'private'"}
		}
	},
	{
		.name = "skill_version",
		.policy = OF_ORG "skills.can_see(author, accessibility)",
		.indexes = {{.columns = {"org_id", "skill_id", "version"}}}
	},
	{
		.name = "skill_file",
		.policy = OF_ORG "skills.can_see(author, accessibility)",
		.indexes = {{.columns = {"org_id", "skill_id", "version", "path"}}}
	},
};

/* The policy, or the predicate, as the server would keep it. */
static Node *
parse_condition(Relation table, const char *condition)
{
	ParseState *pstate = make_parsestate(NULL);
	RawStmt    *statement = linitial_node(RawStmt, raw_parser(condition, RAW_PARSE_PLPGSQL_EXPR));
	ResTarget  *target = linitial_node(ResTarget, castNode(SelectStmt, statement->stmt)->targetList);
	Node	   *parsed;

	addNSItemToQuery(pstate, addRangeTableEntryForRelation(pstate, table, AccessShareLock,
														   NULL, false, false),
					 false, true, true);
	parsed = transformWhereClause(pstate, target->val, EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, parsed);
	free_parsestate(pstate);
	return parsed;
}

/* Parse them into memory of their own, which lasts as long as the session, or the table. */
static void
keep_conditions(GuardedTable *guarded, Relation table)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "policy of skills", 0, 1024, 8192);
	MemoryContext before = MemoryContextSwitchTo(memory);
	Node	   *parsed = parse_condition(table, guarded->policy);
	Node	   *predicates[lengthof(guarded->indexes)] = {NULL};

	for (size_t i = 0; i < lengthof(guarded->indexes); i++)
		if (guarded->indexes[i].predicate != NULL)
			predicates[i] = parse_condition(table, guarded->indexes[i].predicate);
	MemoryContextSwitchTo(before);
	MemoryContextSetParent(memory, CacheMemoryContext);
	if (guarded->memory != NULL)
		MemoryContextDelete(guarded->memory);
	guarded->memory = memory;
	guarded->parsed = parsed;
	for (size_t i = 0; i < lengthof(guarded->indexes); i++)
		guarded->indexes[i].parsed = predicates[i];
	guarded->id = RelationGetRelid(table);
}

static bool
is_for_all_roles(ArrayType *roles)
{
	Datum	   *role;
	int			nroles;

	deconstruct_array(roles, OIDOID, sizeof(Oid), true, TYPALIGN_INT, &role, NULL, &nroles);
	return nroles == 1 && DatumGetObjectId(role[0]) == ACL_ID_PUBLIC;
}

/* No policy holds for the caller but ours, as it was created. */
static bool
has_own_policy_only(const GuardedTable *guarded, Relation table)
{
	RowSecurityPolicy *policy;

	if (check_enable_rls(RelationGetRelid(table), InvalidOid, false) != RLS_ENABLED)
		return true;
	if (row_security_policy_hook_permissive != NULL || row_security_policy_hook_restrictive != NULL ||
		list_length(table->rd_rsdesc->policies) != 1)
		return false;
	policy = linitial(table->rd_rsdesc->policies);
	return policy->permissive && policy->polcmd == '*' && is_for_all_roles(policy->roles) &&
		equal(policy->qual, guarded->parsed);
}

/* As the planner asks it: an index that was built on broken chains of updates is not for old snapshots. */
static bool
is_usable(Relation index)
{
	return index->rd_index->indisvalid &&
		(!index->rd_index->indcheckxmin ||
		 TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin));
}

/* The column stands at that place, in its type's ascending order, text by bytes. */
static bool
has_key_column(Relation table, Relation index, int place, const char *column)
{
	AttrNumber	number = index->rd_index->indkey.values[place];
	Form_pg_attribute attribute;
	bool		is_text;

	if (number <= 0)			/* an expression */
		return false;
	attribute = TupleDescAttr(RelationGetDescr(table), number - 1);
	is_text = attribute->atttypid == TEXTOID;
	return strcmp(NameStr(attribute->attname), column) == 0 &&
		index->rd_opfamily[place] == (is_text ? TEXT_BTREE_FAM_OID : INTEGER_BTREE_FAM_OID) &&
		index->rd_indcollation[place] == (is_text ? C_COLLATION_OID : InvalidOid) &&
		index->rd_indoption[place] == 0;
}

static bool
has_key(const GuardedIndex *guarded, Relation table, Relation index)
{
	int			ncolumns = 0;

	while (ncolumns < (int) lengthof(guarded->columns) && guarded->columns[ncolumns] != NULL)
		ncolumns++;
	if (IndexRelationGetNumberOfKeyAttributes(index) != ncolumns)
		return false;
	for (int i = 0; i < ncolumns; i++)
		if (!has_key_column(table, index, i, guarded->columns[i]))
			return false;
	return true;
}

static bool
has_predicate(const GuardedIndex *guarded, Relation index)
{
	List	   *predicate = RelationGetIndexPredicate(index);

	if (guarded->parsed == NULL)
		return predicate == NIL;
	return list_length(predicate) == 1 && equal(linitial(predicate), guarded->parsed);
}

/* A DBA may have taken it away, or made it anew. */
static bool
has_usable_index(const GuardedIndex *guarded, Relation table, const List *indexes)
{
	Oid			id = guarded->name == NULL ? skills_primary_key(table) : skills_table_id(guarded->name);
	Relation	index;
	bool		is_as_made;

	if (!list_member_oid(indexes, id))
		return false;
	index = index_open(id, AccessShareLock);
	is_as_made = is_usable(index) && has_key(guarded, table, index) && has_predicate(guarded, index);
	index_close(index, NoLock);
	return is_as_made;
}

static bool
has_usable_indexes(const GuardedTable *guarded, Relation table)
{
	List	   *indexes = RelationGetIndexList(table);	/* a copy, which no invalidation takes away */
	bool		has = true;

	for (size_t i = 0; has && i < lengthof(guarded->indexes) && guarded->indexes[i].columns[0] != NULL; i++)
		has = has_usable_index(&guarded->indexes[i], table, indexes);
	list_free(indexes);
	return has;
}

static bool
may_scan(GuardedTable *guarded)
{
	Relation	table = skills_table_open(guarded->name);
	bool		may;

	/* At the first use in a session, and again if the table is another one. */
	if (guarded->id != RelationGetRelid(table))
		keep_conditions(guarded, table);
	may = !table->rd_rel->relhassubclass &&
		pg_class_aclcheck(RelationGetRelid(table), GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		has_own_policy_only(guarded, table) &&
		has_usable_indexes(guarded, table);

	table_close(table, NoLock);
	return may;
}

/* Where tables can be distributed, the local one may be an empty shell. */
static bool
can_be_distributed(void)
{
	return OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE));
}

/*
 * Whether the caller may read the tables by skills_scan_open(), applying rule
 * 1 itself. Otherwise SPI does it, and raises what is to be raised.
 */
bool
skills_may_scan(void)
{
	if (ExecutorCheckPerms_hook != NULL || can_be_distributed())
		return false;
	for (size_t i = 0; i < lengthof(guarded_tables); i++)
		if (!may_scan(&guarded_tables[i]))
			return false;
	return true;
}
