/*
 * The stack, all of it with lwIP, between a router and two applications that may do anything.
 *
 * Packets come as the wire may bring them, TCP segments that follow the connection among them;
 * applications send any message with any frame; credit, links and peers come and go, and time
 * passes. What leaves must be a packet, and in the end no frame is left behind. When the first
 * event is DRIVERS there is no router but a driver for each port.
 */
#include <linux/virtio_net.h>
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "stack/arch/cc.h"
#include "stack/random.h"
#include "tests/fuzz/flows.h"
#include "tests/fuzz/machine.h"
#include "tests/fuzz/packets.h"

#define PORTS 2u
#define APPS  2u
#define DEPTH 128u
#define QUOTA 900u
#define ETHER 14u

enum { PACKET, SEGMENT, APP, DATAGRAM, LINK, MESSAGE, DRIVERS, KINDS };

static const uint8_t ours[6] = {2, 0, 0, 0, 0, 1}, theirs[6] = {2, 0, 0, 0, 0, 2};
static uint8_t packet[PACKET_MOST];
static uint32_t conns[16], conns_n; /* connections that an application was told of */
static bool drivers;
static uint64_t drawn;

/* In place of stack/random.c: the same numbers for the same input. */
void random_start(void)
{
	drawn = 1;
}

uint32_t stack_random(void)
{
	drawn = drawn * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(drawn >> 32);
}

void random_key(uint64_t key[2])
{
	key[0] = key[1] = stack_random();
}

static void control(struct mx_control m)
{
	fuzz_assert(machine_plain_send(MX_PARENT, &m));
}

static void address(uint16_t port, uint8_t family, const char *addr)
{
	struct mx_control m = {.op = MX_CTL_ADDRESS, .port = port, .family = family};

	m.prefix = family == 4 ? 24 : 64;
	memcpy(m.addr, addr, family == 4 ? 4 : 16);
	control(m);
}

static uint32_t port_slot(uint32_t port)
{
	return drivers ? MX_STACK_PORT + port : MX_STACK_ROUTER;
}

static void link(struct mx_link l)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_LINK};

	memcpy(m.body, &l, sizeof(l));
	machine_message(port_slot(l.port % PORTS), &m);
}

static void configure(void)
{
	for (uint16_t i = 0; i < PORTS; i++)
		control((struct mx_control){.op = MX_CTL_PORT, .port = i});
	address(0, 4, "\x0a\0\0\1");
	address(0, 6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
	address(1, 4, "\x0a\0\1\1");
	address(1, 4, "\x0a\0\2\1");
	control((struct mx_control){
	        .op = MX_CTL_ROUTE, .port = MX_CTL_NO_PORT, .family = 4, .via = {10, 0, 0, 254}});
	control((struct mx_control){.op = MX_CTL_GO});
	for (uint8_t i = 0; i < PORTS; i++) {
		struct mx_link l = {.port = i, .up = 1, .mtu = 1500};

		memcpy(l.mac, ours, 6);
		l.features = i ? 0 : MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6;
		link(l);
	}
}

static void start(void)
{
	machine_begin("stack", QUOTA, true);
	flows_reset();
	conns_n = 0;
	machine_plain(MX_PARENT, &mx_control_spec, false);
	machine_plain(MX_CONSOLE, &mx_line_spec, true);
	for (uint32_t i = 0; i < APPS; i++)
		machine_owning(MX_STACK_APP + i, DEPTH, true);
	for (uint32_t i = 0; i < PORTS; i++)
		if (drivers || !i)
			machine_owning(port_slot(i), DEPTH, true);
	configure();
}

/*
 * An IP packet at packet + at, on its way in; before it there is room for the headers of a driver.
 * The largest cut from a router: the first frame is used up to its last byte.
 */
static void bring(uint32_t port, struct mx_packet facts, uint32_t at, uint32_t n, uint32_t cut)
{
	struct virtio_net_hdr_v1 h = {.gso_type = facts.gso,
	                              .gso_size = facts.gso_size,
	                              .hdr_len = facts.hdr_len,
	                              .csum_start = (uint16_t)(facts.csum_start + ETHER),
	                              .csum_offset = facts.csum_offset};
	uint32_t body[5] = {port}, all = n + MX_VNET + ETHER, part;
	uint8_t *raw = packet + at - MX_VNET - ETHER;

	facts.length = n;
	if (!drivers) {
		uint32_t offset = cut > MX_PAGE - 64 ? MX_PAGE - n % (MX_PAGE - 64) : 64;

		machine_packet(port_slot(0), MX_IP, &facts, packet + at, n, offset,
		               cut < MX_PAGE - offset ? cut : MX_PAGE - offset);
		return;
	}
	h.flags = facts.flags & 3; /* the same bits */
	h.num_buffers = (uint16_t)((all + cut - 1) / cut);
	memcpy(raw, &h, sizeof(h));
	memcpy(raw + MX_VNET, ours, 6);
	memcpy(raw + MX_VNET + 6, theirs, 6);
	memcpy(raw + MX_VNET + 12, n && raw[MX_VNET + ETHER] >> 4 == 6 ? "\x86\xdd" : "\x08\0", 2);
	for (uint32_t i = 0; i < all; i += part) {
		part = all - i < cut ? all - i : cut;
		machine_packet(port_slot(port), MX_RAW, body, raw + i, part, 0, part);
	}
}

static struct mx_packet take_facts(struct event *e, bool all)
{
	struct mx_packet facts = {.port = (uint8_t)(event_take(e, 1) % PORTS)};

	if (!all)
		return facts;
	facts.flags = (uint8_t)event_take(e, 1);
	facts.gso = (uint8_t)event_take(e, 1);
	facts.gso_size = (uint16_t)event_take(e, 2);
	facts.hdr_len = (uint16_t)event_take(e, 2);
	facts.csum_start = (uint16_t)event_take(e, 2);
	facts.csum_offset = (uint16_t)event_take(e, 2);
	return facts;
}

/* flags (enum packet_fix; 8: Ethernet frame as it is; 16: facts), frame size / 16, port, bytes */
static void packet_event(struct event *e)
{
	uint32_t flags = (uint32_t)event_take(e, 1), at = MX_VNET + ETHER, body[5] = {0};
	uint32_t cut = 16 + (uint32_t)event_take(e, 1) * 16;
	struct mx_packet facts = take_facts(e, flags & 16);
	uint32_t n;

	if (flags & 8 && drivers) {
		memset(packet, 0, MX_VNET);
		packet[10] = 1; /* num_buffers */
		memcpy(packet + MX_VNET, e->data, e->n);
		if (e->n + MX_VNET <= MX_PAGE)
			machine_packet(port_slot(facts.port), MX_RAW, body, packet, e->n + MX_VNET,
			               0, MX_PAGE);
		return;
	}
	n = e->n > PACKET_MOST - at ? PACKET_MOST - at : e->n;
	memcpy(packet + at, e->data, n);
	packet_fix(packet + at, n, flags);
	bring(facts.port, facts, at, n, cut);
}

/* frame size / 16, then as flow_segment has it */
static void segment_event(struct event *e)
{
	uint32_t cut = 256 + (uint32_t)event_take(e, 1) * 15, at = MX_VNET + ETHER;
	uint32_t n = flow_segment(e, packet + at);

	bring(0, (struct mx_packet){0}, at, n, cut);
}

/* app, kind, connection (one it knows, or any number), offset, length, value, frame */
static void app_event(struct event *e)
{
	uint32_t app = event_take(e, 1) % APPS, which;
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = (uint8_t)event_take(e, 1)};
	uint32_t frame;

	which = (uint32_t)event_take(e, 1);
	m.body[0] = which < 16 && conns_n ? conns[which % conns_n % 16] : which;
	m.offset = (uint16_t)event_take(e, 2);
	m.length = (uint16_t)event_take(e, 2);
	m.body[1] = (uint32_t)event_take(e, 4);
	frame = (uint32_t)event_take(e, 1);
	if (frame == 0) {
		machine_message(MX_STACK_APP + app, &m);
	} else if (frame & 1) {
		uint32_t room;

		m.frame = MACHINE_FRAMES + frame / 2 % MACHINE_FROZEN;
		m.offset %= MX_PAGE;
		room = (MACHINE_FRAMES + MACHINE_FROZEN - m.frame) * MX_PAGE - m.offset;
		m.length = (uint16_t)(m.length < room ? m.length : room);
		machine_message(MX_STACK_APP + app, &m);
	} else {
		memset(packet, 'a', MX_PAGE);
		machine_packet(MX_STACK_APP + app, m.kind, m.body, packet, m.length % MX_PAGE, 0,
		               MX_PAGE);
	}
}

/* app, kind, frame size / 16, offset, bytes, body */
static void datagram_event(struct event *e)
{
	uint32_t app = event_take(e, 1) % APPS, kind = MX_SK_DATAGRAM;
	uint32_t cut = 16 + (uint32_t)event_take(e, 1) * 15, offset = (uint32_t)event_take(e, 1);
	uint32_t n = event_take(e, 2) % PACKET_MOST, body[5] = {0};

	if (cut > MX_PAGE - offset)
		cut = MX_PAGE - offset;
	memset(packet, 'd', n);
	memcpy(body, e->data, e->n < sizeof(body) ? e->n : sizeof(body));
	machine_packet(MX_STACK_APP + app, (uint8_t)kind, body, packet, n, offset, cut);
}

/* slot, kind, frozen frame or none, offset, length, body: what a router or driver may say, too */
static void message_event(struct event *e)
{
	uint32_t port = event_take(e, 1) % PORTS, frozen;
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = (uint8_t)event_take(e, 1)};

	frozen = (uint32_t)event_take(e, 1);
	if (frozen & 1)
		m.frame = MACHINE_FRAMES + frozen / 2 % MACHINE_FROZEN;
	m.offset = (uint16_t)(event_take(e, 2) % MX_PAGE);
	m.length = (uint16_t)(event_take(e, 2) % (MX_PAGE - m.offset));
	memcpy(m.body, e->data, e->n < sizeof(m.body) ? e->n : sizeof(m.body));
	machine_message(port_slot(port), &m);
}

void side_event(uint32_t what, struct event *e)
{
	struct mx_link l = {0};

	switch (what % KINDS) {
	case PACKET:
		packet_event(e);
		break;
	case SEGMENT:
		segment_event(e);
		break;
	case APP:
		app_event(e);
		break;
	case DATAGRAM:
		datagram_event(e);
		break;
	case LINK:
		memcpy(&l, e->data, e->n < sizeof(l) ? e->n : sizeof(l));
		link(l);
		break;
	case MESSAGE:
		message_event(e);
	}
}

static void check_ip(const struct mx_packet *facts, const uint8_t *ip, uint32_t n)
{
	uint32_t features = MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6 | MX_TX_ECN | MX_TX_USO;

	fuzz_assert((mx_needs(facts) & ~features) == 0);
	packet_check_ip(ip, n, PACKET_MOST, facts->gso, true);
	flow_hear(ip, n);
}

static void check_out(const struct mx_msg *chain, uint32_t n)
{
	struct mx_packet facts;
	const uint8_t *ip;
	uint32_t length;
	uint16_t type;

	memcpy(&facts, chain->body, sizeof(facts));
	fuzz_assert(facts.port < PORTS);
	if (drivers) {
		ip = packet_check_raw(chain, n, UINT16_MAX, &length, &type);
		if (type != 0x0806)
			check_ip(&facts, ip, length);
	} else {
		fuzz_assert(chain->kind == MX_IP && chain->offset >= MX_HEADROOM);
		fuzz_assert(packet_bytes(chain, n, packet) == facts.length);
		check_ip(&facts, packet, facts.length);
	}
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	if (slot < MX_STACK_APP) {
		check_out(chain, n);
		return;
	}
	fuzz_assert(chain->kind >= MX_SK_LISTEN && chain->kind <= MX_SK_UNBOUND);
	if (chain->kind == MX_SK_ACCEPT)
		conns[conns_n++ % 16] = chain->body[0];
	if (chain->kind == MX_SK_DATA)
		fuzz_assert(n == 1 && chain->frame != MX_NOFRAME && chain->length);
}

/* Applications gone, then the ports; reassembly over. Connections that TCP still ends may hold
 * some. */
bool side_end(uint32_t step)
{
	for (uint32_t i = 0; i < APPS && step == 0; i++)
		machine_peer_gone(MX_STACK_APP + i);
	for (uint32_t i = 0; i < PORTS && step == 1; i++)
		machine_peer_gone(port_slot(i));
	machine_pass(8 * MX_S); /* in steps of the timers of TCP */
	if (step < 4)
		return true;
	fuzz_assert(machine_kept() == 0 || tcp_active_pcbs);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	drivers = n && data[0] == EVENT_SIDE + DRIVERS;
	start();
	machine_run(data, n);
	return 0;
}
