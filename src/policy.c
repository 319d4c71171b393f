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
#include "catalog/pg_namespace.h"
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

typedef struct GuardedTable
{
	const char *name;
	const char *policy;			/* what readers without a plan apply */
	const char *in_key;			/* a column that they read in the primary key */
	const char *indexes[2];		/* what else they read by */
	Oid			id;				/* of the table for which that was parsed */
	Node	   *parsed;
	MemoryContext memory;		/* where it is */
} GuardedTable;

#define OF_ORG "org_id " EQ " skills.current_org_id() AND "

static GuardedTable guarded_tables[] = {
	{
		.name = "skill_subscription",
		.policy = OF_ORG "user_id " EQ " skills.current_user_id()",
		.in_key = "ai_version"
	},
	{
		.name = "skill",
		.policy = OF_ORG "skills.can_see(created_by, accessibility)",
		.in_key = "name",
		.indexes = {SKILLS_PRIVATE_NAMES, SKILLS_SHARED_NAMES}
	},
	{
		.name = "skill_version",
		.policy = OF_ORG "skills.can_see(author, accessibility)",
		.in_key = "version"
	},
	{
		.name = "skill_file",
		.policy = OF_ORG "skills.can_see(author, accessibility)",
		.in_key = "path"
	},
};

/* The policy as the server would keep it. */
static Node *
parse_policy(Relation table, const char *policy)
{
	ParseState *pstate = make_parsestate(NULL);
	RawStmt    *statement = linitial_node(RawStmt, raw_parser(policy, RAW_PARSE_PLPGSQL_EXPR));
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

/* Parse it into memory of its own, which lasts as long as the session, or the table. */
static void
keep_policy(GuardedTable *guarded, Relation table)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "policy of skills", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(memory);
	Node	   *parsed = parse_policy(table, guarded->policy);

	MemoryContextSwitchTo(before);
	MemoryContextSetParent(memory, CacheMemoryContext);
	if (guarded->memory != NULL)
		MemoryContextDelete(guarded->memory);
	guarded->memory = memory;
	guarded->parsed = parsed;
	guarded->id = RelationGetRelid(table);
}

/* Parsed at the first use in a session, and again if the table is another one. */
static Node *
own_policy(GuardedTable *guarded, Relation table)
{
	if (guarded->id != RelationGetRelid(table))
		keep_policy(guarded, table);
	return guarded->parsed;
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
has_own_policy_only(GuardedTable *guarded, Relation table)
{
	RowSecurityPolicy *policy;

	if (check_enable_rls(RelationGetRelid(table), InvalidOid, false) != RLS_ENABLED)
		return true;
	if (row_security_policy_hook_permissive != NULL || row_security_policy_hook_restrictive != NULL ||
		list_length(table->rd_rsdesc->policies) != 1)
		return false;
	policy = linitial(table->rd_rsdesc->policies);
	return policy->permissive && policy->polcmd == '*' && is_for_all_roles(policy->roles) &&
		equal(policy->qual, own_policy(guarded, table));
}

/* As the planner asks it: an index that was built on broken chains of updates is not for old snapshots. */
static bool
is_usable(Oid index_id)
{
	Relation	index = index_open(index_id, AccessShareLock);
	bool		is_usable = index->rd_index->indisvalid &&
		(!index->rd_index->indcheckxmin ||
		 TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin));

	index_close(index, NoLock);
	return is_usable;
}

static bool
has_in_key(Relation table, const char *column)
{
	Relation	key = index_open(skills_primary_key(table), AccessShareLock);
	bool		has = SPI_fnumber(RelationGetDescr(key), column) > 0;

	index_close(key, NoLock);
	return has;
}

/* A DBA may have taken one away, or made it anew. */
static bool
has_usable_indexes(GuardedTable *guarded, Relation table)
{
	List	   *indexes = RelationGetIndexList(table);	/* a copy, which no invalidation takes away */
	ListCell   *cell;

	foreach(cell, indexes)
		if (!is_usable(lfirst_oid(cell)))
			return false;
	for (size_t i = 0; i < lengthof(guarded->indexes); i++)
		if (guarded->indexes[i] != NULL && !list_member_oid(indexes, skills_table_id(guarded->indexes[i])))
			return false;
	list_free(indexes);
	return OidIsValid(skills_primary_key(table)) && has_in_key(table, guarded->in_key);
}

static bool
may_scan(GuardedTable *guarded)
{
	Relation	table = skills_table_open(guarded->name);
	bool		may = !table->rd_rel->relhassubclass &&
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
