/*
 * Input: see input.h.
 */
#include <moxie/slots.h>
#include "input.h"

static uint32_t held, held_max; /* frames, of all connections */

void input_init(void)
{
	uint32_t depth = mx_boot->slots[MX_APP_STACK].depth;

	/* The channel's own share of the quota is spoken for; half of the rest may lie here. */
	held = 0;
	held_max = mx_boot->quota > depth ? (mx_boot->quota - depth) / 2 : 0;
	if (held_max < HELD_MAX)
		held_max = HELD_MAX;
}

/* Move what fits of *p behind the bytes of the last piece held. */
static void append(struct conn *c, struct piece *p)
{
	struct piece *last = &c->held[c->held_n - 1];
	uint32_t end = last->offset + last->length, n = MX_PAGE - end;

	if (n > p->length)
		n = p->length;
	memcpy((char *)mx_frame(last->frame) + end, (char *)mx_frame(p->frame) + p->offset, n);
	last->length += (uint16_t)n;
	p->offset += (uint16_t)n;
	p->length -= (uint16_t)n;
}

bool input_hold(struct conn *c, const struct mx_msg *m)
{
	struct piece p = {.frame = m->frame, .offset = m->offset, .length = m->length};

	if (c->held_n > 0)
		append(c, &p);
	if (p.length == 0) {
		mx_free(p.frame);
		return true;
	}
	if (c->held_n == HELD_MAX) {
		mx_free(p.frame);
		return false;
	}
	c->held[c->held_n++] = p;
	held++;
	return true;
}

bool input_crowded(void)
{
	return held > held_max;
}

const struct piece *input_next(const struct conn *c)
{
	return c->held_n > 0 ? &c->held[0] : NULL;
}

static void remove_first(struct conn *c)
{
	c->held_n--;
	held--;
	for (uint32_t i = 0; i < c->held_n; i++)
		c->held[i] = c->held[i + 1];
}

void input_read(struct conn *c, uint32_t bytes)
{
	struct piece *p = &c->held[0];

	p->offset += (uint16_t)bytes;
	p->length -= (uint16_t)bytes;
	c->owed += bytes;
	if (p->length > 0)
		return;
	mx_free(p->frame);
	remove_first(c);
}

void input_drop(struct conn *c)
{
	while (c->held_n > 0) {
		c->owed += c->held[0].length;
		mx_free(c->held[0].frame);
		remove_first(c);
	}
}
