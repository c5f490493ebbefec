/*
 * All peers of a domain in the middle, the stack's place or the router's: packets whose facts lie
 * about them, and words of every protocol there is, to drivers, router, stack and applications.
 */
#include <moxie/packet.h>
#include "tests/hostile/wrong.h"

#define WORDS 300u

/* One that takes a chain of n; MX_SLOTS: nobody does. */
static uint32_t some_peer(uint32_t n)
{
	uint32_t first = dice_below(MX_SLOTS);

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		uint32_t slot = (first + i) % MX_SLOTS;

		if (mx_boot->slots[slot].kind == MX_SLOT_OWNING &&
		    mx_boot->exchange->credit[slot] >= n)
			return slot;
	}
	return MX_SLOTS;
}

/* An IPv4 or IPv6 header of a packet to one of the test's hosts, hardly ever a right one. */
static void write_header(uint8_t *at)
{
	static const uint8_t hosts[2][4] = {{10, 0, 1, 2}, {10, 0, 2, 2}};
	bool six = one_in(3);

	for (uint32_t i = 0; i < 128; i++)
		at[i] = (uint8_t)dice();
	at[0] = six ? 0x60 : (uint8_t)(0x45 + (one_in(4) ? dice_below(16) : 0));
	if (one_in(2)) {
		at[six ? 4 : 2] = (uint8_t)dice_below(16);
		at[six ? 6 : 9] = one_in(2) ? 6 : 17; /* TCP or UDP */
	}
	if (!six)
		memcpy(at + 16, hosts[dice_below(2)], 4);
}

static void write_facts(struct mx_packet *p)
{
	*p = (struct mx_packet){.port = (uint8_t)(one_in(8) ? dice() : dice_below(4)),
	                        .flags = (uint8_t)dice_below(one_in(8) ? 256 : 4),
	                        .gso = (uint8_t)(one_in(2)   ? 0
	                                         : one_in(4) ? dice()
	                                                     : dice_below(6)),
	                        .gso_size = (uint16_t)dice_edge(),
	                        .hdr_len = (uint16_t)dice_below(256),
	                        .csum_start = (uint16_t)(one_in(4) ? dice() : dice_below(80)),
	                        .csum_offset = (uint16_t)(one_in(4) ? dice() : dice_below(20)),
	                        .length = one_in(2) ? dice_below(9000) : (uint32_t)dice_edge()};
}

static uint32_t some_frame(uint32_t at)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint32_t frame;

	if (one_in(10))
		return frozen->first + dice_below(frozen->count);
	if (one_in(10) || raw_take(&frame, 1, mx_now() + MX_MS) != 1)
		return MX_NOFRAME;
	write_header((uint8_t *)mx_frame(frame) + at);
	return frame;
}

static void utter(uint32_t kind)
{
	uint32_t n = one_in(3) ? 1 + dice_below(MX_CHAIN_MAX) : 1, slot = some_peer(n);
	uint32_t at = one_in(4) ? dice_below(64) : MX_HEADROOM;
	struct mx_packet facts;

	if (slot == MX_SLOTS) {
		wrong_collect(mx_now() + MX_MS);
		return;
	}
	write_facts(&facts);
	for (uint32_t left = n; left; left--) {
		uint32_t frame = some_frame(at);
		struct mx_msg *m = raw_out(slot, frame, left > 1 ? MX_MORE : 0);

		m->kind = (uint8_t)kind;
		m->offset = (uint16_t)at;
		m->length = (uint16_t)dice_below(one_in(2) ? 200 : MX_PAGE - 64);
		memcpy(m->body, &facts, sizeof facts);
		if (left == n && one_in(2)) /* what its first frame holds is told right */
			((struct mx_packet *)m->body)->length = m->length;
	}
	raw_submit();
	for (uint32_t i = 0; i < mx_boot->exchange->refused_n; i++)
		raw_free(mx_boot->exchange->out[i].frame);
}

static const char *packets_that_lie(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		utter(one_in(2) ? MX_IP : MX_RAW);
	return NULL;
}

static const char *nonsense(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		utter(one_in(2) ? 0x20 + dice_below(0x1a) : dice_below(MX_EVENT));
	return NULL;
}

static const char *links_that_lie(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		utter(MX_LINK);
	return NULL;
}

const struct misdeed wrong_peers[] = {
        {"send all peers packets that lie", REFUSED, packets_that_lie, NULL, {0}},
        {"send all peers packets that lie, again", REFUSED, packets_that_lie, NULL, {0}},
        {"talk nonsense to all peers", REFUSED, nonsense, NULL, {0}},
        {"talk nonsense to all peers, again", REFUSED, nonsense, NULL, {0}},
        {"tell all peers of links that are not", REFUSED, links_that_lie, NULL, {0}},
        {.name = NULL}};
