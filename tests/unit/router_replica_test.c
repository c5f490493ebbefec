/*
 * The router's replicas: what one hears the others learn, and nothing else.
 *
 * The host is replica 0 of 2; the test plays replica 1 at the other end of their channel, and the
 * hosts on the ports.
 */
#include <stdlib.h>
#include <moxie/pair.h>
#include <moxie/replica.h>
#include <moxie/counters.h>
#include <moxie/slots.h>
#include "apps/router/replica.h"
#include "tests/unit/router_host.h"

static struct mx_neighbour_end sibling;
static _Alignas(64) uint8_t ring_ours[sizeof(struct mx_ring) + 64 * 64];
static _Alignas(64) uint8_t ring_theirs[sizeof(struct mx_ring) + 64 * 64];
static struct mx_slot_info theirs;

static void set_info(struct mx_slot_info *info, void *rx, void *tx)
{
	*info = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                              .depth = mx_neighbour_depth,
	                              .type = mx_neighbour_type,
	                              .key = 7,
	                              .rx = rx,
	                              .tx = tx};
}

static int start(void **state)
{
	struct mx_boot *boot = (struct mx_boot *)(uintptr_t)mx_boot;
	struct mx_router_args args = {.replica = 0, .replicas = 2};

	set_info(&boot->slots[MX_ROUTER_SIBLING + 1], ring_ours, ring_theirs);
	set_info(&theirs, ring_theirs, ring_ours);
	mx_end_open(&sibling.end, &theirs, MX_ROUTER_SIBLING, sizeof(struct mx_neighbour));
	memcpy(boot->args, &args, sizeof(args));
	boot->args_len = sizeof(args);
	replica_open();
	return host_start(state);
}

/* What the router has told its sibling since the last look. */
static uint32_t told(struct mx_neighbour *last)
{
	uint32_t n = 0;

	while (mx_neighbour_recv(&sibling, last))
		n++;
	return n;
}

static void say(uint8_t flags, uint32_t mac, uint32_t ip)
{
	struct mx_neighbour m = {.port = 1, .family = 4, .flags = flags};

	host_mac(m.mac, mac);
	store32(m.addr, ip);
	assert_true(mx_neighbour_try_send(&sibling, &m));
	replica_turn();
}

static void ask(uint32_t ip)
{
	struct bytes p;

	build_ip4(&p, 0, A4, ip, 10);
	host_in(0, p.b, p.n);
}

static struct neighbour *known(uint32_t ip)
{
	return neighbour_find(&ports[1], 4, ip_of4(ip));
}

static void test_request_is_told(void **state)
{
	struct mx_neighbour m;
	struct bytes p;

	(void)state;
	told(&m);
	build_arp(&p, 1, 0x31, B4 + 1, OWN4_1);
	host_in(1, p.b, p.n);
	assert_int_equal(told(&m), 1);
	assert_int_equal(m.port, 1);
	assert_int_equal(m.family, 4);
	assert_int_equal(m.mac[5], 0x31);
	assert_int_equal(load32(m.addr), B4 + 1);
	assert_int_equal(m.flags, MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW | MX_NEIGHBOUR_MAC);
	host_in(1, p.b, p.n); /* nothing new */
	assert_int_equal(told(&m), 0);
}

/* Nobody asked here: the answer may be to a sibling's question. Nothing is kept of it. */
static void test_answer_is_passed_on(void **state)
{
	struct mx_neighbour m;
	struct bytes p;

	(void)state;
	told(&m);
	build_arp(&p, 2, 0x32, B4 + 2, OWN4_1);
	host_in(1, p.b, p.n);
	assert_null(known(B4 + 2));
	assert_int_equal(told(&m), 1);
	assert_int_equal(m.flags,
	                 MX_NEIGHBOUR_SOLICITED | MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_MAC);
}

/* The question was ours, the answer came to the sibling: what waits is sent. */
static void test_sibling_answers(void **state)
{
	struct mx_neighbour m;

	(void)state;
	told(&m);
	ask(B4 + 3);
	assert_int_equal(known(B4 + 3)->state, NB_INCOMPLETE);
	host_clear();
	say(MX_NEIGHBOUR_SOLICITED | MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_MAC, 0x33, B4 + 3);
	assert_int_equal(known(B4 + 3)->state, NB_REACHABLE);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].slot, MX_ROUTER_PORT + 1);
	assert_int_equal(host_sent[0].bytes[5], 0x33);
	assert_int_equal(told(&m), 1); /* now all may keep it */
	assert_int_equal(m.flags & MX_NEIGHBOUR_NEW, MX_NEIGHBOUR_NEW);
	assert_int_equal(m.mac[5], 0x33);
	say(MX_NEIGHBOUR_SOLICITED | MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_MAC, 0x33, B4 + 3);
	assert_int_equal(told(&m), 0);
}

/* The sibling that would have told us ended: its successor's coming is the time to ask again. */
static void test_sibling_ended(void **state)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_EVENT_RESET, .slot = MX_ROUTER_PORT};

	(void)state;
	ask(B4 + 6);
	host_clear();
	replica_event(&m); /* another's slot */
	neighbour_turn();
	assert_int_equal(host_sent_n, 0);
	m.slot = MX_ROUTER_SIBLING + 1;
	replica_event(&m);
	neighbour_turn();
	assert_int_equal(known(B4 + 6)->state, NB_INCOMPLETE);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].slot, MX_ROUTER_PORT + 1);
}

/* A neighbour that a sibling has learned needs no question here. */
static void test_learned_by_sibling(void **state)
{
	struct mx_neighbour m;

	(void)state;
	told(&m);
	say(MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW | MX_NEIGHBOUR_MAC, 0x34, B4 + 4);
	assert_int_equal(known(B4 + 4)->state, NB_STALE);
	host_clear();
	ask(B4 + 4);
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[5], 0x34);
	say(MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW | MX_NEIGHBOUR_MAC, 0x35, B4 + 4);
	assert_int_equal(known(B4 + 4)->mac[5], 0x35); /* it has moved */
	assert_int_equal(told(&m), 0);                 /* what is heard is not told again */
}

static void test_not_kept(void **state)
{
	struct mx_neighbour bad = {.port = 200, .family = 4, .flags = 15};

	(void)state;
	say(MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_MAC, 0x36, B4 + 5); /* not NEW */
	assert_null(known(B4 + 5));
	say(MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW, 0, B4 + 5); /* without a MAC */
	assert_null(known(B4 + 5));
	assert_true(mx_neighbour_try_send(&sibling, &bad));
	bad.port = 1;
	bad.family = 5;
	assert_true(mx_neighbour_try_send(&sibling, &bad));
	replica_turn();
}

/* A sibling that takes nothing: the rest is counted, and the router goes on. */
static void test_full(void **state)
{
	struct mx_counter table[REPLICA_COUNTS];
	struct mx_neighbour m;
	struct bytes p;
	uint64_t before;

	(void)state;
	assert_int_equal(replica_counters(table), REPLICA_COUNTS);
	told(&m);
	before = *table[1].value;
	for (uint32_t i = 0; i < 70; i++) {
		build_arp(&p, 1, 0x40 + i, B4 + 10 + i, OWN4_1);
		host_in(1, p.b, p.n);
	}
	assert_int_equal(*table[1].value - before, 70 - 64);
	assert_int_equal(told(&m), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, host_setup, host_teardown)
	        TEST(test_request_is_told),
	        TEST(test_answer_is_passed_on),
	        TEST(test_sibling_answers),
	        TEST(test_sibling_ended),
	        TEST(test_learned_by_sibling),
	        TEST(test_not_kept),
	        TEST(test_full),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
