/* Slots are bound and come apart: see create.h. Both ends of a channel pair carry the same key. */
#include <string.h>
#include "executive/core.h"
#include "executive/create.h"
#include "executive/exchange.h"
#include "executive/remote.h"

/* Places in the FIFO to each core that credit of bound owning slots may use. */
static uint32_t reserved[MX_CORES_MAX];

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
	s->bound = false;
	s->notify_due = false;
	if (s->kind == MX_SLOT_PLAIN) {
		d->boot->slots[i].tx = NULL;
		d->boot->slots[i].key = 0;
		space_unmap(&d->space, tx_address(i), slot_pages(s));
		return;
	}
	if (s->peer.core != self)
		reserved[s->peer.core] -= s->depth;
	d->granted -= s->lent;
	d->owing &= ~(1ull << i);
	s->lent = s->owed = s->credit = 0;
	exchange_show_credit(d, i);
}

/* The peer of before lives on, but not with us. */
static void part(struct domain *d, uint32_t i)
{
	struct slot *s = &d->slots[i];
	struct remote r = {
	        .kind = REMOTE_GONE, .domain = s->peer.domain, .slot = s->peer_slot, .key = s->key};

	if (!s->bound)
		return;
	r.from = domain_place(d);
	d->acks++; /* it may end before the acknowledgement comes */
	check(remote_send(s->peer.core, &r));
	bind_end(d, i);
}

static int connect(struct domain *d, const struct remote *r)
{
	struct slot *s = &d->slots[r->slot];
	bool owning = s->kind == MX_SLOT_OWNING;
	bool again = s->key != 0;

	if (s->kind != MX_SLOT_PLAIN && !owning)
		return MX_EINVAL;
	part(d, r->slot);
	if (owning && r->from.core != self) {
		if (reserved[r->from.core] + s->depth > FIFO_FRAMES)
			return MX_ENOMEM;
		reserved[r->from.core] += s->depth;
	}
	s->peer = r->from;
	s->peer_slot = r->from_slot;
	s->peer_ring = r->ring;
	s->key = r->key;
	s->bound = true;
	if (owning) {
		exchange_purge(d, r->slot);
		s->credit = s->lent = s->depth;
		d->granted += s->depth;
		exchange_show_credit(d, r->slot);
	} else {
		memset(direct(s->ring), 0, slot_pages(s) * MX_PAGE);
		space_map(&d->space, tx_address(r->slot), s->peer_ring, slot_pages(s), WRITE);
		d->boot->slots[r->slot].tx = (void *)tx_address(r->slot);
		d->boot->slots[r->slot].key = s->key;
	}
	d->pending &= ~(1ull << r->slot);
	d->gone &= ~(1ull << r->slot);
	if (again) {
		d->resets |= 1ull << r->slot;
		exchange_wake(d);
	}
	return MX_OK;
}

void bind_connect(const struct remote *r)
{
	struct place asker;
	struct domain *d = domain_at(r->domain, (uint32_t)r->words[1]);
	struct remote reply = {.value = REMOTE_CONNECT};

	memcpy(&asker, &r->words[0], sizeof asker);
	remote_reply(asker, &reply, d && r->slot < MX_SLOTS ? connect(d, r) : MX_EPEER);
}

void bind_gone(const struct remote *r)
{
	struct domain *d = domains[r->domain];
	struct remote ack = {
	        .kind = REMOTE_GONE_ACK, .domain = r->from.domain, .key = r->from.generation};

	if (d && d->state != ENDING && d->slots[r->slot].bound && d->slots[r->slot].key == r->key) {
		bind_end(d, r->slot);
		d->gone |= 1ull << r->slot;
		exchange_wake(d);
	}
	check(remote_send(r->from.core, &ack));
}
