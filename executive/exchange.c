/* The exchange trap: free, submit, notify, wait. What is taken and collected: collect.c. */
#include "executive/core.h"
#include "executive/exchange.h"
#include "executive/frame.h"
#include "executive/remote.h"

/* Frames the caller gives back to their pools. */
HOT static void free_frames(struct domain *d, uint32_t n, uint32_t *wrong)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t f = d->x->free[i];

		if (f >= frame_total || (frame_state[f] & ~FRAME_MAPPED) != d->index) {
			*wrong += 1;
			continue;
		}
		frame_release(d, f);
		d->held--;
		frame_return(f);
	}
}

/* May m be sent by d through slot s? Its frame, if it is owned, becomes QUEUED meanwhile. */
static int admit(struct domain *d, uint32_t s, const struct mx_msg *m)
{
	uint32_t end = (uint32_t)m->offset + m->length;

	if (m->slot != s)
		return MX_ECHAIN;
	if (m->kind >= MX_EVENT || m->flags & ~MX_MORE)
		return MX_EINVAL;
	if (m->frame == MX_NOFRAME)
		return MX_OK;
	if (frame_frozen(m->frame)) /* the frozen ones lie in order, everywhere */
		return !end || frame_frozen(m->frame + (end - 1) / MX_PAGE) ? MX_OK : MX_ERANGE;
	if (end > MX_PAGE)
		return MX_ERANGE;
	if (m->frame >= frame_total || (frame_state[m->frame] & ~FRAME_MAPPED) != d->index)
		return MX_EOWNER;
	frame_state[m->frame] |= FRAME_QUEUED;
	return MX_OK;
}

static void readmit(const struct mx_msg *chain, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (chain[i].frame < frame_total)
			frame_state[chain[i].frame] &= ~FRAME_QUEUED;
}

/*
 * The common case, an owned frame for a domain of this core that nothing is wrong with, in one
 * pass. False: nothing was done, send_chain knows what to do or to say. The slot is noted in
 * `used`: its credit is shown and its peer woken once a batch.
 */
HOT static bool send_frame(struct domain *d, const struct mx_msg *m, uint64_t *used)
{
	struct slot *slot = &d->slots[m->slot % MX_SLOTS];
	uint32_t f = m->frame;

	if (m->slot >= MX_SLOTS || slot->kind != MX_SLOT_OWNING || !slot->bound ||
	    slot->peer.core != self || !slot->credit || m->kind >= MX_EVENT || m->flags)
		return false;
	if (f >= frame_total || (frame_state[f] & ~FRAME_MAPPED) != d->index ||
	    (uint32_t)m->offset + m->length > MX_PAGE)
		return false;
	frame_release(d, f);
	d->held--;
	slot->credit--;
	exchange_deliver(domains[slot->peer.domain], slot->peer_slot, m);
	*used |= 1ull << m->slot;
	return true;
}

HOT static void end_batch(struct domain *d, uint64_t used)
{
	for (; used; used &= used - 1) {
		uint32_t s = (uint32_t)__builtin_ctzll(used);

		exchange_show_credit(d, s);
		exchange_wake(domains[d->slots[s].peer.domain]);
	}
}

static void hand_over(struct domain *d, struct slot *s, const struct mx_msg *m)
{
	if (m->frame < frame_total) {
		frame_release(d, m->frame);
		d->held--;
	}
	s->credit--;
	if (s->peer.core == self) {
		exchange_put(domains[s->peer.domain], s->peer_slot, m);
	} else {
		struct remote r; /* no initializer: it would clear the line by `rep stos` first */

		r.kind = REMOTE_FRAME;
		r.domain = s->peer.domain;
		r.slot = s->peer_slot;
		r.from_slot = 0;
		r.key = s->key;
		r.msg = *m;
		check(fifo_push(s->peer.core, &r, MOST_FRAME));
	}
}

/* n: the entries of the chain, the last without MX_MORE. All of it moves, or nothing. */
HOT static int send_chain(struct domain *d, struct mx_msg *chain, uint32_t n)
{
	uint32_t s = chain[0].slot;
	struct slot *slot;
	int error = MX_OK;
	uint32_t i;

	if (s >= MX_SLOTS || d->slots[s].kind != MX_SLOT_OWNING)
		return MX_EINVAL;
	slot = &d->slots[s];
	if (!slot->bound)
		return MX_EPEER;
	if (n > MX_CHAIN_MAX)
		return MX_ECHAIN;
	if (slot->credit < n)
		return MX_ECREDIT;
	/* Its places are reserved, but those of a binding before may be still in use. */
	if (slot->peer.core != self && !fifo_has_room(slot->peer.core, n))
		return MX_ECREDIT;
	for (i = 0; i < n && error == MX_OK; i++)
		error = admit(d, s, &chain[i]);
	if (error) {
		readmit(chain, i - 1);
		return error;
	}
	for (i = 0; i < n; i++)
		hand_over(d, slot, &chain[i]);
	exchange_show_credit(d, s);
	return MX_OK;
}

static uint32_t chain_length(const struct mx_msg *chain, uint32_t most, bool *whole)
{
	uint32_t n = 1;

	while (n < most && chain[n - 1].flags & MX_MORE)
		n++;
	*whole = !(chain[n - 1].flags & MX_MORE);
	return n;
}

/* Returns the number of entries refused; they stand at the start of out. */
HOT static uint32_t submit(struct domain *d, uint32_t n, uint32_t *wrong)
{
	struct mx_msg *out = d->x->out;
	uint32_t refused = 0, length;
	uint64_t used = 0;
	bool whole;

	for (uint32_t i = 0; i < n; i += length) {
		int error;

		length = 1;
		if (send_frame(d, &out[i], &used))
			continue;
		length = chain_length(&out[i], n - i, &whole);
		error = whole ? send_chain(d, &out[i], length) : MX_ECHAIN;
		if (error == MX_OK)
			continue;
		if (error == MX_ECREDIT || error == MX_EPEER)
			d->refused += length;
		else
			*wrong += length;
		for (uint32_t k = 0; k < length; k++) {
			out[refused] = out[i + k];
			out[refused++].status = (int8_t)error;
		}
	}
	end_batch(d, used);
	return refused;
}

HOT int64_t exchange_notify(struct domain *d, uint64_t slots)
{
	while (slots) {
		uint32_t s = (uint32_t)__builtin_ctzll(slots);
		struct slot *slot = &d->slots[s];

		slots &= slots - 1;
		if (slot->kind != MX_SLOT_PLAIN || !slot->open) /* else nobody may be there */
			continue;
		slot->notify_due = slot->halted;
		if (slot->halted)
			continue;
		if (slot->peer.core == self)
			exchange_notified(domains[slot->peer.domain], slot->peer_slot);
		else
			remote_notify(slot);
	}
	return MX_OK;
}

static bool may_go_on(const struct domain *d)
{
	return !domain_others_ready() && !d->frozen;
}

/* Nobody else wants the core: no switch. */
static int64_t go_on(struct domain *d)
{
	d->state = RUNNING;
	exchange_collect(d);
	return d->result;
}

HOT int64_t exchange(struct domain *d, uint64_t now)
{
	struct mx_exchange *x = d->x;
	uint32_t out_n = x->out_n, in_max = x->in_max, free_n = x->free_n, want = x->want;
	uint64_t deadline = x->deadline;
	uint32_t wrong = 0;

	if (out_n > MX_BATCH || in_max > MX_BATCH || free_n > MX_BATCH || want > MX_BATCH ||
	    (in_max && in_max < MX_CHAIN_MAX))
		return MX_EINVAL;
	free_frames(d, free_n, &wrong);
	x->refused_n = submit(d, out_n, &wrong);
	if (wrong)
		domain_wrong(d, wrong);
	exchange_notify(d, x->notify);
	d->want = want;
	d->in_max = in_max;
	d->thirst = x->thirst;
	d->relieved = false;
	d->deadline = deadline;
	d->in_exchange = true;
	frame_send_home(false);
	fifo_publish();
	core_turn(now);
	if (d->state != RUNNING) /* it may have been ended, by its parent */
		core_run();
	d->state = WAITING; /* any state but RUNNING can be queued */
	if (x->refused_n || exchange_has_report(d)) {
		if (may_go_on(d))
			return go_on(d);
		domain_ready(d);
	} else if (deadline <= now) {
		if (may_go_on(d))
			return go_on(d);
		domain_poll(d, now);
	} else if (d->owing) { /* it freed or sent frames just now, and peers may wait for that */
		exchange_settle(d);
	}
	core_switch(now);
}
