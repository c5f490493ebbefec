/* init/adopt.c: who is taken over, how the plan is fitted to them, and who is ended or missed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "init/init.h"

enum { CONSOLE, DRIVER, ROUTER, CHILDREN_N };

struct init init;
uint64_t mx_notify_mask;
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
static struct mx_offspring lives[4];
static uint32_t lives_n, ended; /* handles as a set */
static uint32_t bound, missed;  /* children as sets */

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct mx_offspring *o = (struct mx_offspring *)(uintptr_t)b;
	uint32_t index;

	(void)c;
	assert_int_equal(nr, MX_TRAP_SPAWN);
	if (a == MX_SPAWN_KILL) {
		ended |= 1u << b;
		return MX_OK;
	}
	assert_int_equal(a, MX_SPAWN_CHILD);
	index = o->index;
	*o = index < lives_n ? lives[index] : (struct mx_offspring){0};
	o->index = index;
	return MX_OK;
}

void output_line(const char *format, ...)
{
	(void)format;
}

void spawn_adopt(struct child *c)
{
	bound |= 1u << (c - init.children);
}

void restart_ended(struct child *c)
{
	assert_int_equal(c->life, LIFE_ENDED);
	missed |= 1u << (c - init.children);
}

static void plan(void)
{
	static const char *const names[] = {"console", "eth0", "router"};

	init = (struct init){.children_n = CHILDREN_N, .joints_n = 2};
	for (uint32_t i = 0; i < CHILDREN_N; i++) {
		struct mx_spawn *q = &init.children[i].request;

		strcpy(q->name, names[i]);
		q->device = i == DRIVER ? 3 : -1;
		q->quota = 100;
		q->slots[0] = (struct mx_slot_spec){.kind = MX_SLOT_OWNING, .depth = 64};
	}
	init.joints[0] = (struct joint){DRIVER, 0, ROUTER, 0};
	init.joints[1] = (struct joint){CONSOLE, 1, ROUTER, 1};
}

static struct mx_offspring offspring(const char *name, uint32_t handle, int32_t device)
{
	struct mx_offspring o = {
	        .handle = handle, .core = 2, .device = device, .heap = 7, .depths = {256}};

	strcpy(o.name, name);
	return o;
}

/* Before anything: what is found stays found. */
static void test_nobody(void **state)
{
	(void)state;
	plan();
	adopt_look();
	adopt_claim();
	adopt_settle();
	assert_false(adopt_all());
	assert_int_equal(init.children[DRIVER].request.slots[0].depth, 64);
	assert_int_equal(bound | missed | ended, 0);
}

static void test_some(void **state)
{
	struct child *c = init.children;

	(void)state;
	lives[lives_n++] = offspring("router", 5, -1);
	lives[lives_n++] = offspring("eth0", 6, 9); /* of another device: not this one */
	lives[lives_n++] = offspring("old", 7, -1);
	adopt_look();
	for (uint32_t i = 0; i < 2; i++) { /* a plan may be made again */
		plan();
		adopt_claim();
		adopt_settle();
	}
	assert_true(c[ROUTER].adopted && !c[DRIVER].adopted && !c[CONSOLE].adopted);
	assert_int_equal(c[ROUTER].handle, 5);
	assert_int_equal(c[ROUTER].request.core, 2);
	assert_int_equal(c[ROUTER].request.heap, 7);
	/* The other end follows who lives, and has a quota for it. */
	assert_int_equal(c[DRIVER].request.slots[0].depth, 256);
	assert_int_equal(c[DRIVER].request.quota, 100 + 256 - 64);
	assert_true(adopt_all());
	assert_int_equal(bound, 1u << ROUTER);
	assert_int_equal(missed, 1u << DRIVER | 1u << CONSOLE);
	assert_int_equal(ended, 1u << 6 | 1u << 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_nobody),
	        cmocka_unit_test(test_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
