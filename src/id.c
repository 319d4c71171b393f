/*
 * id.c
 *		Identifiers of skills: "sk_" and 26 characters of Crockford base32,
 *		48 bits of milliseconds and 80 random ones.
 */
#include "postgres.h"

#include <time.h>

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "skills.h"

#define ID_PREFIX "sk_"
#define ID_PREFIX_LENGTH 3
#define ID_DIGITS 26
#define ID_BYTES 16
#define ID_TIME_BYTES 6

static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

PG_FUNCTION_INFO_V1(skills_new_skill_id);
PG_FUNCTION_INFO_V1(skills_check_skill_id);

/* Of 26 digits of 5 bits, the first has but 3 bits of the 128. */
static void
encode(const uint8 *bytes, char *digits)
{
	uint32		pending = 0;
	int			npending = ID_DIGITS * 5 - ID_BYTES * 8;

	for (int i = 0; i < ID_BYTES; i++)
	{
		pending = (pending << 8) | bytes[i];
		npending += 8;
		while (npending >= 5)
		{
			npending -= 5;
			*digits++ = base32[(pending >> npending) & 31];
		}
		pending &= (1U << npending) - 1;
	}
}

/*
 * skills.new_skill_id() → text: a new identifier; later ones sort after
 * earlier ones, to the millisecond.
 */
Datum
skills_new_skill_id(PG_FUNCTION_ARGS)
{
	uint8		bytes[ID_BYTES];
	char		id[] = ID_PREFIX "00000000000000000000000000";
	TimestampTz epoch = ((TimestampTz) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)) * USECS_PER_DAY;
	uint64		milliseconds = (uint64) (GetCurrentTimestamp() + epoch) / 1000;

	for (int i = 0; i < ID_TIME_BYTES; i++)
		bytes[i] = (uint8) (milliseconds >> (8 * (ID_TIME_BYTES - 1 - i)));
	if (!pg_strong_random(bytes + ID_TIME_BYTES, ID_BYTES - ID_TIME_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	encode(bytes, id + ID_PREFIX_LENGTH);
	PG_RETURN_TEXT_P(cstring_to_text(id));
}

bool
skills_is_skill_id(const char *value)
{
	return strncmp(value, ID_PREFIX, ID_PREFIX_LENGTH) == 0 &&
		strlen(value) == ID_PREFIX_LENGTH + ID_DIGITS &&
		strspn(value + ID_PREFIX_LENGTH, base32) == ID_DIGITS &&
		value[ID_PREFIX_LENGTH] <= '7';
}

/* skills.check_skill_id(value) → boolean: true, or 22023 if it is not of an identifier's form. */
Datum
skills_check_skill_id(PG_FUNCTION_ARGS)
{
	const char *value = text_to_cstring(PG_GETARG_TEXT_PP(0));

	if (!skills_is_skill_id(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid skill id \"%s\"", skills_clip(value)),
				 errdetail("A skill id is \"%s\" and %d characters of Crockford base32, the first of them at most 7.",
						   ID_PREFIX, ID_DIGITS),
				 errhint("Leave \"skill_id\" out, or take one from skills.new_skill_id().")));
	PG_RETURN_BOOL(true);
}
