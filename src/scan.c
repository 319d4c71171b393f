/*
 * scan.c
 *		Look-ups in the indexes of the extension's tables, without a plan.
 *
 * What every chat turn asks is read this way, by the caller's snapshot: an
 * eighth of the buffers and half the time of the same by a plan (see
 * bench/README.md). skills_may_scan() says when.
 */
#include "postgres.h"

#include "access/nbtree.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/visibilitymap.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/predicate.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "scan.h"
#include "skills.h"

/*
 * A walk along the index is cheaper than a descent for each key as long as so
 * many entries lie between them, measured; the first page is read anyway.
 */
#define WALK_PER_KEY 16
#define WALK_AT_LEAST 64

/* The table or index of that name; 0 if a DBA has dropped it. */
Oid
skills_table_id(const char *table)
{
	return get_relname_relid(table, get_namespace_oid("skills", false));
}

/*
 * Open a table for reading. A function that is called as the extension is
 * dropped may not find it any more: 42P01, as plain SQL says.
 */
Relation
skills_table_open(const char *table)
{
	Oid			id = skills_table_id(table);

	if (!OidIsValid(id))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation \"skills.%s\" does not exist", table)));
	return table_open(id, AccessShareLock);
}

/* A skill, and a version of it if that stands next in the index. */
static int
count_keys(Relation index)
{
	TupleDesc	columns = RelationGetDescr(index);

	return columns->natts > 2 && TupleDescAttr(columns, 2)->atttypid == INT4OID ? 3 : 2;
}

/* Begin to look up rows of that org by an index of the table; NULL is the primary key. */
void
skills_scan_open(SkillsScan *scan, const char *table, const char *index, text *org_id)
{
	memset(scan, 0, sizeof(SkillsScan));
	scan->table = skills_table_open(table);
	scan->index = index_open(index ? skills_table_id(index) : skills_primary_key(scan->table),
							 AccessShareLock);
	scan->slot = table_slot_create(scan->table, NULL);
	scan->visibility_map = InvalidBuffer;
	scan->nkeys = count_keys(scan->index);
	ScanKeyEntryInitialize(&scan->keys[0], 0, 1, BTEqualStrategyNumber, InvalidOid,
						   C_COLLATION_OID, F_TEXTEQ, PointerGetDatum(org_id));
}

static void
begin(SkillsScan *scan, int nkeys)
{
	if (scan->desc != NULL)
		index_endscan(scan->desc);
	scan->desc = skills_index_beginscan(scan->table, scan->index, GetActiveSnapshot(), nkeys);
	scan->desc->xs_want_itup = true;
}

static void
equals_text(SkillsScan *scan, int column, text *value)
{
	ScanKeyEntryInitialize(&scan->keys[column - 1], 0, (AttrNumber) column, BTEqualStrategyNumber,
						   InvalidOid, C_COLLATION_OID, F_TEXTEQ, PointerGetDatum(value));
}

static void
equals_version(SkillsScan *scan, int32 version)
{
	ScanKeyEntryInitialize(&scan->keys[2], 0, 3, BTEqualStrategyNumber, InvalidOid,
						   InvalidOid, F_INT4EQ, Int32GetDatum(version));
}

void
skills_scan_close(SkillsScan *scan)
{
	if (scan->desc != NULL)
		index_endscan(scan->desc);
	if (BufferIsValid(scan->visibility_map))
		ReleaseBuffer(scan->visibility_map);
	ExecDropSingleTupleTableSlot(scan->slot);
	index_close(scan->index, NoLock);
	table_close(scan->table, NoLock);
}

int
skills_scan_entry_column(const SkillsScan *scan, const char *name)
{
	return skills_column_number(RelationGetDescr(scan->index), name);
}

int
skills_scan_row_column(const SkillsScan *scan, const char *name)
{
	return skills_column_number(RelationGetDescr(scan->table), name);
}

/* A column of the entry that the scan stands on. */
Datum
skills_scan_entry(const SkillsScan *scan, int column, bool *isnull)
{
	return index_getattr(scan->desc->xs_itup, column, scan->desc->xs_itupdesc, isnull);
}

/* A column of the row that skills_scan_find_row() found. */
Datum
skills_scan_row(const SkillsScan *scan, int column, bool *isnull)
{
	return slot_getattr(scan->slot, column, isnull);
}

/* Whether the snapshot sees the entry's row; only to fetch it, it is always looked at. */
static bool
is_visible(SkillsScan *scan, bool fetch)
{
	BlockNumber block = ItemPointerGetBlockNumber(&scan->desc->xs_heaptid);

	if (!fetch && VM_ALL_VISIBLE(scan->table, block, &scan->visibility_map))
	{
		PredicateLockPage(scan->table, block, scan->desc->xs_snapshot);
		return true;
	}
	return index_fetch_heap(scan->desc, scan->slot);
}

/* Look up the entries with these values in the columns after the org; the third may be NULL for any. */
void
skills_scan_equal(SkillsScan *scan, text *second, text *third)
{
	int			nkeys = third == NULL ? 2 : 3;

	begin(scan, nkeys);
	equals_text(scan, 2, second);
	if (third != NULL)
		equals_text(scan, 3, third);
	index_rescan(scan->desc, scan->keys, nkeys, NULL, 0);
}

/* The same, for those of a version. */
void
skills_scan_equal_version(SkillsScan *scan, text *skill_id, int32 version)
{
	begin(scan, 3);
	equals_text(scan, 2, skill_id);
	equals_version(scan, version);
	index_rescan(scan->desc, scan->keys, 3, NULL, 0);
}

static bool
next(SkillsScan *scan, bool fetch)
{
	while (index_getnext_tid(scan->desc, ForwardScanDirection) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (is_visible(scan, fetch))
			return true;
	}
	return false;
}

/* Stand on the next of the entries that are looked up, in their order; false after the last. */
bool
skills_scan_next(SkillsScan *scan)
{
	return next(scan, false);
}

/* The same, and fetch its row for skills_scan_row(). */
bool
skills_scan_next_row(SkillsScan *scan)
{
	return next(scan, true);
}

/* Many keys will be looked up, in their order. */
void
skills_scan_walk(SkillsScan *scan)
{
	scan->is_walking = true;
}

/* The entry's key against that one, by the order of the index. */
static int
compare(const SkillsScan *scan, text *skill_id, int32 version)
{
	bool		isnull;
	int			order = skills_compare_text(DatumGetTextPP(skills_scan_entry(scan, 2, &isnull)), skill_id);
	int32		number;

	if (order != 0 || scan->nkeys < 3)
		return order;
	number = DatumGetInt32(skills_scan_entry(scan, 3, &isnull));
	return number < version ? -1 : number > version;
}

static void
begin_walk(SkillsScan *scan, text *skill_id)
{
	begin(scan, 2);
	ScanKeyEntryInitialize(&scan->keys[1], 0, 2, BTGreaterEqualStrategyNumber, InvalidOid,
						   C_COLLATION_OID, F_TEXT_GE, PointerGetDatum(skill_id));
	index_rescan(scan->desc, scan->keys, 2, NULL, 0);
}

static bool
walked_too_far(const SkillsScan *scan)
{
	return scan->walked > WALK_AT_LEAST + WALK_PER_KEY * scan->found;
}

/* Walk on to the key; false if it is not there, or too far away. */
static bool
walk_to(SkillsScan *scan, text *skill_id, int32 version)
{
	while (!scan->is_at_end)
	{
		int			order = scan->is_on_entry ? compare(scan, skill_id, version) : -1;

		CHECK_FOR_INTERRUPTS();
		if (order >= 0)
			return order == 0;
		if (walked_too_far(scan))
		{
			scan->is_walking = false;
			return false;
		}
		scan->is_at_end = index_getnext_tid(scan->desc, ForwardScanDirection) == NULL;
		scan->is_on_entry = !scan->is_at_end;
		scan->walked++;
	}
	return false;
}

/* A new scan where the one before was a walk, or there was none. */
static void
descend_to(SkillsScan *scan, text *skill_id, int32 version)
{
	if (!scan->is_descending)
		begin(scan, scan->nkeys);
	scan->is_descending = true;
	equals_text(scan, 2, skill_id);
	equals_version(scan, version);
	index_rescan(scan->desc, scan->keys, scan->nkeys, NULL, 0);
}

static bool
find(SkillsScan *scan, text *skill_id, int32 version, bool fetch)
{
	if (scan->is_walking && scan->desc == NULL)
		begin_walk(scan, skill_id);
	/* Of several entries of one key, one at most is of a row that is seen. */
	while (scan->is_walking && walk_to(scan, skill_id, version))
	{
		scan->is_on_entry = false;
		if (is_visible(scan, fetch))
		{
			scan->found++;
			return true;
		}
	}
	if (scan->is_walking)
		return false;
	descend_to(scan, skill_id, version);
	return next(scan, fetch);
}

/*
 * Stand on the entry of that key, for skills_scan_entry(); false if there is
 * none. The version counts where the index has it.
 */
bool
skills_scan_find(SkillsScan *scan, text *skill_id, int32 version)
{
	return find(scan, skill_id, version, false);
}

/* The same, and fetch its row for skills_scan_row(). */
bool
skills_scan_find_row(SkillsScan *scan, text *skill_id, int32 version)
{
	return find(scan, skill_id, version, true);
}
