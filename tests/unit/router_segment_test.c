/*
 * Segmentation in software: segments are put together again and compared with what went in; their
 * checksums are verified the slow way.
 */
#include <moxie/slots.h>
#include "apps/router/segment.h"
#include "router_host.h"

#define FIN 0x01
#define PSH 0x08
#define ACK 0x10
#define CWR 0x80
#define SEQ 0xfffff000u /* wraps on the way */

static struct bytes p;
static struct mx_packet facts;

static bool v6(const struct bytes *b)
{
	return b->b[ETH_HEADER] >> 4 == 6;
}

static uint32_t transport_of(const uint8_t *frame)
{
	return frame[ETH_HEADER] >> 4 == 6 ? 54 : ETH_HEADER + (frame[ETH_HEADER] & 15) * 4u;
}

static uint32_t pseudo(const uint8_t *frame, uint32_t n, uint8_t proto)
{
	const struct ip4 *ip = (const struct ip4 *)(frame + ETH_HEADER);
	uint32_t length = n - transport_of(frame);

	if (frame[ETH_HEADER] >> 4 == 6)
		return naive_pseudo6((const struct ip6 *)ip, length, proto);
	return load16(ip->src) + load16(ip->src + 2) + load16(ip->dst) + load16(ip->dst + 2) +
	       proto + length;
}

/* The pseudo header's sum into the checksum field, and the facts of a packet of gso_size. */
static void make_partial(uint8_t gso, uint32_t field, uint16_t gso_size)
{
	uint32_t at = transport_of(p.b);

	facts = (struct mx_packet){.flags = MX_CSUM_PARTIAL,
	                           .gso = gso,
	                           .gso_size = gso_size,
	                           .csum_start = (uint16_t)at,
	                           .csum_offset = (uint16_t)field};
	store16(p.b + at + field,
	        (uint16_t)~naive_csum(NULL, 0, pseudo(p.b, p.n, field == 6 ? 17 : 6)));
}

static void make_tcp(bool six, uint32_t target, uint32_t payload, uint8_t flags, uint16_t gso_size)
{
	uint8_t *tcp;

	if (six)
		build_ip6(&p, 0, A6, target == C4 ? C6 : B6, payload + 32);
	else
		build_ip4(&p, 0, A4, target, payload + 32);
	if (six)
		ip6_of(&p)->next = 6;
	else
		ip4_of(&p)->proto = 6;
	tcp = p.b + transport_of(p.b);
	store32(tcp + 4, SEQ);
	tcp[12] = 0x80;
	tcp[13] = flags;
	if (!six) {
		store16(ip4_of(&p)->frag, IP4_DF);
		store16(ip4_of(&p)->id, 0xfffe); /* wraps, too */
		seal_ip4(&p);
	}
	make_partial(six ? MX_GSO_TCP6 : MX_GSO_TCP4, 16, gso_size);
}

static void in(uint32_t cut)
{
	host_in_cut(0, p.b, p.n, cut, &facts);
}

static uint32_t sent_n(const struct sent *s)
{
	const uint8_t *ip = s->bytes + ETH_HEADER;
	uint32_t n = ip[0] >> 4 == 6 ? 40u + load16(ip + 4) : load16(ip + 2);

	assert_int_equal(s->n, ETH_HEADER + n);
	return n;
}

static void check_sum(const struct sent *s, uint8_t proto, uint32_t field, bool partial)
{
	uint32_t at = transport_of(s->bytes);
	uint16_t sum = naive_csum(s->bytes + at, s->n - at, pseudo(s->bytes, s->n, proto));

	if (!partial) {
		assert_int_equal(s->facts.flags, 0);
		assert_int_equal(sum, 0);
		return;
	}
	assert_int_equal(s->facts.flags, MX_CSUM_PARTIAL);
	assert_int_equal(s->facts.csum_start, at);
	assert_int_equal(s->facts.csum_offset, field);
	assert_int_equal(load16(s->bytes + at + field),
	                 (uint16_t)~naive_csum(NULL, 0, pseudo(s->bytes, s->n, proto)));
}

/* Everything sent by `port` is p in pieces of gso_size. */
static void expect_segments(uint32_t port, uint32_t gso_size, bool partial)
{
	uint32_t at = transport_of(p.b), header = at + 32, got = 0;
	uint8_t flags = p.b[at + 13];

	for (uint32_t i = 0; i < host_sent_n; i++) {
		const struct sent *s = &host_sent[i];
		const uint8_t *ip = s->bytes + ETH_HEADER, *tcp = s->bytes + at;
		uint32_t n = ETH_HEADER + sent_n(s) - header;
		bool first = i == 0, last = i + 1 == host_sent_n;

		assert_int_equal(s->slot, MX_ROUTER_PORT + port);
		assert_int_equal(s->facts.port, port);
		assert_int_equal(s->facts.gso, 0);
		assert_int_equal(n, last ? p.n - header - got : gso_size);
		if (!v6(&p)) {
			assert_int_equal(naive_csum(ip, 20, 0), 0);
			assert_int_equal(load16(ip + 4), (uint16_t)(0xfffe + i));
			assert_int_equal(load16(ip + 6), IP4_DF);
			assert_int_equal(ip[8], 63);
		} else {
			assert_int_equal(ip[7], 63);
		}
		assert_int_equal(load32(tcp + 4), SEQ + got);
		assert_int_equal(tcp[13], flags & ~(first ? 0 : CWR) & ~(last ? 0 : FIN | PSH));
		assert_memory_equal(tcp + 20, p.b + at + 20, 12);
		assert_memory_equal(s->bytes + header, p.b + header + got, n);
		check_sum(s, 6, 16, partial);
		got += n;
	}
	assert_int_equal(got, p.n - header);
	assert_int_equal(host_count(0, SEGMENTED), 1);
	assert_int_equal(host_count(0, SEGMENTS), host_sent_n);
	assert_int_equal(host_used, 0);
}

/* Port 2 can do nothing: all sizes about the borders, frames cut at odd places. */
static void test_tcp(void **state)
{
	static const uint32_t sizes[] = {1, 2, 999, 1000, 1001, 2000, 2001, 3999, 30000, 60001};
	static const uint32_t cuts[] = {4000, 3333, 3501};

	(void)state;
	host_meet();
	for (uint32_t six = 0; six < 2; six++)
		for (uint32_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
			for (uint32_t c = 0; c < 3; c++) {
				host_clear();
				make_tcp(six, C4, sizes[i], FIN | PSH | ACK, 1000);
				in(cuts[c]);
				assert_int_equal(host_sent_n, (sizes[i] + 999) / 1000);
				expect_segments(2, 1000, false);
			}
}

/* CWR is the first segment's; a port that cannot do ECN, but checksums, gets them partial. */
static void test_ecn(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t six = 0; six < 2; six++) {
		host_clear();
		make_tcp(six, B4, 10001, CWR | PSH | ACK, 1400);
		facts.gso |= MX_GSO_ECN;
		in(4000);
		assert_int_equal(host_sent_n, 8);
		expect_segments(1, 1400, true);
	}
	host_clear();
	ports[1].features |= MX_TX_ECN;
	make_tcp(false, B4, 10001, CWR | PSH | ACK, 1400);
	facts.gso |= MX_GSO_ECN;
	in(4000);
	ports[1].features &= (uint16_t)~MX_TX_ECN;
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].facts.gso, MX_GSO_TCP4 | MX_GSO_ECN);
}

/* A segment of a large MTU does not fit a frame: TCP does not mind where it is cut. */
static void test_jumbo(void **state)
{
	uint16_t mtu = ports[2].mtu;

	(void)state;
	host_meet();
	ports[2].mtu = 9000;
	make_tcp(false, C4, 40000, ACK, 8000);
	in(4000);
	expect_segments(2, 3900 - 52, false);
	ports[2].mtu = mtu;
}

static void test_udp(void **state)
{
	uint32_t at, got = 0;

	(void)state;
	host_meet();
	build_ip6(&p, 0, A6, C6, 5000 + 8);
	at = transport_of(p.b);
	make_partial(MX_GSO_UDP, 6, 1200);
	in(4000);
	assert_int_equal(host_sent_n, 5);
	for (uint32_t i = 0; i < 5; i++) {
		const struct sent *s = &host_sent[i];
		uint32_t n = i < 4 ? 1200 : 200;

		assert_int_equal(sent_n(s), 48 + n);
		assert_int_equal(load16(s->bytes + at + 4), 8 + n);
		assert_memory_equal(s->bytes + at + 8, p.b + at + 8 + got, n);
		check_sum(s, 17, 6, false);
		got += n;
	}
	host_clear();
	build_ip4(&p, 0, A4, B4, 9000);
	make_partial(MX_GSO_UDP, 6, 4000); /* no frame holds such a datagram */
	ports[1].mtu = 5000;
	in(4000);
	ports[1].mtu = 1500;
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(host_count(0, DROP_GSO), 1);
}

/* Without DF segments too large for the way out are fragmented; with it the sender hears of it. */
static void test_too_large(void **state)
{
	uint32_t got = 0, at;

	(void)state;
	host_meet();
	make_tcp(false, C4, 3000, ACK, 1448);
	store16(ip4_of(&p)->frag, 0);
	seal_ip4(&p);
	in(4000);
	assert_int_equal(host_sent_n, 5); /* 1448, 1448, 104: two of them in two */
	for (uint32_t i = 0; i < 5; i++) {
		const uint8_t *ip = host_sent[i].bytes + ETH_HEADER;
		uint32_t n = sent_n(&host_sent[i]) - 20;

		at = (load16(ip + 6) & IP4_OFFSET) ? 0 : 32;
		assert_true(n + 20 <= 1280);
		assert_int_equal(load16(ip + 4), (uint16_t)(0xfffe + i / 2));
		assert_memory_equal(ip + 20 + at, p.b + 66 + got, n - at);
		got += n - at;
	}
	assert_int_equal(got, 3000);
	host_clear();
	make_tcp(true, C4, 3000, ACK, 1428);
	in(4000);
	assert_int_equal(host_count(0, DROP_MTU), 1);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[54], ICMP6_TOO_BIG);
	assert_int_equal(load32(host_sent[0].bytes + 58), 1280);
}

/* An error quotes the first segment, whole and summed up, as if it had been alone. */
static void test_quoted(void **state)
{
	const uint8_t *quote = host_sent[0].bytes + 42;
	uint32_t sum;

	(void)state;
	host_meet();
	make_tcp(false, C4, 3000, FIN | ACK, 400);
	ip4_of(&p)->ttl = 1;
	seal_ip4(&p);
	in(4000);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[34], ICMP4_EXCEEDED);
	assert_int_equal(host_sent[0].n, 42 + 452);
	assert_int_equal(load16(quote + 2), 452);
	assert_int_equal(quote[33], ACK);
	assert_int_equal(naive_csum(quote, 20, 0), 0);
	sum = load16(quote + 12) + load16(quote + 14) + load16(quote + 16) + load16(quote + 18);
	assert_int_equal(naive_csum(quote + 20, 432, sum + 6 + 432), 0);
	assert_int_equal(naive_csum(host_sent[0].bytes + 34, host_sent[0].n - 34, 0), 0);
}

static void expect_refused(void)
{
	uint64_t drops = host_count(0, DROP_GSO);

	if (!v6(&p))
		seal_ip4(&p);
	in(4000);
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(host_count(0, DROP_GSO), drops + 1);
	assert_int_equal(host_used, 0);
	make_tcp(false, C4, 1100, ACK, 1000);
}

/* Facts that do not fit the headers. */
static void test_lies(void **state)
{
	(void)state;
	host_meet();
	make_tcp(false, C4, 1100, ACK, 1000);
	facts.gso = MX_GSO_TCP6;
	expect_refused();
	facts.csum_start = 13;
	expect_refused();
	facts.csum_start += 4;
	expect_refused();
	facts.csum_offset = 6;
	expect_refused();
	facts.csum_start = 65000;
	expect_refused();
	facts.flags = 0;
	expect_refused();
	facts.gso = MX_GSO_UDP;
	expect_refused();
	facts.gso = 3;
	expect_refused();
	facts.gso_size = 0;
	expect_refused();
	ip4_of(&p)->proto = 17;
	expect_refused();
	store16(ip4_of(&p)->frag, 8);
	expect_refused();
	p.b[46] = 0x40; /* a TCP header of 16 bytes */
	expect_refused();
	make_tcp(true, C4, 1100, ACK, 1000);
	facts.gso = MX_GSO_TCP4;
	expect_refused();
	make_tcp(true, C4, 1100, ACK, 1000);
	facts.csum_start = 53;
	expect_refused();
	make_tcp(false, C4, 40, ACK, 1000);
	p.b[46] = 0xf0; /* nothing behind a header of 60 bytes */
	p.n -= 14;
	store16(ip4_of(&p)->total, (uint16_t)(p.n - 14));
	facts.hdr_len = 0;
	in(62); /* and that header is not all in the first frame */
	assert_int_equal(host_sent_n, host_count(0, SEGMENTS));
}

static void test_no_memory(void **state)
{
	(void)state;
	host_meet();
	make_tcp(false, C4, 10000, ACK, 1000);
	host_budget = 4;
	in(4000);
	assert_int_equal(host_sent_n, 4);
	assert_int_equal(host_count(0, DROP_MEMORY), 1);
	assert_int_equal(host_used, 0);
}

/* Random facts on random sizes: no frame is lost, nothing is read or written outside. */
static void test_hostile(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15;

	(void)state;
	host_meet();
	for (uint32_t i = 0; i < 20000; i++) {
		seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
		make_tcp(i & 1, i & 2 ? C4 : B4, (uint32_t)(seed >> 50) % 9000 + 1, (uint8_t)seed,
		         (uint16_t)(seed >> 8 & (i & 4 ? 0x7ff : 0xffff)) | 64);
		p.b[transport_of(p.b) + 12] = (uint8_t)(seed >> 24);
		if (i & 8)
			facts.csum_start = (uint16_t)(seed >> 32 & 127);
		if (i & 16)
			facts.csum_offset = (uint16_t)(seed >> 40 & 63);
		if (i & 32)
			facts.gso = (uint8_t)(seed >> 16);
		in((uint32_t)(seed >> 34) % 3500 + 500);
		host_credit = host_budget = 1000;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)
	        T(test_tcp),       T(test_ecn),  T(test_jumbo),     T(test_udp),     T(test_quoted),
	        T(test_too_large), T(test_lies), T(test_no_memory), T(test_hostile),
	};

	return cmocka_run_group_tests(tests, host_start, NULL);
}
