/* Exchanges by hand: see raw.h. */
#include "tests/guest/raw.h"

uint64_t raw_pending;

static struct mx_msg queue[MX_BATCH];
static uint32_t queue_n, queue_at;

int64_t raw_exchange(uint32_t in_max, uint64_t deadline)
{
	struct mx_exchange *x = mx_boot->exchange;
	int64_t result;

	x->in_max = in_max;
	x->deadline = deadline;
	x->notify = mx_notify_mask;
	mx_notify_mask = 0;
	result = mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0);
	x->out_n = x->free_n = x->want = 0;
	x->thirst = 0;
	if (result >= 0)
		raw_pending |= x->pending;
	return result;
}

/* Behind what is queued already. */
static void collect(uint64_t deadline)
{
	struct mx_exchange *x = mx_boot->exchange;

	queue_n -= queue_at;
	memmove(queue, queue + queue_at, queue_n * sizeof *queue);
	queue_at = 0;
	mx_assert(queue_n <= MX_BATCH - MX_CHAIN_MAX);
	mx_assert(raw_exchange(MX_BATCH - queue_n, deadline) >= 0);
	memcpy(queue + queue_n, x->in, x->in_n * sizeof *queue);
	queue_n += x->in_n;
}

void raw_collect(void)
{
	collect(MX_NOW);
}

bool raw_recv(struct mx_msg *m, uint64_t deadline)
{
	if (queue_at == queue_n)
		collect(deadline);
	if (queue_at == queue_n)
		return false;
	*m = queue[queue_at++];
	return true;
}

bool raw_wait(uint32_t slot, uint64_t deadline)
{
	while (!(raw_pending >> slot & 1)) {
		if (mx_now() >= deadline)
			return false;
		if (queue_at != queue_n) { /* what is queued here would be overwritten */
			raw_yield();
			continue;
		}
		collect(deadline);
	}
	raw_pending &= ~(1ull << slot);
	return true;
}

void raw_yield(void)
{
	mx_assert(raw_exchange(0, MX_NOW) >= 0);
}

uint32_t raw_take(uint32_t *frames, uint32_t n, uint64_t deadline)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint32_t have = 0;

	do {
		x->want = n - have < MX_BATCH ? n - have : MX_BATCH;
		mx_assert(raw_exchange(0, deadline) >= 0);
		memcpy(&frames[have], x->got, x->got_n * sizeof *frames);
		have += x->got_n;
	} while (have < n && mx_now() < deadline);
	return have;
}

void raw_free(uint32_t frame)
{
	struct mx_exchange *x = mx_boot->exchange;

	if (frame == MX_NOFRAME || mx_is_frozen(frame))
		return;
	x->free[x->free_n++] = frame;
	if (x->free_n == MX_BATCH)
		raw_yield();
}

struct mx_msg *raw_out(uint32_t slot, uint32_t frame, uint32_t flags)
{
	struct mx_exchange *x = mx_boot->exchange;
	struct mx_msg *m = &x->out[x->out_n++];

	*m = (struct mx_msg){.frame = frame,
	                     .length = frame == MX_NOFRAME ? 0 : 64,
	                     .slot = (uint8_t)slot,
	                     .kind = 1,
	                     .flags = (uint8_t)flags};
	return m;
}

int raw_submit(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	raw_yield();
	return x->refused_n ? x->out[0].status : MX_OK;
}
