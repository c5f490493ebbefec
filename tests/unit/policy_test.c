/*
 * init/policy.c: when a domain that has ended comes back, and when it does not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "init/policy.h"

#define NOW 7000000000ull

static void test_first_at_once(void **state)
{
	struct policy p = {.limit = 5};

	(void)state;
	policy_ready(&p, NOW);
	assert_int_equal(policy_ended(&p, NOW + 1, false), NOW + 1);
}

/* Each wait is twice the one before, up to the longest. */
static void test_back_off(void **state)
{
	struct policy p = {.limit = 50};
	uint64_t wait = POLICY_FIRST;

	(void)state;
	assert_int_equal(policy_ended(&p, NOW, false), NOW);
	for (uint32_t i = 0; i < 40; i++) {
		policy_ready(&p, NOW);
		assert_int_equal(policy_ended(&p, NOW + 1, false), NOW + 1 + wait);
		wait = 2 * wait < POLICY_MOST ? 2 * wait : POLICY_MOST;
	}
	assert_int_equal(wait, POLICY_MOST);
}

static void test_forgiven(void **state)
{
	struct policy p = {.limit = 2};

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(policy_ended(&p, NOW, false), NOW);
		policy_ready(&p, NOW);
		assert_int_equal(policy_ended(&p, NOW + POLICY_WORKED - 1, false),
		                 NOW + POLICY_WORKED - 1 + POLICY_FIRST);
		policy_ready(&p, NOW);
		assert_int_equal(policy_ended(&p, NOW + POLICY_WORKED, false), NOW + POLICY_WORKED);
		policy_ready(&p, NOW);
		p.row = 0;
	}
}

/* To have been started long ago is not to have worked: it was never ready. */
static void test_limit(void **state)
{
	struct policy p = {.limit = 3};
	uint64_t now = NOW;

	(void)state;
	policy_ready(&p, now);
	for (uint32_t i = 0; i < 3; i++, now += POLICY_WORKED)
		assert_int_not_equal(policy_ended(&p, now + 1, false), POLICY_NEVER);
	assert_int_equal(policy_ended(&p, now, false), POLICY_NEVER);
	p.limit = 0;
	assert_int_equal(policy_ended(&p, now, false), POLICY_NEVER);
}

static void test_never(void **state)
{
	struct policy p = {.never = true, .limit = 3};

	(void)state;
	assert_int_equal(policy_ended(&p, NOW, false), POLICY_NEVER);
	assert_int_equal(policy_ended(&p, NOW, true), POLICY_NEVER);
}

/* What the operator asks for is at once, always, and held against nobody. */
static void test_asked(void **state)
{
	struct policy p = {.limit = 1};

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		policy_ready(&p, NOW);
		assert_int_equal(policy_ended(&p, NOW + 1, true), NOW + 1);
	}
	assert_int_equal(policy_ended(&p, NOW, false), NOW);
	assert_int_equal(policy_ended(&p, NOW, true), NOW);
	assert_int_equal(policy_ended(&p, NOW, false), POLICY_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_first_at_once), cmocka_unit_test(test_back_off),
	        cmocka_unit_test(test_forgiven),      cmocka_unit_test(test_limit),
	        cmocka_unit_test(test_never),         cmocka_unit_test(test_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
