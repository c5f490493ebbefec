/* Who is taken for hanging, and who is not: docs/lost.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "executive/arch.h"
#include "executive/first.h"
#include "executive/lost.h"
#include "executive/remote.h"
#include "executive/watch.h"

#define STEP 50000000u /* ns: a look */

enum { OTHER = 1 };

const bool arch_loses = true;
uint32_t self, lost_cores;
static uint32_t nobody;
const uint32_t *lost_sign = &nobody;
struct machine machine = {.cores = 2};
uint32_t core_traps;

struct place first_place = {.core = OTHER};
static uint32_t calls;
static struct signs signs;
static bool pending, panicked;
static uint32_t nudges, fenced, declared;
static uint64_t now;

struct signs *fifo_signs(void)
{
	return &signs;
}

bool fifo_pending(uint32_t core)
{
	assert_int_equal(core, OTHER);
	return pending;
}

void arch_nudge(uint32_t core)
{
	assert_int_equal(core, OTHER);
	nudges++;
}

bool arch_fence(uint32_t core)
{
	fenced |= 1u << core;
	return true;
}

void lost_declare(uint32_t core)
{
	declared |= 1u << core;
	lost_cores |= 1u << core;
}

void lost_turn(void)
{
}

uint32_t lost_living(void)
{
	return 3 & ~lost_cores;
}

bool remote_try(uint32_t core, const struct remote *r)
{
	assert_int_equal(core, OTHER);
	assert_int_equal(r->kind, REMOTE_CALL);
	calls++;
	return true;
}

void print(const char *format, ...)
{
	(void)format;
}

static jmp_buf end;

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	panicked = true;
	longjmp(end, 1);
}

static int start(void **state)
{
	(void)state;
	memset(&signs, 0, sizeof signs);
	pending = true;
	panicked = false;
	nudges = calls = fenced = declared = lost_cores = self = 0;
	now += 100ull * STEP; /* what was seen before is too long ago */
	watch_turn(now);
	return 0;
}

static void look(uint32_t n)
{
	while (n--) {
		now += STEP;
		watch_turn(now);
	}
}

/* An NMI comes to the other core. False: it is a fault of the machine. */
static bool nudged(bool in_domain)
{
	bool asked = false;

	self = OTHER;
	if (!setjmp(end))
		asked = watch_nudged(in_domain, 0);
	self = 0;
	return asked;
}

static void turns_are_seen(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		signs.core[OTHER].beat += i % 8 == 0;
		look(1);
	}
	assert_int_equal(nudges, 0);
	assert_int_equal(signs.core[0].beat > 200, true); /* and this core turns itself */
}

/* Nothing is under way to it: it may sleep as long as it likes. */
static void sleep_is_let(void **state)
{
	(void)state;
	pending = false;
	look(200);
	assert_int_equal(nudges, 0);
	assert_true(watch_deadline(UINT64_MAX) > now + 10ull * STEP); /* but it is called */
	assert_in_range(calls, 4, 6);
	first_place.core = 0;
	assert_true(watch_deadline(UINT64_MAX) == UINT64_MAX);
	first_place.core = OTHER;
	pending = true;
	assert_true(watch_deadline(UINT64_MAX) <= now + STEP);
	assert_true(watch_deadline(now + 1) == now + 1);
}

static void hang_gives_up(void **state)
{
	(void)state;
	look(8);
	assert_int_equal(nudges, 0);
	look(4);
	assert_int_equal(nudges, 1);
	assert_true(nudged(false));
	assert_false(panicked);
	look(8);
	assert_int_equal(nudges, 2);
	nudged(false);
	assert_true(panicked);
	assert_int_equal(fenced | declared, 0); /* it has told itself */
}

/* It gets the processor back, hears the first NMI, and turns: with the second one it would, too. */
static void starved_lives(void **state)
{
	(void)state;
	look(60);
	assert_int_equal(nudges, 1);
	assert_true(nudged(false));
	signs.core[OTHER].beat++;
	look(8);
	assert_int_equal(nudges, 1);
	look(6);
	assert_int_equal(nudges, 2); /* the first of another time */
	assert_true(nudged(false));
	assert_false(panicked);
	look(6);
	assert_int_equal(nudges, 3);
	signs.core[OTHER].beat++; /* while the second is under way */
	assert_true(nudged(false));
	assert_false(panicked);
}

static void domain_is_left_to_its_budget(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		look(12);
		assert_true(nudged(true));
	}
	assert_false(panicked);
	assert_int_equal(fenced, 0);
}

/* Found in here twice, but by another trap: the domain runs. */
static void traps_are_no_hang(void **state)
{
	(void)state;
	look(12);
	assert_true(nudged(false));
	core_traps++;
	look(8);
	assert_int_equal(nudges, 2);
	assert_true(nudged(false));
	assert_false(panicked);
}

static void deaf_is_stopped(void **state)
{
	(void)state;
	look(90);
	assert_int_equal(fenced, 0);
	look(40);
	assert_int_equal(fenced, 1u << OTHER);
	assert_int_equal(declared, 1u << OTHER);
	assert_int_equal(nudges, 1);
}

/* This core did not run itself: nothing is known of the other. */
static void absent_sees_nothing(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		now += 5ull * STEP;
		watch_turn(now);
	}
	assert_int_equal(nudges, 0);
}

/* The NMIs of two observers come one after the other, and the second asks for nothing new. */
static void two_observers(void **state)
{
	(void)state;
	look(12);
	assert_true(nudged(false));
	signs.core[OTHER].beat++;
	assert_true(nudged(false));
	assert_false(panicked);
}

/* Who is told to give up is not asked for less by another. */
static void last_word_stands(void **state)
{
	uint32_t word;

	(void)state;
	look(12);
	assert_true(nudged(false));
	look(8);
	assert_int_equal(nudges, 2);
	word = signs.core[OTHER].nudge;
	signs.core[OTHER].answers++;
	start(state);
	signs.core[OTHER].nudge = word;
	look(12);
	assert_int_equal(nudges, 1);
	nudged(false);
	assert_true(panicked);
}

static void stray_nmi(void **state)
{
	(void)state;
	assert_false(nudged(false));
	assert_false(nudged(true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(turns_are_seen, start),
	        cmocka_unit_test_setup(sleep_is_let, start),
	        cmocka_unit_test_setup(hang_gives_up, start),
	        cmocka_unit_test_setup(starved_lives, start),
	        cmocka_unit_test_setup(domain_is_left_to_its_budget, start),
	        cmocka_unit_test_setup(traps_are_no_hang, start),
	        cmocka_unit_test_setup(deaf_is_stopped, start),
	        cmocka_unit_test_setup(absent_sees_nothing, start),
	        cmocka_unit_test_setup(two_observers, start),
	        cmocka_unit_test_setup(last_word_stands, start),
	        cmocka_unit_test_setup(stray_nmi, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
