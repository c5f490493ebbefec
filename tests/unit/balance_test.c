/*
 * init/balance.c: which domain moves under which loads, and that moving comes to an end.
 *
 * A machine is played whose cores share their time fairly: a domain gets what it wants, or as much
 * as any other that wants more. Time goes from look to look.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "init/balance.h"

#define GREEDY 1000u /* never has enough */
#define S      1000000000ull

static struct balance b;
static uint32_t demand[BALANCE_DOMAINS];
static int64_t against[BALANCE_DOMAINS][MX_CORES_MAX];
static uint64_t now;
static uint32_t moves;
static struct balance_move last;

static int64_t cost(uint32_t domain, uint32_t core)
{
	return against[domain][core];
}

static void machine(uint32_t cores)
{
	memset(&b, 0, sizeof b);
	memset(against, 0, sizeof against);
	memset(&last, 0, sizeof last);
	b.cores_n = cores;
	b.cost = cost;
	for (uint32_t i = 0; i < cores; i++)
		b.cores[i].lives = true;
	now = 100 * S;
	moves = 0;
}

static uint32_t add(uint32_t core, uint32_t wants, bool may_move)
{
	uint32_t i = b.domains_n++;

	b.domains[i].core = core;
	b.domains[i].moves = may_move;
	demand[i] = wants;
	return i;
}

/* The most that any domain of the core gets, so that all together get what there is. */
static uint32_t level_of(uint32_t core)
{
	uint32_t level = 0;

	for (; level < GREEDY; level++) {
		uint32_t sum = 0;

		for (uint32_t i = 0; i < b.domains_n; i++)
			if (b.domains[i].core == core)
				sum += demand[i] < level + 1 ? demand[i] : level + 1;
		if (sum > BALANCE_ALL)
			break;
	}
	return level;
}

static void share_time(void)
{
	for (uint32_t c = 0; c < b.cores_n; c++) {
		uint32_t level = level_of(c);

		b.cores[c].load = 0;
		for (uint32_t i = 0; i < b.domains_n; i++) {
			if (b.domains[i].core != c)
				continue;
			b.domains[i].load = demand[i] < level ? demand[i] : level;
			b.cores[c].load += b.domains[i].load;
		}
	}
}

/* One look, and what it says is done; true: something moved. */
static bool look(void)
{
	struct balance_move m;

	share_time();
	m = balance_look(&b, now);
	if (m.domain != BALANCE_NONE) {
		assert_true(m.domain < b.domains_n && m.core < b.cores_n);
		assert_int_equal(m.from, b.domains[m.domain].core);
		assert_int_not_equal(m.from, m.core);
		b.domains[m.domain].core = m.core;
		balance_moved(&b, m.domain, now);
		last = m;
		moves++;
	}
	assert_true(balance_wait(&b) && balance_wait(&b) <= BALANCE_LATE);
	now += balance_wait(&b);
	return m.domain != BALANCE_NONE;
}

static void looks(uint32_t n)
{
	while (n--)
		look();
}

/* Driver, router, driver, and an application beside them. */
static void crowd(uint32_t load)
{
	add(1, load, false);
	add(1, load, false);
	add(1, load, false);
}

static void test_foreigner_makes_room(void **state)
{
	uint32_t app;

	(void)state;
	machine(2);
	crowd(250);
	add(0, 20, true);
	looks(4);
	app = add(1, GREEDY, true);
	assert_false(look()); /* once is not enough */
	assert_true(look());
	assert_int_equal(last.domain, app);
	assert_int_equal(last.core, 0);
	looks(1000);
	assert_int_equal(moves, 1);
}

/* What it wants is not known by then: those beside it never got what they want. */
static void test_foreigner_was_first(void **state)
{
	(void)state;
	machine(2);
	add(1, GREEDY, true);
	crowd(250);
	add(0, 20, true);
	looks(3);
	assert_int_equal(moves, 1);
	assert_int_equal(last.domain, 0);
}

static void test_alone_stays(void **state)
{
	(void)state;
	machine(2);
	add(1, GREEDY, true);
	add(1, BALANCE_BUSY - 10, true);
	looks(100);
	assert_int_equal(moves, 0);
}

static void test_fixed_stays(void **state)
{
	(void)state;
	machine(2);
	crowd(250);
	add(1, GREEDY, false);
	looks(100);
	assert_int_equal(moves, 0);
}

static void test_nowhere_to_go(void **state)
{
	(void)state;
	machine(2);
	crowd(250);
	add(1, GREEDY, true);
	add(0, BALANCE_ROOM + 100, true);
	looks(100);
	assert_int_equal(moves, 0);
	b.cores[0].lives = false; /* nor is a core that was lost a place to go to */
	demand[4] = 0;
	looks(100);
	assert_int_equal(moves, 0);
}

/* A core that has enough to do for a moment is not crowded. */
static void test_spikes(void **state)
{
	(void)state;
	machine(2);
	crowd(250);
	add(1, 0, true);
	for (uint32_t i = 0; i < 1000; i++) {
		demand[3] = i % 2 ? GREEDY : 0;
		look();
	}
	assert_int_equal(moves, 0);
}

/* It works half of the time, whatever core it is on and whoever works there then. */
static void test_oscillating(void **state)
{
	uint64_t until;

	(void)state;
	machine(2);
	crowd(250);
	add(1, GREEDY, true);
	for (uint32_t i = 0; i < 4; i++)
		add(0, 0, false);
	for (until = now + 3600 * S; now < until;) {
		bool odd = now / (20 * S) % 2;

		for (uint32_t i = 0; i < 3; i++)
			demand[i] = odd ? 300 : 0;
		for (uint32_t i = 4; i < 8; i++)
			demand[i] = odd ? 0 : 240;
		look();
	}
	/* 180 times it would have been better elsewhere. */
	assert_in_range(moves, 2, 20);
}

/* Put on the core from which it will move, as soon as it may. */
static void put_back(uint32_t domain)
{
	uint32_t before = moves;

	b.domains[domain].core = 1;
	while (now < b.domains[domain].until)
		assert_false(look());
	looks(4);
	assert_int_equal(moves, before + 1);
}

/* Each move is followed by a longer stay; to who has stayed long enough all is forgiven. */
static void test_stay(void **state)
{
	uint64_t stay = BALANCE_STAY;

	(void)state;
	machine(2);
	crowd(250);
	add(1, GREEDY, true);
	looks(3);
	while (stay < BALANCE_STAY_MOST) {
		assert_int_equal(b.domains[3].stay, stay);
		put_back(3);
		stay *= 2;
	}
	put_back(3);
	assert_int_equal(b.domains[3].stay, stay);
	now = b.domains[3].until + BALANCE_CALM;
	put_back(3);
	assert_int_equal(b.domains[3].stay, BALANCE_STAY);
}

/* The one that talks to somebody there moves not, the other does. */
static void test_talk(void **state)
{
	uint32_t talker, other;

	(void)state;
	machine(3);
	talker = add(1, 500, true);
	other = add(1, 480, true);
	against[talker][0] = against[talker][2] = 100;
	against[other][2] = 10;
	looks(3);
	assert_int_equal(moves, 1);
	assert_int_equal(last.domain, other);
	assert_int_equal(last.core, 0); /* not 2, which is farther */
	against[other][1] = 2000;       /* even so: its core is not crowded any more */
	looks(100);
	assert_int_equal(moves, 1);
}

/* Whatever the loads: while they stay as they are, moving ends, and no core's crowd has grown. */
static void test_comes_to_an_end(void **state)
{
	(void)state;
	srandom(6);
	for (uint32_t round = 0; round < 500; round++) {
		uint32_t cores = 2 + (uint32_t)random() % 4, n = 2 + (uint32_t)random() % 10;

		machine(cores);
		for (uint32_t i = 0; i < n; i++)
			add((uint32_t)random() % cores,
			    (uint32_t)random() % 3 ? (uint32_t)random() % 600 : GREEDY,
			    random() % 4);
		looks(300);
		moves = 0;
		now += 2 * BALANCE_CALM;
		looks(300);
		assert_int_equal(moves, 0);
	}
}

/* Looks become rare where nothing works, and frequent when something does. */
static void test_idle_is_left_alone(void **state)
{
	(void)state;
	machine(4);
	crowd(0);
	looks(8);
	assert_int_equal(balance_wait(&b), BALANCE_LATE);
	demand[0] = 400;
	looks(1);
	assert_int_equal(balance_wait(&b), BALANCE_SOON);
	assert_true(balance_works(&b));
	looks(8);
	assert_int_equal(balance_wait(&b), BALANCE_WORK);
	demand[0] = 0;
	looks(9);
	assert_int_equal(balance_wait(&b), BALANCE_LATE);
	assert_false(balance_works(&b));
	assert_int_equal(moves, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_foreigner_makes_room),
	        cmocka_unit_test(test_foreigner_was_first),
	        cmocka_unit_test(test_alone_stays),
	        cmocka_unit_test(test_fixed_stays),
	        cmocka_unit_test(test_nowhere_to_go),
	        cmocka_unit_test(test_spikes),
	        cmocka_unit_test(test_oscillating),
	        cmocka_unit_test(test_stay),
	        cmocka_unit_test(test_talk),
	        cmocka_unit_test(test_comes_to_an_end),
	        cmocka_unit_test(test_idle_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
