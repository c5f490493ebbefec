/*
 * Rings side by side: ways to bring messages from one thread to another.
 *
 * Interface: a race is one way, one figure and one size. `near` runs on the first core while `far`
 * runs on the second. Every way is a table of races that ends with one without a name; main.c runs
 * them all in turn.
 * Rules: every message carries its number, and whoever receives one compares it (ring_wrong
 * counts), so nothing can be left out. Rings are as deep as channels, unless their name says more.
 */
#ifndef RING_RING_H
#define RING_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define RING_DEPTH                                                                                 \
	128u /* of a channel whose slots are one cache line: MX_RING_BYTES hold no more */
#define RING_BATCH 32u

enum figure {
	ROUND,  /* there and back; the ends run on two cores */
	STREAM, /* one way, as fast as it goes; the ends run on two cores */
	SAME,   /* one way, one core: RING_BATCH messages are sent, then all are received */
	BACK,   /* there and back; the ends run on one core and wait for each other */
};

struct race {
	const char *name; /* of the way */
	enum figure figure;
	uint32_t size;      /* bytes of a message */
	void (*open)(void); /* neither end runs: empty the rings */
	/* Messages first .. first + n - 1. */
	void (*near)(uint64_t first, uint64_t n);
	void (*far)(uint64_t first, uint64_t n);
};
extern const struct race raw_races[], channel_races[], ck_races[], ck_deep_races[], urcu_races[],
        futex_races[], pipe_races[];

extern uint64_t ring_wrong; /* messages that were not the next one */

struct words8 {
	uint64_t w[1];
};
struct words16 {
	uint64_t w[2];
};
struct words32 {
	uint64_t w[4];
};
struct words64 {
	uint64_t w[8];
};

#define RING_PART static __attribute__((unused)) /* no race needs all parts of an end */
/* The parts an end can play, out of send and receive: both are false while nothing can be done. */
#define RING_PARTS(link, name, message, send, receive)                                             \
	static inline void name##_send(uint64_t i)                                                 \
	{                                                                                          \
		message m = {{i}};                                                                 \
                                                                                                   \
		while (!send(&m))                                                                  \
			;                                                                          \
	}                                                                                          \
	static inline void name##_receive(uint64_t i)                                              \
	{                                                                                          \
		message m;                                                                         \
                                                                                                   \
		while (!receive(&m))                                                               \
			;                                                                          \
		if (m.w[0] != i)                                                                   \
			__atomic_fetch_add(&ring_wrong, 1, __ATOMIC_RELAXED);                      \
	}                                                                                          \
	link void name##_put(uint64_t i, uint64_t n)                                               \
	{                                                                                          \
		for (uint64_t end = i + n; i < end; i++)                                           \
			name##_send(i);                                                            \
	}                                                                                          \
	link void name##_get(uint64_t i, uint64_t n)                                               \
	{                                                                                          \
		for (uint64_t end = i + n; i < end; i++)                                           \
			name##_receive(i);                                                         \
	}                                                                                          \
	link void name##_call(uint64_t i, uint64_t n)                                              \
	{                                                                                          \
		for (uint64_t end = i + n; i < end; i++) {                                         \
			name##_send(i);                                                            \
			name##_receive(i);                                                         \
		}                                                                                  \
	}                                                                                          \
	link void name##_answer(uint64_t i, uint64_t n)                                            \
	{                                                                                          \
		for (uint64_t end = i + n; i < end; i++) {                                         \
			name##_receive(i);                                                         \
			name##_send(i);                                                            \
		}                                                                                  \
	}                                                                                          \
	_Static_assert(1, "the macro wants a semicolon")

/* Once more, for a name that is itself made by a macro. */
#define RING_END(link, name, message, send, receive) RING_PARTS(link, name, message, send, receive)

/* Entries of a table, for ends called near8, far8 and so on. */
#define RING_ROUND(way, size, open)                                                                \
	{                                                                                          \
		way, ROUND, size, open, near##size##_call, far##size##_answer                      \
	}
#define RING_STREAM(way, size, open)                                                               \
	{                                                                                          \
		way, STREAM, size, open, near##size##_put, far##size##_get                         \
	}
#define RING_SAME(way, size, open)                                                                 \
	{                                                                                          \
		way, SAME, size, open, near##size##_put, far##size##_get                           \
	}
#define RING_BACK(way, size, open)                                                                 \
	{                                                                                          \
		way, BACK, size, open, near##size##_call, far##size##_answer                       \
	}
#define RING_ALL(way, size, open)                                                                  \
	RING_ROUND(way, size, open), RING_STREAM(way, size, open), RING_SAME(way, size, open)

#endif
