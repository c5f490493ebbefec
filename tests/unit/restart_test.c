/*
 * init/restart.c and watchdog.c: what is started again, in which order, and who is found to hang.
 *
 * Spawn and the executive are a few lines here that write down what they were asked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/init_host.h"

enum { CONSOLE, ROUTER, LEAD, FOLLOWER, CHILDREN_N };

struct init init;
uint64_t mx_notify_mask;
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
static uint64_t ran, idle;    /* what the executive says */
static uint32_t create_fails; /* calls from now on */
static uint32_t start_fails;  /* set of children */
static bool listening;
static char did[256];

static void note(char what, uint32_t child)
{
	size_t n = strlen(did);

	snprintf(did + n, sizeof did - n, "%c%u ", what, child);
}

/* What was done since the last look. */
static const char *done(void)
{
	static char copy[sizeof did];

	strcpy(copy, did);
	did[0] = 0;
	return copy;
}

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct mx_stat *stat = (struct mx_stat *)(uintptr_t)b;

	(void)nr;
	(void)c;
	if (a == MX_SPAWN_STAT) {
		stat->ran_ns = ran;
		stat->idle_ns = idle;
		return 0;
	}
	assert_int_equal(a, MX_SPAWN_KILL);
	for (uint32_t i = 0; i < init.children_n; i++)
		if (init.children[i].handle == b)
			note('K', i);
	return 0;
}

void report_ready(void)
{
}

bool counters_take(const struct child *c)
{
	(void)c;
	return listening;
}

static uint32_t lost; /* set of cores */

bool cores_again(uint32_t first, uint32_t end)
{
	bool moved = false;

	for (uint32_t i = first; i < end; i++)
		if (lost >> init.children[i].request.core & 1) {
			init.children[i].request.core = 0;
			moved = true;
		}
	return moved;
}

void kept_offer(struct child *c, uint32_t row)
{
	(void)c;
	(void)row;
}

bool spawn_create(struct child *c, bool first)
{
	static uint32_t handles;

	assert_false(first);
	if (create_fails) {
		create_fails--;
		return false;
	}
	c->handle = ++handles;
	c->life = LIFE_CREATED;
	note('C', (uint32_t)(c - init.children));
	return true;
}

bool spawn_join(const struct joint *j)
{
	note('B', j->a);
	return true;
}

bool spawn_start(struct child *c)
{
	uint32_t i = (uint32_t)(c - init.children);

	if (start_fails >> i & 1)
		return false;
	note('S', i);
	c->life = LIFE_STARTED;
	return true;
}

static int setup(void **state)
{
	static const struct joint joints[] = {{ROUTER, 1, CONSOLE, 9},
	                                      {LEAD, 2, ROUTER, 8},
	                                      {FOLLOWER, 2, ROUTER, 9},
	                                      {LEAD, 9, FOLLOWER, 3}};

	(void)state;
	init = (struct init){.children_n = CHILDREN_N, .joints_n = 4};
	memcpy(init.joints, joints, sizeof joints);
	for (uint32_t i = 0; i < CHILDREN_N; i++)
		init.children[i] =
		        (struct child){.role = i < LEAD ? (enum role)(2 * i) : ROLE_DRIVER,
		                       .pair = i == FOLLOWER,
		                       .life = LIFE_READY,
		                       .handle = 100 + i,
		                       .policy = {.limit = 3},
		                       .watch = {.limit = 2}};
	now += 1000 * MX_S; /* the watchdog has a clock of its own */
	wake = UINT64_MAX;
	create_fails = start_fails = 0;
	listening = true;
	did[0] = said[0] = 0;
	return 0;
}

static struct child *end(uint32_t i)
{
	struct child *c = &init.children[i];

	c->life = LIFE_ENDED;
	restart_ended(c);
	return c;
}

/* A device has a new owner when all have ended; the owner is started first. */
static void test_unit(void **state)
{
	(void)state;
	end(FOLLOWER);
	assert_string_equal(done(), "K2 ");
	restart_turn();
	assert_string_equal(done(), "");
	end(LEAD);
	assert_string_equal(done(), "");
	restart_turn();
	assert_string_equal(done(), "C2 C3 B2 B3 B2 S2 S3 ");
	assert_int_equal(init.children[LEAD].restarts, 1);
	assert_int_equal(init.children[FOLLOWER].restarts, 1);
	assert_int_equal(init.children[ROUTER].restarts, 0);
	init.children[LEAD].policy.row = 0;
	end(LEAD);
	assert_string_equal(done(), "K3 ");
	restart_turn();
	assert_string_equal(done(), "");
	end(FOLLOWER);
	restart_turn();
	assert_string_equal(done(), "C2 C3 B2 B3 B2 S2 S3 ");
}

/* What joins two that have ended is bound by the second to come back. */
static void test_peers_down(void **state)
{
	(void)state;
	init.children[ROUTER].policy.row = 1; /* it has to wait */
	end(LEAD);
	end(FOLLOWER);
	end(ROUTER);
	done();
	restart_turn();
	assert_string_equal(done(), "C2 C3 B2 S2 S3 ");
	assert_int_equal(wake, now + POLICY_FIRST);
	now = wake;
	restart_turn();
	assert_string_equal(done(), "C1 B1 B2 B3 S1 ");
}

/* No memory: tried again later, and what was made meanwhile is ended. */
static void test_create_fails(void **state)
{
	(void)state;
	create_fails = 1;
	end(ROUTER);
	restart_turn();
	assert_string_equal(done(), "");
	assert_int_equal(wake, now + POLICY_FIRST);
	now = wake;
	restart_turn();
	assert_string_equal(done(), "C1 B1 B2 B3 S1 ");
	assert_int_equal(init.children[ROUTER].restarts, 1);
}

static void test_start_fails(void **state)
{
	(void)state;
	start_fails = 1u << FOLLOWER;
	end(LEAD);
	end(FOLLOWER);
	done();
	restart_turn();
	assert_string_equal(done(), "C2 C3 B2 B3 B2 S2 K2 K3 ");
	assert_int_equal(init.children[LEAD].restarts, 0);
	start_fails = 0;
	end(LEAD);
	done();
	restart_turn(); /* the other has not ended yet */
	assert_string_equal(done(), "");
	end(FOLLOWER);
	restart_turn();
	assert_int_equal(wake, now + POLICY_FIRST);
	now = wake;
	restart_turn();
	assert_string_equal(done(), "C2 C3 B2 B3 B2 S2 S3 ");
}

/* The operator's kill is not counted, however often. */
static void test_kill(void **state)
{
	struct child *c = &init.children[ROUTER];

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		c->life = LIFE_READY;
		restart_ready(c);
		assert_int_equal(restart_kill(c), MX_OK);
		end(ROUTER);
		assert_int_not_equal(restart_kill(c), MX_OK);
		restart_turn();
		assert_string_equal(done(), "K1 C1 B1 B2 B3 S1 ");
	}
	assert_int_equal(c->restarts, 10);
	assert_int_equal(c->policy.row, 0);
}

static void test_given_up(void **state)
{
	struct child *c = &init.children[ROUTER];

	(void)state;
	for (uint32_t i = 0; i <= c->policy.limit; i++, now += POLICY_MOST) {
		end(ROUTER);
		restart_turn();
		now += POLICY_MOST;
		restart_turn();
	}
	assert_true(restart_given_up(c));
	assert_int_equal(c->restarts, 3);
	assert_non_null(strstr(said, "moxie:  stays down: it was restarted too often"));
	done();
	restart_turn();
	assert_string_equal(done(), "");
	assert_true(restart_start(c));
	restart_turn();
	assert_string_equal(done(), "C1 B1 B2 B3 S1 ");
	assert_false(restart_start(c));
}

static void ask(void)
{
	watchdog_turn();
	now += 6 * MX_S;
	watchdog_turn();
	for (uint32_t i = 0; i < CHILDREN_N; i++)
		assert_int_equal(init.children[i].watch.state, WATCH_DUE);
}

static void answer(uint32_t i)
{
	watchdog_hear(&init.children[i], init.children[i].watch.ticket);
}

/* All but the router answer. */
static void look(void)
{
	answer(CONSOLE);
	answer(LEAD);
	answer(FOLLOWER);
	now += MX_S;
	watchdog_turn();
}

/* The first look only begins; then it runs, or its core idles, and it does not answer. */
static void test_hangs(void **state)
{
	(void)state;
	ask();
	watchdog_hear(&init.children[ROUTER], init.children[ROUTER].watch.ticket - 1);
	look();
	ran++;
	look();
	assert_string_equal(done(), "");
	idle++;
	look();
	assert_string_equal(done(), "K1 ");
}

/* Nobody ran: a host that gives the core no time. */
static void test_starved(void **state)
{
	(void)state;
	ask();
	for (uint32_t i = 0; i < 1000; i++)
		look();
	assert_string_equal(done(), "");
	ran++;
	look();
	answer(ROUTER);
	ran++;
	look();
	assert_string_equal(done(), "");
}

/* Init itself does not listen, because the console is slow. */
static void test_unheard(void **state)
{
	(void)state;
	ask();
	listening = false;
	for (uint32_t i = 0; i < 10; i++, ran++)
		look();
	assert_string_equal(done(), "");
}

static void test_not_watched(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < CHILDREN_N; i++)
		init.children[i].watch.limit = 0;
	for (uint32_t i = 0; i < 30; i++, ran++)
		look();
	for (uint32_t i = 0; i < CHILDREN_N; i++)
		assert_int_equal(init.children[i].watch.state, WATCH_IDLE);
	assert_string_equal(done(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_unit, setup),
	        cmocka_unit_test_setup(test_peers_down, setup),
	        cmocka_unit_test_setup(test_create_fails, setup),
	        cmocka_unit_test_setup(test_start_fails, setup),
	        cmocka_unit_test_setup(test_kill, setup),
	        cmocka_unit_test_setup(test_given_up, setup),
	        cmocka_unit_test_setup(test_hangs, setup),
	        cmocka_unit_test_setup(test_starved, setup),
	        cmocka_unit_test_setup(test_unheard, setup),
	        cmocka_unit_test_setup(test_not_watched, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
