/*
 * memcheck.h
 *		Makes palloc visible to AddressSanitizer, too.
 *
 * A server that is built with USE_VALGRIND tells memcheck of every chunk that
 * palloc gives out and takes back. This header stands before valgrind's own
 * and passes the same word on to AddressSanitizer, where its runtime is
 * loaded. So one server serves alone, under valgrind and under ASan.
 */
#ifndef SKILLS_MEMCHECK_H
#define SKILLS_MEMCHECK_H

#include <stddef.h>

#include_next <valgrind/memcheck.h>

/* Null where libasan is not preloaded. */
extern void __asan_poison_memory_region(void const volatile *start, size_t size)
			__attribute__((weak));
extern void __asan_unpoison_memory_region(void const volatile *start, size_t size)
			__attribute__((weak));

static inline void
tell_noaccess(const volatile void *start, size_t size)
{
	VALGRIND_MAKE_MEM_NOACCESS(start, size);
	if (__asan_poison_memory_region)
		__asan_poison_memory_region(start, size);
}

static inline void
tell_undefined(const volatile void *start, size_t size)
{
	VALGRIND_MAKE_MEM_UNDEFINED(start, size);
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(start, size);
}

static inline void
tell_defined(const volatile void *start, size_t size)
{
	VALGRIND_MAKE_MEM_DEFINED(start, size);
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(start, size);
}

static inline void
tell_alloc(const void *pool, const volatile void *start, size_t size)
{
	VALGRIND_MEMPOOL_ALLOC(pool, start, size);
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(start, size);
}

static inline void
tell_change(const void *pool, const volatile void *old_start, const volatile void *start, size_t size)
{
	VALGRIND_MEMPOOL_CHANGE(pool, old_start, start, size);
	if (__asan_unpoison_memory_region)
		__asan_unpoison_memory_region(start, size);
}

#undef VALGRIND_MAKE_MEM_NOACCESS
#undef VALGRIND_MAKE_MEM_UNDEFINED
#undef VALGRIND_MAKE_MEM_DEFINED
#undef VALGRIND_MEMPOOL_ALLOC
#undef VALGRIND_MEMPOOL_CHANGE
#define VALGRIND_MAKE_MEM_NOACCESS(start, size) tell_noaccess(start, size)
#define VALGRIND_MAKE_MEM_UNDEFINED(start, size) tell_undefined(start, size)
#define VALGRIND_MAKE_MEM_DEFINED(start, size) tell_defined(start, size)
#define VALGRIND_MEMPOOL_ALLOC(pool, start, size) tell_alloc(pool, start, size)
#define VALGRIND_MEMPOOL_CHANGE(pool, old_start, start, size) tell_change(pool, old_start, start, size)

#endif							/* SKILLS_MEMCHECK_H */
