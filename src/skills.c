/*
 * skills.c
 *		What happens when the library is loaded.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "skills.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	skills_define_identity_parameters();
	skills_define_limit_parameters();
	MarkGUCPrefixReserved("skills");
}
