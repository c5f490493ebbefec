/*
 * Forwarding: header checks one by one, both families, and the doors to the stack.
 */
#include <moxie/slots.h>
#include "apps/router/egress.h"
#include "router_host.h"

static struct bytes p;

static void send_p(void)
{
	host_in(0, p.b, p.n);
}

/* The frame at hand is dropped by port 0 for this reason, and nothing is said about it. */
static void expect_drop(enum port_count why)
{
	uint32_t before = host_sent_n;
	uint64_t count = host_count(0, why);

	send_p();
	assert_int_equal(host_count(0, why), count + 1);
	assert_int_equal(host_sent_n, before);
	assert_int_equal(host_used, 0);
}

static void make4(void)
{
	build_ip4(&p, 0, A4, B4, 100);
}

static void make6(void)
{
	build_ip6(&p, 0, A6, B6, 100);
}

static void expect_out(uint32_t i, uint32_t port, uint32_t mac, uint32_t size)
{
	const struct sent *s = &host_sent[i];
	uint8_t dst[6], src[6];

	assert_true(host_sent_n > i);
	host_mac(dst, mac);
	host_mac(src, 0x10 + port);
	assert_int_equal(s->slot, MX_ROUTER_PORT + port);
	assert_int_equal(s->kind, MX_RAW);
	assert_int_equal(s->facts.port, port);
	assert_int_equal(s->n, size);
	assert_memory_equal(s->bytes, dst, 6);
	assert_memory_equal(s->bytes + 6, src, 6);
}

static void test_forward4(void **state)
{
	const struct ip4 *ip = (const struct ip4 *)(host_sent[0].bytes + ETH_HEADER);

	(void)state;
	host_meet();
	for (uint32_t ttl = 2; ttl <= 255; ttl++) {
		for (uint32_t id = 0; id < 0x10000; id += 0x1235) {
			host_clear();
			make4();
			ip4_of(&p)->ttl = (uint8_t)ttl;
			store16(ip4_of(&p)->id, (uint16_t)id);
			seal_ip4(&p);
			send_p();
			assert_int_equal(host_sent_n, 1);
			assert_int_equal(ip->ttl, ttl - 1);
			assert_int_equal(naive_csum((const uint8_t *)ip, 20, 0), 0);
		}
	}
	expect_out(0, 1, HOST_B, p.n);
	assert_memory_equal(host_sent[0].bytes + 34, p.b + 34, 100);
	assert_int_equal(host_count(0, RX_PACKETS), 1);
	assert_int_equal(host_count(1, TX_PACKETS), 1);
	assert_int_equal(host_count(1, TX_BYTES), p.n);
}

static void test_forward6(void **state)
{
	const struct ip6 *ip = (const struct ip6 *)(host_sent[0].bytes + ETH_HEADER);

	(void)state;
	host_meet();
	make6();
	send_p();
	assert_int_equal(host_sent_n, 1);
	expect_out(0, 1, HOST_B, p.n);
	assert_int_equal(ip->hops, 63);
	assert_memory_equal((const uint8_t *)ip + 8, p.b + 22, 132);
}

static void test_back_by_the_same_port(void **state)
{
	(void)state;
	host_meet();
	build_ip4(&p, 0, A4 + 9, A4, 10);
	send_p();
	expect_out(0, 0, HOST_A, p.n);
}

static void test_gateway(void **state)
{
	(void)state;
	host_meet();
	build_arp(&p, 1, 0xfe, 0x0a0002fe, OWN4_1);
	host_in(1, p.b, p.n);
	host_clear();
	build_ip4(&p, 0, A4, 0xc0000201, 10);
	send_p();
	expect_out(0, 1, 0xfe, p.n);
	build_ip6(&p, 0, A6, host_ip6(0x20010db800000000, 1), 10);
	send_p(); /* nobody knows fd00:2::fe yet */
	assert_int_equal(host_sent[1].slot, MX_ROUTER_PORT + 1);
	assert_int_equal(host_sent[1].bytes[ETH_HEADER + IP6_HEADER], ICMP6_NS);
}

static void test_padding(void **state)
{
	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, B4, 3);
	p.n = 60; /* a short frame is padded to 60 bytes */
	send_p();
	expect_out(0, 1, HOST_B, 14 + 23);
	build_ip6(&p, 0, A6, B6, 4);
	p.n = 60;
	send_p();
	expect_out(1, 1, HOST_B, 14 + 44);
}

/* Trailing bytes that fill whole frames of the chain. */
static void test_padding_in_chain(void **state)
{
	(void)state;
	host_meet();
	make4();
	p.n += 500;
	host_in_cut(0, p.b, p.n, 64, NULL);
	expect_out(0, 1, HOST_B, 134);
	assert_int_equal(host_sent[0].frames, 3);
	assert_memory_equal(host_sent[0].bytes + 34, p.b + 34, 100);
}

static void test_chain(void **state)
{
	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, B4, 1480);
	host_in_cut(0, p.b, p.n, 100, NULL);
	assert_int_equal(host_sent[0].frames, 16);
	assert_memory_equal(host_sent[0].bytes + 34, p.b + 34, 1480);
	make4();
	host_in_cut(0, p.b, p.n, 33, NULL); /* the header is cut */
	assert_int_equal(host_count(0, DROP_HEADER), 1);
}

static void test_headers4(void **state)
{
	(void)state;
	make4();
	p.b[14] = 0x65; /* version */
	expect_drop(DROP_HEADER);
	make4();
	p.b[14] = 0x44; /* IHL below 5 */
	seal_ip4(&p);
	expect_drop(DROP_HEADER);
	build_ip4(&p, 0, A4, B4, 0);
	p.b[14] = 0x4f; /* IHL beyond the packet */
	expect_drop(DROP_HEADER);
	make4();
	store16(ip4_of(&p)->total, 19);
	seal_ip4(&p);
	expect_drop(DROP_HEADER);
	make4();
	store16(ip4_of(&p)->total, 121); /* more than came */
	seal_ip4(&p);
	expect_drop(DROP_HEADER);
	for (uint32_t n = 14; n < 34; n++) { /* cut anywhere */
		make4();
		p.n = n;
		expect_drop(DROP_HEADER);
	}
	for (uint32_t bit = 0; bit < 160; bit++) { /* any bit that the checksum alone guards */
		uint64_t all = host_count(0, DROP_CHECKSUM) + host_count(0, DROP_HEADER);

		make4();
		p.b[14 + bit / 8] ^= (uint8_t)(1u << bit % 8);
		send_p();
		assert_int_equal(host_count(0, DROP_CHECKSUM) + host_count(0, DROP_HEADER),
		                 all + 1);
	}
}

static void test_martians4(void **state)
{
	const uint32_t bad_src[] = {0, 0x00010203, 0x7f000001, 0xe0000001, 0xf0000001, 0xffffffff};
	const uint32_t bad_dst[] = {0, 0x7f000001, 0xf0000001};

	(void)state;
	for (uint32_t i = 0; i < sizeof(bad_src) / 4; i++) {
		build_ip4(&p, 0, bad_src[i], B4, 8);
		expect_drop(DROP_MARTIAN);
	}
	for (uint32_t i = 0; i < sizeof(bad_dst) / 4; i++) {
		build_ip4(&p, 0, A4, bad_dst[i], 8);
		expect_drop(DROP_MARTIAN);
	}
	build_ip4(&p, 0, 0xa9fe0001, B4, 8);
	expect_drop(DROP_SCOPE);
	build_ip4(&p, 0, A4, 0xefffffff, 8);
	expect_drop(DROP_MULTICAST);
	build_ip4(&p, 0, A4, 0x0a0002ff, 8); /* a directed broadcast */
	expect_drop(DROP_BROADCAST);
	build_ip4(&p, 0, A4, 0x0a000200, 8); /* and its old form */
	expect_drop(DROP_BROADCAST);
	build_ip4(&p, 0, A4, 0xc6336401, 8);
	expect_drop(DROP_BLACKHOLE);
	build_ip4(&p, 0, A4, B4, 8);
	memset(p.b, 0xff, 6); /* unicast in a broadcast frame */
	expect_drop(DROP_BROADCAST);
}

static void test_martians6(void **state)
{
	const struct ip group = host_ip6(0xff02000000000000, 1), one = {0, 1}, zero = {0, 0};

	(void)state;
	build_ip6(&p, 0, group, B6, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, one, B6, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, A6, one, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, A6, zero, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, zero, B6, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, zero, OWN6_0, 8);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, A6, host_ip6(0xff0e000000000000, 1), 8);
	expect_drop(DROP_MULTICAST);
	build_ip6(&p, 0, A6, host_ip6(0xfe80000000000000, 99), 8);
	expect_drop(DROP_SCOPE);
	build_ip6(&p, 0, A6, host_ip6(0x20010db8dead0000, 1), 8);
	expect_drop(DROP_BLACKHOLE);
	make6();
	p.b[14] = 0x40;
	expect_drop(DROP_HEADER);
	make6();
	store16(ip6_of(&p)->payload, 101);
	expect_drop(DROP_HEADER);
	for (uint32_t n = 14; n < 54; n++) {
		make6();
		p.n = n;
		expect_drop(DROP_HEADER);
	}
}

static void test_options(void **state)
{
	const uint8_t record[] = {7, 7, 4, 0, 0, 0, 0, 0};
	const uint8_t bad[][4] = {{131, 3, 4, 0}, {137, 3, 4, 0}, {7, 0, 0, 0},
	                          {7, 1, 0, 0},   {7, 5, 0, 0},   {1, 1, 1, 7}};

	(void)state;
	host_meet();
	build_ip4_options(&p, 0, A4, B4, 10, record, 8);
	send_p();
	expect_out(0, 1, HOST_B, p.n);
	assert_memory_equal(host_sent[0].bytes + 34, record, 8);
	host_in_cut(0, p.b, p.n, 40, NULL); /* the first frame ends within the options */
	assert_int_equal(host_count(0, DROP_HEADER), 1);
	for (uint32_t i = 0; i < 6; i++) {
		build_ip4_options(&p, 0, A4, B4, 10, bad[i], 4);
		expect_drop(DROP_OPTION);
	}
}

static void test_ethernet(void **state)
{
	(void)state;
	make4();
	p.b[5]++;
	expect_drop(DROP_MAC);
	make4();
	memcpy(p.b, "\x01\x00\x5e\x00\x00\x02", 6);
	expect_drop(DROP_MAC);
	make4();
	memcpy(p.b, "\x33\x33\x00\x00\x00\x03", 6);
	expect_drop(DROP_MAC);
	make4();
	memcpy(p.b, "\x33\x33\xff\x00\x00\x02", 6); /* solicited-node, not ours */
	expect_drop(DROP_MAC);
	make4();
	store16(p.b + 12, ETH_VLAN);
	expect_drop(DROP_VLAN);
	make4();
	store16(p.b + 12, ETH_QINQ);
	expect_drop(DROP_VLAN);
	make4();
	store16(p.b + 12, 46); /* an 802.3 length */
	expect_drop(DROP_TYPE);
	for (p.n = 0; p.n < 14; p.n++)
		expect_drop(DROP_HEADER);
}

static void expect_local(uint32_t i, uint32_t port)
{
	const struct sent *s = &host_sent[i];

	assert_int_equal(host_sent_n, i + 1);
	assert_int_equal(s->slot, MX_ROUTER_STACK);
	assert_int_equal(s->kind, MX_IP);
	assert_int_equal(s->facts.port, port);
	assert_int_equal(s->n, p.n - ETH_HEADER);
	assert_memory_equal(s->bytes, p.b + ETH_HEADER, s->n);
}

static void test_local(void **state)
{
	struct mx_packet facts = {
	        .flags = MX_CSUM_PARTIAL, .csum_start = 34, .csum_offset = 6, .hdr_len = 42};

	(void)state;
	build_ip4(&p, 0, A4, OWN4_0, 30);
	host_in_cut(0, p.b, p.n, 4000, &facts);
	expect_local(0, 0);
	assert_int_equal(host_sent[0].facts.csum_start, 20);
	assert_int_equal(host_sent[0].facts.hdr_len, 28);
	build_ip4(&p, 0, A4, OWN4_1, 30); /* the other port's address; TTL 1 is enough */
	ip4_of(&p)->ttl = 1;
	seal_ip4(&p);
	send_p();
	expect_local(1, 0);
	build_ip6(&p, 0, A6, OWN6_0, 30);
	send_p();
	expect_local(2, 0);
	build_ip4(&p, 0, A4, 0xffffffff, 30);
	memset(p.b, 0xff, 6);
	send_p();
	expect_local(3, 0);
	build_ip4(&p, 0, A4, 0x0a0001ff, 30);
	memset(p.b, 0xff, 6);
	send_p();
	expect_local(4, 0);
	build_ip6(&p, 0, A6, ports[0].own[0].ip, 30);
	send_p();
	expect_local(5, 0);
	assert_int_equal(host_count(0, LOCAL), 6);
}

/* IPv6 from our own addresses (LAND), from and to what IPv4 becomes inside of hosts, and ND that
 * hides behind other headers: nothing of it reaches the stack. */
static void test_local_hostile6(void **state)
{
	static const uint8_t chain[8] = {PROTO_ICMP6, 0, 1, 4};

	(void)state;
	build_ip6(&p, 0, OWN6_0, OWN6_0, 30);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, ports[0].own[0].ip, OWN6_0, 30);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, host_ip6(0, 0xffff0a000102), OWN6_0, 30);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, A6, host_ip6(0, 0xffff0a000102), 30);
	expect_drop(DROP_MARTIAN);
	build_ip6(&p, 0, A6, OWN6_0, 30);
	ip6_of(&p)->next = 60; /* destination options */
	memcpy(p.b + ETH_HEADER + IP6_HEADER, chain, sizeof(chain));
	p.b[ETH_HEADER + IP6_HEADER + 8] = ICMP6_NA;
	expect_drop(DROP_ND);
	ip6_of(&p)->next = 44; /* a first fragment */
	memset(p.b + ETH_HEADER + IP6_HEADER + 1, 0, 7);
	expect_drop(DROP_ND);
}

static void test_from_stack(void **state)
{
	(void)state;
	host_meet();
	build_ip4(&p, 0, OWN4_0, B4, 50);
	host_from_stack(0, p.b + 14, p.n - 14);
	expect_out(0, 1, HOST_B, p.n);
	assert_memory_equal(host_sent[0].bytes + 14, p.b + 14, p.n - 14); /* TTL as it was */
	build_ip6(&p, 0, ports[0].own[0].ip, host_ip6(0xff02000000000000, 1), 50);
	host_from_stack(0, p.b + 14, p.n - 14);
	assert_int_equal(host_sent[1].slot, MX_ROUTER_PORT);
	assert_memory_equal(host_sent[1].bytes, "\x33\x33\0\0\0\x01", 6);
	build_ip4(&p, 0, OWN4_0, 0xe0000005, 50);
	host_from_stack(2, p.b + 14, p.n - 14);
	assert_int_equal(host_sent[2].slot, MX_ROUTER_PORT + 2);
	assert_memory_equal(host_sent[2].bytes, "\x01\x00\x5e\0\0\x05", 6);
	build_ip4(&p, 0, OWN4_0, OWN4_1, 50); /* to itself */
	host_from_stack(0, p.b + 14, p.n - 14);
	assert_int_equal(host_sent[3].slot, MX_ROUTER_STACK);
	build_ip4(&p, 0, OWN4_0, 0x08080808, 50);
	host_from_stack(0, p.b + 14, p.n - 14);
	assert_int_equal(host_count(SELF, DROP_NOROUTE), 1);
	host_from_stack(0, p.b + 14, 0);
	host_from_stack(0, p.b, p.n);
	host_from_stack(0, p.b + 14, 10);
	assert_int_equal(host_count(SELF, DROP_HEADER), 3);
	assert_int_equal(host_sent_n, 4);
}

/* A stack that lies about its packet costs itself a packet, nothing else. */
static void test_lying_stack(void **state)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct mx_packet facts = {.port = 200, .csum_start = 65535};
	uint32_t n;

	(void)state;
	build_ip4(&p, 0, OWN4_0, 0xe0000005, 50);
	n = host_chain(chain, p.b + 14, p.n - 14, 30, &facts);
	for (uint32_t i = 0; i < n; i++)
		chain[i].kind = MX_IP;
	mx_packet(chain)->length = 9;
	stack_input(chain, n);
	n = host_chain(chain, p.b + 14, p.n - 14, 30, &facts);
	for (uint32_t i = 0; i < n; i++)
		chain[i].kind = MX_IP;
	chain->offset = 13;
	stack_input(chain, n);
	n = host_chain(chain, p.b + 14, p.n - 14, 300, &facts);
	stack_input(chain, n); /* kind MX_ETHER */
	assert_int_equal(host_count(SELF, DROP_HEADER), 3);
	n = host_chain(chain, p.b + 14, p.n - 14, 300, &facts);
	chain->kind = MX_IP;
	stack_input(chain, n); /* a group and no such port */
	assert_int_equal(host_count(SELF, DROP_MULTICAST), 1);
	assert_int_equal(host_sent_n, 0);
}

/* Without credit packets wait, in order; the input is held back for a while; what is too much
 * drops. */
static void test_credit(void **state)
{
	uint32_t sent;

	(void)state;
	host_meet();
	sent = host_sent_n;
	host_credit = 0;
	make4();
	for (uint32_t i = 0; i < 128; i++)
		send_p();
	egress_turn();
	assert_false(host_held); /* half a queue is a burst */
	send_p();
	now = host_time += 1000;
	egress_turn();
	assert_true(host_held);
	host_held = false;
	now = host_time += 3 * MX_MS;
	egress_turn();
	assert_false(host_held); /* the driver hangs: the other ports go on */
	for (uint32_t i = 129; i < 257; i++)
		send_p();
	assert_int_equal(host_used, 256);
	assert_int_equal(host_count(1, DROP_CREDIT), 1);
	host_credit = 200;
	egress_turn();
	assert_int_equal(host_sent_n - sent, 200);
	host_credit = 1; /* one that comes now does not overtake: it waits, the first goes */
	send_p();
	assert_int_equal(host_sent_n - sent, 201);
	assert_int_equal(host_used, 56);
	host_credit = 100;
	egress_turn();
	assert_int_equal(host_sent_n - sent, 257);
	assert_int_equal(host_used, 0);
}

/* A driver that was replaced gets nothing old, and the frames come home. */
static void test_forget(void **state)
{
	(void)state;
	host_meet();
	host_credit = 0;
	make4();
	send_p();
	assert_int_equal(host_used, 1);
	port_absent(&ports[1]);
	assert_int_equal(host_count(1, DROP_DRIVER), 1);
	host_credit = 10;
	egress_turn();
	assert_int_equal(host_used, 0);
	build_ip4(&p, 0, A4, OWN4_0, 30);
	host_credit = 0;
	send_p(); /* there is no stack: that is dropped at once */
	assert_int_equal(host_count(0, DROP_STACK), 1);
	assert_int_equal(host_used, 0);
}

static void to_stack(uint32_t port, uint32_t n)
{
	build_ip4(&p, port, port ? B4 : A4, OWN4_0, 30);
	for (uint32_t i = 0; i < n; i++)
		host_in(port, p.b, p.n);
}

/* A stack that is busy: its packets wait, those of one port leave room to the others, in order and
 * without holding up what is forwarded. One that ends leaves none behind. */
static void test_stack_busy(void **state)
{
	uint32_t sent;

	(void)state;
	((struct mx_boot *)mx_boot)->quota = 320; /* it is the host's own; 120 may wait */
	host_meet();
	sent = host_sent_n;
	egress_forget(&ports[SELF], DROP_STACK);
	host_credit = 0;
	to_stack(0, 1); /* there is none: it is dropped */
	assert_int_equal(host_count(0, DROP_STACK), 1);
	host_credit = 1;
	to_stack(0, 107);
	assert_int_equal(host_count(0, DROP_STACK), 2);
	sent++;
	to_stack(1, 16);
	assert_int_equal(host_count(1, DROP_STACK), 1);
	assert_int_equal(host_used, 120);
	egress_turn();
	assert_false(host_held);
	host_credit = 40;
	egress_turn();
	to_stack(0, 41);
	assert_int_equal(host_count(0, DROP_STACK), 3);
	host_credit = 20;
	egress_turn();
	assert_int_equal(host_sent_n - sent, 60);
	for (uint32_t i = sent; i < host_sent_n; i++)
		assert_int_equal(host_sent[i % 64].facts.port, 0);
	egress_forget(&ports[SELF], DROP_STACK);
	assert_int_equal(host_used, 0);
	to_stack(1, 1);
	assert_int_equal(host_count(1, DROP_STACK), 2);
}

static void test_offloads(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL, .csum_start = 34, .csum_offset = 6};
	uint8_t want[2];

	(void)state;
	host_meet();
	make4();
	store16(p.b + 40, 0x1234); /* stands for the pseudo-header sum */
	store16(want, naive_csum(p.b + 34, 100, 0));
	host_in_cut(0, p.b, p.n, 4000, &facts);
	assert_int_equal(host_sent[0].facts.flags, MX_CSUM_PARTIAL); /* port 1 does it */
	assert_int_equal(host_sent[0].facts.csum_start, 34);
	assert_int_equal(load16(host_sent[0].bytes + 40), 0x1234);
	build_ip4(&p, 0, A4, C4, 100);
	store16(p.b + 40, 0x1234);
	host_in_cut(0, p.b, p.n, 4000, &facts);
	assert_int_equal(host_sent[1].facts.flags, 0); /* port 2 cannot */
	assert_memory_equal(host_sent[1].bytes + 40, want, 2);
	facts.csum_offset = 200; /* nowhere */
	host_in_cut(0, p.b, p.n, 4000, &facts);
	assert_int_equal(host_count(0, DROP_GSO), 1);
}

static void test_gso(void **state)
{
	struct mx_packet facts = {.flags = MX_CSUM_PARTIAL,
	                          .gso = MX_GSO_TCP4,
	                          .gso_size = 1448,
	                          .hdr_len = 66,
	                          .csum_start = 34,
	                          .csum_offset = 16};

	(void)state;
	host_meet();
	build_ip4(&p, 0, A4, B4, 20000);
	store16(ip4_of(&p)->frag, IP4_DF);
	ip4_of(&p)->proto = 6;
	p.b[34 + 12] = 0x80; /* TCP header of 32 bytes */
	seal_ip4(&p);
	host_in_cut(0, p.b, p.n, 4000, &facts);
	assert_int_equal(host_sent[0].n, p.n);
	assert_int_equal(host_sent[0].facts.gso, MX_GSO_TCP4);
	assert_int_equal(host_sent[0].facts.gso_size, 1448);
	facts.gso_size = 1449; /* segments of 1501 bytes: "fragmentation needed" */
	host_in_cut(0, p.b, p.n, 4000, &facts);
	assert_int_equal(host_count(0, DROP_MTU), 1);
	assert_int_equal(host_count(0, ICMP_SENT), 1);
}

static void test_link_down(void **state)
{
	struct mx_link down = ports[1].link;

	(void)state;
	host_meet();
	down.up = 0;
	port_link(&ports[1], &down);
	make4();
	send_p();
	assert_int_equal(host_count(0, DROP_NEIGHBOUR), 1);
	port_stack_reset();
	port_tell_stack();
	assert_int_equal(host_sent[host_sent_n - 1].kind, MX_LINK);
	host_in(1, p.b, p.n);
	assert_int_equal(host_count(1, DROP_CLOSED), 1);
}

/* Random damage: whatever happens, no frame is lost and no byte outside is touched. */
static void test_hostile(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1d;

	(void)state;
	host_meet();
	for (uint32_t i = 0; i < 60000; i++) {
		struct mx_packet facts = {0};

		if (i % 4 == 0)
			build_ip4(&p, 0, A4, i % 8 ? B4 : OWN4_0, i % 90);
		else if (i % 4 == 1)
			build_ip6(&p, 0, A6, i % 8 ? B6 : OWN6_0, i % 90);
		else if (i % 4 == 2)
			build_arp(&p, 1 + i / 4 % 2, HOST_A, A4, OWN4_0);
		else
			build_nd(&p, 0, ICMP6_QUERY + i / 4 % 8, 0x60, A6, OWN6_0, OWN6_0,
			         ND_SOURCE, HOST_A);
		for (uint32_t k = 0; k < 1 + i % 5; k++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			p.b[14 + seed % (p.n - 14)] ^= (uint8_t)(seed >> 32);
		}
		if (i % 4 == 0 && i % 3)
			seal_ip4(&p);
		if (i % 4 == 3 && i % 3)
			seal_icmp6(&p);
		if (i % 7 == 0)
			facts = (struct mx_packet){.flags = seed & 3,
			                           .gso = seed >> 8 & 0x85,
			                           .gso_size = seed >> 16,
			                           .csum_start = seed >> 32 & 127,
			                           .csum_offset = seed >> 40 & 127};
		p.n -= seed >> 50 & 1 ? 0 : (uint32_t)(seed >> 51) % (p.n - 13);
		host_in_cut(0, p.b, p.n, p.n / (1 + i % 3) + 1, &facts);
		if (i % 1000 == 0)
			host_pass(MX_S);
		host_credit = host_budget = 1000;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)
	        T(test_forward4),       T(test_forward6),   T(test_back_by_the_same_port),
	        T(test_gateway),        T(test_padding),    T(test_padding_in_chain),
	        T(test_chain),          T(test_headers4),   T(test_martians4),
	        T(test_martians6),      T(test_options),    T(test_ethernet),
	        T(test_local),          T(test_from_stack), T(test_lying_stack),
	        T(test_credit),         T(test_forget),     T(test_stack_busy),
	        T(test_local_hostile6), T(test_offloads),   T(test_gso),
	        T(test_link_down),      T(test_hostile),
	};

	return cmocka_run_group_tests(tests, host_start, NULL);
}
