/*
 * offer.c
 *		What a user's AI is offered: every pinned version that the user may
 *		see, one a name, in byte order of the names.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "scan.h"
#include "skills.h"

typedef struct Offers
{
	MemoryContext context;		/* of the list */
	SkillsOffer *list;
	uint64		count;
	uint64		room;
} Offers;

static SkillsOffer *
add_offer(Offers *offers)
{
	if (offers->count == offers->room)
	{
		offers->room = Max(32, offers->room * 2);
		offers->list = offers->list == NULL ?
			MemoryContextAllocHuge(offers->context, sizeof(SkillsOffer) * offers->room) :
			repalloc_huge(offers->list, sizeof(SkillsOffer) * offers->room);
	}
	return &offers->list[offers->count++];
}

/* The columns that are read are NOT NULL; should a DBA have changed that, this is the end of it. */
static Datum
copy_value(Datum value, bool isnull)
{
	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("a skill of the registry has a null where none may be")));
	return datumCopy(value, false, -1);
}

/* Read without a plan */

static text *
copy_entry_text(const SkillsScan *scan, int column)
{
	bool		isnull;
	Datum		value = skills_scan_entry(scan, column, &isnull);

	return DatumGetTextPP(copy_value(value, isnull));
}

/* The pins of the user, in the order of skill ids; the index has no other subscriptions. */
static void
scan_pins(Offers *offers, text *org_id, text *user_id)
{
	SkillsScan	scan;
	int			skill_id;
	int			ai_version;

	skills_scan_open(&scan, "skill_subscription", SKILLS_PINS, org_id);
	skills_scan_equal(&scan, user_id, NULL);
	skill_id = skills_scan_entry_column(&scan, "skill_id");
	ai_version = skills_scan_entry_column(&scan, "ai_version");
	while (skills_scan_next(&scan))
	{
		SkillsOffer *offer = add_offer(offers);
		bool		isnull;

		offer->version = DatumGetInt32(skills_scan_entry(&scan, ai_version, &isnull));
		offer->skill_id = copy_entry_text(&scan, skill_id);
	}
	skills_scan_close(&scan);
}

typedef struct VersionColumns
{
	int			description;
	int			body;
	int			relevant_topics;
	int			author;
	int			accessibility;
} VersionColumns;

static VersionColumns
version_columns(const SkillsScan *scan)
{
	VersionColumns columns = {
		.description = skills_scan_row_column(scan, "description"),
		.body = skills_scan_row_column(scan, "body"),
		.relevant_topics = skills_scan_row_column(scan, "relevant_topics"),
		.author = skills_scan_row_column(scan, "author"),
		.accessibility = skills_scan_row_column(scan, "accessibility"),
	};

	return columns;
}

static Datum
copy_row_column(const SkillsScan *scan, int column)
{
	bool		isnull;
	Datum		value = skills_scan_row(scan, column, &isnull);

	return copy_value(value, isnull);
}

/* What the row says; false if the user may not see it. A long body is copied as the pointer that the row has. */
static bool
copy_version(SkillsOffer *offer, const SkillsScan *scan, VersionColumns columns,
			 const SkillsIdentity *identity)
{
	offer->created_by = DatumGetTextPP(copy_row_column(scan, columns.author));
	offer->accessibility = DatumGetTextPP(copy_row_column(scan, columns.accessibility));
	if (!skills_can_see(offer->created_by, offer->accessibility, identity))
		return false;
	offer->description = DatumGetTextPP(copy_row_column(scan, columns.description));
	offer->relevant_topics = copy_row_column(scan, columns.relevant_topics);
	offer->body = copy_row_column(scan, columns.body);
	return true;
}

/* Keep the pins whose version the user may see. */
static void
scan_versions(Offers *offers, text *org_id, const SkillsIdentity *identity)
{
	SkillsScan	scan;
	VersionColumns columns;
	uint64		kept = 0;

	skills_scan_open(&scan, "skill_version", NULL, org_id);
	skills_scan_walk(&scan);
	columns = version_columns(&scan);
	for (uint64 i = 0; i < offers->count; i++)
	{
		SkillsOffer offer = offers->list[i];

		if (skills_scan_find_row(&scan, offer.skill_id, offer.version) &&
			copy_version(&offer, &scan, columns, identity))
			offers->list[kept++] = offer;
	}
	skills_scan_close(&scan);
	offers->count = kept;
}

static void
scan_names(Offers *offers, text *org_id)
{
	SkillsScan	scan;
	int			name;
	uint64		kept = 0;

	skills_scan_open(&scan, "skill", SKILLS_NAMES, org_id);
	skills_scan_walk(&scan);
	name = skills_scan_entry_column(&scan, "name");
	for (uint64 i = 0; i < offers->count; i++)
	{
		SkillsOffer offer = offers->list[i];

		if (!skills_scan_find(&scan, offer.skill_id, 0))
			continue;
		offer.name = copy_entry_text(&scan, name);
		offers->list[kept++] = offer;
	}
	skills_scan_close(&scan);
	offers->count = kept;
}

static void
scan_offers(Offers *offers, const SkillsIdentity *identity)
{
	text	   *org_id = cstring_to_text(identity->org_id);

	scan_pins(offers, org_id, cstring_to_text(identity->user_id));
	scan_versions(offers, org_id, identity);
	scan_names(offers, org_id);
}

/* The pin, if the user has one. */
static bool
scan_pin(SkillsOffer *offer, text *org_id, text *user_id)
{
	SkillsScan	scan;
	bool		found;
	bool		isnull;

	skills_scan_open(&scan, "skill_subscription", SKILLS_PINS, org_id);
	skills_scan_equal(&scan, user_id, offer->skill_id);
	found = skills_scan_next(&scan);
	if (found)
		offer->version = DatumGetInt32(skills_scan_entry(&scan, skills_scan_entry_column(&scan, "ai_version"),
														 &isnull));
	skills_scan_close(&scan);
	return found;
}

/* The skill of that name by one of the two indexes that keep names unique. */
static bool
scan_name(SkillsOffer *offer, text *org_id, const char *index, text *second, text *third)
{
	SkillsScan	scan;
	bool		found;

	skills_scan_open(&scan, "skill", index, org_id);
	skills_scan_equal(&scan, second, third);
	found = skills_scan_next_row(&scan);
	if (found)
		offer->skill_id = DatumGetTextPP(copy_row_column(&scan, skills_scan_row_column(&scan, "skill_id")));
	skills_scan_close(&scan);
	return found;
}

static bool
scan_version(SkillsOffer *offer, text *org_id, const SkillsIdentity *identity)
{
	SkillsScan	scan;
	bool		found;

	skills_scan_open(&scan, "skill_version", NULL, org_id);
	found = skills_scan_find_row(&scan, offer->skill_id, offer->version) &&
		copy_version(offer, &scan, version_columns(&scan), identity);
	skills_scan_close(&scan);
	return found;
}

/* The paths of the version's files, in byte order; a file is visible with its version. */
static void
scan_files(SkillsOffer *offer, text *org_id)
{
	SkillsScan	scan;
	ArrayBuildState *paths = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	int			path;

	skills_scan_open(&scan, "skill_file", NULL, org_id);
	path = skills_scan_entry_column(&scan, "path");
	skills_scan_equal_version(&scan, offer->skill_id, offer->version);
	while (skills_scan_next(&scan))
	{
		bool		isnull;
		Datum		value = skills_scan_entry(&scan, path, &isnull);

		if (!skills_text_equals(DatumGetTextPP(value), SKILLS_SKILL_MD))
			accumArrayResult(paths, value, false, TEXTOID, CurrentMemoryContext);
	}
	skills_scan_close(&scan);
	offer->files = makeArrayResult(paths, CurrentMemoryContext);
}

/* The user's private skill of that name if it is pinned, else the shared one. */
static bool
scan_offer(SkillsOffer *offer, const SkillsIdentity *identity, text *name)
{
	text	   *org_id = cstring_to_text(identity->org_id);
	text	   *user_id = cstring_to_text(identity->user_id);

	offer->name = name;
	if (!(scan_name(offer, org_id, SKILLS_PRIVATE_NAMES, user_id, name) &&
		  scan_pin(offer, org_id, user_id)) &&
		!(scan_name(offer, org_id, SKILLS_SHARED_NAMES, name, NULL) &&
		  scan_pin(offer, org_id, user_id)))
		return false;
	if (!scan_version(offer, org_id, identity))
		return false;
	scan_files(offer, org_id);
	return true;
}

/* Read by a plan */

#define OFFER "s.name, s.skill_id, v.version, v.description, v.relevant_topics, s.accessibility, s.created_by"
#define PINNED_BY_CALLER \
	" t.org_id " EQ " skills.current_org_id() AND t.user_id " EQ " skills.current_user_id()" \
	" AND t.ai_version IS NOT NULL"

/* The user is named, too, for callers that bypass row security. */
static SkillsQuery pinned = {
	.sql = "SELECT " OFFER " FROM skills.skill_subscription AS t"
	" JOIN skills.skill AS s ON s.org_id " EQ " t.org_id AND s.skill_id " EQ " t.skill_id"
	" JOIN skills.skill_version AS v ON v.org_id " EQ " t.org_id"
	" AND v.skill_id " EQ " t.skill_id AND v.version " EQ " t.ai_version"
	" WHERE" PINNED_BY_CALLER " AND skills.can_see(s.created_by, s.accessibility)"
};

/*
 * The caller's private skill of that name and the shared one, each by its own
 * index: of other people's private ones there may be any number. OFFSET 0
 * keeps the order of the look-ups, where each narrows the next to one row; by
 * its estimates of one row each, the planner might begin anywhere.
 */
#define OF_NAME \
	"SELECT s.skill_id, s.name, s.accessibility, s.created_by FROM skills.skill AS s" \
	" WHERE s.org_id " EQ " skills.current_org_id() AND s.name " EQ " $1"

static SkillsQuery pinned_of_name = {
	.sql = "SELECT " OFFER ", v.body, ARRAY(SELECT f.path FROM skills.skill_file AS f"
	" WHERE f.org_id " EQ " skills.current_org_id() AND f.skill_id " EQ " s.skill_id"
	" AND f.version " EQ " v.version AND f.path " NE " '" SKILLS_SKILL_MD "' ORDER BY f.path)"
	" FROM (" OF_NAME " AND s.accessibility " EQ " 'private' AND s.created_by " EQ " skills.current_user_id()"
	" UNION ALL " OF_NAME " AND s.accessibility " NE " 'private') AS s"
	" CROSS JOIN LATERAL (SELECT t.ai_version FROM skills.skill_subscription AS t"
	" WHERE" PINNED_BY_CALLER " AND t.skill_id " EQ " s.skill_id OFFSET 0) AS t"
	" CROSS JOIN LATERAL (SELECT v.version, v.description, v.relevant_topics, v.body"
	" FROM skills.skill_version AS v WHERE v.org_id " EQ " skills.current_org_id()"
	" AND v.skill_id " EQ " s.skill_id AND v.version " EQ " t.ai_version OFFSET 0) AS v"
	" ORDER BY (s.accessibility " EQ " 'private') DESC",
	.nargs = 1,
	.argtypes = {TEXTOID}
};

/* A column of the result, in memory of the caller's, who is not SPI. */
static Datum
copy_column(HeapTuple row, int column)
{
	bool		isnull;
	Datum		value = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);

	return copy_value(value, isnull);
}

static text *
copy_text_column(HeapTuple row, int column)
{
	return DatumGetTextPP(copy_column(row, column));
}

static void
copy_offer(SkillsOffer *offer, MemoryContext context, HeapTuple row)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	bool		isnull;

	offer->name = copy_text_column(row, 1);
	offer->skill_id = copy_text_column(row, 2);
	offer->version = DatumGetInt32(SPI_getbinval(row, SPI_tuptable->tupdesc, 3, &isnull));
	offer->description = copy_text_column(row, 4);
	offer->relevant_topics = copy_column(row, 5);
	offer->accessibility = copy_text_column(row, 6);
	offer->created_by = copy_text_column(row, 7);
	if (SPI_tuptable->tupdesc->natts > 7)
	{
		offer->body = copy_column(row, 8);
		offer->files = copy_column(row, 9);
	}
	MemoryContextSwitchTo(before);
}

static void
query_offers(Offers *offers, const SkillsIdentity *identity)
{
	int			nest_level = skills_act_as(identity);
	uint64		rows;

	SPI_connect();
	rows = skills_query(&pinned, NULL, SKILLS_ALL_ROWS, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		copy_offer(add_offer(offers), offers->context, SPI_tuptable->vals[i]);
	}
	SPI_finish();
	skills_act_as_before(nest_level);
}

static bool
query_offer(SkillsOffer *offer, text *name)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		args[1] = {PointerGetDatum(name)};
	bool		found;

	SPI_connect();
	found = skills_query(&pinned_of_name, args, 1, NULL) > 0;
	if (found)
		copy_offer(offer, context, SPI_tuptable->vals[0]);
	SPI_finish();
	return found;
}

/* In order */

/* By name; of two skills of one name, the private one comes first. */
static int
compare_offers(const void *a, const void *b)
{
	const SkillsOffer *left = a;
	const SkillsOffer *right = b;
	int			order = skills_compare_text(left->name, right->name);

	if (order != 0)
		return order;
	return (int) skills_is_private(right->accessibility) - (int) skills_is_private(left->accessibility);
}

static void
put_in_order(Offers *offers)
{
	uint64		kept = 0;

	if (offers->count > 1)
		qsort(offers->list, offers->count, sizeof(SkillsOffer), compare_offers);
	for (uint64 i = 0; i < offers->count; i++)
		if (i == 0 || skills_compare_text(offers->list[kept - 1].name, offers->list[i].name) != 0)
			offers->list[kept++] = offers->list[i];
	offers->count = kept;
}

/*
 * What that user's AI is offered, in memory of the caller's. Both ways of
 * reading give the same; the second one serves where other rules than ours
 * hold for the tables, or other servers hold their rows.
 */
SkillsOffer *
skills_read_offers(const SkillsIdentity *identity, uint64 *count)
{
	Offers		offers = {.context = CurrentMemoryContext};

	if (skills_may_scan())
		scan_offers(&offers, identity);
	else
		query_offers(&offers, identity);
	put_in_order(&offers);
	*count = offers.count;
	return offers.list;
}

/*
 * What of that is offered under the name, with its body and the paths of its
 * files, but for SKILL.md, which says what the body says; false if nothing is.
 * For the caller, whose identity it is.
 */
bool
skills_read_offer(SkillsOffer *offer, const SkillsIdentity *identity, text *name)
{
	return skills_may_scan() ? scan_offer(offer, identity, name) : query_offer(offer, name);
}
