/* A domain comes to this core: see move.h. */
#include <string.h>
#include "executive/changes.h"
#include "executive/bind.h"
#include "executive/core.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/luggage.h"
#include "executive/move.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/reserve.h"
#include "executive/slots.h"
#include "executive/trace.h"

/* Promised to one that was asked for. */
static struct room {
	uint64_t at;  /* memory, if it is to be copied */
	bool home;    /* it comes home: the index is its own already */
	bool waits;   /* it has not come yet */
	uint8_t core; /* from where */
} rooms[DOMAINS];

/* Does what it needs of this core exist, beside memory? */
static bool fits(const struct domain *d)
{
	uint32_t irqs = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		irqs += d->slots[i].irq != 0;
	return irqs <= arch_irq_left() && reserve_all_fit(d);
}

/* It may be running: only what its parent alone could change is looked at. */
static int make_room(const struct domain *d, bool copy, uint32_t core, uint32_t *index)
{
	struct room made = {.home = d->home_core == self, .waits = true, .core = (uint8_t)core};

	*index = made.home ? d->home : index_free();
	if (!*index || !fits(d) || (d->keep && !keep_promise(*index)))
		return MX_ENOMEM;
	if (copy && !made.home)
		made.at = region_reserve((uint32_t)(move_size(d) / MX_PAGE), *index);
	if (copy && !made.home && !made.at) {
		keep_break(*index);
		return MX_ENOMEM;
	}
	rooms[*index] = made;
	index_hold(*index);
	return MX_OK;
}

COLD void arrive_room(const struct remote *r)
{
	struct remote reply = {.kind = REMOTE_INVITE};
	uint32_t index;

	reply.status = make_room(direct(r->ring), r->value & MX_MOVE_COPY, r->from.core, &index);
	if (!reply.status)
		reply.from = (struct place){(uint8_t)self, (uint8_t)index, index_generation(index)};
	remote_send(r->from.core, &reply);
}

static void cancel(uint32_t index)
{
	struct room *room = &rooms[index];

	room->waits = false;
	keep_break(index);
	if (room->home)
		return;
	if (room->at)
		region_free_owner(index);
	index_drop(index);
}

COLD void arrive_cancel(const struct remote *r)
{
	cancel(r->domain);
}

COLD void arrive_lost(uint32_t core)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (rooms[i].waits && rooms[i].core == core)
			cancel(i);
}

static uint64_t by(uint64_t value, uint64_t old, uint64_t size, uint64_t now)
{
	return value - old < size ? value - old + now : value;
}

static void *pointer_by(void *p, uint64_t old, uint64_t size, uint64_t now)
{
	uint64_t base = (uint64_t)direct(0);

	return (void *)(by((uint64_t)p - base, old, size, now) + base);
}

/* All of it is copied, and what points into it follows. Its home is here from now on. */
static struct domain *copied(uint64_t old, uint32_t index)
{
	struct domain *was = direct(old), *d = direct(rooms[index].at);
	uint64_t now = rooms[index].at, size = move_size(was);
	struct remote went = {.kind = REMOTE_WENT, .domain = was->home};
	uint32_t core = was->home_core;

	memcpy(d, was, size);
	for (uint32_t i = 0; i < AREA_KEPT; i++)
		d->making.areas[i].at = by(d->making.areas[i].at, old, size, now);
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		d->slots[i].ring = by(d->slots[i].ring, old, size, now);
	d->image = by(d->image, old, size, now);
	d->x = pointer_by(d->x, old, size, now);
	d->inbox = pointer_by(d->inbox, old, size, now);
	d->boot = pointer_by(d->boot, old, size, now);
	space_relocate(&d->space, &d->making.areas[AREA_TABLES], old, size, now);
	d->home_core = (uint8_t)self;
	d->home = (uint8_t)index;
	remote_send(core, &went);
	return d;
}

/* A channel of which it has both ends has left with it. */
static void follow_self(struct domain *d, struct place from)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].bound && memcmp(&d->slots[i].peer, &from, sizeof from) == 0)
			d->slots[i].peer = domain_place(d);
}

/* What belongs to a core is this one's now. */
static void settle(struct domain *d)
{
	d->device = d->device_n >= 0 ? &machine.devices[d->device_n] : NULL;
	d->boot->gate = arch_gate;
	d->stale_n = 0;
	space_move(&d->space, d->index);
	keep_unpack(d);
	slots_take(d);
	reserve_all(d, true);
	device_arrive(d);
}

/* Until all is set nothing queues it. True: it was queued, or would be but that it is frozen. */
static bool rest(struct domain *d)
{
	bool ready = d->state == READY || d->thaws;

	d->state = RUNNING;
	return ready;
}

/* Interrupts between the two routes are lost, and so is what came due: it looks at everything. */
static void wake(struct domain *d, bool ready)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		d->pending |= (uint64_t)(d->slots[i].irq != 0) << i;
	d->state = WAITING;
	remote_retry = true; /* what found no room in a FIFO of the core it left */
	core_due(d);
	if (ready)
		domain_ready(d);
	else
		exchange_wake(d);
}

static void tell(const struct domain *d, const struct remote *r)
{
	struct remote reply = {.value = REMOTE_MOVE}, over = {.kind = REMOTE_ARRIVED};
	struct place asker;

	memcpy(&asker, &r->words[3], sizeof asker);
	reply.from = domain_place(d);
	reply.words[0] = arch_now() - r->words[2];
	reply.words[1] = d->making.areas[AREA_RINGS].at;
	remote_reply(asker, &reply, MX_OK);
	remote_send(r->from.core, &over);
}

/* Its parent has a successor, who was told that it lives where it came from, or was not told at
 * all. */
static bool is_missed(const struct domain *d, const struct remote *r)
{
	return memcmp(&d->parent, &r->words[3], sizeof d->parent) != 0 ||
	       (lost_is(d->parent.core) && !first_is(d->parent));
}

/* The peers first: so they know where it is before they hear from it. */
COLD void arrive(const struct remote *r)
{
	uint32_t index = r->domain;
	bool ready;
	struct domain *d = rooms[index].at ? copied(r->ring, index) : direct(r->ring);

	rooms[index].waits = false;
	index_drop(index);
	d->index = (uint8_t)index;
	d->generation = r->key & 0xffff;
	domains[index] = d;
	ready = rest(d);
	d->moves++;
	change_came(index);
	follow_self(d, r->from);
	luggage_unpack(d, direct(r->words[0]), (uint32_t)r->words[1]);
	settle(d);
	trace(TRACE_ARRIVE, index, r->from.core);
	for (uint32_t lost = lost_cores; lost; lost &= lost - 1)
		bind_lost(d, (uint32_t)__builtin_ctz(lost), true); /* while it was between */
	peers_tell(REMOTE_GO, d, UINT64_MAX, 0, 0);
	wake(d, ready);
	tell(d, r);
	if (is_missed(d, r))
		domain_end(d, MX_CAUSE_KILLED, 0, 0, 0);
	if (d->device && !arch_device_is_open(d->device)) /* stopped while it was between */
		domain_end(d, MX_CAUSE_DEVICE, 0, 0, 0);
}

COLD void arrive_home(struct domain *d)
{
	struct remote went = {.kind = REMOTE_WENT, .domain = d->home};

	if (d->home_core == self)
		region_free_owner(d->index);
	else
		remote_send(d->home_core, &went);
}

COLD void arrive_went(const struct remote *r)
{
	index_drop(r->domain);
	region_free_owner(r->domain);
}
