/*
 * The memory model itself, by the classic small programs: of each, exactly the outcomes come that
 * C11 allows (RC11: no load reads what is stored only later, so "load buffering" has none of
 * those).
 *
 * A program's registers make a number; bit n of `allowed` says whether n may come, and must.
 */
#include "tests/model/model.h"

#define LOAD(p, order)     __atomic_load_n(p, __ATOMIC_##order)
#define STORE(p, v, order) __atomic_store_n(p, v, __ATOMIC_##order)
#define SWAP(p, v, order)  __atomic_exchange_n(p, v, __ATOMIC_##order)
#define FENCE(order)       __atomic_thread_fence(__ATOMIC_##order)

static uint32_t *x, *y, r[4], came;

static void start(void)
{
	x = model_shared(sizeof *x);
	y = model_shared(sizeof *y);
	r[0] = r[1] = r[2] = r[3] = 0;
}

static void note(uint32_t outcome)
{
	came |= 1u << outcome;
}

static void end(void)
{
	note(r[0] | r[1] << 1 | r[2] << 2 | r[3] << 3);
}

static void end_words(void)
{
	note((model_newest(x) - 1) | (model_newest(y) - 1) << 1);
}

static void end_word(void)
{
	note((model_newest(x) - 1) | r[1] << 1);
}

static void all(void)
{
	uint32_t outcomes = came;

	came = 0;
	model_check(outcomes == model_now->variant);
}

/* Store buffering. */
static void sb(uint32_t t)
{
	STORE(t ? y : x, 1, RELAXED);
	r[t] = LOAD(t ? x : y, RELAXED);
}

static void sb_half(uint32_t t)
{
	STORE(t ? y : x, 1, RELEASE);
	FENCE(ACQ_REL);
	r[t] = LOAD(t ? x : y, ACQUIRE);
}

static void sb_fenced(uint32_t t)
{
	STORE(t ? y : x, 1, RELAXED);
	FENCE(SEQ_CST);
	r[t] = LOAD(t ? x : y, RELAXED);
}

/* Message passing: r[0] the flag, r[1] what it announces. */
static void mp(uint32_t t)
{
	if (t == 0) {
		STORE(x, 1, RELAXED);
		STORE(y, 1, RELAXED);
	} else {
		r[0] = LOAD(y, ACQUIRE);
		r[1] = LOAD(x, RELAXED);
	}
}

static void mp_ordered(uint32_t t)
{
	if (t == 0) {
		STORE(x, 1, RELAXED);
		STORE(y, 1, RELEASE);
	} else {
		r[0] = LOAD(y, ACQUIRE);
		r[1] = LOAD(x, RELAXED);
	}
}

static void mp_fenced(uint32_t t)
{
	if (t == 0) {
		STORE(x, 1, RELAXED);
		FENCE(RELEASE);
		STORE(y, 1, RELAXED);
	} else {
		r[0] = LOAD(y, RELAXED);
		FENCE(ACQUIRE);
		r[1] = LOAD(x, RELAXED);
	}
}

/* One word is never read backwards. */
static void coherence(uint32_t t)
{
	if (t == 0) {
		STORE(x, 1, RELAXED);
	} else {
		r[0] = LOAD(x, RELAXED);
		r[1] = LOAD(x, RELAXED);
	}
}

static void buffering(uint32_t t)
{
	r[t] = LOAD(t ? y : x, RELAXED);
	STORE(t ? x : y, 1, RELAXED);
}

/* Two words, each stored to by both: what stands there last (x - 1, y - 1). */
static void words(uint32_t t)
{
	STORE(t ? y : x, 1, RELAXED);
	STORE(t ? x : y, 2, RELAXED);
}

static void words_ordered(uint32_t t)
{
	STORE(t ? y : x, 1, RELAXED);
	FENCE(SEQ_CST);
	STORE(t ? x : y, 2, RELAXED);
}

/* x's order against a load behind it ("R"). */
static void last_word(uint32_t t)
{
	if (t == 0) {
		STORE(y, 1, RELAXED);
		FENCE(SEQ_CST);
		STORE(x, 1, RELAXED);
	} else {
		STORE(x, 2, RELAXED);
		FENCE(SEQ_CST);
		r[1] = LOAD(y, RELAXED);
	}
}

/* Two readers see two writers in one order, or not. */
static void readers(uint32_t t)
{
	if (t < 2) {
		STORE(t ? y : x, 1, RELEASE);
		return;
	}
	t -= 2;
	r[2 * t] = LOAD(t ? y : x, ACQUIRE);
	r[2 * t + 1] = LOAD(t ? x : y, ACQUIRE);
}

static void readers_fenced(uint32_t t)
{
	if (t < 2) {
		STORE(t ? y : x, 1, RELEASE);
		return;
	}
	t -= 2;
	r[2 * t] = LOAD(t ? y : x, ACQUIRE);
	FENCE(SEQ_CST);
	r[2 * t + 1] = LOAD(t ? x : y, ACQUIRE);
}

/* An exchange hands on what it did not write. r[0]: 1 when its value was seen; r[1]: the word. */
static void handed_on(uint32_t t)
{
	if (t == 0) {
		STORE(x, 1, RELAXED);
		STORE(y, 1, RELEASE);
	} else if (t == 1) {
		r[2] = SWAP(y, 2, RELAXED) == 1;
	} else {
		r[0] = LOAD(y, ACQUIRE) == 2;
		r[1] = LOAD(x, RELAXED);
	}
}

static void swaps(uint32_t t)
{
	r[t] = SWAP(x, 1, RELAXED);
}

#define PROGRAM(title, n, body, end_, allowed)                                                     \
	{                                                                                          \
		.name = "litmus: " title, .threads = n, .variant = allowed, .start = start,        \
		.run = body, .end = end_, .all = all                                               \
	}
const struct scenario litmus_scenarios[] = {
        PROGRAM("store buffering", 2, sb, end, 0xf),
        PROGRAM("store buffering, acquire and release", 2, sb_half, end, 0xf),
        PROGRAM("store buffering, SC fences", 2, sb_fenced, end, 0xe),
        PROGRAM("message passing, relaxed store", 2, mp, end, 0xf),
        PROGRAM("message passing", 2, mp_ordered, end, 0xd),
        PROGRAM("message passing, fences", 2, mp_fenced, end, 0xd),
        PROGRAM("coherence", 2, coherence, end, 0xd),
        PROGRAM("load buffering", 2, buffering, end, 0x7),
        PROGRAM("two words, two writers", 2, words, end_words, 0xf),
        PROGRAM("two words, two writers, SC fences", 2, words_ordered, end_words, 0xe),
        PROGRAM("the last of a word, SC fences", 2, last_word, end_word, 0xd),
        PROGRAM("two readers, two writers", 4, readers, end, 0xffff),
        PROGRAM("two readers, two writers, SC fences", 4, readers_fenced, end, 0xffdf),
        PROGRAM("an exchange hands on", 3, handed_on, end, 0xdf),
        PROGRAM("two exchanges", 2, swaps, end, 0x6),
        {0},
};
