/* Slots are bound and come apart: see bind.h. Both ends of a channel pair carry the same key. */
#include <string.h>
#include "executive/core.h"
#include "executive/bind.h"
#include "executive/exchange.h"
#include "executive/lost.h"
#include "executive/move.h"
#include "executive/request.h"
#include "executive/remote.h"
#include "executive/reserve.h"
#include "executive/trace.h"

static uint64_t tx_address(uint32_t s)
{
	return AT_RINGS + (2ull * s + 1) * MX_RING_BYTES;
}

static uint32_t slot_pages(const struct slot *s)
{
	struct mx_slot_spec spec = {.kind = s->kind, .depth = s->depth, .size = s->size};

	return ring_pages(&spec);
}

void bind_end(struct domain *d, uint32_t i)
{
	struct slot *s = &d->slots[i];

	if (!s->bound)
		return;
	s->bound = s->open = false;
	s->notify_due = false;
	halt_over(d, i);
	if (s->kind == MX_SLOT_PLAIN) {
		d->boot->slots[i].tx = NULL;
		if (d->boot->slots[i].key) /* else the domain never heard of this peer */
			d->boot->slots[i].key |= MX_KEY_ENDED;
		space_unmap(&d->space, tx_address(i), slot_pages(s));
		return;
	}
	reserve_give(s->peer.core, s->depth);
	d->granted -= s->lent;
	d->owing &= ~(1ull << i);
	s->lent = s->owed = s->credit = s->withheld = 0;
	exchange_show_credit(d, i);
}

/* The peer of before lives on, but not with us. True: it is on another core, and has to say so. */
static bool part(struct domain *d, uint32_t i)
{
	struct slot *s = &d->slots[i];
	struct remote r = {.kind = REMOTE_GONE,
	                   .domain = s->peer.domain,
	                   .slot = s->peer_slot,
	                   .from_slot = (uint8_t)i,
	                   .key = s->key};

	if (!s->bound)
		return false;
	r.from = domain_place(d);
	r.value = s->peer.core;
	d->acks++; /* it may end before the acknowledgement comes */
	d->acks_of[r.value]++;
	remote_send(s->peer.core, &r);
	bind_end(d, i);
	return r.domain && s->peer.core != self;
}

/*
 * First half: all is set up, but nothing can be sent, so neither end can speak to one that does not
 * know it yet. Returns the credit that d lends its peer: what its quota leaves, the rest is owed.
 */
static int32_t connect(struct domain *d, const struct remote *r)
{
	struct slot *s = &d->slots[r->slot];
	bool owning = s->kind == MX_SLOT_OWNING;
	uint32_t used;

	if (s->kind != MX_SLOT_PLAIN && !owning)
		return MX_EINVAL;
	if (s->dead_key == r->key)
		return MX_EPEER;
	s->again = s->key != 0;
	if (owning && !reserve_take(r->from.core, s->depth))
		return MX_ENOMEM;
	s->peer = r->from;
	s->peer_slot = r->from_slot;
	s->peer_ring = r->ring;
	s->key = r->key;
	s->bound = true;
	trace(TRACE_CONNECT, d->index << 8 | r->slot, r->key);
	d->pending &= ~(1ull << r->slot);
	d->gone &= ~(1ull << r->slot);
	if (!owning) {
		d->boot->slots[r->slot].key = 0; /* the new peer may speak before we are open */
		memset(direct(s->ring), 0, slot_pages(s) * MX_PAGE);
		return 0;
	}
	exchange_purge(d, r->slot);
	used = d->held + d->granted;
	s->lent = used >= d->quota ? 0 : s->depth < d->quota - used ? s->depth : d->quota - used;
	s->owed = s->depth -
	          s->lent; /* no more: last words of the peer before may have been counted */
	d->owing |= 1ull << r->slot;
	d->granted += s->lent;
	return s->lent;
}

static void answer(const struct remote *r, int32_t lent)
{
	struct place asker;
	struct remote reply = {.value = REMOTE_CONNECT, .child = (uint32_t)r->words[2]};

	memcpy(&asker, &r->words[0], sizeof asker);
	reply.ring = lent < 0 ? 0 : (uint64_t)lent;
	remote_reply(asker, &reply, lent < 0 ? lent : MX_OK);
}

/*
 * Until a peer of before on another core has let go of our ring it could write into what the new
 * one says, so the answer waits for that; and until one that moves has come somewhere nobody can
 * tell it. A parent binds one pair at a time: two can wait at most.
 */
#define UNDER_WAY MX_CORES_MAX
static bool waits(struct domain *d, const struct remote *r)
{
	struct remote *free = d->parted[0].kind ? &d->parted[1] : &d->parted[0];
	uint32_t core = d->slots[r->slot].peer.core;

	if (free->kind) { /* those of a parent that was lost meanwhile */
		answer(r, MX_EBUSY);
		return true;
	}
	if (d->slots[r->slot].halted)
		core = UNDER_WAY;
	else if (!part(d, r->slot))
		return false;
	*free = *r;
	free->value = core;
	return true;
}

COLD void bind_connect(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, (uint32_t)r->words[1]);

	if (!d || r->slot >= MX_SLOTS || lost_is(r->from.core))
		answer(r, MX_EPEER);
	else if (!waits(d, r))
		answer(r, connect(d, r));
}

/* The peer of before has let go, or is no more. */
static void connect_parted(struct domain *d, uint32_t i)
{
	struct remote was = d->parted[i];

	d->parted[i].kind = 0;
	if (was.kind)
		bind_connect(&was);
}

void bind_found(struct domain *d, uint32_t s)
{
	for (uint32_t i = 0; i < 2; i++)
		if (d->parted[i].slot == s && d->parted[i].value == UNDER_WAY)
			connect_parted(d, i);
}

COLD void bind_acked(const struct remote *r)
{
	struct domain *d = domains[r->domain];

	if (!d || d->generation != r->key)
		return;
	domain_reap_ack(d, r->value);
	for (uint32_t i = 0; i < 2; i++)
		if (d->parted[i].slot == r->slot && d->parted[i].value != UNDER_WAY)
			connect_parted(d, i);
}

COLD void bind_abandon(struct domain *d)
{
	for (uint32_t i = 0; i < 2; i++) {
		if (d->parted[i].kind)
			answer(&d->parted[i], MX_EPEER);
		d->parted[i].kind = 0;
	}
}

/*
 * Second half. It comes from the parent, or with the first word of a peer that heard of it before
 * us: then the reset has to be told in front of that word.
 */
COLD void bind_heard(struct domain *d, uint32_t i)
{
	struct slot *s = &d->slots[i];

	if (s->open)
		return;
	s->open = true;
	if (s->kind == MX_SLOT_PLAIN) {
		space_map(&d->space, tx_address(i), s->peer_ring, slot_pages(s), WRITE);
		d->boot->slots[i].tx = space_ring(&d->space, tx_address(i), s->peer_ring);
		d->boot->slots[i].key = s->key;
	}
	if (s->again) {
		d->resets |= 1ull << i;
		exchange_wake(d);
	}
}

/* The parent tells what the peer lends. */
COLD void bind_open(const struct remote *r)
{
	struct place asker;
	struct domain *d = domain_at(r->domain, (uint32_t)r->words[1]);
	struct remote reply = {.value = REMOTE_OPEN};
	bool bound = d && d->slots[r->slot].bound && d->slots[r->slot].key == r->key;

	if (bound) {
		bind_heard(d, r->slot);
		exchange_credit(d, r->slot, r->value);
	}
	memcpy(&asker, &r->words[0], sizeof asker);
	remote_reply(asker, &reply, bound ? MX_OK : MX_EPEER);
}

COLD void bind_gone(const struct remote *r)
{
	struct domain *d = domains[r->domain];
	struct remote ack = {.kind = REMOTE_GONE_ACK,
	                     .domain = r->from.domain,
	                     .slot = r->from_slot,
	                     .key = r->from.generation};

	ack.value = r->value;
	if (d && d->state != ENDING && d->slots[r->slot].bound && d->slots[r->slot].key == r->key) {
		trace(TRACE_GONE, d->index << 8 | r->slot, r->key);
		bind_end(d, r->slot);
		d->gone |= 1ull << r->slot;
		bind_found(d, r->slot);
		exchange_wake(d);
	} else if (d && d->state != ENDING) {
		d->slots[r->slot].dead_key = r->key; /* its binding may still be under way to us */
	} else if (d && d->slots[r->slot].key == r->key) {
		halt_over(d, r->slot); /* it moves no more: its end can be told */
	}
	remote_send(r->from.core, &ack);
}

COLD void bind_move(struct domain *d, uint32_t i, struct place peer, uint64_t ring)
{
	struct slot *s = &d->slots[i];

	reserve_move(s, peer.core);
	s->peer = peer;
	if (s->kind != MX_SLOT_PLAIN || s->peer_ring == ring)
		return;
	s->peer_ring = ring;
	if (s->open)
		space_map(&d->space, tx_address(i), ring, slot_pages(s), WRITE);
}

static void peer_lost(struct domain *d, uint32_t i)
{
	trace(TRACE_GONE, d->index << 8 | i, d->slots[i].key);
	bind_end(d, i);
	d->gone |= 1ull << i;
	bind_found(d, i);
}

COLD void bind_lost(struct domain *d, uint32_t core, bool halted)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].bound && d->slots[i].peer.core == core &&
		    (halted || !d->slots[i].halted))
			peer_lost(d, i);
	while (d->acks_of[core])
		domain_reap_ack(d, core);
	for (uint32_t i = 0; i < 2; i++)
		if (d->parted[i].value == core)
			connect_parted(d, i);
	if (d->gone)
		exchange_wake(d);
}
