/*
 * compatibility.h
 *		All that differs between the supported versions of PostgreSQL.
 */
#ifndef SKILLS_COMPATIBILITY_H
#define SKILLS_COMPATIBILITY_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "skills needs PostgreSQL 15 or later: identity rests on GRANT SET ON PARAMETER"
#endif

/* What reads variable-length values left postgres.h in 16. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* pg_noreturn came with 18, and took the place of an attribute. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* Since 18 a scan counts its descents for EXPLAIN, and a key may be deferrable. */
#if PG_VERSION_NUM >= 180000
#define skills_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, NULL, nkeys, 0)
#define skills_primary_key(table) RelationGetPrimaryKeyIndex(table, false)
#else
#define skills_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, nkeys, 0)
#define skills_primary_key(table) RelationGetPrimaryKeyIndex(table)
#endif

#endif							/* SKILLS_COMPATIBILITY_H */
