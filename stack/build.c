/*
 * Chains of frames out of lwIP's pbufs.
 *
 * Interface: see build.h.
 * Rules: TCP keeps its segments until they are acknowledged, so everything is copied into fresh
 * frames, except content in frozen frames, which is sent as it is, one message for all that lies
 * together.
 */
#include <string.h>
#include "build.h"

/* Below this a frozen piece is copied: cheaper than an entry of its own all the way to the NIC. */
#define FROZEN_MIN 256u

static uintptr_t frozen_from, frozen_to;

void build_start(void)
{
	const struct mx_pool *pool = &mx_boot->pools[mx_boot->cores];

	frozen_from = (uintptr_t)mx_boot->window + (uintptr_t)pool->first * MX_PAGE;
	frozen_to = frozen_from + (uintptr_t)pool->count * MX_PAGE;
}

static bool open_frame(struct build *b, uint32_t offset)
{
	uint32_t frame;

	if (b->n == b->most)
		return false;
	frame = mx_alloc();
	if (frame == MX_NOFRAME)
		return false;
	b->chain[b->n++] = (struct mx_msg){.frame = frame, .offset = (uint16_t)offset};
	b->room = MX_PAGE - offset;
	return true;
}

static uint8_t *end_of(const struct mx_msg *m)
{
	return (uint8_t *)mx_frame(m->frame) + m->offset + m->length;
}

static bool add_copy(struct build *b, const uint8_t *data, uint32_t length)
{
	while (length) {
		struct mx_msg *m;
		uint32_t n;

		if (!b->room && !open_frame(b, 0))
			return false;
		m = &b->chain[b->n - 1];
		n = length < b->room ? length : b->room;
		memcpy(end_of(m), data, n);
		m->length = (uint16_t)(m->length + n);
		b->room -= n;
		data += n;
		length -= n;
	}
	return true;
}

/* The last entry is frozen and ends right before `at`. */
static bool goes_on(const struct build *b, uintptr_t at)
{
	return b->n && !b->room && (uintptr_t)end_of(&b->chain[b->n - 1]) == at;
}

static bool add_frozen(struct build *b, uintptr_t at, uint32_t length)
{
	if (goes_on(b, at)) {
		b->chain[b->n - 1].length = (uint16_t)(b->chain[b->n - 1].length + length);
		return true;
	}
	if (b->n == b->most)
		return false;
	b->chain[b->n++] =
	        (struct mx_msg){.frame = (uint32_t)((at - (uintptr_t)mx_boot->window) / MX_PAGE),
	                        .offset = (uint16_t)(at & (MX_PAGE - 1)),
	                        .length = (uint16_t)length};
	b->room = 0;
	return true;
}

static bool add(struct build *b, const uint8_t *data, uint32_t length)
{
	uintptr_t at = (uintptr_t)data;

	if (!b->copy && at >= frozen_from && at < frozen_to &&
	    (length >= FROZEN_MIN || goes_on(b, at)))
		return add_frozen(b, at, length);
	return add_copy(b, data, length);
}

static bool add_all(struct build *b, const struct pbuf *p, uint32_t headroom)
{
	b->n = b->room = 0;
	b->length = p->tot_len;
	if (!open_frame(b, headroom))
		return false;
	for (; p; p = p->next)
		if (!add(b, p->payload, p->len)) {
			build_drop(b);
			return false;
		}
	return true;
}

bool build(struct build *b, const struct pbuf *p, uint32_t most, uint32_t headroom)
{
	b->most = most < MX_CHAIN_MAX ? most : MX_CHAIN_MAX;
	b->copy = false;
	if (add_all(b, p, headroom))
		return true;
	/* Many small pieces of frozen content can be more entries than a chain has: copied they
	 * fit. */
	b->copy = true;
	return most >= MX_CHAIN_MAX && add_all(b, p, headroom);
}

void build_drop(struct build *b)
{
	mx_free_chain(b->chain, b->n); /* the frozen ones are ignored */
	b->n = 0;
}
