/* What executives tell each other: see remote.h. */
#include "executive/agree.h"
#include "executive/children.h"
#include "executive/bind.h"
#include "executive/create.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/measure.h"
#include "executive/orphan.h"
#include "executive/move.h"
#include "executive/post.h"
#include "executive/remote.h"
#include "executive/survey.h"

#define DRAIN_MOST FIFO_SLOTS /* entries handled in one turn */

HOT_DATA bool remote_retry;

/* NULL for a stale entry: the slot was rebound or its owner ended while it travelled. */
HOT static struct domain *keyed(const struct remote *r)
{
	struct domain *d = domains[r->domain];

	if (!d || d->state == ENDING || !d->slots[r->slot].bound || d->slots[r->slot].key != r->key)
		return NULL;
	if (!d->slots[r->slot].open)
		bind_heard(d, r->slot);
	return d;
}

HOT static void handle_frame(const struct remote *r)
{
	struct domain *d = keyed(r);

	if (d)
		exchange_put(d, r->slot, &r->msg);
	else if (r->msg.frame < frame_total)
		frame_return(r->msg.frame);
}

HOT void remote_handle(const struct remote *r)
{
	struct domain *d;

	if (survey_runs)
		survey_note(r);
	switch (r->kind) {
	case REMOTE_FRAME:
		handle_frame(r);
		break;
	case REMOTE_NOTIFY:
		if ((d = keyed(r)))
			exchange_notified(d, r->slot);
		break;
	case REMOTE_CREDIT:
		if ((d = keyed(r)))
			exchange_credit(d, r->slot, r->value);
		break;
	case REMOTE_HOME:
		for (uint32_t i = 0; i < r->slot; i++)
			frame_home(r->frames[i]);
		break;
	case REMOTE_CREATE:
		create_handle(r);
		break;
	case REMOTE_CONNECT:
		bind_connect(r);
		break;
	case REMOTE_OPEN:
		bind_open(r);
		break;
	case REMOTE_GONE:
		bind_gone(r);
		break;
	case REMOTE_GONE_ACK:
		bind_acked(r);
		break;
	case REMOTE_DEVICE:
		device_told(r);
		break;
	case REMOTE_FORGET:
		keep_forget(r);
		break;
	case REMOTE_FIRST:
	case REMOTE_ORPHANS:
	case REMOTE_LIST:
		orphan_handle(r);
		break;
	case REMOTE_MOVE ... REMOTE_RETURN:
		move_handle(r);
		break;
	case REMOTE_CALL:
		break;
	case REMOTE_SUCCEED:
		first_asked(r);
		break;
	case REMOTE_LOST:
		lost_heard(r);
		break;
	case REMOTE_SURVEY:
		survey_heard(r);
		break;
	case REMOTE_BREAK:
		arch_break(r->value);
		break;
	case REMOTE_PING ... REMOTE_MEASURE:
		measure_told(r);
		break;
	case REMOTE_AGREE:
		agree_told(r);
		break;
	default:
		children_handle(r);
	}
}

/* A chain arrives as a whole, and so do both halves of a binding within this core. */
static bool more_belongs(const struct remote *r)
{
	return r->kind == REMOTE_OPEN || (r->kind == REMOTE_FRAME && r->msg.flags & MX_MORE);
}

/* Bounded: many cores may push as fast as one pulls. */
HOT void remote_drain(void)
{
	struct remote r;

	for (uint32_t n = 0; fifo_pull(&r); n++) {
		remote_handle(&r);
		if (n >= DRAIN_MOST && !more_belongs(&r))
			break;
	}
}

void remote_send(uint32_t core, const struct remote *r)
{
	if (core == self)
		remote_handle(r);
	else
		remote_retry |= !post(core, r);
}

bool remote_try(uint32_t core, const struct remote *r)
{
	if (core != self)
		return fifo_push(core, r, MOST_OTHER);
	remote_handle(r);
	return true;
}

void remote_notify(struct slot *s)
{
	struct remote r = {.kind = REMOTE_NOTIFY,
	                   .domain = s->peer.domain,
	                   .slot = s->peer_slot,
	                   .key = s->key};

	s->notify_due = s->bound && !fifo_push(s->peer.core, &r, MOST_OTHER);
	remote_retry |= s->notify_due;
}

bool remote_credit(struct slot *s, uint32_t n)
{
	struct remote r = {.kind = REMOTE_CREDIT,
	                   .domain = s->peer.domain,
	                   .slot = s->peer_slot,
	                   .key = s->key};

	r.value = n;
	return fifo_push(s->peer.core, &r, MOST_OTHER);
}

void remote_reply(struct place to, struct remote *r, int32_t status)
{
	r->kind = REMOTE_REPLY;
	r->from_slot = (uint8_t)self; /* who has answered */
	r->domain = to.domain;
	r->key = to.generation;
	r->status = status;
	remote_send(to.core, r);
}
