/* The way out of a port: see egress.h. */
#include <moxie/slots.h>
#include "egress.h"
#include "router.h"

#define ROOM  256u        /* frames a queue holds; a power of two */
#define PAUSE (2 * MX_MS) /* the longest the router does not look at its input */

static struct queue {
	uint64_t full_since; /* when it became more than half full; 0: it is not */
	uint32_t head, tail;
	struct mx_msg frames[ROOM];
} queues[MX_PORTS];

static uint32_t waiting_ports; /* a bit each */

static uint32_t length(const struct queue *q)
{
	return q->tail - q->head;
}

static bool queue_add(struct port *out, const struct mx_msg *chain, uint32_t n)
{
	struct queue *q = &queues[out->index];

	if (length(q) + n > ROOM)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct mx_msg *m = &q->frames[q->tail++ % ROOM];

		*m = chain[i];
		m->flags = i + 1 < n ? MX_MORE : 0;
	}
	if (!q->full_since && length(q) > ROOM / 2)
		q->full_since = now;
	waiting_ports |= 1u << out->index;
	return true;
}

bool egress_send(struct port *out, struct mx_msg *chain, uint32_t n)
{
	if (waiting_ports >> out->index & 1 || mx_credit(MX_ROUTER_PORT + out->index) < n)
		return queue_add(out, chain, n);
	return mx_send(MX_ROUTER_PORT + out->index, chain, n) == MX_OK;
}

/* Sends the first chain of the queue; false when there is no credit for it. */
static bool send_first(struct queue *q, uint32_t slot)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n = 0;

	do
		chain[n] = q->frames[(q->head + n) % ROOM];
	while (chain[n++].flags & MX_MORE);
	if (mx_send(slot, chain, n) != MX_OK)
		return false;
	q->head += n;
	return true;
}

static void port_turn(uint32_t index)
{
	struct queue *q = &queues[index];
	uint32_t slot = MX_ROUTER_PORT + index;

	while (length(q) && send_first(q, slot))
		;
	if (length(q) <= ROOM / 2)
		q->full_since = 0;
	if (!length(q)) {
		waiting_ports &= ~(1u << index);
		return;
	}
	mx_thirst(slot);
	if (q->full_since && now < q->full_since + PAUSE) {
		mx_hold();
		mx_wake_at(q->full_since + PAUSE);
	}
}

void egress_turn(void)
{
	for (uint32_t left = waiting_ports; left; left &= left - 1)
		port_turn((uint32_t)__builtin_ctz(left));
}

void egress_forget(struct port *out, enum port_count why)
{
	struct queue *q = &queues[out->index];

	while (length(q)) {
		const struct mx_msg *m = &q->frames[q->head++ % ROOM];

		out->count[why] += !(m->flags & MX_MORE);
		mx_free(m->frame);
	}
	q->full_since = 0;
	waiting_ports &= ~(1u << out->index);
}
