/* TCP peers under a fuzzer: see flows.h. */
#include <string.h>
#include "tests/fuzz/flows.h"
#include "tests/fuzz/packets.h"

enum { FIN = 1, SYN = 2, ACK = 16 };

static struct flow {
	uint32_t next; /* of ours */
	uint32_t expected;
} flows[FLOWS];

void flows_reset(void)
{
	for (uint32_t i = 0; i < FLOWS; i++)
		flows[i] = (struct flow){.next = 0xfffff000u + i * 0x1000};
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t ip_header(uint8_t *p, bool ip6, uint32_t n)
{
	static const uint8_t v4[20] = {0x45, 0, 0,  0, 0, 0, 0,  0, 64, 6,
	                               0,    0, 10, 0, 0, 2, 10, 0, 0,  1};
	static const uint8_t v6[40] = {
	        [0] = 0x60, [6] = 6, [7] = 64, [8] = 0xfd, [23] = 2, [24] = 0xfd, [39] = 1};
	uint32_t header = ip6 ? sizeof(v6) : sizeof(v4);

	memcpy(p, ip6 ? v6 : v4, header);
	return header + n;
}

static int32_t near(struct event *e)
{
	return (int16_t)event_take(e, 2);
}

uint32_t flow_segment(struct event *e, uint8_t *packet)
{
	uint32_t which = event_take(e, 1) % FLOWS, flags = (uint32_t)event_take(e, 1);
	struct flow *f = &flows[which];
	uint32_t seq = f->next + (uint32_t)near(e), ack = f->expected + (uint32_t)near(e);
	uint32_t window = (uint32_t)event_take(e, 2), n = event_take(e, 2) % FLOW_BYTES;
	uint32_t port = (uint32_t)event_take(e, 1), options = e->n < 40 ? e->n & ~3u : 40;
	uint8_t *tcp = packet + ip_header(packet, which & 1, 0);

	memset(tcp, 0, 20);
	put16(tcp, FLOW_PORT + which);
	put16(tcp + 2, port < 4 ? 80 : port);
	put32(tcp + 4, seq);
	put32(tcp + 8, ack);
	tcp[12] = (uint8_t)((20 + options) / 4 << 4);
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, window);
	memcpy(tcp + 20, e->data, options);
	memset(tcp + 20 + options, 'p', n);
	f->next = seq + n + (flags & FIN) + (flags & SYN) / 2u;
	n += (uint32_t)(tcp - packet) + 20 + options;
	packet_fix(packet, n, FIX_HEADER | FIX_LENGTH | FIX_SUM);
	return n;
}

void flow_hear(const uint8_t *ip, uint32_t n)
{
	uint32_t header = ip[0] >> 4 == 4 ? (ip[0] & 15) * 4u : 40, to, end;
	const uint8_t *tcp = ip + header;

	if (n < header + 20 || (ip[0] >> 4 == 4 ? ip[9] : ip[6]) != 6)
		return;
	to = (uint32_t)tcp[2] << 8 | tcp[3];
	if (to - FLOW_PORT >= FLOWS)
		return;
	end = get32(tcp + 4) + (n - header - (tcp[12] >> 4) * 4u) + (tcp[13] & FIN) +
	      (tcp[13] & SYN) / 2u;
	flows[to - FLOW_PORT].expected = end;
	if (tcp[13] & ACK)
		flows[to - FLOW_PORT].next = get32(tcp + 8);
}
