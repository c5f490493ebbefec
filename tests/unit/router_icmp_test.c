/*
 * ICMP errors of both families, and IPv4 fragmentation: built right, sent only when allowed.
 */
#include <moxie/slots.h>
#include "router_host.h"

static struct bytes p;

static void send_p(void)
{
	host_in(0, p.b, p.n);
}

/* The ICMP error that was sent last: to A, quoting p as it was sent in. */
static void expect_error4(uint8_t type, uint8_t code, uint32_t info)
{
	const struct sent *s = &host_sent[host_sent_n - 1];
	const struct ip4 *ip = (const struct ip4 *)(s->bytes + 14);
	const struct icmp *icmp = (const struct icmp *)(ip + 1);
	uint32_t quote = p.n - 14 < 548 ? p.n - 14 : 548;

	assert_int_equal(host_count(0, ICMP_SENT), 1);
	assert_int_equal(s->slot, MX_ROUTER_PORT);
	assert_int_equal(s->n, 14 + 28 + quote);
	assert_int_equal(load16(ip->total), 28 + quote);
	assert_int_equal(naive_csum((const uint8_t *)ip, 20, 0), 0);
	assert_int_equal(naive_csum((const uint8_t *)icmp, 8 + quote, 0), 0);
	assert_int_equal(load32(ip->src), OWN4_0);
	assert_int_equal(load32(ip->dst), A4);
	assert_int_equal(ip->proto, PROTO_ICMP);
	assert_int_equal(icmp->type, type);
	assert_int_equal(icmp->code, code);
	assert_int_equal(load32(icmp->info), info);
	assert_memory_equal(icmp + 1, p.b + 14, quote);
	host_clear();
}

static void expect_error6(uint8_t type, uint8_t code, uint32_t info)
{
	const struct sent *s = &host_sent[host_sent_n - 1];
	const struct ip6 *ip = (const struct ip6 *)(s->bytes + 14);
	const struct icmp *icmp = (const struct icmp *)(ip + 1);
	uint32_t quote = p.n - 14 < 1232 ? p.n - 14 : 1232;

	assert_int_equal(host_count(0, ICMP_SENT), 1);
	assert_int_equal(s->slot, MX_ROUTER_PORT);
	assert_int_equal(s->n, 14 + 48 + quote);
	assert_int_equal(load16(ip->payload), 8 + quote);
	assert_int_equal(naive_csum((const uint8_t *)icmp, 8 + quote,
	                            naive_pseudo6(ip, 8 + quote, PROTO_ICMP6)),
	                 0);
	assert_true(ip_same(ip_load(ip->src, 6), OWN6_0));
	assert_true(ip_same(ip_load(ip->dst, 6), A6));
	assert_int_equal(icmp->type, type);
	assert_int_equal(icmp->code, code);
	assert_int_equal(load32(icmp->info), info);
	assert_memory_equal(icmp + 1, p.b + 14, quote);
	host_clear();
}

static void expect_silence(enum port_count why)
{
	send_p();
	assert_int_equal(host_count(0, why), 1);
	assert_int_equal(host_count(0, ICMP_SENT), 0);
	assert_int_equal(host_sent_n, 0);
	host_clear();
}

static void test_errors4(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t n = 0; n < 1480; n += n < 526 ? 263 : n < 532 ? 1 : 211) {
		for (uint32_t ttl = 0; ttl < 2; ttl++) {
			build_ip4(&p, 0, A4, B4, n);
			ip4_of(&p)->ttl = (uint8_t)ttl;
			seal_ip4(&p);
			host_in_cut(0, p.b, p.n, 100, NULL);
			assert_int_equal(host_count(0, DROP_TTL), 1);
			expect_error4(ICMP4_EXCEEDED, 0, 0);
		}
	}
	build_ip4(&p, 0, A4, 0x08080808, 33);
	send_p();
	assert_int_equal(host_count(0, DROP_NOROUTE), 1);
	expect_error4(ICMP4_UNREACHABLE, ICMP4_NET, 0);
	build_ip4(&p, 0, A4, C4, 1261);
	store16(ip4_of(&p)->frag, IP4_DF);
	seal_ip4(&p);
	send_p();
	assert_int_equal(host_count(0, DROP_MTU), 1);
	expect_error4(ICMP4_UNREACHABLE, ICMP4_NEEDS_FRAG, 1280);
	build_ip4(&p, 0, A4, C4, 1260); /* just fits */
	store16(ip4_of(&p)->frag, IP4_DF);
	seal_ip4(&p);
	send_p();
	assert_int_equal(host_sent[0].n, p.n);
}

static void make_expired4(void)
{
	build_ip4(&p, 0, A4, B4, 40);
	ip4_of(&p)->ttl = 1;
}

static void test_silence4(void **state)
{
	const uint8_t errors[] = {3, 4, 5, 11, 12, 31, 40};
	const uint8_t questions[] = {0, 8, 13, 14, 15, 17};

	(void)state;
	host_meet();
	for (uint32_t i = 0; i < sizeof(errors); i++) {
		make_expired4();
		ip4_of(&p)->proto = PROTO_ICMP;
		p.b[34] = errors[i];
		seal_ip4(&p);
		expect_silence(DROP_TTL);
	}
	for (uint32_t i = 0; i < sizeof(questions); i++) {
		make_expired4();
		ip4_of(&p)->proto = PROTO_ICMP;
		p.b[34] = questions[i];
		seal_ip4(&p);
		send_p();
		expect_error4(ICMP4_EXCEEDED, 0, 0);
	}
	make_expired4();
	store16(ip4_of(&p)->frag, 1); /* not the first fragment */
	seal_ip4(&p);
	expect_silence(DROP_TTL);
	make_expired4();
	store16(ip4_of(&p)->frag, IP4_MF); /* the first */
	seal_ip4(&p);
	send_p();
	expect_error4(ICMP4_EXCEEDED, 0, 0);
	make_expired4();
	store32(ip4_of(&p)->src, 0x0a0001ff); /* from a broadcast address */
	seal_ip4(&p);
	expect_silence(DROP_TTL);
	build_ip4(&p, 0, A4, 0x08080808, 33);
	memset(p.b, 0xff, 6); /* came as broadcast */
	expect_silence(DROP_BROADCAST);
	build_ip4(&p, 0, A4, B4, 0); /* ICMP without a byte of ICMP */
	ip4_of(&p)->ttl = 1;
	ip4_of(&p)->proto = PROTO_ICMP;
	seal_ip4(&p);
	expect_silence(DROP_TTL);
}

static void test_limit(void **state)
{
	(void)state;
	host_meet();
	make_expired4();
	seal_ip4(&p);
	for (uint32_t i = 0; i < 100; i++)
		send_p();
	assert_int_equal(host_count(0, ICMP_SENT), 20);
	assert_int_equal(host_count(0, ICMP_LIMITED), 80);
	assert_int_equal(host_count(0, DROP_TTL), 100);
	host_pass(50 * MX_MS);
	for (uint32_t i = 0; i < 100; i++)
		send_p();
	assert_int_equal(host_count(0, ICMP_SENT), 25);
	host_pass(10 * MX_S);
	for (uint32_t i = 0; i < 100; i++)
		send_p();
	assert_int_equal(host_count(0, ICMP_SENT), 45);
}

static void test_errors6(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t n = 0; n < 1460; n += 204) {
		for (uint32_t hops = 0; hops < 2; hops++) {
			build_ip6(&p, 0, A6, B6, n);
			ip6_of(&p)->hops = (uint8_t)hops;
			host_in_cut(0, p.b, p.n, 100, NULL);
			assert_int_equal(host_count(0, DROP_TTL), 1);
			expect_error6(ICMP6_EXCEEDED, 0, 0);
		}
	}
	build_ip6(&p, 0, A6, host_ip6(0x2a00000000000000, 1), 99);
	send_p();
	expect_error6(ICMP6_UNREACHABLE, ICMP6_NO_ROUTE, 0);
	build_ip6(&p, 0, A6, C6, 1241);
	send_p();
	assert_int_equal(host_count(0, DROP_MTU), 1);
	expect_error6(ICMP6_TOO_BIG, 0, 1280);
	build_ip6(&p, 0, A6, C6, 1240);
	send_p();
	assert_int_equal(host_sent[0].n, p.n);
}

static void test_silence6(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t type = 0; type < 256; type++) {
		build_ip6(&p, 0, A6, B6, 20);
		ip6_of(&p)->hops = 1;
		ip6_of(&p)->next = PROTO_ICMP6;
		p.b[54] = (uint8_t)type;
		if (type < 128 || type == 137) {
			expect_silence(DROP_TTL);
		} else {
			send_p();
			expect_error6(ICMP6_EXCEEDED, 0, 0);
		}
	}
	build_ip6(&p, 0, A6, B6, 20); /* a later fragment */
	ip6_of(&p)->hops = 1;
	ip6_of(&p)->next = 44;
	memcpy(p.b + 54, "\x11\x00\x00\x08", 4);
	expect_silence(DROP_TTL);
	build_ip6(&p, 0, A6, B6, 40); /* an error behind destination options */
	ip6_of(&p)->hops = 1;
	ip6_of(&p)->next = 60;
	memcpy(p.b + 54, "\x3a\x01", 2);
	p.b[70] = 3;
	expect_silence(DROP_TTL);
	p.b[70] = 128;
	send_p();
	expect_error6(ICMP6_EXCEEDED, 0, 0);
	p.b[55] = 200; /* options that leave the packet */
	expect_silence(DROP_TTL);
	build_ip6(&p, 0, A6, B6, 0); /* nothing behind the header */
	ip6_of(&p)->hops = 1;
	ip6_of(&p)->next = PROTO_ICMP6;
	expect_silence(DROP_TTL);
}

/* A link-local sender of what must not leave its link is told so, from our link-local address. */
static void test_scope6(void **state)
{
	struct ip src = host_ip6(0xfe80000000000000, 5);
	const struct ip6 *ip = (const struct ip6 *)(host_sent[0].bytes + 14);

	(void)state;
	build_nd(&p, 0, ICMP6_NS, 0, src, OWN6_0, OWN6_0, ND_SOURCE, HOST_A);
	send_p();
	host_clear();
	build_ip6(&p, 0, src, B6, 20);
	send_p();
	assert_int_equal(host_count(0, DROP_SCOPE), 1);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[54], ICMP6_UNREACHABLE);
	assert_int_equal(host_sent[0].bytes[55], ICMP6_SCOPE);
	assert_true(ip_same(ip_load(ip->src, 6), ports[0].own[0].ip));
	assert_true(ip_same(ip_load(ip->dst, 6), src));
}

/* A quoted packet has its checksum completed. */
static void test_partial_quoted(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL, .csum_start = 34, .csum_offset = 6};

	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, 0x08080808, 50);
	host_in_cut(0, p.b, p.n, 4000, &facts);
	store16(p.b + 40, naive_csum(p.b + 34, 50, 0));
	expect_error4(ICMP4_UNREACHABLE, ICMP4_NET, 0);
}

/* Puts the sent fragments together again and compares with p. */
static void reassemble(uint32_t mtu, uint32_t options, uint32_t later, uint32_t base, bool more)
{
	uint32_t header = 20 + options, want = p.n - 14 - header, got = 0;

	for (uint32_t i = 0; i < host_sent_n; i++) {
		const struct ip4 *ip = (const struct ip4 *)(host_sent[i].bytes + 14);
		uint32_t h = (ip->ver_ihl & 15) * 4u, n = load16(ip->total) - h;
		uint16_t frag = load16(ip->frag);
		bool last = i + 1 == host_sent_n;

		assert_int_equal(host_sent[i].slot, MX_ROUTER_PORT + 2);
		assert_int_equal(host_sent[i].n, 14 + h + n);
		assert_true(h + n <= mtu);
		assert_int_equal(h, i ? 20 + later : header);
		assert_int_equal(naive_csum((const uint8_t *)ip, h, 0), 0);
		assert_int_equal(load16(ip->id), 0x1234);
		assert_int_equal(ip->ttl, 63);
		assert_int_equal(frag & IP4_OFFSET, base + got / 8);
		assert_int_equal(!(frag & IP4_MF), last && !more);
		assert_memory_equal((const uint8_t *)ip + h, p.b + 14 + header + got, n);
		got += n;
		assert_true(last || n + 8 > mtu - h); /* as long as it can be */
	}
	assert_int_equal(got, want);
	host_clear();
}

static void test_fragments(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t n = 1261; n <= 9000; n += 97) {
		build_ip4(&p, 0, A4, C4, n);
		host_in_cut(0, p.b, p.n, 1000, NULL);
		assert_int_equal(host_count(0, FRAGMENTED), 1);
		reassemble(1280, 0, 0, 0, false);
	}
	build_ip4(&p, 0, A4, C4, 1480); /* a fragment out of the middle of a packet */
	store16(ip4_of(&p)->frag, IP4_MF | 185);
	seal_ip4(&p);
	send_p();
	assert_int_equal(host_sent_n, 2);
	reassemble(1280, 0, 0, 185, true);
	build_ip4(&p, 0, A4, C4, 1479); /* the last one */
	store16(ip4_of(&p)->frag, 370);
	seal_ip4(&p);
	send_p();
	reassemble(1280, 0, 0, 370, false);
}

static void test_fragment_options(void **state)
{
	/* record route (first only), a copied option (stream id), NOP */
	const uint8_t options[12] = {7, 7, 4, 0, 0, 0, 0, 0x88, 4, 1, 2, 1};
	const uint8_t later[4] = {0x88, 4, 1, 2};

	(void)state;
	host_meet();
	build_ip4_options(&p, 0, A4, C4, 3000, options, 12);
	send_p();
	assert_int_equal(host_sent_n, 3);
	assert_memory_equal(host_sent[0].bytes + 34, options, 12);
	assert_memory_equal(host_sent[1].bytes + 34, later, 4);
	reassemble(1280, 12, 4, 0, false);
}

/* A partial checksum is completed over the whole before it is cut. */
static void test_fragment_partial(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL, .csum_start = 34, .csum_offset = 6};

	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, C4, 2000);
	host_in_cut(0, p.b, p.n, 4000, &facts);
	store16(p.b + 40, naive_csum(p.b + 34, 2000, 0));
	assert_int_equal(host_sent[0].facts.flags, 0);
	reassemble(1280, 0, 0, 0, false);
}

static void test_fragment_limits(void **state)
{
	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, C4, 3000);
	host_budget = 1; /* frames run out in the middle */
	send_p();
	assert_int_equal(host_count(0, DROP_MEMORY), 1);
	host_clear();
	build_ip4(&p, 0, A4, C4, 1480); /* would end beyond 64 KiB */
	store16(ip4_of(&p)->frag, 0x1fff);
	seal_ip4(&p);
	expect_silence(DROP_MTU);
}

/* Fragments of a packet to somebody unknown wait together. */
static void test_fragments_wait(void **state)
{
	(void)state;
	build_ip4(&p, 0, A4, C4, 3000);
	send_p();
	assert_int_equal(host_sent_n, 1);
	host_clear();
	{
		static struct bytes a;

		build_arp(&a, 2, 0xc3, C4, 0x0a000301);
		host_in(2, a.b, a.n);
	}
	assert_int_equal(host_sent_n, 3);
	reassemble(1280, 0, 0, 0, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)
	        T(test_errors4),          T(test_silence4),        T(test_limit),
	        T(test_errors6),          T(test_silence6),        T(test_scope6),
	        T(test_partial_quoted),   T(test_fragments),       T(test_fragment_options),
	        T(test_fragment_partial), T(test_fragment_limits), T(test_fragments_wait),
	};

	return cmocka_run_group_tests(tests, host_start, NULL);
}
