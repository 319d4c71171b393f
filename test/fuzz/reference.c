/*
 * reference.c
 *		Fuzzes the search for references in a message: they are in their order,
 *		apart, and of the form that they should have.
 */
#include "reference.h"

#include "surroundings.h"

typedef struct Found
{
	const char *text;
	size_t		size;
	size_t		end;			/* of the one before */
} Found;

static void
check(const Reference *reference, void *context)
{
	Found	   *found = context;

	REQUIRE(reference->start >= found->end && reference->length >= 2);
	REQUIRE(reference->start + reference->length <= found->size);
	REQUIRE(found->text[reference->start] == '/');
	REQUIRE(reference->name_length >= 1 && reference->name_length <= REFERENCE_MAX_NAME);
	REQUIRE(reference->name_length < reference->length);
	REQUIRE(reference->version >= REFERENCE_NO_VERSION);
	REQUIRE((reference->version == REFERENCE_NO_VERSION) ==
			(reference->length == reference->name_length + 1));
	found->end = reference->start + reference->length;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	Found		found = {(const char *) data, size, 0};

	skills_scan_references(found.text, size, check, &found);
	let_go();
	return 0;
}
