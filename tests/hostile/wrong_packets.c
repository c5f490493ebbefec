/*
 * The packet protocol (moxie/packet.h) abused by a driver: what it says of its link, and packets
 * whose virtio header is wherever it says.
 *
 * A driver cannot write a frame, but those of the pool hold old packets: with an offset into them,
 * the header is what somebody once sent.
 */
#include <moxie/packet.h>
#include <moxie/slots.h>
#include "tests/hostile/wrong.h"

#define WORDS 150u

static void say_link(void)
{
	struct mx_link link = {.port = (uint8_t)(one_in(3) ? dice() : 2),
	                       .up = (uint8_t)(one_in(3) ? dice() : dice_below(2)),
	                       .mtu = (uint16_t)dice_edge(),
	                       .features = (uint16_t)dice(),
	                       .speed = (uint32_t)dice_edge()};
	struct mx_msg *m;

	for (uint32_t i = 0; i < 6; i++)
		link.mac[i] = one_in(4) ? 0xff : (uint8_t)dice();
	if (!wrong_room(MX_DRIVER_PEER, 1, mx_now() + WRONG_WHILE))
		return;
	m = raw_out(MX_DRIVER_PEER, MX_NOFRAME, 0);
	m->kind = MX_LINK;
	memcpy(m->body, &link, sizeof link);
	raw_submit();
}

static const char *lie_of_link(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		say_link();
	return NULL;
}

static uint32_t some_frame(void)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint32_t frame;

	if (one_in(10))
		return frozen->first + dice_below(frozen->count);
	return raw_take(&frame, 1, mx_now() + MX_MS) == 1 ? frame : MX_NOFRAME;
}

static void say_packet(uint32_t kind)
{
	uint32_t n = one_in(4) ? 1 + dice_below(MX_CHAIN_MAX) : 1;

	if (!wrong_room(MX_DRIVER_PEER, n, mx_now() + WRONG_WHILE))
		return;
	for (; n; n--) {
		struct mx_msg *m = raw_out(MX_DRIVER_PEER, some_frame(), n > 1 ? MX_MORE : 0);

		m->kind = (uint8_t)kind;
		m->offset = (uint16_t)(one_in(2) ? 0 : dice_below(128));
		m->length = (uint16_t)(one_in(3) ? dice_below(40) : dice_below(MX_PAGE - 127));
		for (uint32_t i = 0; i < 5; i++)
			m->body[i] = (uint32_t)(one_in(2) ? dice() : dice_below(4));
	}
	raw_submit();
	for (uint32_t i = 0; i < mx_boot->exchange->refused_n; i++)
		raw_free(mx_boot->exchange->out[i].frame);
}

static const char *wrong_headers(void)
{
	say_link();
	for (uint32_t i = 0; i < WORDS; i++)
		say_packet(MX_RAW);
	return NULL;
}

/* Those of other domains, and those that nobody knows. */
static const char *wrong_kinds(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		say_packet(one_in(2) ? dice_below(8) : dice_below(MX_EVENT));
	return NULL;
}

/* As a good driver would, and then it takes what comes and sends nothing of it. */
static const char *black_hole(void)
{
	struct mx_link link = {.port = 2, .up = 1, .mac = {2, 0, 0, 0, 0, 2}, .mtu = 1500};
	struct mx_msg *m;

	link.features = MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6 | MX_TX_ECN | MX_TX_USO;
	m = raw_out(MX_DRIVER_PEER, MX_NOFRAME, 0);
	m->kind = MX_LINK;
	memcpy(m->body, &link, sizeof link);
	raw_submit();
	wrong_collect(mx_now() + WRONG_WHILE);
	return NULL;
}

const struct misdeed wrong_packets[] = {
        {"lie of the link", REFUSED, lie_of_link, NULL, {0}},
        {"send packets with wrong headers", REFUSED, wrong_headers, NULL, {0}},
        {"send packets with wrong headers, again", REFUSED, wrong_headers, NULL, {0}},
        {"send what is no packet", REFUSED, wrong_kinds, NULL, {0}},
        {"swallow all packets", REFUSED, black_hole, NULL, {0}},
        {.name = NULL}};
