/*
 * Neighbours: the state machine, ARP and ND on the wire, announcements, bounds.
 */
#include <moxie/slots.h>
#include "router_host.h"

static struct bytes p;

static const struct arp *sent_arp(uint32_t i)
{
	assert_true(i < host_sent_n);
	assert_int_equal(load16(host_sent[i].bytes + 12), ETH_ARP);
	return (const struct arp *)(host_sent[i].bytes + 14);
}

static const struct nd *sent_nd(uint32_t i, uint8_t type)
{
	const struct ip6 *ip = (const struct ip6 *)(host_sent[i].bytes + 14);
	const struct nd *nd = (const struct nd *)(ip + 1);
	uint32_t n = host_sent[i].n - 54;

	assert_true(i < host_sent_n);
	assert_int_equal(load16(host_sent[i].bytes + 12), ETH_IP6);
	assert_int_equal(nd->icmp.type, type);
	assert_int_equal(ip->hops, 255);
	assert_int_equal(naive_csum((const uint8_t *)nd, n, naive_pseudo6(ip, n, PROTO_ICMP6)), 0);
	return nd;
}

static void to_b(uint32_t id)
{
	build_ip4(&p, 0, A4, B4, 100);
	store16(ip4_of(&p)->id, (uint16_t)id);
	seal_ip4(&p);
	host_in(0, p.b, p.n);
}

static void arp_from_b(uint32_t op, uint32_t mac, uint32_t spa, uint32_t tpa)
{
	build_arp(&p, op, mac, spa, tpa);
	host_in(1, p.b, p.n);
}

static struct neighbour *b4(void)
{
	return neighbour_find(&ports[1], 4, ip_of4(B4));
}

static void test_resolve(void **state)
{
	const struct arp *a;

	(void)state;
	to_b(1);
	assert_int_equal(host_sent_n, 1);
	a = sent_arp(0);
	assert_int_equal(load32(a->spa), OWN4_1);
	assert_int_equal(load32(a->tpa), B4);
	assert_int_equal(load16(a->op), 1);
	assert_memory_equal(host_sent[0].bytes, "\xff\xff\xff\xff\xff\xff", 6);
	assert_memory_equal(a->sha, ports[1].mac, 6);
	to_b(2);
	assert_int_equal(host_sent_n, 1); /* one question at a time */
	arp_from_b(2, HOST_B, B4, OWN4_1);
	assert_int_equal(host_sent_n, 3); /* in order */
	assert_int_equal(load16(host_sent[1].bytes + 18), 1);
	assert_int_equal(load16(host_sent[2].bytes + 18), 2);
	assert_int_equal(b4()->state, NB_REACHABLE);
	to_b(3);
	assert_int_equal(host_sent_n, 4);
	assert_int_equal(host_sent[3].bytes[5], HOST_B);
}

static void test_queue_drops_oldest(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 7; i++)
		to_b(i);
	assert_int_equal(host_count(0, DROP_NEIGHBOUR), 3);
	arp_from_b(2, HOST_B, B4, OWN4_1);
	assert_int_equal(host_sent_n, 5);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(load16(host_sent[i + 1].bytes + 18), 3 + i);
}

/* What was parked and sent leaves its place to others, for ever. */
static void test_parking_returns(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < 4; i++) {
			build_ip4(&p, 0, A4, B4 + round, 1000);
			host_in_cut(0, p.b, p.n, 300, NULL);
		}
		host_sent_n = 0;
		arp_from_b(2, HOST_B, B4 + round, OWN4_1);
		assert_int_equal(host_sent_n, 4);
		assert_int_equal(host_sent[3].frames, 4);
		host_clear();
	}
}

static void test_failure(void **state)
{
	const struct sent *s4 = &host_sent[0], *s6 = &host_sent[1];
	const struct ip4 *ip;

	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, B4 + 7, 100);
	host_in(0, p.b, p.n);
	build_ip6(&p, 0, A6, host_ip6(0xfd00000200000000, 77), 100);
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	host_pass(2500 * MX_MS);
	assert_int_equal(host_sent_n, 6); /* three questions each */
	host_clear();
	host_pass(MX_S);
	assert_int_equal(host_sent_n, 2);
	if (load16(s4->bytes + 12) == ETH_IP6) { /* the timers' order is nobody's business */
		s4 = &host_sent[1];
		s6 = &host_sent[0];
	}
	ip = (const struct ip4 *)(s4->bytes + 14);
	assert_int_equal(ip->proto, PROTO_ICMP);
	assert_int_equal(s4->bytes[34], ICMP4_UNREACHABLE);
	assert_int_equal(s4->bytes[35], ICMP4_HOST);
	assert_int_equal(load32(ip->src), OWN4_0);
	assert_int_equal(load32(ip->dst), A4);
	assert_int_equal(s6->bytes[54], ICMP6_UNREACHABLE);
	assert_int_equal(s6->bytes[55], ICMP6_ADDRESS);
	assert_int_equal(host_count(0, DROP_NEIGHBOUR), 2);
	assert_null(neighbour_find(&ports[1], 4, ip_of4(B4 + 7)));
}

/* REACHABLE -> STALE -> DELAY -> PROBE -> REACHABLE, and once more into nothing. */
static void test_states(void **state)
{
	(void)state;
	to_b(1);
	arp_from_b(2, HOST_B, B4, OWN4_1);
	host_pass(29 * MX_S);
	to_b(2);
	assert_int_equal(b4()->state, NB_REACHABLE);
	host_pass(2 * MX_S);
	to_b(3);
	assert_int_equal(b4()->state, NB_DELAY);
	host_clear();
	host_pass(4900 * MX_MS);
	assert_int_equal(host_sent_n, 0);
	host_pass(200 * MX_MS);
	assert_int_equal(b4()->state, NB_PROBE);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[5], HOST_B); /* by unicast */
	to_b(4);
	assert_int_equal(host_sent_n, 2); /* packets flow meanwhile */
	arp_from_b(2, HOST_B, B4, OWN4_1);
	assert_int_equal(b4()->state, NB_REACHABLE);
	host_pass(31 * MX_S);
	to_b(5);
	host_clear();
	host_pass(9 * MX_S);
	assert_int_equal(host_sent_n, 3);
	assert_null(b4());
}

/* RFC 4861 7.2.5, the table of what an answer changes. */
static void test_answers(void **state)
{
	const uint8_t m1[6] = {2, 1}, m2[6] = {2, 2};
	struct port *q = &ports[1];
	struct ip ip = B6;
	struct neighbour *nb;

	(void)state;
	now = host_time;
	neighbour_answer(q, 6, ip, m1, NB_SOLICITED | NB_OVERRIDE);
	assert_null(neighbour_find(q, 6, ip)); /* nobody asked */
	nb = neighbour_get(q, 6, ip);
	assert_int_equal(nb->state, NB_INCOMPLETE);
	neighbour_answer(q, 6, ip, NULL, NB_SOLICITED);
	assert_int_equal(nb->state, NB_INCOMPLETE);
	neighbour_answer(q, 6, ip, m1, 0);
	assert_int_equal(nb->state, NB_STALE);
	neighbour_answer(q, 6, ip, m1, NB_SOLICITED);
	assert_int_equal(nb->state, NB_REACHABLE);
	neighbour_answer(q, 6, ip, m1, 0);
	assert_int_equal(nb->state, NB_REACHABLE);
	neighbour_answer(q, 6, ip, m2, NB_SOLICITED); /* no override: doubt only */
	assert_int_equal(nb->state, NB_STALE);
	assert_memory_equal(nb->mac, m1, 6);
	neighbour_answer(q, 6, ip, m2, NB_SOLICITED);
	assert_int_equal(nb->state, NB_STALE);
	neighbour_answer(q, 6, ip, m2, NB_OVERRIDE);
	assert_int_equal(nb->state, NB_STALE);
	assert_memory_equal(nb->mac, m2, 6);
	neighbour_answer(q, 6, ip, NULL, NB_SOLICITED);
	assert_int_equal(nb->state, NB_REACHABLE);
	neighbour_learn(q, 6, ip, m2); /* the same: changes nothing */
	assert_int_equal(nb->state, NB_REACHABLE);
	neighbour_learn(q, 6, ip, m1);
	assert_int_equal(nb->state, NB_STALE);
	assert_memory_equal(nb->mac, m1, 6);
}

static void test_arp_reply(void **state)
{
	const struct arp *a;

	(void)state;
	build_arp(&p, 1, HOST_A, A4, OWN4_0);
	host_in(0, p.b, 42);
	a = sent_arp(0);
	assert_int_equal(load16(a->op), 2);
	assert_int_equal(load32(a->spa), OWN4_0);
	assert_int_equal(load32(a->tpa), A4);
	assert_int_equal(host_sent[0].bytes[5], HOST_A);
	build_arp(&p, 1, HOST_A, 0, OWN4_0); /* a probe, RFC 5227 */
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	build_arp(&p, 1, HOST_A, A4, OWN4_1); /* the other port's address */
	host_in(0, p.b, p.n);
	build_arp(&p, 1, HOST_A, A4, A4 + 1);
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	build_arp(&p, 1, 0x77, A4 + 5, A4 + 1); /* not to us: not learnt */
	host_in(0, p.b, p.n);
	assert_null(neighbour_find(&ports[0], 4, ip_of4(A4 + 5)));
	build_arp(&p, 1, 0x77, A4, A4); /* gratuitous: who is known is updated */
	host_in(0, p.b, p.n);
	assert_int_equal(neighbour_find(&ports[0], 4, ip_of4(A4))->mac[5], 0x77);
}

static void test_arp_hostile(void **state)
{
	static const struct {
		uint8_t at, value;
	} bad[] = {{15, 2}, {16, 9}, {18, 5}, {19, 5}, {21, 0}, {21, 3}, {22, 3}};

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		build_arp(&p, 1, HOST_A, A4, OWN4_0);
		p.b[bad[i].at] = bad[i].value;
		host_in(0, p.b, p.n);
		assert_int_equal(host_count(0, DROP_ARP), i + 1);
	}
	host_clear();
	for (uint32_t n = 14; n < 42; n++) {
		build_arp(&p, 1, HOST_A, A4, OWN4_0);
		host_in(0, p.b, n);
	}
	assert_int_equal(host_count(0, DROP_ARP), 28);
	build_arp(&p, 1, HOST_A, B4, OWN4_0); /* a sender of another net */
	host_in(0, p.b, p.n);
	assert_int_equal(host_count(0, DROP_ARP), 29);
	assert_int_equal(host_sent_n, 0);
}

static void test_conflict4(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		build_arp(&p, 1, 0x66, OWN4_0, OWN4_0);
		host_in(0, p.b, p.n);
	}
	assert_int_equal(host_count(0, CONFLICT), 3);
	assert_int_equal(host_sent_n, 1); /* defended once in ten seconds */
	assert_int_equal(load32(sent_arp(0)->spa), OWN4_0);
	assert_non_null(strstr(host_logged, "10.0.1.1"));
	host_pass(11 * MX_S);
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
}

static void test_nd_reply(void **state)
{
	const struct nd *nd;

	(void)state;
	build_nd(&p, 0, ICMP6_NS, 0, A6, ip6_solicited(OWN6_0), OWN6_0, ND_SOURCE, HOST_A);
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 1);
	nd = sent_nd(0, ICMP6_NA);
	assert_int_equal(nd->icmp.info[0], ND_ROUTER | ND_SOLICITED | ND_OVERRIDE);
	assert_int_equal(host_sent[0].bytes[5], HOST_A);
	assert_memory_equal(host_sent[0].bytes + 78, "\x02\x01", 2);
	assert_memory_equal(host_sent[0].bytes + 80, ports[0].mac, 6);
	assert_int_equal(neighbour_find(&ports[0], 6, A6)->state, NB_STALE);
	build_nd(&p, 0, ICMP6_NS, 0, A6, OWN6_0, OWN6_0, 0, HOST_A); /* probe without MAC */
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	build_nd(&p, 0, ICMP6_NS, 0, (struct ip){0, 0}, ip6_solicited(OWN6_0), OWN6_0, 0, HOST_A);
	host_in(0, p.b, p.n); /* DAD of another host */
	nd = sent_nd(2, ICMP6_NA);
	assert_int_equal(nd->icmp.info[0], ND_ROUTER | ND_OVERRIDE);
	assert_memory_equal(host_sent[2].bytes, "\x33\x33\0\0\0\x01", 6);
	build_nd(&p, 0, ICMP6_NS, 0, A6, OWN6_0, A6, ND_SOURCE, HOST_A); /* not our address */
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 3);
	assert_int_equal(host_count(0, ND_IN), 4);
}

static void expect_nd_drop(enum port_count why)
{
	uint64_t before = host_count(0, why);

	host_in(0, p.b, p.n);
	assert_int_equal(host_count(0, why), before + 1);
	assert_int_equal(host_sent_n, 0);
	assert_null(neighbour_find(&ports[0], 6, A6));
}

static void make_ns(uint8_t option)
{
	build_nd(&p, 0, ICMP6_NS, 0, A6, ip6_solicited(OWN6_0), OWN6_0, option, HOST_A);
}

static void test_nd_hostile(void **state)
{
	(void)state;
	make_ns(ND_SOURCE);
	ip6_of(&p)->hops = 254;
	expect_nd_drop(DROP_ND);
	make_ns(ND_SOURCE);
	p.b[56] ^= 1; /* checksum */
	expect_nd_drop(DROP_CHECKSUM);
	make_ns(ND_SOURCE);
	p.b[55] = 1; /* code */
	seal_icmp6(&p);
	expect_nd_drop(DROP_ND);
	make_ns(ND_SOURCE);
	p.b[79] = 0; /* option of length 0 */
	seal_icmp6(&p);
	expect_nd_drop(DROP_ND);
	make_ns(ND_SOURCE);
	p.b[79] = 2; /* longer than the packet */
	seal_icmp6(&p);
	expect_nd_drop(DROP_ND);
	make_ns(ND_SOURCE);
	p.b[62] = 0xff; /* a multicast target */
	seal_icmp6(&p);
	expect_nd_drop(DROP_ND);
	for (uint32_t n = 8; n < 32; n++) { /* cut anywhere, with a right checksum */
		make_ns(ND_SOURCE);
		p.n = 54 + n;
		store16(ip6_of(&p)->payload, (uint16_t)n);
		seal_icmp6(&p);
		if (n != 24) /* whole without its option: a good one */
			expect_nd_drop(DROP_ND);
	}
	build_nd(&p, 0, ICMP6_NS, 0, (struct ip){0, 0}, ip6_solicited(OWN6_0), OWN6_0, ND_SOURCE,
	         HOST_A); /* from nowhere, but with a MAC */
	expect_nd_drop(DROP_ND);
	build_nd(&p, 0, ICMP6_NS, 0, (struct ip){0, 0}, OWN6_0, OWN6_0, 0, HOST_A);
	expect_nd_drop(DROP_ND);
	build_nd(&p, 0, ICMP6_NA, ND_SOLICITED, A6, host_ip6(0xff02000000000000, 1), A6, ND_TARGET,
	         HOST_A); /* solicited by all */
	expect_nd_drop(DROP_ND);
	make_ns(ND_SOURCE);
	host_in_cut(0, p.b, p.n, 70, NULL); /* in two frames */
	assert_int_equal(host_sent_n, 0);
}

static void test_nd_resolve(void **state)
{
	const struct nd *nd;

	(void)state;
	build_ip6(&p, 0, A6, B6, 64);
	host_in(0, p.b, p.n);
	nd = sent_nd(0, ICMP6_NS);
	assert_true(ip_same(ip_load(nd->target, 6), B6));
	assert_memory_equal(host_sent[0].bytes, "\x33\x33\xff\0\0\x02", 6);
	assert_true(ip_same(ip_load(host_sent[0].bytes + 22, 6), host_ip6(0xfd00000200000000, 1)));
	build_nd(&p, 1, ICMP6_NA, ND_SOLICITED | ND_OVERRIDE, B6, host_ip6(0xfd00000200000000, 1),
	         B6, ND_TARGET, HOST_B);
	host_in(1, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	assert_int_equal(host_sent[1].bytes[5], HOST_B);
	assert_int_equal(host_sent[1].n, 14 + 104);
	assert_int_equal(neighbour_find(&ports[1], 6, B6)->state, NB_REACHABLE);
}

static void test_conflict6(void **state)
{
	(void)state;
	build_nd(&p, 0, ICMP6_NA, ND_OVERRIDE, OWN6_0, host_ip6(0xff02000000000000, 1), OWN6_0,
	         ND_TARGET, 0x66);
	host_in(0, p.b, p.n);
	assert_int_equal(host_count(0, CONFLICT), 1);
	assert_non_null(strstr(host_logged, "IPv6"));
}

/* What goes out when a link comes up, and when. */
static void test_announce(void **state)
{
	struct mx_link up = ports[0].link, down = up;
	uint32_t arps = 0, probes = 0, adverts = 0, reports = 0;

	(void)state;
	down.up = 0;
	port_link(&ports[0], &down);
	port_link(&ports[0], &up);
	assert_true(announce_tentative(&ports[0]));
	host_pass(0);
	for (uint32_t i = 0; i < host_sent_n; i++) {
		const uint8_t *b = host_sent[i].bytes;

		if (host_sent[i].kind == MX_LINK)
			continue;
		assert_int_equal(host_sent[i].slot, MX_ROUTER_PORT);
		if (load16(b + 12) == ETH_ARP) {
			arps++;
			assert_int_equal(load32(sent_arp(i)->spa), OWN4_0);
			assert_int_equal(load32(sent_arp(i)->tpa), OWN4_0);
		} else if (b[54] == ICMP6_NS) {
			probes++;
			sent_nd(i, ICMP6_NS);
			assert_true(ip_zero(ip_load(b + 22, 6)));
		} else if (b[54] == ICMP6_NA) {
			adverts++;
			assert_int_equal(sent_nd(i, ICMP6_NA)->icmp.info[0], ND_ROUTER);
		} else {
			const struct ip6 *ip = (const struct ip6 *)(b + 14);
			uint32_t n = host_sent[i].n - 62;

			reports++;
			assert_int_equal(b[62], ICMP6_REPORT2);
			assert_int_equal(ip->hops, 1);
			assert_int_equal(load16(b + 68), 3); /* all routers, two groups */
			assert_int_equal(n, 8 + 3 * 20);
			assert_int_equal(naive_csum(b + 62, n, naive_pseudo6(ip, n, PROTO_ICMP6)),
			                 0);
		}
	}
	assert_int_equal(arps, 1);
	assert_int_equal(probes, 2); /* link-local and configured */
	assert_int_equal(adverts, 2);
	assert_int_equal(reports, 1);
	host_clear();
	host_pass(1100 * MX_MS);
	assert_false(announce_tentative(&ports[0]));
	assert_int_equal(host_sent_n, 2);
	assert_int_equal(sent_nd(0, ICMP6_NA)->icmp.info[0], ND_ROUTER | ND_OVERRIDE);
	host_pass(MX_S);
	assert_int_equal(host_sent_n, 4);
	host_pass(10 * MX_S);
	assert_int_equal(host_sent_n, 4);
}

static void make_query(void)
{
	build_ip6(&p, 0, host_ip6(0xfe80000000000000, 9), host_ip6(0xff02000000000000, 1), 36);
	memcpy(p.b, "\x33\x33\0\0\0\x01", 6);
	ip6_of(&p)->next = PROTO_HOPOPTS;
	ip6_of(&p)->hops = 1;
	memset(p.b + 54, 0, 36);
	memcpy(p.b + 54, "\x3a\x00\x05\x02\x00\x00\x01\x00\x82", 9);
	store16(p.b + 64, naive_csum(p.b + 62, 28, naive_pseudo6(ip6_of(&p), 28, PROTO_ICMP6)));
}

static void test_mld_query(void **state)
{
	(void)state;
	make_query();
	host_in(0, p.b, p.n);
	host_in(0, p.b, p.n);
	host_pass(MX_S);
	assert_int_equal(host_sent_n, 1); /* one answer for both */
	assert_int_equal(host_sent[0].bytes[62], ICMP6_REPORT2);
	assert_int_equal(host_sent[0].bytes[70], 2); /* MODE_IS_EXCLUDE */
	make_query();
	ip6_of(&p)->hops = 2;
	host_in(0, p.b, p.n);
	host_pass(MX_S);
	assert_int_equal(host_count(0, DROP_MLD), 1);
	assert_int_equal(host_sent_n, 1);
}

/* A scan of a big net neither fills the table nor takes all frames. */
static void test_scan(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t i = 0; i < 5000; i++) {
		build_ip6(&p, 0, A6, host_ip6(0xfd00000200000000, 0x1000 + i), 10);
		host_in(0, p.b, p.n);
		host_credit = host_budget = 1000;
	}
	assert_true(host_used <= PARKED_FRAMES);
	assert_int_equal(host_sent_n, NEIGHBOURS_SCANNED);
	host_sent_n = 0;
	to_b(1); /* who was there before still is */
	assert_int_equal(host_sent_n, 1);
	build_ip6(&p, 1, B6, host_ip6(0xfd00000100000000, 0x77),
	          10); /* on another port: asked for */
	host_in(1, p.b, p.n);
	assert_int_equal(host_sent_n, 2);
	host_credit = 10000;
	host_pass(10 * MX_S);
	assert_int_equal(host_used, 0);
}

/* More hosts speak to us than fit: the quiet ones go. */
static void test_eviction(void **state)
{
	(void)state;
	host_meet();
	for (uint32_t i = 0; i < 3000; i++) {
		struct ip from = host_ip6(0xfd00000100000000, 0x1000 + i);

		build_nd(&p, 0, ICMP6_NS, 0, from, OWN6_0, OWN6_0, ND_SOURCE, HOST_A);
		host_in(0, p.b, p.n);
		host_time += MX_MS;
		to_b(i); /* in use all the time */
		host_credit = host_budget = 1000;
	}
	assert_non_null(b4());
	assert_non_null(neighbour_find(&ports[0], 6, host_ip6(0xfd00000100000000, 0x1000 + 2999)));
	assert_null(neighbour_find(&ports[0], 6, host_ip6(0xfd00000100000000, 0x1000)));
}

static void meet_many(uint32_t port, uint32_t n)
{
	uint64_t net = port ? 0xfd00000200000000 : 0xfd00000100000000;

	for (uint32_t i = 0; i < n; i++) {
		build_nd(&p, port, ICMP6_NS, 0, host_ip6(net, 0x1000 + i), host_ip6(net, 1),
		         host_ip6(net, 1), ND_SOURCE, HOST_A);
		host_in(port, p.b, p.n);
		host_time += MX_MS;
		host_credit = host_budget = 1000;
	}
}

/* A flood of made-up hosts on one wire displaces none of another's, however quiet. */
static void test_fair_shares(void **state)
{
	(void)state;
	host_meet();
	meet_many(1, 400);
	meet_many(0, 3000);
	for (uint32_t i = 0; i < 400; i++)
		assert_non_null(
		        neighbour_find(&ports[1], 6, host_ip6(0xfd00000200000000, 0x1000 + i)));
	assert_non_null(neighbour_find(&ports[0], 6, host_ip6(0xfd00000100000000, 0x1000 + 2999)));
	meet_many(1, 500); /* it gets its half */
	for (uint32_t i = 0; i < 500; i++)
		assert_non_null(
		        neighbour_find(&ports[1], 6, host_ip6(0xfd00000200000000, 0x1000 + i)));
}

static void test_no_memory(void **state)
{
	(void)state;
	host_budget = 0;
	to_b(1); /* no frame for the question */
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(host_count(SELF, DROP_MEMORY), 1);
	host_budget = 1000;
	host_pass(1100 * MX_MS); /* asked again */
	assert_int_equal(host_sent_n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)
	        T(test_resolve),         T(test_queue_drops_oldest),
	        T(test_parking_returns), T(test_failure),
	        T(test_states),          T(test_answers),
	        T(test_arp_reply),       T(test_arp_hostile),
	        T(test_conflict4),       T(test_nd_reply),
	        T(test_nd_hostile),      T(test_nd_resolve),
	        T(test_conflict6),       T(test_announce),
	        T(test_mld_query),       T(test_scan),
	        T(test_eviction),        T(test_fair_shares),
	        T(test_no_memory),
	};

	return cmocka_run_group_tests(tests, host_start, NULL);
}
