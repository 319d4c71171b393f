/*
 * row.c
 *		Reading and filling the rows that a trigger is given.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "common/int.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "skills.h"

void
skills_called_as_trigger(FunctionCallInfo fcinfo, const char *name)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" can only be called as a trigger", name)));
}

/* The row before the change: of an UPDATE or DELETE. */
SkillsRow
skills_old_row(const TriggerData *trigger)
{
	SkillsRow	row = {.table = trigger->tg_relation,.tuple = trigger->tg_trigtuple};

	return row;
}

/* The row after the change: of an INSERT or UPDATE. */
SkillsRow
skills_new_row(const TriggerData *trigger)
{
	SkillsRow	row = skills_old_row(trigger);

	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		row.tuple = trigger->tg_newtuple;
	return row;
}

/*
 * What a table's BEFORE trigger has to say to the statement that fired it: the
 * row to write, or none. before_delete is NULL where row security alone guards it.
 */
Datum
skills_guard(FunctionCallInfo fcinfo, const char *name, Datum (*before_insert) (SkillsRow new_row),
			 Datum (*before_update) (SkillsRow old_row, SkillsRow new_row),
			 Datum (*before_delete) (SkillsRow old_row))
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	skills_called_as_trigger(fcinfo, name);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return before_insert(skills_new_row(trigger));
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return before_update(skills_old_row(trigger), skills_new_row(trigger));
	if (before_delete == NULL)
		return PointerGetDatum(trigger->tg_trigtuple);
	return before_delete(skills_old_row(trigger));
}

/* The number of a column of a table or an index. */
int
skills_column_number(TupleDesc columns, const char *column)
{
	int			number = SPI_fnumber(columns, column);

	if (number <= 0)
		elog(ERROR, "column \"%s\" is missing", column);
	return number;
}

static int
column_number(SkillsRow row, const char *column)
{
	return skills_column_number(RelationGetDescr(row.table), column);
}

Datum
skills_get(SkillsRow row, const char *column, bool *isnull)
{
	return heap_getattr(row.tuple, column_number(row, column),
						RelationGetDescr(row.table), isnull);
}

/* The column as a string, NULL for null. */
char *
skills_get_text(SkillsRow row, const char *column)
{
	bool		isnull;
	Datum		value = skills_get(row, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

bool
skills_is_null(SkillsRow row, const char *column)
{
	bool		isnull;

	(void) skills_get(row, column, &isnull);
	return isnull;
}

/* The column as an integer, 0 for null: no number of ours is 0. */
int32
skills_get_int(SkillsRow row, const char *column)
{
	bool		isnull;
	Datum		value = skills_get(row, column, &isnull);

	return isnull ? 0 : DatumGetInt32(value);
}

bool
skills_is_changed(SkillsRow old_row, SkillsRow new_row, const char *column)
{
	bool		old_isnull;
	bool		new_isnull;
	Datum		old_value = skills_get(old_row, column, &old_isnull);
	Datum		new_value = skills_get(new_row, column, &new_isnull);
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(old_row.table),
												column_number(old_row, column) - 1);

	if (old_isnull || new_isnull)
		return old_isnull != new_isnull;
	return !datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen);
}

static void
note_change(SkillsRow *row, const char *column, Datum value, bool isnull)
{
	Assert(row->nchanges < SKILLS_MAX_CHANGES);
	row->columns[row->nchanges] = column_number(*row, column);
	row->values[row->nchanges] = value;
	row->nulls[row->nchanges] = isnull;
	row->nchanges++;
}

void
skills_set(SkillsRow *row, const char *column, Datum value)
{
	note_change(row, column, value, false);
}

void
skills_set_text(SkillsRow *row, const char *column, const char *value)
{
	note_change(row, column, CStringGetTextDatum(value), false);
}

void
skills_set_null(SkillsRow *row, const char *column)
{
	note_change(row, column, (Datum) 0, true);
}

/* The row with what was set, copied once however much that was: for the trigger to give back. */
Datum
skills_finish(SkillsRow row)
{
	if (row.nchanges > 0)
		row.tuple = heap_modify_tuple_by_cols(row.tuple, RelationGetDescr(row.table),
											  row.nchanges, row.columns, row.values, row.nulls);
	return PointerGetDatum(row.tuple);
}

/*
 * 23502 if one of the columns, a list ended by NULL, is null. The constraints
 * say the same, but row security is asked before them, and knows no null.
 */
void
skills_require_values(SkillsRow row, const char *const *columns)
{
	for (; *columns != NULL; columns++)
	{
		if (skills_is_null(row, *columns))
			ereport(ERROR,
					(errcode(ERRCODE_NOT_NULL_VIOLATION),
					 errmsg("column \"%s\" must not be null", *columns)));
	}
}

/* 42501 if one of the columns, a list ended by NULL, gets another value (rule 11). */
void
skills_forbid_changes(SkillsRow old_row, SkillsRow new_row, const char *const *columns)
{
	for (; *columns != NULL; columns++)
	{
		if (skills_is_changed(old_row, new_row, *columns))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("column \"%s\" cannot be changed", *columns),
					 errdetail("It is fixed when the row is written.")));
	}
}

/* Rule 12 for an INSERT: whatever the client gave for the stamps is overwritten. */
void
skills_stamp_insert(SkillsRow *row, const SkillsIdentity *identity)
{
	Datum		now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());

	skills_set(row, "created", now);
	skills_set(row, "modified", now);
	skills_set_text(row, "modified_by", identity->user_id);
	skills_set(row, "revision", Int32GetDatum(1));
}

static int32
next_revision(SkillsRow row)
{
	int32		next;

	if (pg_add_s32_overflow(skills_get_int(row, "revision"), 1, &next))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the row has no revision left")));
	return next;
}

/*
 * Rule 12 for an UPDATE. A role whose rows are taken as given may give stamps
 * of its own; those that it leaves alone are filled, for a client that holds
 * the old revision must see that the row has changed.
 */
void
skills_stamp_update(SkillsRow old_row, SkillsRow *new_row, SkillsWriter writer,
					const SkillsIdentity *identity)
{
	bool		given = writer == SKILLS_WRITER_AS_GIVEN;

	if (!given || !skills_is_changed(old_row, *new_row, "modified"))
		skills_set(new_row, "modified",
				   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	if (!given || !skills_is_changed(old_row, *new_row, "revision"))
		skills_set(new_row, "revision",
				   Int32GetDatum(next_revision(old_row)));
	if (!given)
		skills_set_text(new_row, "modified_by", identity->user_id);
	else if (!skills_is_changed(old_row, *new_row, "modified_by"))
		skills_set_null(new_row, "modified_by");
}
