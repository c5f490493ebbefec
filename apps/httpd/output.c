/*
 * Output: see output.h.
 */
#include <moxie/slots.h>
#include "output.h"
#include "stats.h"

#define NONE        0xffffu
#define LEAST(a, b) ((a) < (b) ? (a) : (b))

static struct {
	bool starved;
	uint16_t first, last, length; /* of the queue */
} out;

void output_init(void)
{
	out.starved = false;
	queue_clear();
}

void queue_clear(void)
{
	out.first = out.last = NONE;
	out.length = 0;
}

void queue_add(struct conn *c)
{
	uint16_t n = (uint16_t)conn_number(c);

	if (c->queued)
		return;
	c->queued = true;
	c->next = NONE;
	if (out.first == NONE)
		out.first = n;
	else
		conn_at(out.last)->next = n;
	out.last = n;
	out.length++;
}

struct conn *queue_take(void)
{
	struct conn *c = conn_at(out.first);

	out.first = c->next;
	out.length--;
	c->queued = false;
	return c;
}

uint32_t queue_length(void)
{
	return out.length;
}

bool output_starved(void)
{
	bool starved = out.starved;

	out.starved = false;
	return starved;
}

bool output_room(struct conn *c, uint32_t need, struct text *t)
{
	if (c->out_frame != MX_NOFRAME && c->out_length + need > MX_PAGE && !output_send(c))
		return false;
	if (c->out_frame == MX_NOFRAME) {
		c->out_frame = mx_alloc();
		c->out_length = 0;
	}
	if (c->out_frame == MX_NOFRAME) {
		out.starved = true;
		queue_add(c);
		return false;
	}
	t->at = (char *)mx_frame(c->out_frame) + c->out_length;
	t->end = (char *)mx_frame(c->out_frame) + MX_PAGE;
	t->cut = false;
	return true;
}

void output_wrote(struct conn *c, const struct text *t)
{
	mx_assert(!t->cut);
	c->out_length = (uint16_t)(t->at - (char *)mx_frame(c->out_frame));
}

/* One message; false: no room in the channel, or the window is full. */
static bool send_piece(struct conn *c, uint32_t frame, uint32_t offset, uint32_t length)
{
	struct mx_msg m = {.frame = frame,
	                   .offset = (uint16_t)offset,
	                   .length = (uint16_t)length,
	                   .slot = MX_APP_STACK,
	                   .kind = MX_SK_DATA,
	                   .body = {conn_number(c)}};

	if (c->unacked + length > MX_SK_WINDOW)
		return false; /* MX_SK_SENT brings it back */
	if (mx_send(MX_APP_STACK, &m, 1) != MX_OK) {
		queue_add(c);
		return false;
	}
	c->unacked += length;
	stats.bytes += length;
	return true;
}

bool output_send(struct conn *c)
{
	if (c->out_frame == MX_NOFRAME)
		return true;
	if (!send_piece(c, c->out_frame, 0, c->out_length))
		return false;
	c->out_frame = MX_NOFRAME;
	return true;
}

bool output_content(struct conn *c)
{
	uint32_t first = mx_boot->pools[mx_boot->cores].first;
	uint32_t room, length;
	uint64_t at;

	if (c->from == c->to)
		return true;
	if (!output_send(c))
		return false;
	at = c->rep->offset + c->from;
	room = MX_SK_WINDOW - c->unacked;
	length = LEAST(c->to - c->from, BURST);
	if (length > room && room < BURST / 4)
		return false; /* MX_SK_SENT brings it back */
	length = LEAST(length, room);
	if (!send_piece(c, first + (uint32_t)(at / MX_PAGE), at % MX_PAGE, length))
		return false;
	c->from += length;
	if (c->from == c->to)
		return true;
	queue_add(c);
	return false;
}

bool output_say(struct conn *c, uint8_t kind, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME,
	                   .slot = MX_APP_STACK,
	                   .kind = kind,
	                   .body = {conn_number(c), value}};

	if (mx_send(MX_APP_STACK, &m, 1) == MX_OK)
		return true;
	queue_add(c);
	return false;
}
