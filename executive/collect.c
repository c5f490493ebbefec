/* The other half of the exchange: frames it takes, what arrives and how it is handed over, credit.
 */
#include "executive/core.h"
#include "executive/exchange.h"
#include "executive/frame.h"
#include "executive/remote.h"
#include "executive/children.h"

static uint32_t inbox_n(const struct domain *d)
{
	return d->inbox_tail - d->inbox_head;
}

static uint32_t room(const struct domain *d)
{
	uint32_t used = d->held + d->granted;

	return d->quota > used ? d->quota - used : 0;
}

HOT bool exchange_has_report(const struct domain *d)
{
	if (d->in_max && (inbox_n(d) || d->resets || d->gone || d->child_events))
		return true;
	return d->pending || d->relieved || (d->want && frame_free_n && room(d));
}

HOT void exchange_wake(struct domain *d)
{
	if ((d->state == WAITING || d->polls) && exchange_has_report(d))
		domain_ready(d);
}

HOT void exchange_deliver(struct domain *d, uint32_t s, const struct mx_msg *m)
{
	struct mx_msg *to = &d->inbox[d->inbox_tail & d->inbox_mask];

	if (d->state == ENDING) {
		if (m->frame < frame_total)
			frame_return(m->frame);
		return;
	}
	d->inbox_tail++;
	*to = *m;
	to->slot = (uint8_t)s;
	to->status = 0;
	d->granted--;
	d->slots[s].lent--;
	if (m->frame < frame_total) {
		d->held++;
		frame_state[m->frame] = d->index | FRAME_QUEUED;
	}
}

HOT void exchange_put(struct domain *d, uint32_t s, const struct mx_msg *m)
{
	exchange_deliver(d, s, m);
	exchange_wake(d);
}

HOT void exchange_show_credit(struct domain *d, uint32_t s)
{
	d->x->credit[s] = d->slots[s].credit;
}

HOT void exchange_credit(struct domain *d, uint32_t s, uint32_t n)
{
	if (d->resets >> s & 1 || d->slots[s].halted) { /* not for what it would have told the peer
		                                           before, or one that is under way */
		d->slots[s].withheld += (uint16_t)n;
		return;
	}
	d->slots[s].credit += (uint16_t)n;
	exchange_show_credit(d, s);
	if (d->thirst >> s & 1) {
		d->relieved = true;
		exchange_wake(d);
	}
}

COLD void exchange_release(struct domain *d, uint32_t s)
{
	uint32_t more = d->slots[s].withheld;

	if (!more || d->resets >> s & 1 || d->slots[s].halted)
		return;
	d->slots[s].withheld = 0;
	exchange_credit(d, s, more);
}

HOT void exchange_notified(struct domain *d, uint32_t s)
{
	d->pending |= 1ull << s;
	exchange_wake(d);
}

void exchange_frames_came(void)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (domains[i] && domains[i]->want && room(domains[i]))
			exchange_wake(domains[i]);
}

/* Give peers the credit they are owed, as far as the quota allows. False: a FIFO was full. */
HOT static bool give_credit(struct domain *d, uint32_t s)
{
	struct slot *slot = &d->slots[s];
	uint32_t n = slot->owed;

	if (n > room(d))
		n = room(d);
	if (!n || !slot->open || slot->halted)
		return true;
	if (slot->peer.core != self && !remote_credit(slot, n))
		return false;
	slot->owed -= (uint16_t)n;
	slot->lent += (uint16_t)n;
	d->granted += n;
	if (slot->peer.core == self)
		exchange_credit(domains[slot->peer.domain], slot->peer_slot, n);
	return true;
}

/* One after the other: the first that finds no room is the first the next time. */
HOT void exchange_settle(struct domain *d)
{
	for (uint64_t left = d->owing; left;) {
		uint64_t ahead = left >> d->owing_first << d->owing_first;
		uint32_t s = (uint32_t)__builtin_ctzll(ahead ? ahead : left);

		if (!room(d)) {
			d->owing_first = (uint8_t)s;
			return;
		}
		left &= ~(1ull << s);
		if (!give_credit(d, s))
			remote_retry = true;
		if (!d->slots[s].owed)
			d->owing &= ~(1ull << s);
	}
}

static uint32_t report(struct mx_msg *in, uint32_t n, uint32_t most, uint64_t *slots, uint32_t kind)
{
	while (*slots && n < most) {
		in[n++] = (struct mx_msg){.frame = MX_NOFRAME,
		                          .slot = (uint8_t)__builtin_ctzll(*slots),
		                          .kind = (uint8_t)kind};
		*slots &= *slots - 1;
	}
	return n;
}

HOT static void accept(struct domain *d, const struct mx_msg *m)
{
	struct slot *slot = &d->slots[m->slot];
	uint16_t state = d->index;

	if (m->frame < frame_total) {
		if (slot->flags & MX_SLOT_MAPPED) {
			space_frame_map(&d->space, m->frame);
			state |= FRAME_MAPPED;
		}
		frame_state[m->frame] = state;
		frame_watch(m->frame, d);
	}
	slot->owed++;
	d->owing |= 1ull << m->slot;
}

HOT static uint32_t messages(struct domain *d, struct mx_msg *in, uint32_t n, uint32_t most)
{
	const struct mx_msg *inbox = d->inbox;
	uint32_t at = d->inbox_head, end = d->inbox_tail, mask = d->inbox_mask;

	if (end - at > most - n) {
		end = at + (most - n);
		/* Chains are handed over whole: step back to the end of one. */
		while (end != at && inbox[(end - 1) & mask].flags & MX_MORE)
			end--;
	}
	for (; at != end; at++) {
		const struct mx_msg *m = &inbox[at & mask];

		in[n++] = *m;
		accept(d, m);
	}
	d->inbox_head = end;
	return n;
}

HOT static uint32_t take(struct domain *d, uint32_t *got)
{
	uint32_t n = 0;

	while (n < d->want && frame_free_n && room(d)) {
		uint32_t f = frame_take();

		frame_state[f] = d->index;
		frame_watch(f, d);
		d->held++;
		if (d->space.window)
			frame_map(d, f);
		got[n++] = f;
	}
	return n;
}

/* Once it knows that a peer is another, it may speak to it. */
COLD static uint32_t report_resets(struct domain *d, struct mx_msg *in)
{
	uint64_t told = d->resets;
	uint32_t n = report(in, 0, d->in_max, &d->resets, MX_EVENT_RESET);

	for (told &= ~d->resets; told; told &= told - 1)
		exchange_release(d, (uint32_t)__builtin_ctzll(told));
	return n;
}

HOT void exchange_collect(struct domain *d)
{
	struct mx_exchange *x = d->x;
	uint32_t n = 0;

	d->in_exchange = false;
	if (d->resets)
		n = report_resets(d, x->in);
	if (!d->resets) {
		n = messages(d, x->in, n, d->in_max);
		if (!inbox_n(d)) /* the last words of a peer come before its end */
			n = report(x->in, n, d->in_max, &d->gone, MX_EVENT_GONE);
		n = children_report(d, x->in, n, d->in_max);
	}
	x->got_n = take(d, x->got);
	d->want = 0;
	exchange_settle(d);
	x->in_n = n;
	x->held = d->held;
	x->pending = d->pending;
	x->bad = d->bad;
	x->now = arch_now();
	core_begin(d, x->now);
	d->pending = 0;
	d->result = n;
}

void exchange_purge(struct domain *d, uint32_t s)
{
	uint32_t to = d->inbox_head;

	for (uint32_t at = d->inbox_head; at != d->inbox_tail; at++) {
		struct mx_msg *m = &d->inbox[at & d->inbox_mask];

		if (m->slot != s) {
			d->inbox[to++ & d->inbox_mask] = *m;
		} else if (m->frame < frame_total) {
			frame_state[m->frame] = 0;
			d->held--;
			frame_return(m->frame);
		}
	}
	d->inbox_tail = to;
}

bool exchange_retry(void)
{
	remote_retry = false;
	for (uint32_t i = 1; i < DOMAINS; i++) {
		struct domain *d = domains[i];

		if (!d || d->state == ENDING)
			continue;
		exchange_settle(d);
		for (uint32_t s = 0; s < MX_SLOTS; s++)
			if (d->slots[s].notify_due && !d->slots[s].halted)
				exchange_notify(d, 1ull << s); /* the peer may be here by now */
	}
	return !remote_retry;
}
