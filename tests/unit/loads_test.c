/*
 * init/loads.c and move.c: what is asked of whom, who is never moved, and what init then knows.
 *
 * The executive is a few lines here: a machine of two cores whose loads the test sets, and what it
 * says to a move.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/init_host.h"

enum { CONSOLE, ROUTER, DRIVER, STACK, HTTPD, APP, CHILDREN_N };
#define OTHER  99u /* the handle of the app that was started again */
#define MINUTE (60 * MX_S)

struct init init;
uint64_t mx_notify_mask;
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
static uint32_t core_load[2], child_load[CHILDREN_N]; /* per mille */
static uint64_t idle[2], ran[CHILDREN_N];
static int64_t move_result;
static uint32_t busy; /* so many requests come while something else is under way */
static uint32_t asked_cores, asked_children, moves;
static struct mx_move moved;

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct mx_stat *stat = (struct mx_stat *)(uintptr_t)b;
	uint32_t child;

	(void)c;
	assert_int_equal(nr, MX_TRAP_SPAWN);
	if (a == MX_SPAWN_MOVE && busy) {
		busy--;
		return MX_EBUSY;
	}
	if (a == MX_SPAWN_MOVE) {
		moved = *(struct mx_move *)(uintptr_t)b;
		moves++;
		((struct mx_move *)(uintptr_t)b)->pause_ns = 1234567;
		return move_result;
	}
	assert_int_equal(a, MX_SPAWN_STAT);
	assert_true(stat->core < 2);
	if (!stat->child) {
		asked_cores++;
		stat->idle_ns = idle[stat->core];
		return 0;
	}
	asked_children++;
	child = stat->child == OTHER ? APP : stat->child - 1;
	assert_true(child < CHILDREN_N);
	assert_int_equal(stat->core, init.children[child].request.core);
	stat->ran_ns = ran[child];
	return 0;
}

/* Placement has nothing against any core. */
int64_t cores_against(const struct child *c, uint32_t core)
{
	(void)c, (void)core;
	return 0;
}

/* Until `span` has passed; from turn to turn as init would. */
static void pass(uint64_t span)
{
	uint64_t until = now + span;

	while (now < until) {
		uint64_t step;

		wake = until;
		loads_turn();
		step = wake - now;
		assert_true(step);
		for (uint32_t i = 0; i < 2; i++)
			idle[i] += step / 1000 * (1000 - core_load[i]);
		for (uint32_t i = 0; i < CHILDREN_N; i++)
			ran[i] += step / 1000 * child_load[i];
		now = wake;
	}
}

/* All but console and stack on core 1. */
static int setup(void **state)
{
	static const enum role roles[] = {ROLE_CONSOLE, ROLE_ROUTER, ROLE_DRIVER,
	                                  ROLE_STACK,   ROLE_HTTPD,  ROLE_IPERF3};

	(void)state;
	memset(core_load, 0, sizeof core_load);
	memset(child_load, 0, sizeof child_load);
	asked_cores = asked_children = moves = busy = 0;
	said[0] = 0;
	move_result = MX_OK;
	boot.cores = 2;
	memset(&init, 0, sizeof init);
	init.children_n = CHILDREN_N;
	init.routing = true;
	for (uint32_t i = 0; i < CHILDREN_N; i++) {
		struct child *c = &init.children[i];

		*c = (struct child){.role = roles[i], .life = LIFE_READY, .handle = i + 1};
		c->request.core = i == ROUTER || i == DRIVER || i >= HTTPD;
		snprintf(c->request.name, sizeof c->request.name, "d%u", i);
	}
	now += 60 * MINUTE; /* what was before is forgiven */
	pass(MINUTE);
	asked_cores = asked_children = 0;
	return 0;
}

/* The app takes what router and driver leave. */
static void crowd(void)
{
	core_load[0] = 100;
	core_load[1] = 1000;
	child_load[ROUTER] = 250;
	child_load[DRIVER] = 150;
	child_load[APP] = 600;
}

static void test_moves_the_app(void **state)
{
	(void)state;
	crowd();
	init.children[APP].watch.looked = true;
	pass(20 * MX_S);
	assert_int_equal(moves, 1);
	assert_int_equal(moved.child, APP + 1);
	assert_int_equal(moved.core, 0);
	assert_int_equal(moved.flags, 0);
	assert_int_equal(init.children[APP].request.core, 0);
	assert_false(init.children[APP].watch.looked);
	assert_string_equal(said,
	                    "moxie: d5 moved from core 1 to core 0 (1.234 ms): core 1 was busy for "
	                    "100 % of the time");
}

static void test_off(void **state)
{
	(void)state;
	crowd();
	init.config.migration = CONFIG_OFF;
	pass(MINUTE);
	assert_int_equal(moves + asked_cores, 0);
}

static void test_fixed(void **state)
{
	(void)state;
	crowd();
	init.children[APP].core_set = true;
	pass(MINUTE);
	assert_int_equal(moves, 0);
}

/* Of router and driver none goes away, whoever else cannot. */
static void test_path_stays(void **state)
{
	(void)state;
	crowd();
	child_load[APP] = 0;
	child_load[ROUTER] = child_load[DRIVER] = 500;
	pass(MINUTE);
	assert_int_equal(moves, 0);
}

static void test_not_permitted(void **state)
{
	(void)state;
	crowd();
	move_result = MX_EPERM;
	pass(10 * MINUTE);
	assert_int_equal(moves, 1);
	assert_int_equal(init.children[APP].request.core, 1);
	assert_string_equal(said, "moxie: d5 cannot be moved to core 0: not permitted (-8)");
	init.children[APP].handle = OTHER; /* its successor is another */
	pass(10 * MINUTE);
	assert_int_equal(moves, 2);
}

/* It is tried again, but more and more seldom. */
static void test_no_memory(void **state)
{
	(void)state;
	crowd();
	move_result = MX_ENOMEM;
	pass(10 * MINUTE);
	assert_in_range(moves, 3, 12);
}

/* Asked again while something else is under way, but not for ever. */
static void test_busy(void **state)
{
	(void)state;
	busy = 10;
	assert_true(move_command(&init.children[HTTPD], "0"));
	assert_int_equal(moves, 1);
	said[0] = 0;
	busy = 1000000;
	assert_true(move_command(&init.children[HTTPD], "1"));
	assert_int_equal(moves, 1);
	assert_in_range(busy, 900000, 999999);
	assert_int_equal(init.children[HTTPD].request.core, 0);
	assert_string_equal(
	        said, "moxie: d4 cannot be moved to core 1: something else is under way (-10)");
}

/* Nobody is asked for its load, and the cores seldom. */
static void test_idle(void **state)
{
	(void)state;
	pass(MINUTE);
	assert_int_equal(asked_children, 0);
	assert_in_range(asked_cores, 2, 2 * 16);
}

static void test_command(void **state)
{
	static const struct {
		const char *words, *answer;
		uint32_t flags;
	} good[] = {{"0", "", 0}, {"0 copy", "", MX_MOVE_COPY}};
	static const char *const wrong[] = {"",   "x",  "-1",      "+0",     " 0",
	                                    "0x", "0 ", "0 copyy", "0 copy "};

	(void)state;
	for (uint32_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(move_command(&init.children[HTTPD], wrong[i]));
	assert_int_equal(moves, 0);
	for (uint32_t i = 0; i < sizeof good / sizeof *good; i++) {
		init.children[HTTPD].request.core = 1;
		assert_true(move_command(&init.children[HTTPD], good[i].words));
		assert_int_equal(moves, i + 1);
		assert_int_equal(moved.flags, good[i].flags);
		assert_int_equal(init.children[HTTPD].request.core, 0);
	}
	assert_true(move_command(&init.children[HTTPD], "0"));
	assert_true(move_command(&init.children[HTTPD], "99999999999999999999"));
	init.children[HTTPD].life = LIFE_ENDED;
	assert_true(move_command(&init.children[HTTPD], "1"));
	assert_int_equal(moves, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_moves_the_app, setup),
	        cmocka_unit_test_setup(test_off, setup),
	        cmocka_unit_test_setup(test_fixed, setup),
	        cmocka_unit_test_setup(test_path_stays, setup),
	        cmocka_unit_test_setup(test_not_permitted, setup),
	        cmocka_unit_test_setup(test_no_memory, setup),
	        cmocka_unit_test_setup(test_busy, setup),
	        cmocka_unit_test_setup(test_idle, setup),
	        cmocka_unit_test_setup(test_command, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
