/*
 * The TCP connections, in the stack's words: see link.h.
 *
 * Rules: a connection's last word is never lost: it waits in a queue for room in the channel. Each
 * connection stands there at most once, so the queue holds them all.
 * The slot's frames come unmapped: a test's data is counted and not looked at. What is read or
 * written is mapped first, fresh frames too, because a received one may have become fresh.
 */
#include <moxie/slots.h>
#include "link.h"
#include "protocol.h"
#include "stats.h"

#define CREDIT_STEP 32768u /* received bytes that are worth a message */

static struct link links[MX_CONNS];
static uint16_t queue[MX_CONNS];
static uint32_t first, queued;

struct link *link_at(uint32_t n)
{
	return n < MX_CONNS && links[n].open ? &links[n] : NULL;
}

uint32_t link_number(const struct link *l)
{
	return (uint32_t)(l - links);
}

static bool say(const struct link *l, uint8_t kind, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = kind, .body = {link_number(l), value}};

	return mx_send(MX_APP_STACK, &m, 1) == MX_OK;
}

uint32_t link_frame(void)
{
	uint32_t frame = mx_alloc();

	if (frame != MX_NOFRAME)
		link_look(frame);
	return frame;
}

void *link_look(uint32_t frame)
{
	mx_assert(mx_trap(MX_TRAP_MAP, frame, 1, 0) == MX_OK);
	return mx_frame(frame);
}

bool link_send(struct link *l, uint32_t frame, uint32_t offset, uint32_t length)
{
	struct mx_msg m = {.frame = frame,
	                   .offset = (uint16_t)offset,
	                   .length = (uint16_t)length,
	                   .kind = MX_SK_DATA,
	                   .body = {link_number(l)}};

	if (l->unacked + length > MX_SK_WINDOW || mx_send(MX_APP_STACK, &m, 1) != MX_OK)
		return false;
	l->unacked += length;
	return true;
}

void link_credit(struct link *l)
{
	if (l->owed >= CREDIT_STEP && say(l, MX_SK_CREDIT, l->owed))
		l->owed = 0;
}

void link_sent(struct link *l, uint32_t bytes)
{
	if (bytes > l->unacked) {
		stats.unknown++;
		bytes = l->unacked;
	}
	l->unacked -= bytes;
}

/* ACCESS_DENIED and the end. Without a frame for the byte the end alone has to do. */
static bool deny(struct link *l)
{
	uint32_t frame;

	if (mx_credit(MX_APP_STACK) < 2)
		return false;
	frame = link_frame();
	if (frame == MX_NOFRAME)
		return say(l, MX_SK_ABORT, 0);
	*(uint8_t *)mx_frame(frame) = STATE_ACCESS_DENIED;
	if (!link_send(l, frame, 0, 1))
		mx_free(frame);
	return say(l, MX_SK_CLOSE, 0);
}

static bool say_last(struct link *l)
{
	if (l->due == MX_SK_DATA && !l->gone) {
		if (!deny(l))
			return false;
	} else if (!say(l, l->gone || l->due == MX_SK_DATA ? MX_SK_CLOSE : l->due, 0)) {
		return false;
	}
	l->due = 0;
	if (l->gone)
		l->open = false;
	return true;
}

static void end(struct link *l, uint8_t due)
{
	if (l->owner == LINK_NOBODY)
		return;
	l->owner = LINK_NOBODY;
	l->due = due;
	queue[(first + queued++) % MX_CONNS] = (uint16_t)link_number(l);
}

struct link *link_open(uint32_t n, enum link_owner owner, uint32_t stream)
{
	if (n >= MX_CONNS || links[n].open)
		return NULL;
	links[n] = (struct link){.owner = owner, .open = true, .stream = (uint16_t)stream};
	return &links[n];
}

void link_deny(struct link *l)
{
	stats.denied++;
	end(l, MX_SK_DATA);
}

void link_close(struct link *l)
{
	end(l, MX_SK_CLOSE);
}

void link_abort(struct link *l)
{
	end(l, MX_SK_ABORT);
}

void link_closed(struct link *l)
{
	l->gone = true;
	if (l->owner != LINK_NOBODY)
		end(l, MX_SK_CLOSE);
	else if (!l->due)
		l->open = false;
}

void link_turn(void)
{
	while (queued) {
		if (!say_last(&links[queue[first]])) {
			mx_thirst(MX_APP_STACK);
			return;
		}
		first = (first + 1) % MX_CONNS;
		queued--;
	}
}

void link_reset(void)
{
	first = queued = 0;
	for (uint32_t n = 0; n < MX_CONNS; n++)
		links[n].open = false;
}
