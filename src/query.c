/*
 * query.c
 *		SQL that functions run as their caller: row security decides what it
 *		reads, as in any query of the caller's own.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "nodes/params.h"

#include "skills.h"

static ParamListInfo
only_parameter(const SkillsQuery *query, Datum argument)
{
	ParamListInfo params = makeParamList(1);

	params->params[0].value = argument;
	params->params[0].isnull = false;
	params->params[0].ptype = query->argtype;
	params->params[0].pflags = PARAM_FLAG_CONST;
	return params;
}

/*
 * Run the query on the caller's snapshot; its rows go to dest, or into
 * SPI_tuptable if that is NULL. The caller has connected to SPI.
 */
uint64
skills_query(SkillsQuery *query, Datum argument, DestReceiver *dest)
{
	SPIExecuteOptions options = {.read_only = true,.dest = dest};
	int			result;

	skills_prepare_once(&query->plan, query->sql, query->nargs, &query->argtype);
	if (query->nargs > 0)
		options.params = only_parameter(query, argument);
	result = SPI_execute_plan_extended(query->plan, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\": %s", query->sql, SPI_result_code_string(result));
	return SPI_processed;
}
