/*
 * The router, all of it, between three ports, a stack and a sibling that may do anything.
 *
 * Frames come from drivers (with what the device wrote before them, in buffers of any size) and
 * packets from the stack; links, credit and peers come and go, and time passes. What leaves must be
 * a packet that the port can send, and in the end every frame is home. It may end, too, and what
 * its successor finds left is changed by the input. The net is that of tests/unit/router_host.h.
 */
#include <linux/virtio_net.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/replica.h>
#include <moxie/slots.h>
#include "tests/fuzz/machine.h"
#include "tests/fuzz/packets.h"

#define PORTS       3u
#define PORT_DEPTH  128u
#define STACK_DEPTH 256u
#define QUOTA       (STACK_DEPTH + PORTS * PORT_DEPTH + 128u)

enum { FRAME, STACK, LINK, MESSAGE, RESTART, KINDS };
enum { MAC = 8, HEADER = 16, CHAIN = 32 }; /* of an event's flags, beside enum packet_fix */

static struct mx_link links[PORTS]; /* as told last */
static uint8_t packet[PACKET_MOST];
static bool trusted; /* the stack's headers are right: the router sends them as they are */

static void control(struct mx_control m, const char *addr, uint32_t n, const char *via)
{
	memcpy(m.addr, addr, n);
	if (via)
		memcpy(m.via, via, n);
	fuzz_assert(machine_plain_send(MX_PARENT, &m));
}

static void route(uint8_t family, uint8_t prefix, uint16_t flags, const char *net, const char *via)
{
	control((struct mx_control){.op = MX_CTL_ROUTE,
	                            .port = MX_CTL_NO_PORT,
	                            .family = family,
	                            .prefix = prefix,
	                            .flags = flags},
	        net, family == 4 ? 4 : 16, via);
}

static void configure(void)
{
	for (uint16_t i = 0; i < PORTS; i++) {
		char v4[4] = {10, 0, (char)(i + 1), 1}, v6[16] = {(char)0xfd, 0, 0, (char)(i + 1)};
		struct mx_control m = {.op = MX_CTL_PORT, .port = i, .value = i == 2 ? 1280 : 0};

		v6[15] = 1;
		control(m, "", 0, NULL);
		m = (struct mx_control){.op = MX_CTL_ADDRESS, .port = i, .family = 4, .prefix = 24};
		control(m, v4, 4, NULL);
		m.family = 6;
		m.prefix = 64;
		control(m, v6, 16, NULL);
	}
	route(4, 24, 0, "\xc0\x00\x02\x00", "\x0a\x00\x02\xfe");
	route(6, 32, 0, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0",
	      "\xfd\x00\x00\x02\0\0\0\0\0\0\0\0\0\0\0\xfe");
	route(4, 24, MX_ROUTE_BLACKHOLE, "\xc6\x33\x64\x00", NULL);
	control((struct mx_control){.op = MX_CTL_GO}, "", 0, NULL);
}

static void set_link(uint32_t port, struct mx_link link)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_LINK};

	memcpy(m.body, &link, sizeof(link));
	if (machine_message(MX_ROUTER_PORT + port, &m))
		links[port] = link;
}

static void start(void)
{
	struct mx_router_args args = {.replica = 0, .replicas = 2};

	machine_begin("router", QUOTA, true);
	machine_args(&args, sizeof(args));
	machine_plain(MX_PARENT, &mx_control_spec, false);
	machine_plain(MX_CONSOLE, &mx_line_spec, true);
	machine_plain(MX_ROUTER_SIBLING + 1, &mx_neighbour_spec, true);
	machine_owning(MX_ROUTER_STACK, STACK_DEPTH, true);
	for (uint32_t i = 0; i < PORTS; i++)
		machine_owning(MX_ROUTER_PORT + i, PORT_DEPTH, true);
	configure();
	for (uint8_t i = 0; i < PORTS; i++)
		set_link(i, (struct mx_link){
		                    .port = i,
		                    .up = 1,
		                    .mac = {2, 0, 0, 0, 0, (uint8_t)(0x10 + i)},
		                    .mtu = 1500,
		                    .features = i == 1 ? MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6 : 0});
}

static uint32_t take_rest(struct event *e, uint32_t at)
{
	memcpy(packet + at, e->data, e->n);
	return at + e->n;
}

/* In buffers, as a driver hands them on: one message each, the header in the first. */
static void send_raw(uint32_t port, uint32_t n, uint32_t cut, bool chain)
{
	uint32_t body[5] = {port}, part;

	if (chain) {
		machine_packet(MX_ROUTER_PORT + port, MX_RAW, body, packet, n, 0, cut);
		return;
	}
	for (uint32_t at = 0; at < n; at += part) {
		part = n - at < cut ? n - at : cut;
		if (!machine_packet(MX_ROUTER_PORT + port, MX_RAW, body, packet + at, part, 0,
		                    part))
			return;
	}
}

/* port, flags, buffer size / 16, [header,] Ethernet frame */
static void frame_event(struct event *e)
{
	uint32_t port = event_take(e, 1) % PORTS, flags = (uint32_t)event_take(e, 1), n;
	uint32_t cut = 64 + (uint32_t)event_take(e, 1) * 16;
	struct virtio_net_hdr_v1 h = {0};

	if (cut > MX_PAGE)
		cut = MX_PAGE;
	memset(packet, 0, MX_VNET);
	n = take_rest(e, flags & HEADER ? 0 : MX_VNET);
	if (n > MX_VNET + 14) {
		memcpy(&h, packet, sizeof(h));
		if (!h.num_buffers)
			h.num_buffers = (uint16_t)((n + cut - 1) / cut);
		memcpy(packet, &h, sizeof(h));
		if (flags & MAC)
			memcpy(packet + MX_VNET, links[port].mac, 6);
		packet_fix(packet + MX_VNET + 14, n - MX_VNET - 14, flags);
	}
	send_raw(port, n, cut, flags & CHAIN);
}

/* port, flags, frame size / 16, offset, [facts,] IP packet */
static void stack_event(struct event *e)
{
	struct mx_packet facts = {.port = (uint8_t)event_take(e, 1)};
	uint32_t flags = (uint32_t)event_take(e, 1), n;
	uint32_t cut = 16 + (uint32_t)event_take(e, 1) * 16, offset = (uint32_t)event_take(e, 1);

	if (flags & HEADER) {
		facts.flags = (uint8_t)event_take(e, 1);
		facts.gso = (uint8_t)event_take(e, 1);
		facts.gso_size = (uint16_t)event_take(e, 2);
		facts.hdr_len = (uint16_t)event_take(e, 2);
		facts.csum_start = (uint16_t)event_take(e, 2);
		facts.csum_offset = (uint16_t)event_take(e, 2);
	}
	if (cut > MX_PAGE - offset)
		cut = MX_PAGE - offset;
	n = take_rest(e, 0);
	packet_fix(packet, n, flags);
	trusted = trusted && flags & FIX_HEADER && n > 8 && packet[8] && packet[7];
	facts.length = flags & MAC ? n + 1 : n;
	machine_packet(MX_ROUTER_STACK, MX_IP, &facts, packet, n, offset, cut);
}

/* slot, kind, frame: none, frozen, or one of its own (2); offset, length, body */
static void message_event(struct event *e)
{
	uint32_t where = event_take(e, 1) % (PORTS + 1);
	struct mx_msg m = {.kind = (uint8_t)event_take(e, 1)};
	uint32_t frozen = (uint32_t)event_take(e, 1);

	m.frame = frozen % 2 ? MACHINE_FRAMES + frozen / 2 % MACHINE_FROZEN : MX_NOFRAME;
	m.offset = (uint16_t)(event_take(e, 2) % MX_PAGE);
	m.length = (uint16_t)event_take(e, 2);
	if (frozen && m.offset + m.length > MX_PAGE)
		m.length = (uint16_t)(MX_PAGE - m.offset);
	memcpy(m.body, e->data, e->n < sizeof(m.body) ? e->n : sizeof(m.body));
	where = where == PORTS ? MX_ROUTER_STACK : MX_ROUTER_PORT + where;
	if (frozen == 2)
		machine_packet(where, m.kind, m.body, packet, m.length, m.offset, MX_PAGE);
	else
		machine_message(where, &m);
}

void side_event(uint32_t what, struct event *e)
{
	struct mx_link link = {0};
	uint32_t port;

	switch (what % KINDS) {
	case FRAME:
		frame_event(e);
		break;
	case STACK:
		stack_event(e);
		break;
	case LINK:
		port = event_take(e, 1) % PORTS;
		memcpy(&link, e->data, e->n < sizeof(link) ? e->n : sizeof(link));
		set_link(port, link);
		break;
	case MESSAGE:
		message_event(e);
		break;
	case RESTART:
		machine_stop(e);
	}
}

static void check_out(uint32_t port, const struct mx_msg *chain, uint32_t n)
{
	struct mx_packet facts;
	const uint8_t *at;
	uint32_t length;
	uint16_t type;

	fuzz_assert(port < PORTS);
	memcpy(&facts, chain->body, sizeof(facts));
	at = packet_check_raw(chain, n, UINT16_MAX, &length, &type);
	fuzz_assert(facts.port == port);
	if (type == 0x0806)
		fuzz_assert(length == 28);
	else
		packet_check_ip(at, length, UINT16_MAX, facts.gso, trusted);
	fuzz_assert(type == 0x0806 || type == (at[0] >> 4 == 4 ? 0x0800 : 0x86dd));
}

static void check_local(const struct mx_msg *chain, uint32_t n)
{
	struct mx_packet facts;
	uint32_t length = 0;

	memcpy(&facts, chain->body, sizeof(facts));
	for (uint32_t i = 0; i < n; i++) {
		fuzz_assert(chain[i].kind == MX_IP && chain[i].frame != MX_NOFRAME);
		length += chain[i].length;
	}
	fuzz_assert(facts.length == length && length >= 20);
	fuzz_assert(facts.port < PORTS);
	fuzz_assert(chain->offset >= MX_VNET + 14 && mx_needs(&facts) != MX_TX_NEVER);
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	if (slot != MX_ROUTER_STACK)
		check_out(slot - MX_ROUTER_PORT, chain, n);
	else if (chain->kind == MX_LINK)
		fuzz_assert(n == 1 && chain->frame == MX_NOFRAME);
	else
		check_local(chain, n);
}

bool side_end(uint32_t step)
{
	if (step == 0) {
		for (uint32_t i = 0; i < PORTS; i++)
			machine_peer_gone(MX_ROUTER_PORT + i);
		machine_peer_gone(MX_ROUTER_STACK);
	}
	machine_pass(1000 * MX_S);
	if (step < 2)
		return true;
	fuzz_assert(machine_kept() == 0);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	trusted = true;
	start();
	machine_run(data, n);
	while (machine_stopped()) { /* by RESTART: what it has left, and what the input makes of it
		                     */
		struct events rest = machine_rest();

		start();
		machine_heir();
		machine_run(rest.at, rest.left);
	}
	return 0;
}
