/*
 * scan.h
 *		Look-ups in the indexes of the extension's tables, without a plan.
 */
#ifndef SKILLS_SCAN_H
#define SKILLS_SCAN_H

#include "postgres.h"

#include "access/genam.h"
#include "access/skey.h"
#include "executor/tuptable.h"
#include "storage/buf.h"
#include "utils/relcache.h"

/* Of (org_id, skill_id, version), and what there is behind it, any. */
#define SKILLS_MAX_KEYS 3

/* The indexes that hold all that the registry asks of a row. */
#define SKILLS_PINS "skill_subscription_by_user"
#define SKILLS_NAMES "skill_by_id"

/* The indexes that keep names unique. */
#define SKILLS_PRIVATE_NAMES "skill_name_is_taken_among_private_skills_of_author"
#define SKILLS_SHARED_NAMES "skill_name_is_taken_among_shared_skills_of_org"

typedef struct SkillsScan
{
	Relation	table;
	Relation	index;
	IndexScanDesc desc;
	TupleTableSlot *slot;		/* for rows that are fetched */
	Buffer		visibility_map;
	int			nkeys;			/* that skills_scan_find() looks for */
	ScanKeyData keys[SKILLS_MAX_KEYS];
	bool		is_walking;		/* from key to key */
	bool		is_descending;	/* for each key anew */
	bool		is_on_entry;	/* of which nobody has asked yet */
	bool		is_at_end;
	int			walked;
	int			found;
} SkillsScan;

/* policy.c */
extern bool skills_may_scan(void);

/* scan.c */
extern Oid	skills_table_id(const char *table);
extern Relation skills_table_open(const char *table);
extern void skills_scan_open(SkillsScan *scan, const char *table, const char *index, text *org_id);
extern void skills_scan_close(SkillsScan *scan);
extern void skills_scan_equal(SkillsScan *scan, text *second, text *third);
extern void skills_scan_equal_version(SkillsScan *scan, text *skill_id, int32 version);
extern bool skills_scan_next(SkillsScan *scan);
extern bool skills_scan_next_row(SkillsScan *scan);
extern void skills_scan_walk(SkillsScan *scan);
extern bool skills_scan_find(SkillsScan *scan, text *skill_id, int32 version);
extern bool skills_scan_find_row(SkillsScan *scan, text *skill_id, int32 version);
extern int	skills_scan_entry_column(const SkillsScan *scan, const char *name);
extern int	skills_scan_row_column(const SkillsScan *scan, const char *name);
extern Datum skills_scan_entry(const SkillsScan *scan, int column, bool *isnull);
extern Datum skills_scan_row(const SkillsScan *scan, int column, bool *isnull);

#endif							/* SKILLS_SCAN_H */
