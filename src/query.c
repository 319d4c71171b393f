/*
 * query.c
 *		SQL that functions run as their caller: row security decides what it
 *		reads, as in any query of the caller's own.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/params.h"

#include "skills.h"

static ParamListInfo
make_parameters(const SkillsQuery *query, const Datum *args)
{
	ParamListInfo params = makeParamList(query->nargs);

	for (int i = 0; i < query->nargs; i++)
	{
		params->params[i].value = args[i];
		params->params[i].isnull = false;
		params->params[i].ptype = query->argtypes[i];
		params->params[i].pflags = PARAM_FLAG_CONST;
	}
	return params;
}

/*
 * Run the query on the caller's snapshot; its first rows, or SKILLS_ALL_ROWS,
 * go to dest, or into SPI_tuptable if that is NULL. The caller has connected
 * to SPI.
 */
uint64
skills_query(SkillsQuery *query, const Datum *args, int64 max_rows, DestReceiver *dest)
{
	SPIExecuteOptions options = {.read_only = true,.dest = dest};
	int			result;

	if (max_rows == 0)
		return 0;
	skills_prepare_once(&query->plan, query->sql, query->nargs, query->argtypes, query->cursor_options);
	if (query->nargs > 0)
		options.params = make_parameters(query, args);
	options.tcount = max_rows == SKILLS_ALL_ROWS ? 0 : (uint64) max_rows;
	result = SPI_execute_plan_extended(query->plan, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\": %s", query->sql, SPI_result_code_string(result));
	return SPI_processed;
}

/* The same, and make the rows the result of a set-returning function. */
void
skills_give_rows(FunctionCallInfo fcinfo, SkillsQuery *query, const Datum *args, int64 max_rows)
{
	ReturnSetInfo *result;
	DestReceiver *dest;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	result = (ReturnSetInfo *) fcinfo->resultinfo;
	dest = CreateDestReceiver(DestTuplestore);
	SetTuplestoreDestReceiverParams(dest, result->setResult,
									CurrentMemoryContext, false, NULL, NULL);
	SPI_connect();
	(void) skills_query(query, args, max_rows, dest);
	SPI_finish();
}
