/*
 * faults.c
 *		Memory that runs out where a test says. Preloaded into a server, and
 *		loaded by it as a library of functions, which the loader takes for one.
 *
 * Needs no symbol of the server, so that it can be preloaded into any program
 * that starts one.
 */
#include "postgres.h"

#include <alloca.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>
#include <stdlib.h>

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(fault_arm);
PG_FUNCTION_INFO_V1(fault_disarm);
PG_FUNCTION_INFO_V1(fault_held);
PG_FUNCTION_INFO_V1(fault_limit);

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

#define TABLE_SIZE 65536		/* a power of two, and more than a test ever holds */
#define STACK_IN_USE 1048576

typedef enum Mode
{
	MODE_ONCE = 1,				/* the nth allocation of libraries fails, and no other */
	MODE_LIMIT = 2				/* the nth that takes more than there ever was fails, and all that would in that statement */
} Mode;

static const char *server_start;
static const char *server_end;
static Mode mode;
static int64 countdown;			/* to the allocation that fails, 0 for none */
static int64 calls;
static int64 in_use;			/* bytes since the arming; what was there before and goes makes it less */
static int64 peak;
static bool is_exhausted;

/* What libraries hold, from the first arming on: open addressing. */
static void *held[TABLE_SIZE];
static int64 nheld;
static bool is_counting;

static size_t
place_of(const void *memory)
{
	return ((size_t) memory >> 4) * 2654435761u % TABLE_SIZE;
}

static void
note(void *memory)
{
	size_t		place = place_of(memory);

	if (memory == NULL || nheld >= TABLE_SIZE / 2)
		return;
	while (held[place] != NULL)
		place = (place + 1) % TABLE_SIZE;
	held[place] = memory;
	nheld++;
}

/* What is behind the gap moves up, so that it is found. */
static void
close_gap(size_t gap)
{
	for (size_t next = (gap + 1) % TABLE_SIZE; held[next] != NULL; next = (next + 1) % TABLE_SIZE)
	{
		size_t		home = place_of(held[next]);

		if ((next - home + TABLE_SIZE) % TABLE_SIZE < (next - gap + TABLE_SIZE) % TABLE_SIZE)
			continue;
		held[gap] = held[next];
		gap = next;
	}
	held[gap] = NULL;
}

static bool
forget(const void *memory)
{
	size_t		place = place_of(memory);

	if (memory == NULL || nheld == 0)
		return false;
	while (held[place] != NULL && held[place] != memory)
		place = (place + 1) % TABLE_SIZE;
	if (held[place] == NULL)
		return false;
	close_gap(place);
	nheld--;
	return true;
}

static bool
is_of_server(const void *caller)
{
	return (const char *) caller >= server_start && (const char *) caller < server_end;
}

static bool
reaches_nth(void)
{
	calls++;
	return --countdown == 0;
}

static bool
is_over_limit(int64 size)
{
	if (in_use + size <= peak)
		return false;
	is_exhausted = is_exhausted || reaches_nth();
	if (!is_exhausted)
		peak = in_use + size;
	return is_exhausted;
}

static bool
fails(const void *caller, int64 size)
{
	bool		fails = false;

	if (mode == MODE_LIMIT)
		fails = is_over_limit(size);
	else if (mode == MODE_ONCE && countdown > 0 && !is_of_server(caller))
		fails = reaches_nth();
	if (fails)
		errno = ENOMEM;
	return fails;
}

static int64
size_of(void *memory)
{
	return memory == NULL ? 0 : (int64) malloc_usable_size(memory);
}

static void *
count(void *memory, const void *caller)
{
	in_use += size_of(memory);
	if (is_counting && !is_of_server(caller))
		note(memory);
	return memory;
}

void *
malloc(size_t size)
{
	const void *caller = __builtin_return_address(0);

	return fails(caller, (int64) size) ? NULL : count(__libc_malloc(size), caller);
}

void *
calloc(size_t number, size_t size)
{
	const void *caller = __builtin_return_address(0);

	return fails(caller, (int64) (number * size)) ? NULL : count(__libc_calloc(number, size), caller);
}

void *
realloc(void *memory, size_t size)
{
	const void *caller = __builtin_return_address(0);
	int64		before = size_of(memory);
	bool		was_held;
	void	   *moved;

	if (fails(caller, (int64) size - before))
		return NULL;
	was_held = forget(memory);
	moved = __libc_realloc(memory, size);
	if (moved == NULL && size > 0)
	{
		if (was_held)
			note(memory);
		return NULL;
	}
	in_use -= before;
	return count(moved, was_held ? NULL : caller);
}

/* Of the C library, but for whoever asked it. */
char *
strdup(const char *string)
{
	const void *caller = __builtin_return_address(0);
	size_t		size = strlen(string) + 1;
	char	   *copy = fails(caller, (int64) size) ? NULL : count(__libc_malloc(size), caller);

	return copy == NULL ? NULL : memcpy(copy, string, size);
}

void
free(void *memory)
{
	in_use -= size_of(memory);
	(void) forget(memory);
	__libc_free(memory);
}

/*
 * There is memory again for what a client says next: a ROLLBACK takes some,
 * and one that had none would leave its session without an end of the limit.
 */
ssize_t
recv(int socket, void *buffer, size_t size, int flags)
{
	if (is_exhausted)
		mode = 0;
	return recvfrom(socket, buffer, size, flags, NULL, NULL);
}

/* The program itself is the first that the loader lists. */
static int
find_server(struct dl_phdr_info *info, size_t size, void *context)
{
	server_start = NULL;
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const char *start = (const char *) info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;

		if (info->dlpi_phdr[i].p_type != PT_LOAD)
			continue;
		if (server_start == NULL)
			server_start = start;
		server_end = start + info->dlpi_phdr[i].p_memsz;
	}
	return 1;
}

/* fault_arm(nth, mode): from now on memory runs out so. */
Datum
fault_arm(PG_FUNCTION_ARGS)
{
	(void) dl_iterate_phdr(find_server, NULL);
	is_counting = true;
	is_exhausted = false;
	calls = in_use = peak = 0;
	countdown = PG_GETARG_INT32(0);
	mode = PG_GETARG_INT32(1);
	PG_RETURN_BOOL(true);
}

/* fault_disarm(): there is memory again. Gives how many allocations could have failed, if none did, or 0. */
Datum
fault_disarm(PG_FUNCTION_ARGS)
{
	int64		seen = countdown > 0 ? calls : 0;

	mode = 0;
	PG_RETURN_INT32((int32) seen);
}

/* fault_held(): how many allocations of libraries there are, of those since the first arming. */
Datum
fault_held(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int32) nheld);
}

static long
pages_in_use(void)
{
	char		line[64] = "";
	int			file = open("/proc/self/statm", O_RDONLY);

	if (file < 0)
		return 0;
	if (read(file, line, sizeof(line) - 1) < 0)
		line[0] = '\0';
	(void) close(file);
	return strtol(line, NULL, 10);
}

/* A stack that cannot grow is a crash of any program: it has grown before. */
static void
grow_stack(void)
{
	volatile char *stack = alloca(STACK_IN_USE);

	for (size_t i = 0; i < STACK_IN_USE; i += 4096)
		stack[i] = 0;
}

/* fault_limit(kilobytes): as "ulimit -v" of what the process has and so much more; no limit for -1. */
Datum
fault_limit(PG_FUNCTION_ARGS)
{
	struct rlimit limit;
	int32		kilobytes = PG_GETARG_INT32(0);

	grow_stack();
	(void) getrlimit(RLIMIT_AS, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (kilobytes >= 0)
		limit.rlim_cur = (rlim_t) pages_in_use() * (rlim_t) sysconf(_SC_PAGESIZE) + (rlim_t) kilobytes * 1024;
	PG_RETURN_BOOL(setrlimit(RLIMIT_AS, &limit) == 0);
}
