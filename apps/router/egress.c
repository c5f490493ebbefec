/* The ways out of the router: see egress.h. */
#include <moxie/slots.h>
#include "egress.h"
#include "router.h"

#define ROOM       256u        /* frames the queue of a port holds; a power of two */
#define STACK_ROOM 512u        /* and that of the stack, if the quota allows; likewise */
#define PAUSE      (2 * MX_MS) /* the longest the router does not look at its input */

static struct queue {
	uint64_t full_since; /* when it became more than half full; 0: it is not */
	uint32_t head, tail;
} queues[MX_PORTS + 1]; /* the last: to the stack */
static struct mx_msg port_frames[MX_PORTS][ROOM], stack_frames[STACK_ROOM];

static uint32_t waiting; /* a bit for each queue with frames */
_Static_assert(SELF < 32, "a set of queues is one uint32_t");
static uint32_t local_of[MX_PORTS + 1]; /* frames in the stack's queue, by the port they came by */
static bool stack_there;                /* it has lent us credit, and did not end since */

static uint32_t slot_of(uint32_t index)
{
	return index == SELF ? MX_ROUTER_STACK : MX_ROUTER_PORT + index;
}

/* The i-th frame since the queue began. */
static struct mx_msg *place(uint32_t index, uint32_t i)
{
	return index == SELF ? &stack_frames[i % STACK_ROOM] : &port_frames[index][i % ROOM];
}

static uint32_t length(const struct queue *q)
{
	return q->tail - q->head;
}

static bool queue_add(uint32_t index, const struct mx_msg *chain, uint32_t n)
{
	struct queue *q = &queues[index];

	if (length(q) + n > (index == SELF ? STACK_ROOM : ROOM))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		struct mx_msg *m = place(index, q->tail++);

		*m = chain[i];
		m->flags = i + 1 < n ? MX_MORE : 0;
	}
	if (!q->full_since && length(q) > ROOM / 2)
		q->full_since = now;
	waiting |= 1u << index;
	return true;
}

bool egress_send(struct port *out, struct mx_msg *chain, uint32_t n)
{
	if (waiting >> out->index & 1 || mx_credit(MX_ROUTER_PORT + out->index) < n)
		return queue_add(out->index, chain, n);
	return mx_send(MX_ROUTER_PORT + out->index, chain, n) == MX_OK;
}

/* No port may have more than half of the queue, and all of it no more than a quarter of our quota.
 */
static bool may_wait(const struct port *in, uint32_t n)
{
	uint32_t share = mx_boot->quota / 8 * 3, room = share < STACK_ROOM ? share : STACK_ROOM;

	return stack_there && length(&queues[SELF]) + n <= room &&
	       local_of[in->index] + n <= room / 8 * 7;
}

bool egress_local(struct port *in, struct mx_msg *chain, uint32_t n)
{
	uint32_t credit = mx_credit(MX_ROUTER_STACK);

	stack_there |= credit != 0;
	if (!(waiting >> SELF & 1) && credit >= n)
		return mx_send(MX_ROUTER_STACK, chain, n) == MX_OK;
	if (!may_wait(in, n) || !queue_add(SELF, chain, n))
		return false;
	local_of[in->index] += n;
	return true;
}

/* Sends the first chain of the queue; false when there is no credit for it. */
static bool send_first(uint32_t index)
{
	struct queue *q = &queues[index];
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n = 0;

	do
		chain[n] = *place(index, q->head + n);
	while (chain[n++].flags & MX_MORE);
	if (mx_send(slot_of(index), chain, n) != MX_OK)
		return false;
	q->head += n;
	if (index == SELF)
		local_of[mx_packet(chain)->port] -= n;
	return true;
}

static void queue_turn(uint32_t index)
{
	struct queue *q = &queues[index];

	while (length(q) && send_first(index))
		;
	if (length(q) <= ROOM / 2)
		q->full_since = 0;
	if (!length(q)) {
		waiting &= ~(1u << index);
		return;
	}
	mx_thirst(slot_of(index));
	if (index != SELF && q->full_since && now < q->full_since + PAUSE) {
		mx_hold();
		mx_wake_at(q->full_since + PAUSE);
	}
}

void egress_turn(void)
{
	for (uint32_t left = waiting; left; left &= left - 1)
		queue_turn((uint32_t)__builtin_ctz(left));
}

void egress_forget(struct port *out, enum port_count why)
{
	struct queue *q = &queues[out->index];

	while (length(q)) {
		const struct mx_msg *m = place(out->index, q->head++);

		out->count[why] += !(m->flags & MX_MORE);
		mx_free(m->frame);
	}
	q->full_since = 0;
	waiting &= ~(1u << out->index);
	if (out->index == SELF) {
		memset(local_of, 0, sizeof(local_of));
		stack_there = false;
	}
}
