/*
 * A peer moves: its executive asks the slot at this end to be still, then says where it is now. See
 * move.h.
 *
 * Rules: what a halted slot would say is kept: credit that the domain could use is withheld, credit
 * it owes stays owed, a notification due. Even the end of its domain waits, for it would be said to
 * a place where the peer is no more. Into a plain ring a domain writes without asking anyone, so if
 * that is to be copied, it does not run meanwhile.
 */
#include <string.h>
#include "executive/bind.h"
#include "executive/exchange.h"
#include "executive/move.h"
#include "executive/remote.h"
#include "executive/reserve.h"

/* The slot of a domain here, which may be ending, whose binding has that key. */
static struct slot *slot_of(const struct remote *r, struct domain **d)
{
	*d = domains[r->domain];
	if (!*d || r->slot >= MX_SLOTS || !(*d)->slots[r->slot].bound ||
	    (*d)->slots[r->slot].key != r->key)
		return NULL;
	return &(*d)->slots[r->slot];
}

static void freeze(struct domain *d)
{
	d->frozen++;
	if (d->state != READY)
		return;
	domain_unready(d);
	d->state = WAITING;
	d->thaws = true;
}

static void still(struct domain *d, uint32_t i, bool copy)
{
	struct slot *s = &d->slots[i];

	if (!s->halted && copy && s->kind == MX_SLOT_PLAIN) {
		s->freezes = true;
		freeze(d);
	}
	s->halted = true;
	s->last = false;
	s->withheld += s->credit;
	s->credit = 0;
	exchange_show_credit(d, i);
}

/* It moves itself, which another parent asked for: the one before that one was lost. */
static bool goes(const struct domain *d, const struct remote *r)
{
	struct place own = domain_place(d);

	return move_goes(d) && memcmp(&own, &r->from, sizeof own) != 0;
}

COLD void halt(const struct remote *r)
{
	struct domain *d;
	struct slot *s = slot_of(r, &d);
	struct remote reply = {.kind = REMOTE_HALTED,
	                       .domain = r->from.domain,
	                       .slot = r->from_slot,
	                       .key = r->from.generation};

	reply.child = r->child;
	if (s && !reserve_fits(s, r->value))
		reply.status = MX_ENOMEM;
	else if (s && goes(d, r))
		reply.status = MX_EBUSY;
	else if (s)
		still(d, r->slot, r->child & MX_MOVE_COPY);
	remote_send(r->from.core, &reply);
}

void halt_over(struct domain *d, uint32_t i)
{
	struct slot *s = &d->slots[i];

	s->halted = false;
	if (!s->freezes)
		return;
	s->freezes = false;
	if (--d->frozen || !d->thaws)
		return;
	d->thaws = false;
	domain_ready(d);
}

COLD void halt_last(const struct remote *r)
{
	struct domain *d;
	struct slot *s = slot_of(r, &d);

	if (s)
		s->last = true;
}

/*
 * What it said on the core it left must not be overtaken by what it says now. It has come already:
 * the source made its last entries visible before the domain went to where this one is from. To
 * peers on those two cores all came by one way, or by none.
 */
static void hear_out(const struct slot *s, uint32_t core)
{
	uint32_t left = s->peer.core;
	struct remote r;

	if (left == self || core == self || core == left)
		return;
	while (!s->last && fifo_pull_from(left, &r))
		remote_handle(&r);
}

COLD void halt_go(const struct remote *r)
{
	struct domain *d;
	struct slot *s = slot_of(r, &d);

	if (!s || !s->halted)
		return;
	hear_out(s, r->from.core);
	bind_move(d, r->slot, r->from, r->ring);
	halt_over(d, r->slot);
	if (d->state == ENDING)
		return; /* now it can say so */
	bind_found(d, r->slot);
	exchange_release(d, r->slot);
	exchange_settle(d);
	if (s->notify_due)
		exchange_notify(d, 1ull << r->slot);
}
