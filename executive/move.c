/* A domain leaves this core: see move.h. */
#include <string.h>
#include "executive/changes.h"
#include "executive/bind.h"
#include "executive/core.h"
#include "executive/device.h"
#include "executive/frame.h"
#include "executive/furnish.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/luggage.h"
#include "executive/move.h"
#include "executive/post.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/reserve.h"
#include "executive/slots.h"
#include "executive/trace.h"

static struct {
	enum { NONE, ASKED, HALTING, DUE, LEFT } stage;
	struct domain *d; /* NULL: it has ended */
	struct place asker, from, to;
	uint32_t core;
	uint32_t flags;   /* MX_MOVE_*, and above them the number of this move */
	uint32_t serial;  /* of the last */
	uint64_t awaited; /* slots whose peers have not answered */
	int32_t error;
	uint64_t luggage; /* physical */
	uint64_t at;      /* physical: its record */
	uint32_t handle;
} move;

uint64_t move_at(const struct domain *d)
{
	return d->making.areas[0].at - RECORD_PAGES * MX_PAGE;
}

uint64_t move_size(const struct domain *d)
{
	uint64_t pages = RECORD_PAGES;

	for (uint32_t i = 0; i < AREA_KEPT; i++)
		pages += d->making.areas[i].pages;
	return pages * MX_PAGE;
}

static void tell(uint32_t kind, uint32_t core)
{
	struct remote r = {.kind = (uint8_t)kind, .domain = move.to.domain};

	r.from = move.from;
	r.value = move.flags;
	r.ring = move.d ? move_at(move.d) : 0;
	remote_send(core, &r);
}

static void finish(int32_t error)
{
	struct remote reply = {.value = REMOTE_MOVE};

	if (move.luggage)
		region_return(move.luggage);
	move.luggage = 0;
	move.stage = NONE;
	core_leaving = NULL;
	if (error)
		remote_reply(move.asker, &reply, error);
}

/* A peer has moved, and where to is not known here yet: what is told then must find d. */
static bool peer_moved(const struct domain *d)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].halted)
			return true;
	return false;
}

bool move_goes(const struct domain *d)
{
	return move.stage != NONE && move.stage != LEFT && move.d == d;
}

static int allowed(const struct domain *d, uint32_t core, uint32_t flags)
{
	if (!d)
		return MX_EPEER;
	if (core >= machine.cores || flags & ~MX_MOVE_COPY || !d->begun)
		return MX_EINVAL;
	if (lost_is(core))
		return MX_EPEER;
	if (d->flags & (MX_SPAWN_ROOT | MX_SPAWN_PARENT) || !space_moves(false) ||
	    (flags & MX_MOVE_COPY &&
	     (d->device || d->making.areas[AREA_DMA].pages || !space_moves(true))))
		return MX_EPERM;
	return move.stage != NONE || d->acks || d->parted[0].kind || d->parted[1].kind ||
	                       peer_moved(d)
	               ? MX_EBUSY
	               : MX_OK;
}

static void ask(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct remote reply = {.value = REMOTE_MOVE};
	int error = allowed(d, r->value, r->child);

	if (error || r->value == self) {
		reply.from = d ? domain_place(d) : (struct place){0};
		reply.words[1] = d ? d->making.areas[AREA_RINGS].at : 0;
		remote_reply(r->from, &reply, error);
		return;
	}
	move.d = d;
	move.asker = r->from;
	move.from = domain_place(d);
	move.to = (struct place){0};
	move.core = r->value;
	move.flags = r->child | ++move.serial << 8;
	move.handle = d->handle;
	move.error = MX_OK;
	move.stage = ASKED;
	move.luggage = region_reserve(luggage_pages(d), OWNER_EXECUTIVE);
	if (move.luggage)
		tell(REMOTE_ROOM, move.core);
	else
		finish(MX_ENOMEM);
}

static void due(void)
{
	move.stage = DUE;
	core_leaving = move.d;
	core_chores++;
}

static uint64_t bound(const struct domain *d)
{
	uint64_t slots = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		slots |= (uint64_t)d->slots[i].bound << i;
	return slots;
}

/* The peers go on with it where it is. */
static void call_off(int32_t error)
{
	tell(REMOTE_CANCEL, move.core);
	if (move.d)
		peers_tell(REMOTE_GO, move.d, UINT64_MAX, 0, 0);
	finish(error);
}

static void answered(void)
{
	if (move.awaited)
		return;
	if (move.error)
		call_off(move.error);
	else
		due();
}

static void invited(const struct remote *r)
{
	check(move.stage == ASKED);
	move.to = r->from;
	if (r->status) {
		finish(r->status);
	} else if (move.error) {
		move.d = NULL; /* it ends, or nobody wants it to go any more */
		call_off(move.error);
	} else {
		move.stage = HALTING;
		move.awaited =
		        bound(move.d); /* all at once: some answer before they are told all */
		peers_tell(REMOTE_HALT, move.d, move.awaited, move.core, move.flags);
		if (!bound(move.d))
			answered();
	}
}

static void halted(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);

	if (!d || move.d != d || move.stage != HALTING || !(move.awaited >> r->slot & 1) ||
	    r->child != move.flags) /* it may answer a move that was called off */
		return;
	move.awaited &= ~(1ull << r->slot);
	if (r->status)
		move.error = r->status;
	answered();
}

/* Slots that are each other's peers: its end is told to them by itself. */
static void free_self(struct domain *d)
{
	struct place own = domain_place(d);

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].bound && memcmp(&d->slots[i].peer, &own, sizeof own) == 0)
			halt_over(d, i);
}

COLD void move_abandon(struct domain *d)
{
	if (!move_goes(d))
		return;
	move.error = MX_EPEER;
	if (move.stage == ASKED) /* it is called off when the target has looked at it */
		return;
	free_self(d);
	move.d = NULL; /* the other peers hear of its end, which sets them free */
	if (move.stage == DUE)
		core_chores--;
	call_off(MX_EPEER);
}

COLD void move_forsake(struct place asker)
{
	if (move.stage == NONE || move.stage == LEFT ||
	    memcmp(&move.asker, &asker, sizeof asker) != 0)
		return;
	if (move.stage == ASKED) {
		move.error = MX_EPEER;
		return;
	}
	core_chores -= move.stage == DUE;
	call_off(MX_EPEER);
}

bool move_shows(const struct domain *d)
{
	return move.stage == ASKED && move.d == d;
}

bool move_due(const struct domain *d)
{
	return move.stage == DUE && move.d == d;
}

COLD bool move_leave(struct domain *d)
{
	struct remote r = {
	        .kind = REMOTE_ARRIVE, .domain = move.to.domain, .key = move.to.generation};
	uint32_t i = d->index;

	if (!peers_hear_last(d, move.core))
		return false;
	r.from = move.from;
	r.words[2] = arch_now();
	if (d->state == READY) /* it is again where it comes to */
		domain_unready(d);
	core_forget(d);
	slots_release(d);
	reserve_all(d, false);
	r.ring = move.at = move_at(d);
	r.words[0] = move.luggage;
	r.words[1] = luggage_pack(d, direct(move.luggage));
	memcpy(&r.words[3], &move.asker, sizeof move.asker);
	keep_pack(d);
	device_goes(d, move.core);
	if (d->home_core == self)
		index_hold(i);
	trace(TRACE_LEAVE, i, move.core);
	domains[i] = NULL;
	change_left(i, d->record);
	core_leaving = NULL;
	core_chores--;
	move.d = NULL;
	move.stage = LEFT;
	remote_send(move.core, &r);
	return true;
}

static void over(const struct remote *r)
{
	(void)r;
	check(move.stage == LEFT);
	finish(MX_OK);
}

COLD void move_handle(const struct remote *r)
{
	static void (*const handlers[])(const struct remote *) = {
	        [REMOTE_MOVE] = ask,         [REMOTE_ROOM] = arrive_room,
	        [REMOTE_INVITE] = invited,   [REMOTE_CANCEL] = arrive_cancel,
	        [REMOTE_HALT] = halt,        [REMOTE_HALTED] = halted,
	        [REMOTE_LAST] = halt_last,   [REMOTE_ARRIVE] = arrive,
	        [REMOTE_GO] = halt_go,       [REMOTE_ARRIVED] = over,
	        [REMOTE_WENT] = arrive_went, [REMOTE_RETURN] = keep_returned,
	};

	handlers[r->kind](r);
}

/*
 * It is lost with the core that it went to, and nobody there has told of it, or not all. Its memory
 * stays as it is: a device may still know it.
 */
static void went_down(void)
{
	const struct domain *d = direct(move.at);
	struct remote ended = {
	        .kind = REMOTE_ENDED, .domain = move.asker.domain, .key = move.asker.generation};

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		struct remote gone = {.kind = REMOTE_GONE,
		                      .domain = d->slots[i].peer.domain,
		                      .slot = d->slots[i].peer_slot,
		                      .key = d->slots[i].key};

		gone.from.core = (uint8_t)self; /* nobody awaits the acknowledgement */
		if (d->slots[i].bound)
			remote_send(d->slots[i].peer.core, &gone);
	}
	ended.end = (struct end){.child = {.child = move.handle, .cause = MX_CAUSE_CORE}};
	remote_send(move.asker.core, &ended);
	finish(MX_EPEER);
}

COLD void move_lost(uint32_t core)
{
	if (move.stage == NONE)
		return;
	if (move.core == core && move.stage == LEFT) {
		went_down();
	} else if (move.core == core) {
		core_chores -= move.stage == DUE;
		call_off(MX_EPEER);
	} else if (move.stage == HALTING) {
		move.awaited &= bound(move.d);
		answered();
	}
}
