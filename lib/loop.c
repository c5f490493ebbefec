/*
 * The loop of a domain, and what it sends, frees and takes with every exchange.
 *
 * Rules: out, free and the frame cache live in the exchange block and here; an exchange hands over
 * all of it. What the executive refuses belongs to a peer that has ended meanwhile (credit is known
 * here, so nothing else is refused): its frames are freed.
 */
#include <string.h>
#include "loop.h"

uint64_t mx_notify_mask;

static uint32_t out_n, free_n, level;
static uint32_t cache[MX_BATCH];
static uint32_t cached;
static uint64_t wake = MX_FOREVER, thirst;
static bool again, hold;
static uint64_t early; /* slots notified during a flush: reported with the next batch */

uint64_t mx_lost; /* messages the executive refused */

static void settle(struct mx_exchange *x)
{
	for (uint32_t i = 0; i < x->got_n; i++)
		cache[cached++] = x->got[i];
	free_n = out_n = 0;
	for (uint32_t i = 0; i < x->refused_n; i++) {
		mx_lost++;
		if (x->out[i].frame != MX_NOFRAME && !mx_is_frozen(x->out[i].frame))
			x->free[free_n++] = x->out[i].frame;
	}
	x->refused_n = 0;
}

static void exchange(uint32_t in_max, uint64_t deadline)
{
	struct mx_exchange *x = mx_boot->exchange;
	int64_t result;

	x->out_n = out_n;
	x->free_n = free_n;
	x->in_max = in_max;
	x->want = cached < level ? level - cached : 0;
	x->deadline = deadline;
	x->notify = mx_notify_mask;
	x->thirst = thirst;
	mx_notify_mask = 0;
	result = mx_trap(MX_TRAP_EXCHANGE, 0, 0, 0);
	if (result < 0)
		mx_panic("exchange: error %d", (int)result);
	settle(x);
}

_Noreturn void mx_loop(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	exchange(0, MX_NOW); /* learn the credit, fill the cache */
	early |= x->pending;
	domain_start();
	for (;;) {
		uint64_t pending = early;

		exchange(hold ? 0 : MX_BATCH, again || early ? MX_NOW : wake);
		early = 0;
		again = hold = false;
		wake = MX_FOREVER;
		thirst = 0;
		domain_event(x->in, x->in_n, pending | x->pending);
	}
}

void mx_flush(void)
{
	struct mx_exchange *x = mx_boot->exchange;

	if (!out_n && !free_n && !mx_notify_mask)
		return;
	/* in stays untouched: the caller may be reading it. Slots notified are kept for later. */
	exchange(0, MX_NOW);
	early |= x->pending;
	again |= thirst != 0; /* the credit may have come just now, and nothing tells it twice */
}

static void put(struct mx_exchange *x, uint32_t slot, const struct mx_msg *m, uint32_t flags)
{
	struct mx_msg *to = &x->out[out_n++];

	*to = *m;
	to->slot = (uint8_t)slot;
	to->flags = (uint8_t)flags;
	x->credit[slot]--;
}

__attribute__((noinline)) static int send_chain(uint32_t slot, const struct mx_msg *chain,
                                                uint32_t n)
{
	struct mx_exchange *x = mx_boot->exchange;

	if (slot >= MX_SLOTS || n == 0 || n > MX_CHAIN_MAX)
		return MX_EINVAL;
	if (x->credit[slot] < n)
		return mx_boot->slots[slot].kind == MX_SLOT_OWNING ? MX_ECREDIT : MX_EPEER;
	if (out_n + n > MX_BATCH)
		mx_flush();
	if (x->credit[slot] < n) /* the peer ended while the batch was flushed */
		return MX_ECREDIT;
	for (uint32_t i = 0; i < n; i++)
		put(x, slot, &chain[i], i + 1 < n ? MX_MORE : 0);
	return MX_OK;
}

/* What most packets are comes first: one frame, and room for it. */
int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n)
{
	struct mx_exchange *x = mx_boot->exchange;

	if (n != 1 || slot >= MX_SLOTS || x->credit[slot] == 0 || out_n == MX_BATCH)
		return send_chain(slot, chain, n);
	put(x, slot, chain, 0);
	return MX_OK;
}

uint32_t mx_credit(uint32_t slot)
{
	return mx_boot->exchange->credit[slot];
}

void mx_thirst(uint32_t slot)
{
	thirst |= 1ull << slot;
}

void mx_wake_at(uint64_t ns)
{
	if (ns < wake)
		wake = ns;
}

void mx_again(void)
{
	again = true;
}

void mx_hold(void)
{
	hold = true;
}

uint32_t mx_alloc(void)
{
	return cached ? cache[--cached] : MX_NOFRAME;
}

void mx_reserve(uint32_t n)
{
	level = n < MX_BATCH ? n : MX_BATCH;
}

uint32_t mx_reserved(void)
{
	return cached;
}

void mx_free(uint32_t frame)
{
	if (frame == MX_NOFRAME || mx_is_frozen(frame))
		return;
	if (cached < level) {
		cache[cached++] = frame; /* still ours, still mapped as it was */
		return;
	}
	while (free_n == MX_BATCH) /* the first may bring back as many that a dead peer was sent */
		mx_flush();
	mx_boot->exchange->free[free_n++] = frame;
}
