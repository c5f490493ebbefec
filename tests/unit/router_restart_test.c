/*
 * Restarts: of a driver, which costs its port no neighbour, and of the router, which believes of
 * its predecessor what can be.
 */
#include <stdlib.h>
#include <moxie/kept.h>
#include <moxie/slots.h>
#include "apps/router/route.h"
#include "router_host.h"

static struct bytes p;

static struct neighbour *b4(void)
{
	return neighbour_find(&ports[1], 4, ip_of4(B4));
}

static void to_b(void)
{
	build_ip4(&p, 0, A4, B4, 100);
	host_in(0, p.b, p.n);
}

static uint32_t sent_to_wire(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < host_sent_n; i++)
		n += host_sent[i].kind != MX_LINK;
	return n;
}

/* Nothing leaves while there is no driver, and all goes on behind the next one's first word. */
static void test_driver(void **state)
{
	struct mx_link link = ports[1].link;

	(void)state;
	host_meet();
	port_absent(&ports[1]);
	to_b();
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(host_count(1, DROP_DRIVER), 1);
	build_ip4(&p, 0, A4, B4 + 9, 100); /* not even a question */
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(host_count(1, DROP_DRIVER), 2);
	assert_false(host_held);
	build_ip4(&p, 0, A4, C4, 100); /* other ports have nothing to do with it */
	host_in(0, p.b, p.n);
	assert_int_equal(host_sent_n, 1);
	host_clear();
	port_link(&ports[1], &link);
	host_pass(3 * MX_S);
	assert_int_equal(host_sent_n, 0); /* nobody was told anything: nothing has changed */
	to_b();
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[5], HOST_B);
}

/* Who waits for an answer asks again at once. */
static void test_driver_while_asking(void **state)
{
	struct mx_link link = ports[1].link;

	(void)state;
	to_b();
	assert_int_equal(host_sent_n, 1);
	port_absent(&ports[1]);
	host_pass(10 * MX_MS);
	port_link(&ports[1], &link);
	host_pass(0);
	assert_int_equal(host_sent_n, 2);
	build_arp(&p, 2, HOST_B, B4, OWN4_1);
	host_in(1, p.b, p.n);
	assert_int_equal(host_sent_n, 3); /* the packet waited */
}

/* What waits in the queue is for the driver that has ended. */
static void test_driver_with_queue(void **state)
{
	(void)state;
	host_meet();
	host_credit = 0;
	for (uint32_t i = 0; i < 200; i++)
		to_b();
	assert_true(host_held);
	port_absent(&ports[1]);
	assert_int_equal(host_count(1, DROP_DRIVER), 200);
	assert_int_equal(host_used, 0);
	host_clear();
	host_pass(0);
	assert_false(host_held);
}

static void test_wire_pulled(void **state)
{
	struct mx_link link = ports[1].link, down = link;

	(void)state;
	host_meet();
	down.up = 0;
	port_absent(&ports[1]);
	port_link(&ports[1], &down);
	assert_null(b4());
	host_clear();
	port_link(&ports[1], &link);
	host_pass(0);
	assert_true(sent_to_wire() > 0); /* announcements */
	assert_int_equal(host_sent[0].kind, MX_LINK);
}

static void test_other_mac(void **state)
{
	struct mx_link link = ports[1].link, other = link;

	(void)state;
	host_meet();
	other.mac[5] ^= 0x40;
	port_absent(&ports[1]);
	port_link(&ports[1], &other);
	assert_null(b4());
	host_pass(0);
	assert_true(sent_to_wire() > 0);
	port_link(&ports[1], &link);
}

/* As much of a restart as fits one process: what is kept is emptied, and the start is run again. */
static void restart(void)
{
	for (uint32_t i = 0; i < 3; i++) {
		struct mx_link down = ports[i].link;

		down.up = 0;
		port_link(&ports[i], &down);
	}
	host_clear();
	for (uint32_t i = 0; i <= MX_PORTS; i++)
		memset(ports[i].count, 0, sizeof(ports[i].count));
	port_init();
	neighbour_inherit();
}

static void link_up(uint32_t i)
{
	struct mx_link link = {.port = (uint8_t)i, .up = 1, .mtu = 1500};

	host_mac(link.mac, 0x10 + i);
	ports[i].exists = true;
	port_link(&ports[i], &link);
}

static void test_router(void **state)
{
	uint32_t size;

	(void)state;
	host_pass(10 * MX_S); /* everything is announced */
	host_meet();
	to_b();
	ports[1].count[DROP_TTL] = 17;
	host_leave(&size);
	restart();
	assert_int_equal(ports[1].count[DROP_TTL], 17);
	assert_int_equal(ports[0].count[RX_PACKETS], 1);
	assert_int_equal(b4()->state, NB_STALE);
	for (uint32_t i = 0; i < 3; i++)
		link_up(i);
	host_pass(10 * MX_MS);
	assert_int_equal(sent_to_wire(), 0); /* the wire knows all about us */
	host_sent_n = 0;
	host_leave_nothing();
	to_b();
	assert_int_equal(host_sent_n, 1);
	assert_int_equal(host_sent[0].bytes[5], HOST_B);
	assert_int_equal(b4()->state, NB_DELAY); /* and it is asked, by and by */
}

/* Nothing is left to the first, and nothing taken from it. */
static void test_first(void **state)
{
	(void)state;
	host_meet();
	host_leave_nothing();
	restart();
	assert_null(b4());
	assert_int_equal(ports[0].count[RX_PACKETS], 0);
	link_up(1);
	host_pass(0);
	assert_true(sent_to_wire() > 0);
}

/* Its last state may be why the predecessor ended. */
static void test_garbage(void **state)
{
	uint64_t seed = 0x2545f4914f6cdd1d;
	uint32_t size;

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		uint8_t *left;

		for (uint32_t i = 0; i < 3; i++)
			link_up(i);
		host_meet();
		left = host_leave(&size);
		for (uint32_t i = 0; i < (round % 3 ? size / 4 : size); i++) {
			seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
			left[round % 3 ? seed % size : i] = (uint8_t)(seed >> 32);
		}
		restart();
		host_leave_nothing();
		for (uint32_t i = 0; i < 3; i++)
			link_up(i);
		for (uint32_t i = 0; i < 10; i++) {
			build_ip4(&p, 0, A4, B4 + i, 100);
			host_in(0, p.b, p.n);
			host_pass(4 * MX_S);
		}
		assert_int_equal(host_used, 0);
	}
}

/* By an init that began anew: it is the same, however often, and nobody outside hears of it. */
static void test_told_again(void **state)
{
	uint32_t own = ports[0].own_n;

	(void)state;
	host_meet();
	host_logged[0] = 0;
	for (uint32_t i = 0; i < ROUTE_HOPS; i++)
		assert_true(host_configure());
	host_pass(3 * MX_S);
	assert_int_equal(host_sent_n, 0);
	assert_int_equal(ports[0].own_n, own);
	assert_string_equal(host_logged, "");
	build_ip4(&p, 0, A4, 0xc0000201, 100); /* by a gateway that is to be asked for */
	host_in(0, p.b, p.n);
	assert_int_equal(sent_to_wire(), 1);
}

/* The port's state after a restart is the configuration's again for the next test. */
static int again(void **state)
{
	host_leave_nothing();
	host_teardown(state);
	return host_start(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_driver, host_setup, host_teardown),
	        cmocka_unit_test_setup_teardown(test_driver_while_asking, host_setup,
	                                        host_teardown),
	        cmocka_unit_test_setup_teardown(test_driver_with_queue, host_setup, host_teardown),
	        cmocka_unit_test_setup_teardown(test_wire_pulled, host_setup, host_teardown),
	        cmocka_unit_test_setup_teardown(test_other_mac, host_setup, host_teardown),
	        cmocka_unit_test_setup_teardown(test_told_again, host_setup, host_teardown),
	        cmocka_unit_test_setup_teardown(test_router, host_setup, again),
	        cmocka_unit_test_setup_teardown(test_first, host_setup, again),
	        cmocka_unit_test_setup_teardown(test_garbage, host_setup, again),
	};

	return cmocka_run_group_tests(tests, host_start, NULL);
}
