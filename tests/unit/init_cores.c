/* init/cores.c: which core each child comes to, and what is said of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/init_plan.h"

/* The cores of console, drivers, router, stack, httpd, iperf3, one letter each. */
static const char *cores(void)
{
	static char text[CHILDREN + 1];

	memset(text, 0, sizeof text);
	for (uint32_t role = 0, n = 0; role < ROLES; role++)
		for (uint32_t i = 0; i < init.children_n; i++)
			if (init.children[i].role == role)
				text[n++] = (char)('0' + init.children[i].request.core);
	return text;
}

static const char *placed(uint32_t on, uint32_t ports, const char *composition)
{
	char text[512] = "set service http\nset service iperf3\n";

	make(on, ports, 40000, 65536);
	for (uint32_t i = 0; i < ports; i++)
		sprintf(text + strlen(text), "set interfaces ethernet eth%u address 10.0.%u.1/24\n",
		        i, i);
	sprintf(text + strlen(text), "set system composition %s\n", composition);
	configure(text);
	compose_all(ALL);
	plan_cores();
	return cores();
}

/* What docs/configuration.md tells of machines whose cores are all alike. */
static void test_placements(void **state)
{
	(void)state;
	assert_string_equal(placed(1, 2, "router"), "0000000");
	assert_string_equal(placed(2, 2, "router"), "0111000");
	assert_string_equal(placed(3, 2, "router"), "0111222");
	assert_string_equal(placed(4, 2, "router"), "0111222");
	assert_string_equal(placed(8, 4, "router"), "011111222");
	assert_string_equal(placed(1, 2, "httpd"), "000000");
	assert_string_equal(placed(2, 2, "httpd"), "011111");
	assert_string_equal(placed(3, 2, "httpd"), "011111");
	assert_string_equal(placed(4, 1, "httpd"), "01111");
}

/* With the devices in one node of two, all that packets pass is there, and who talks to it. */
static void test_nodes(void **state)
{
	(void)state;
	for (uint32_t node = 0; node < 2; node++) {
		know(2, 4);
		know_path(MX_PATH_NODES, 0, 1, 30);
		know_device(0x100, node);
		know_device(0xf8, node);
		assert_string_equal(placed(8, 2, "router"), node ? "0444555" : "0111222");
	}
	replica = NULL;
}

/* What a boot measured differs from pair to pair; only a pair that is off by half is another. */
static void test_measured(void **state)
{
	static struct placement p;

	(void)state;
	know(1, 4);
	for (uint32_t b = 1; b < 4; b++)
		for (uint32_t a = 0; a < b; a++)
			know_path(MX_PATH_CORES, a, b,
			          a == 1 && b == 2 ? 2000 : 700 + 37 * (a + b));
	p.cores = 4;
	distance_fill(&p);
	for (uint32_t b = 0; b < 4; b++)
		for (uint32_t a = 0; a < 4; a++)
			assert_int_equal(p.message[a][b] / 100, a == b                 ? 0
			                                        : a + b == 3 && a && b ? 22
			                                                               : 16);
	assert_string_equal(placed(4, 2, "router"), "0111333");
	replica = NULL;
}

static bool tells(const char *line)
{
	return strstr(said, line) != NULL;
}

static void test_reasons(void **state)
{
	(void)state;
	placed(4, 2, "router");
	cores_tell();
	assert_true(tells("moxie: placement: eth0 on core 1 (with router: "));
	assert_true(tells("moxie: placement: router on core 1 (with eth0, eth1: "));
	assert_true(tells("moxie: placement: httpd on core 2 (with stack: "));
	make(2, 2, 40000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/8\nset system domain stack core "
	          "1\n");
	compose_all(IN(ROLE_STACK));
	plan_cores();
	cores_tell();
	assert_string_equal(cores(), "1001");
	assert_true(tells("moxie: placement: stack on core 1 (config:2)\n"));
	assert_true(tells("moxie: placement: router on core 0 (with eth0: "));
	said[0] = 0;
	placed(1, 2, "router");
	cores_tell();
	assert_true(tells("moxie: placement: iperf3 on core 0 (there is no other)\n"));
}

/* Who lived on the lost core goes elsewhere, all at once and together; nobody else moves. */
static void test_core_lost(void **state)
{
	(void)state;
	assert_string_equal(placed(4, 2, "router"), "0111222");
	for (uint32_t i = 0; i < init.children_n; i++)
		init.children[i].life = LIFE_READY;
	assert_false(cores_again(0, init.children_n));
	lost = 1u << 1;
	for (uint32_t i = 0; i < init.children_n; i++)
		if (init.children[i].request.core == 1)
			init.children[i].life = LIFE_ENDED;
	said[0] = 0;
	assert_false(cores_again(4, 5)); /* the stack */
	assert_true(cores_again(1, 2));  /* the router */
	assert_string_equal(cores(), "0333222");
	assert_true(tells("moxie: placement: eth1 on core 3 "));
	assert_false(tells("stack on core"));
	assert_false(cores_again(1, 2));
	assert_true(cores_again(2, 4)); /* its drivers went with it */
	assert_false(cores_again(4, init.children_n));
	assert_false(cores_again(0, init.children_n));
}

/* An application beside the router is against the rule; beside the stack it saves talk. */
static void test_against(void **state)
{
	struct child *httpd;

	(void)state;
	placed(4, 2, "router");
	for (uint32_t i = 0; i < init.children_n; i++)
		init.children[i].life = LIFE_READY;
	httpd = &init.children[init.children_n - 2];
	assert_true(cores_against(httpd, 1) > cores_against(httpd, 2) + CORE / 4);
	assert_true(cores_against(httpd, 3) > cores_against(httpd, 2) + CORE / 10);
	assert_true(cores_against(httpd, 3) < cores_against(httpd, 1));
}

/* Its core has no memory: the best of the others, until none is left; a fixed one stays. */
static void test_other_core(void **state)
{
	struct child *httpd;

	(void)state;
	placed(4, 2, "router");
	httpd = &init.children[init.children_n - 2];
	assert_true(cores_other(httpd, 1u << 2));
	assert_int_equal(httpd->request.core, 3);
	assert_true(tells("moxie: core 2 has no memory for httpd\n"));
	assert_true(cores_other(httpd, 3u << 2));
	assert_int_equal(httpd->request.core, 0);
	assert_false(cores_other(httpd, 0xf));
	httpd->core_set = true;
	assert_false(cores_other(httpd, 1));
}

int init_cores_tests(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_placements), cmocka_unit_test(test_nodes),
	        cmocka_unit_test(test_measured),   cmocka_unit_test(test_reasons),
	        cmocka_unit_test(test_core_lost),  cmocka_unit_test(test_against),
	        cmocka_unit_test(test_other_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
