/*
 * What happened last on this core: a ring of events, printed by a panic and read by a debugger
 * (`make gdb`, then `print trace_ring`).
 *
 * Rules: always on, so it must stay cheap: one line of memory an event, no formatting, nothing per
 * packet.
 */
#ifndef EXECUTIVE_TRACE_H
#define EXECUTIVE_TRACE_H

#include <stdint.h>

#define TRACES(X)                                                                                  \
	X(RUN, "run")         /* domain index, ns */                                               \
	X(IDLE, "idle")       /* next deadline, ns */                                              \
	X(IRQ, "irq")         /* irq, domain index */                                              \
	X(CREATE, "create")   /* domain index, generation */                                       \
	X(MADE, "made")       /* domain index, generation */                                       \
	X(CONNECT, "connect") /* domain index << 8 | slot, key */                                  \
	X(GONE, "gone")       /* domain index << 8 | slot, key */                                  \
	X(END, "end")         /* domain index, cause << 32 | status */                             \
	X(LEAVE, "leave")     /* domain index, core it goes to */                                  \
	X(ARRIVE, "arrive")   /* domain index, core it comes from */                               \
	X(FREED, "freed")     /* domain index, generation */

enum trace_kind {
#define X(name, text) TRACE_##name,
	TRACES(X)
#undef X
};

#define TRACE_EVENTS 128u /* a power of two */

struct trace_event {
	uint64_t kind, a, b;
};
extern struct trace_event trace_ring[TRACE_EVENTS];
extern uint32_t trace_n;

static inline void trace(enum trace_kind kind, uint64_t a, uint64_t b)
{
	trace_ring[trace_n++ % TRACE_EVENTS] = (struct trace_event){kind, a, b};
}

/* The last events, oldest first, on the serial line. */
void trace_print(uint32_t most);

#endif
