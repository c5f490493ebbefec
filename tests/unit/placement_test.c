/*
 * init/placement.c: the joint decision, on made-up machines and against trying all placements.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "init/placement.h"

#define PERCENT (CORE / 100)
#define LINE    1000u /* ns a message between cores of a node */
#define FAR     3000u /* and of two nodes */

static struct placement p;

/* Cores of nodes that have `each`, all usable, with memory for anything. */
static void machine(uint32_t cores, uint32_t each)
{
	memset(&p, 0, sizeof p);
	p.cores = cores;
	p.usable = (1u << cores) - 1;
	for (uint32_t a = 0; a < cores; a++) {
		p.memory[a] = 100000;
		for (uint32_t b = 0; b < cores; b++)
			p.message[a][b] = a == b ? 0 : a / each == b / each ? LINE : FAR;
	}
}

static uint32_t domain(uint32_t percent)
{
	p.domains[p.n] = (struct placed){.core = NOWHERE,
	                                 .want = (uint32_t)(percent * PERCENT),
	                                 .memory = 10,
	                                 .bond = NOBODY};
	return p.n++;
}

static uint32_t core_of(uint32_t i)
{
	return p.domains[i].core;
}

/* Its device is in that node. */
static void give_device(uint32_t i, uint32_t node, uint32_t each)
{
	p.domains[i].touches = 200000;
	for (uint32_t core = 0; core < p.cores; core++)
		p.domains[i].device[core] = core / each == node ? 0 : FAR - LINE;
}

enum { INIT, ROUTER, ETH0, ETH1, STACK, HTTPD };

static void fix(uint32_t i, uint32_t core)
{
	p.domains[i].core = core;
	p.domains[i].fixed = true;
}

static void appliance(uint32_t cores, uint32_t each)
{
	machine(cores, each);
	fix(domain(1), 0);
	p.domains[domain(30)].harm = CORE / 2;
	domain(30);
	domain(30);
	p.domains[domain(50)].risk = 1000;
	p.domains[domain(30)].risk = 1000;
	placement_talk(&p, ROUTER, ETH0, 200000);
	placement_talk(&p, ROUTER, ETH1, 200000);
	placement_talk(&p, ROUTER, STACK, 100000);
	placement_talk(&p, STACK, HTTPD, 50000);
	p.domains[ETH0].bond = p.domains[ETH1].bond = ROUTER;
}

static void assert_together(void)
{
	assert_int_equal(core_of(ETH0), core_of(ROUTER));
	assert_int_equal(core_of(ETH1), core_of(ROUTER));
}

static void test_appliance(void **state)
{
	(void)state;
	appliance(1, 1);
	placement_solve(&p);
	for (uint32_t i = 0; i < p.n; i++)
		assert_int_equal(core_of(i), 0);
	appliance(2, 2);
	placement_solve(&p);
	assert_together();
	assert_int_not_equal(core_of(STACK), core_of(ROUTER));
	assert_int_equal(core_of(HTTPD), core_of(STACK));
	for (uint32_t cores = 4; cores <= 16; cores *= 2) {
		appliance(cores, cores);
		placement_solve(&p);
		assert_together();
		assert_int_equal(core_of(ROUTER), 1);
		assert_int_equal(core_of(STACK), 2);
		assert_int_equal(core_of(HTTPD), 3);
	}
}

/* Who has the device draws all that it talks to; no domain alone would go. */
static void test_devices_node(void **state)
{
	(void)state;
	for (uint32_t node = 0; node < 2; node++) {
		appliance(8, 4);
		give_device(ETH0, node, 4);
		give_device(ETH1, node, 4);
		placement_solve(&p);
		assert_together();
		assert_int_equal(core_of(ROUTER) / 4, node);
		assert_int_equal(core_of(STACK) / 4, node);
	}
}

/* Without a bond each driver stays with its device, when that costs more than the way. */
static void test_devices_apart(void **state)
{
	(void)state;
	machine(4, 2);
	domain(10);
	domain(10);
	give_device(0, 0, 2);
	give_device(1, 1, 2);
	placement_talk(&p, 0, 1, 10000);
	placement_solve(&p);
	assert_int_equal(core_of(0) / 2, 0);
	assert_int_equal(core_of(1) / 2, 1);
}

static void test_fixed_and_lost(void **state)
{
	(void)state;
	appliance(4, 4);
	fix(ROUTER, 3);
	p.usable &= ~(1u << 2);
	placement_solve(&p);
	assert_int_equal(core_of(ROUTER), 3);
	assert_together();
	for (uint32_t i = 0; i < p.n; i++)
		assert_int_not_equal(core_of(i), 2);
}

/* What fits no longer is spread; what fits stays together. */
static void test_load(void **state)
{
	(void)state;
	machine(2, 2);
	domain(40);
	domain(40);
	placement_talk(&p, 0, 1, 300000); /* 30 % of a core when apart */
	placement_solve(&p);
	assert_int_equal(core_of(0), core_of(1));
	p.domains[0].want = p.domains[1].want = 60 * PERCENT;
	placement_solve(&p);
	assert_int_not_equal(core_of(0), core_of(1));
}

static void test_memory(void **state)
{
	(void)state;
	machine(2, 2);
	domain(10);
	domain(10);
	placement_talk(&p, 0, 1, 500000);
	p.memory[0] = p.memory[1] = 15;
	placement_solve(&p);
	assert_int_not_equal(core_of(0), core_of(1));
	p.memory[1] = 20;
	placement_solve(&p);
	assert_int_equal(core_of(0), 1);
	assert_int_equal(core_of(1), 1);
}

/* A replica a core as far as there are cores, each with its drivers. */
static void test_replicas(void **state)
{
	(void)state;
	for (uint32_t cores = 1; cores <= 8; cores *= 2) {
		uint32_t most = 0, at[8] = {0};

		machine(cores, cores);
		fix(domain(1), 0);
		for (uint32_t k = 0; k < 4; k++) {
			uint32_t router = domain(30), driver = domain(70);

			p.domains[router].replica = true;
			p.domains[driver].bond = router;
			placement_talk(&p, router, driver, 400000);
		}
		placement_solve(&p);
		for (uint32_t i = 1; i < p.n; i += 2) {
			assert_int_equal(core_of(i), core_of(i + 1));
			most = ++at[core_of(i)] > most ? at[core_of(i)] : most;
		}
		assert_int_equal(most, cores < 4 ? 4 / cores : 1);
	}
}

/* A machine and domains of any kind. */
static void scatter(uint32_t cores, uint32_t domains)
{
	machine(cores, 1 + (uint32_t)rand() % cores);
	for (uint32_t i = 0; i < domains; i++) {
		struct placed *d = &p.domains[domain((uint32_t)rand() % 70)];

		d->harm = rand() % 3 ? 0 : CORE / 2;
		d->risk = rand() % 2 ? 0 : 1000;
		d->replica = rand() % 4 == 0;
		if (rand() % 3 == 0)
			give_device(i, 0, 1);
		if (rand() % 5 == 0)
			fix(i, (uint32_t)rand() % cores);
		for (uint32_t j = 0; j < i; j++)
			if (rand() % 2)
				placement_talk(&p, i, j, (uint32_t)rand() % 300000);
	}
}

/* The least cost of all placements. */
static int64_t try_all(uint32_t i)
{
	int64_t least = INT64_MAX, cost;

	if (i == p.n)
		return placement_total(&p);
	if (p.domains[i].fixed)
		return try_all(i + 1);
	for (uint32_t core = 0; core < p.cores; core++) {
		p.domains[i].core = core;
		cost = try_all(i + 1);
		least = cost < least ? cost : least;
	}
	return least;
}

/* Never far from the best, most often the best; and the same each time. */
static void test_against_all(void **state)
{
	uint32_t best = 0, close = 0, rounds = 300;

	(void)state;
	srand(7);
	for (uint32_t i = 0; i < rounds; i++) {
		struct placement copy;
		int64_t found, least;

		scatter(2 + (uint32_t)rand() % 3, 5);
		copy = p;
		placement_solve(&p);
		found = placement_total(&p);
		placement_solve(&copy);
		for (uint32_t d = 0; d < p.n; d++)
			assert_int_equal(copy.domains[d].core, core_of(d));
		least = try_all(0);
		assert_true(found >= least);
		best += found == least;
		close += found <= least + least / 20;
	}
	print_message("the best %u times of %u, within 5 %% %u times\n", best, rounds, close);
	assert_true(best >= rounds * 9 / 10);
}

/* The parts add up to what a move changes, and no single move is better than what was found. */
static void test_parts(void **state)
{
	(void)state;
	srand(11);
	for (uint32_t round = 0; round < 100; round++) {
		int64_t before;

		scatter(2 + (uint32_t)rand() % 15, 2 + (uint32_t)rand() % (PLACED_MAX - 2));
		placement_solve(&p);
		before = placement_total(&p);
		for (uint32_t i = 0; i < p.n; i++) {
			uint32_t own = core_of(i), to = (uint32_t)rand() % p.cores;
			struct placement_parts a = placement_parts(&p, i, own);
			struct placement_parts b = placement_parts(&p, i, to);
			int64_t more = placement_sum(&b) - placement_sum(&a);

			assert_true(p.domains[i].fixed || more >= 0);
			p.domains[i].core = to;
			assert_int_equal(placement_total(&p), before + more);
			p.domains[i].core = own;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_appliance),     cmocka_unit_test(test_devices_node),
	        cmocka_unit_test(test_devices_apart), cmocka_unit_test(test_fixed_and_lost),
	        cmocka_unit_test(test_load),          cmocka_unit_test(test_memory),
	        cmocka_unit_test(test_replicas),      cmocka_unit_test(test_against_all),
	        cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
