/*
 * statement.c
 *		The database's own SQL. Triggers run it as the owner of their table,
 *		with row security off for that statement only, as the server's foreign
 *		keys do; a DBA's functions as their caller.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "skills.h"

/*
 * The trigger depth of the row triggers that a statement of ours fires, while
 * one runs: what they look at is the database's own write. What other people's
 * triggers do in turn is a level deeper, and theirs.
 */
static int	own_trigger_depth = -1;

int
skills_trigger_depth(void)
{
	return DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0));
}

/* Whether the row trigger that asks was fired by a statement of skills_run(). */
bool
skills_is_own_statement(void)
{
	return own_trigger_depth >= 0 && skills_trigger_depth() == own_trigger_depth;
}

/* Prepare the statement at its first use in the session, and keep the plan. */
void
skills_prepare_once(SPIPlanPtr *plan, const char *sql, int nargs, Oid *argtypes, int cursor_options)
{
	SPIPlanPtr	prepared;

	if (*plan != NULL)
		return;
	prepared = SPI_prepare_cursor(sql, nargs, argtypes, cursor_options);
	if (prepared == NULL || SPI_keepplan(prepared) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	*plan = prepared;
}

/*
 * In REPEATABLE READ and SERIALIZABLE the transaction's own snapshot hides
 * what others have committed since. SKILLS_AS_OF_NOW sees it all, and what it
 * would change but the transaction cannot see ends in 40001 (the crosscheck).
 */
static uint64
execute(SkillsStatement *statement, const Datum *args, SkillsView view)
{
	Snapshot	snapshot = InvalidSnapshot;
	Snapshot	crosscheck = InvalidSnapshot;
	int			result;

	if (view == SKILLS_AS_OF_NOW && IsolationUsesXactSnapshot())
	{
		CommandCounterIncrement();	/* our own work so far is to be seen too */
		snapshot = GetLatestSnapshot();
		crosscheck = GetTransactionSnapshot();
	}
	result = SPI_execute_snapshot(statement->plan, unconstify(Datum *, args), NULL,
								  snapshot, crosscheck, false, true, 0);
	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement->sql,
			 SPI_result_code_string(result));
	return SPI_processed;
}

/*
 * Run a statement whose row triggers know it for the database's own. Gives the
 * number of rows; they are in SPI_tuptable. The caller has connected to SPI.
 */
uint64
skills_run_as_caller(SkillsStatement *statement, const Datum *args, SkillsView view)
{
	int			outer_depth = own_trigger_depth;
	uint64		rows = 0;

	skills_prepare_once(&statement->plan, statement->sql, statement->nargs, statement->argtypes, 0);
	own_trigger_depth = skills_trigger_depth() + 1;
	PG_TRY();
	{
		rows = execute(statement, args, view);
	}
	PG_FINALLY();
	{
		own_trigger_depth = outer_depth;
	}
	PG_END_TRY();
	return rows;
}

/* The same as the owner of table. An error restores the role with the transaction. */
uint64
skills_run(SkillsStatement *statement, Relation table, const Datum *args,
		   SkillsView view)
{
	Oid			caller;
	int			context;
	uint64		rows;

	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(table->rd_rel->relowner,
						   context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	rows = skills_run_as_caller(statement, args, view);
	SetUserIdAndSecContext(caller, context);
	return rows;
}

/* The same, for a statement whose rows nobody reads. */
uint64
skills_execute(SkillsStatement *statement, Relation table, const Datum *args,
			   SkillsView view)
{
	uint64		rows;

	SPI_connect();
	rows = skills_run(statement, table, args, view);
	SPI_finish();
	return rows;
}

/*
 * Is there a row as of now? Where the transaction's own snapshot says
 * otherwise, acting on either answer would be an anomaly: 40001.
 */
bool
skills_exists(SkillsStatement *statement, Relation table, const Datum *args)
{
	bool		exists = skills_execute(statement, table, args, SKILLS_AS_OF_NOW) > 0;

	if (IsolationUsesXactSnapshot() &&
		exists != (skills_execute(statement, table, args, SKILLS_AS_TRANSACTION) > 0))
		skills_serialization_failure();
	return exists;
}

void
skills_serialization_failure(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update"),
			 errhint("The transaction might succeed if retried.")));
}
