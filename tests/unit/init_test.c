/* init/: compositions that fit machines of many sizes, and what each child is told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/init_plan.h"

static void test_plans(void **state)
{
	static const uint32_t frames[] = {1100, 2000, 3500, 8000, 40000};

	(void)state;
	for (uint32_t cores = 1; cores <= 4; cores++)
		for (uint32_t ports = 1; ports <= MX_PORTS; ports++)
			for (size_t f = 0; f < 5; f++) {
				make(cores, ports, frames[f], 65536);
				configure_all(ports);
				compose_all(ALL);
				plan_cores();
				if (!budget_frames()) {
					assert_true(ports > 3 && f < 2);
					continue;
				}
				assert_int_equal(budget_memory(), NO_CHILD);
				check_plan(cores * frames[f]);
			}
}

static void test_ports_in_order_of_address(void **state)
{
	(void)state;
	make(2, 4, 4000, 65536);
	assert_int_equal(init.present, 4);
	assert_int_equal(init.device[0], 3);
	assert_int_equal(init.device[3], 0);
	assert_int_equal(init.device[4], -1);
}

static void test_composition(void **state)
{
	(void)state;
	make(2, 1, 4000, 65536);
	configure_all(2);
	assert_false(init.routing);
	assert_string_equal(said,
	                    "config:3: 'eth1': the machine has no such port, it is left out\n");
	compose_all(ALL);
	assert_int_equal(init.children_n, 5);
	make(2, 2, 4000, 65536);
	configure_all(1);
	assert_true(init.routing);
	assert_string_equal(said, "moxie: eth1 is not configured and stays off\n");
	make(2, 2, 4000, 65536);
	configure("set system composition httpd\nset interfaces ethernet eth1 address 10.0.0.1/8\n"
	          "set interfaces ethernet eth0 disable\n");
	assert_false(init.routing);
	assert_int_equal(init.active, 2);
}

static void test_wishes(void **state)
{
	const struct mx_spawn *router = &init.children[1].request;

	(void)state;
	make(2, 2, 40000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/8\n"
	          "set system domain router core 0\nset system domain router memory 8M\n"
	          "set system domain router frames 5000\nset system domain router budget 7\n"
	          "set system domain eth0 core 5\nset system domain eth0 image other\n");
	compose_all(IN(ROLE_STACK));
	plan_cores();
	cores_tell();
	assert_true(budget_frames());
	assert_int_equal(budget_memory(), NO_CHILD);
	assert_int_equal(router->core, 0);
	assert_int_equal(router->heap, 2048);
	assert_int_equal(router->quota, 5000);
	assert_int_equal(router->budget, 7);
	assert_null(init.children[1].image);
	assert_string_equal(init.children[2].image, "other");
	assert_non_null(
	        strstr(said, "config:6: '5': the machine has 2 cores, eth0 stays on core 0\n"));
}

static void test_too_small(void **state)
{
	(void)state;
	make(1, 2, 500, 65536);
	configure_all(2);
	compose_all(ALL);
	plan_cores();
	assert_false(budget_frames());
	assert_non_null(strstr(said, "moxie: not enough memory: 500 frames, "));
	make(2, 2, 8000, 500);
	configure_all(2);
	compose_all(ALL);
	plan_cores();
	assert_true(budget_frames());
	assert_int_not_equal(budget_memory(), NO_CHILD);
	assert_non_null(strstr(said, "moxie: not enough memory for "));
}

/* What a child is told, one letter a message. */
static const char *told(uint32_t child)
{
	static const char letters[] = "?PARSG";
	static char text[64];
	struct mx_control m;
	uint32_t n = 0;

	while (control_next(&init.children[child], &m)) {
		assert_true(n < sizeof text - 2);
		text[n++] = letters[m.op];
		if (m.op == MX_CTL_PORT || m.op == MX_CTL_ADDRESS)
			text[n++] = (char)('0' + m.port);
	}
	text[n] = 0;
	return text;
}

static void test_told(void **state)
{
	(void)state;
	make(2, 2, 8000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/24\n"
	          "set interfaces ethernet eth0 address fd00::1/64\n"
	          "set interfaces ethernet eth1 mtu 1400\n"
	          "set interfaces ethernet eth5 address 10.5.0.1/24\n"
	          "set protocols static route 10.9.0.0/16 next-hop 10.0.0.2\n"
	          "set protocols static route 10.8.0.0/16 next-hop 10.5.0.2\n"
	          "set protocols static route 10.7.0.0/16 blackhole\n"
	          "set service http port 8080\nset service iperf3\n");
	compose_all(ALL);
	assert_string_equal(told(0), "G");
	assert_string_equal(told(1), "P0P1A0A0RRG"); /* the router */
	assert_string_equal(told(2), "P0G");
	assert_string_equal(told(3), "P1G");
	assert_string_equal(told(4), "P0P1A0A0G"); /* the stack behind a router */
	assert_string_equal(told(5), "SG");
	assert_string_equal(told(6), "SG");
	assert_string_equal(told(5), "");
	init.routing = false;
	compose_all(ALL);
	assert_string_equal(told(1), "P0P1A0A0RRG"); /* the stack alone */
}

static void test_sums(void **state)
{
	struct mx_control a = {.port = 0, .value = 5, .name = "rx"}, b = a, c = a;
	const struct mx_control *m;

	(void)state;
	b.port = 1;
	strcpy(c.name, "tx");
	sums_clear();
	sums_add(&a);
	sums_add(&b);
	sums_add(&c);
	sums_add(&c); /* of a replica that begins elsewhere */
	sums_add(&a);
	m = sums_next();
	assert_int_equal(m->value, 10);
	m = sums_next();
	assert_int_equal(m->port, 1);
	assert_int_equal(m->value, 5);
	assert_true(sums_left());
	m = sums_next();
	assert_string_equal(m->name, "tx");
	assert_int_equal(m->value, 10);
	assert_false(sums_left());
	assert_null(sums_next());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plans),
	        cmocka_unit_test(test_ports_in_order_of_address),
	        cmocka_unit_test(test_composition),
	        cmocka_unit_test(test_wishes),
	        cmocka_unit_test(test_too_small),
	        cmocka_unit_test(test_told),
	        cmocka_unit_test(test_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) + init_cores_tests() + init_pairs_tests() +
	       init_kept_tests();
}
