/*
 * What a domain is to its author: two functions to write, and the library that calls them.
 *
 * A domain defines domain_start, called once, and domain_event, called for every batch of work.
 * The library (lib/) owns the loop: it exchanges, hands over what came, and waits. A domain never
 * blocks inside domain_event; it keeps state and returns.
 * Rules: one execution context, no threads, no signals, no heap of libc (static memory or mx_heap).
 */
#ifndef MOXIE_DOMAIN_H
#define MOXIE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>
#include <moxie/channel.h>

/* Written by the domain. */
void domain_start(void);
/*
 * in, n: messages collected, in order, chains whole; valid until the function returns. The
 * frames belong to the domain now: send them on, keep them, or mx_free them.
 * pending: plain and interrupt slots that were notified. n and pending may both be 0: a deadline
 * passed or credit came back.
 */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending);

/* Set before domain_start. */
extern const struct mx_boot *mx_boot;

/* Time. ns since the machine was powered on. Never goes back on one core. */
uint64_t mx_now(void);
#define MX_US 1000ull
#define MX_MS 1000000ull
#define MX_S  1000000000ull

/* Waiting. Both hold for the next wait only; the earliest mx_wake_at counts. */
void mx_wake_at(uint64_t ns);
void mx_again(void); /* more work is known: come back after the others have run */
void mx_hold(void);  /* collect no messages: only credit, pending slots and the deadline count */

/*
 * Sending frames. A chain is n consecutive entries for one slot, MX_MORE on all but the last
 * (mx_send sets it), n <= MX_CHAIN_MAX. MX_OK: the frames are gone. MX_ECREDIT: no room for the
 * whole chain, nothing was taken, the caller still owns the frames. MX_EPEER: the slot is
 * not bound; likewise.
 * Chains are submitted in order at the end of domain_event, or when a batch is full.
 */
int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n);
uint32_t mx_credit(uint32_t slot); /* entries slot takes now */
void mx_thirst(uint32_t slot); /* call domain_event when slot has gained credit (next wait only) */

/*
 * Frames of the pool. mx_alloc returns a frame number or MX_NOFRAME; it takes from a cache
 * that each exchange refills to the level that mx_reserve set (at most MX_BATCH; default 0).
 * In a domain with a window, fresh frames are mapped; their content is unspecified.
 */
uint32_t mx_alloc(void);
void mx_reserve(uint32_t level);
uint32_t mx_reserved(void);      /* frames in the cache now */
void mx_free(uint32_t frame);    /* frozen frames are ignored */
uint64_t mx_bus(uint32_t frame); /* bus address of the frame's first byte; 0 for a bad number */
bool mx_is_frozen(uint32_t frame);

static inline void *mx_frame(uint32_t frame)
{
	return mx_boot->window + (uint64_t)frame * MX_PAGE;
}

/* Bus address of the data of m; 0 when that is not in its frame, or in frozen frames that follow.
 */
static inline uint64_t mx_bus_of(const struct mx_msg *m)
{
	uint32_t end = (uint32_t)m->offset + m->length;
	uint64_t bus = mx_bus(m->frame);

	if (!bus || (end > MX_PAGE &&
	             (!mx_is_frozen(m->frame) || !mx_is_frozen(m->frame + (end - 1) / MX_PAGE))))
		return 0;
	return bus + m->offset;
}

/* Flush what was sent and freed, without waiting and without collecting. Rarely needed. */
void mx_flush(void);

/* A line on the console (slot MX_CONSOLE), "name: text". Drops and counts when the ring is full. */
void mx_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Zeroed memory from mx_boot->heap, never given back; NULL when the budget is used up. */
void *mx_heap(uint64_t size);

_Noreturn void mx_exit(uint32_t status);
/* A broken invariant of our own: last words on the console, then exit 255. */
_Noreturn void mx_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define mx_assert(x)                                                                               \
	do {                                                                                       \
		if (!(x))                                                                          \
			mx_panic("%s:%d: %s", __FILE__, __LINE__, #x);                             \
	} while (0)

/* The bare trap, for the library, init and the tests. */
int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c);

#endif
