/* The last events of this core: see trace.h. */
#include "executive/arch.h"
#include "executive/trace.h"

HOT_DATA struct trace_event trace_ring[TRACE_EVENTS];
HOT_DATA uint32_t trace_n;

static const char *const names[] = {
#define X(name, text) text,
        TRACES(X)
#undef X
};

void trace_print(uint32_t most)
{
	uint32_t n = trace_n < TRACE_EVENTS ? trace_n : TRACE_EVENTS;

	if (n > most)
		n = most;
	for (uint32_t i = trace_n - n; i != trace_n; i++) {
		const struct trace_event *e = &trace_ring[i % TRACE_EVENTS];

		print("moxie:  %s %lx %lx\n", names[e->kind % (sizeof names / sizeof *names)], e->a,
		      e->b);
	}
}
