/*
 * Plain accesses to shared memory must be ordered by what the threads have acquired: else two of
 * them race, and what is read is anything.
 *
 * Rules: for each four bytes, when every thread last read them, and wrote them atomically, and who
 * stored to them last; a later access that conflicts must know of it by its clock.
 */
#include <string.h>
#include "tests/model/engine.h"

#define GRAIN 4u

static struct grain {
	uint16_t stored; /* clock of the last plain store; 0: none since the start */
	uint8_t by;
	uint16_t read[MODEL_THREADS], atomic_read[MODEL_THREADS], atomic_write[MODEL_THREADS];
} grains[ARENA / GRAIN];
static uint8_t *arena;
static size_t arena_n;

/* Cache lines apart, as the real ones. */
static _Alignas(64) uint8_t memory[ARENA];

void race_start(void)
{
	memset(grains, 0, arena_n / GRAIN * sizeof *grains);
	memset(memory, 0, arena_n);
	arena = memory;
	arena_n = 0;
}

void *model_shared(size_t size)
{
	void *p = memory + arena_n;

	arena_n += (size + 63) & ~(size_t)63;
	if (arena_n > ARENA) {
		fprintf(stderr, "model: the arena is too small\n");
		__builtin_trap();
	}
	return p;
}

bool in_arena(const void *p)
{
	return (uintptr_t)p - (uintptr_t)memory < arena_n;
}

static void race(const char *what, const void *p, uint32_t other)
{
	wrong("data race: %s at %zu of the shared memory by thread %u, not ordered with thread %u",
	      what, (size_t)((const uint8_t *)p - arena), me, other);
}

static void none_since(const uint16_t *done, const char *what, const void *p)
{
	const struct clock *c = clock_of(me);

	for (uint32_t t = 0; t < MODEL_THREADS; t++)
		if (t != me && done[t] > c->at[t])
			race(what, p, t);
}

static void stored_before(const struct grain *g, const char *what, const void *p)
{
	if (g->stored && g->by != me && g->stored > clock_of(me)->at[g->by])
		race(what, p, g->by);
}

static struct grain *grain(const void *p)
{
	return &grains[((const uint8_t *)p - arena) / GRAIN];
}

void race_read(const void *p, size_t size)
{
	if (me == MODEL_THREADS || !in_arena(p))
		return;
	for (struct grain *g = grain(p), *end = grain((const uint8_t *)p + size - 1); g <= end;
	     g++) {
		stored_before(g, "a read", p);
		none_since(g->atomic_write, "a plain read of an atomic word", p);
		g->read[me] = clock_of(me)->at[me];
	}
}

void race_write(const void *p, size_t size)
{
	if (me == MODEL_THREADS || !in_arena(p))
		return;
	for (struct grain *g = grain(p), *end = grain((const uint8_t *)p + size - 1); g <= end;
	     g++) {
		stored_before(g, "a store", p);
		none_since(g->read, "a store", p);
		none_since(g->atomic_read, "a plain store to an atomic word", p);
		none_since(g->atomic_write, "a plain store to an atomic word", p);
		g->stored = clock_of(me)->at[me];
		g->by = (uint8_t)me;
	}
}

void race_atomic(const void *p, size_t size, bool writes)
{
	for (struct grain *g = grain(p), *end = grain((const uint8_t *)p + size - 1); g <= end;
	     g++) {
		stored_before(g, "an atomic access to bytes stored plainly", p);
		if (writes)
			none_since(g->read, "an atomic write of bytes read plainly", p);
		(writes ? g->atomic_write : g->atomic_read)[me] = clock_of(me)->at[me];
	}
}
