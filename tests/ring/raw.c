/* The machine's own: a word in one cache line, or a payload's line and a flag's, to and fro. */
#include "tests/ring/ring.h"

struct line {
	_Alignas(64) uint64_t word;
};
static struct line there[2], back[2]; /* flag, payload */

static void clear(void)
{
	for (int i = 0; i < 2; i++)
		there[i].word = back[i].word = 0;
}

static inline void set(struct line *l, uint64_t i)
{
	__atomic_store_n(&l->word, i + 1, __ATOMIC_RELEASE);
}

static inline void await(struct line *l, uint64_t i)
{
	while (__atomic_load_n(&l->word, __ATOMIC_ACQUIRE) != i + 1)
		;
}

static inline void check(const struct line *l, uint64_t i)
{
	if (__atomic_load_n(&l->word, __ATOMIC_RELAXED) != i)
		__atomic_fetch_add(&ring_wrong, 1, __ATOMIC_RELAXED);
}

static void one_call(uint64_t i, uint64_t n)
{
	for (uint64_t end = i + n; i < end; i++) {
		set(&there[0], i);
		await(&back[0], i);
	}
}

static void one_answer(uint64_t i, uint64_t n)
{
	for (uint64_t end = i + n; i < end; i++) {
		await(&there[0], i);
		set(&back[0], i);
	}
}

static void two_call(uint64_t i, uint64_t n)
{
	for (uint64_t end = i + n; i < end; i++) {
		__atomic_store_n(&there[1].word, i, __ATOMIC_RELAXED);
		set(&there[0], i);
		await(&back[0], i);
		check(&back[1], i);
	}
}

static void two_answer(uint64_t i, uint64_t n)
{
	for (uint64_t end = i + n; i < end; i++) {
		await(&there[0], i);
		check(&there[1], i);
		__atomic_store_n(&back[1].word, i, __ATOMIC_RELAXED);
		set(&back[0], i);
	}
}

const struct race raw_races[] = {{"one-line", ROUND, 8, clear, one_call, one_answer},
                                 {"two-lines", ROUND, 8, clear, two_call, two_answer},
                                 {0}};
