/*
 * The end of a domain, whatever the cause.
 *
 * Interface: domain_end, domain_wrong, domain_reap, domain_reap_ack.
 * Rules: it never runs again from here on. Its device is stopped first. Then, in bounded
 * steps, for CHORE_NS of each turn of the core: every peer lets go of its rings (and acknowledges,
 * for the memory to be reused), its frames go home, its memory is freed, its parent is told.
 */
#include <string.h>
#include "executive/changes.h"
#include "executive/children.h"
#include "executive/core.h"
#include "executive/bind.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/move.h"
#include "executive/remote.h"
#include "executive/slots.h"
#include "executive/trace.h"

#define REAP_STEP 128u  /* frames returned in one step */
#define REAP_LOOK 2048u /* looked at */

COLD void domain_end(struct domain *d, uint32_t cause, uint32_t status, uint64_t rip,
                     uint64_t address)
{
	if (d->state == ENDING)
		return;
	device_stop(d);
	if (d->flags & MX_SPAWN_ROOT)
		first_ended(d, cause, status, rip, address);
	slots_release(d);
	d->end = (struct end){.child = {.child = d->handle,
	                                .cause = (uint16_t)cause,
	                                .status = (uint16_t)status,
	                                .rip = (uint32_t)rip,
	                                .address = (uint32_t)address,
	                                .frames = d->held},
	                      .code = d->end.code,
	                      .rip = rip,
	                      .address = address,
	                      .ran = d->ran,
	                      .bad = (uint32_t)d->bad,
	                      .refused = (uint32_t)d->refused};
	bind_abandon(d);
	move_abandon(d);
	domain_unready(d);
	d->state = ENDING;
	change_domain(d->index);
	trace(TRACE_END, d->index, (uint64_t)cause << 32 | status);
	core_chores++;
}

COLD void domain_wrong(struct domain *d, uint32_t n)
{
	d->bad += n;
	if (d->bad <= d->misuse)
		return;
	domain_end(d, MX_CAUSE_MISUSE, d->bad < UINT16_MAX ? (uint32_t)d->bad : UINT16_MAX, 0, 0);
	if (d == current)
		core_run();
}

/* Tell the peers, one a step. True: all are told. */
static bool tell_peers(struct domain *d)
{
	for (; d->reap_slot < MX_SLOTS; d->reap_slot++) {
		struct slot *s = &d->slots[d->reap_slot];
		struct remote r = {.kind = REMOTE_GONE,
		                   .domain = s->peer.domain,
		                   .slot = s->peer_slot,
		                   .from_slot = (uint8_t)d->reap_slot,
		                   .key = s->key};

		if (!s->bound)
			continue;
		if (s->halted) /* the peer moves, and nobody is where it was */
			return false;
		r.from = domain_place(d);
		r.value = s->peer.core;
		d->acks++;
		d->acks_of[r.value]++;
		if (!remote_try(r.value, &r)) {
			domain_reap_ack(d, r.value);
			return false;
		}
		bind_end(d, d->reap_slot);
	}
	return children_kill(d);
}

COLD void domain_reap_ack(struct domain *d, uint32_t core)
{
	if (core >= machine.cores || !d->acks_of[core])
		return;
	d->acks_of[core]--;
	d->acks--;
}

/*
 * True: all its frames are home. Those of others are only looked at, which is a hundred times
 * cheaper than to return one; it ends with the last it held, which a driver soon finds.
 */
static bool free_frames(struct domain *d)
{
	uint32_t end = d->reap_frame + REAP_LOOK, left = REAP_STEP;

	if (end > frame_total)
		end = frame_total;
	for (; d->held && d->reap_frame < end && left; d->reap_frame++) {
		if ((frame_state[d->reap_frame] & FRAME_OWNER) != d->index)
			continue;
		frame_state[d->reap_frame] = 0;
		frame_watch(d->reap_frame, NULL);
		frame_return(d->reap_frame);
		d->held--;
		left--;
	}
	check(!d->held || d->reap_frame < frame_total);
	return !d->held;
}

static bool tell_parent(const struct domain *d)
{
	struct remote r = {
	        .kind = REMOTE_ENDED, .domain = d->parent.domain, .key = d->parent.generation};

	r.from_slot =
	        d->keep ? (uint8_t)(self + 1) : 0; /* who is to forget if there is no parent */
	r.end = d->end;
	return remote_try(d->parent.core, &r);
}

bool domain_reap(struct domain *d)
{
	bool was_first;

	if (!tell_peers(d))
		return true;
	if (d->acks || move_shows(d))
		return false; /* the acknowledgement, or the target's answer, wakes this core */
	core_forget(d);       /* its window is loaded no more: its frames can go */
	if (!free_frames(d) || !keep_step(d))
		return true;
	keep_leave(d); /* whoever hears of the end may name an heir */
	if (lost_is(d->parent.core))
		keep_lost(d->parent.core);
	if (!tell_parent(d))
		return true;
	trace(TRACE_FREED, d->index, d->generation);
	domains[d->index] = NULL;
	core_chores--;
	was_first = d->flags & MX_SPAWN_ROOT;
	arrive_home(d);
	if (was_first)
		first_reaped();
	return was_first; /* the next one is to be made */
}
