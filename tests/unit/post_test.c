/* Control entries between cores when FIFOs are full: none is lost, none passes another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "executive/arch.h"
#include "executive/post.h"

#define CORES 3u

uint32_t self = 1;

static uint32_t room[CORES], came[CORES], next_key[CORES];

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	mock_assert(0, "check", __FILE__, __LINE__);
	__builtin_unreachable();
}

bool fifo_push(uint32_t core, const struct remote *r, uint32_t most)
{
	assert_int_equal(most, MOST_CONTROL);
	if (!room[core])
		return false;
	room[core]--;
	assert_int_equal(r->key, came[core]); /* in order */
	came[core]++;
	return true;
}

static bool send(uint32_t core)
{
	struct remote r = {.kind = REMOTE_GONE_ACK, .key = next_key[core]++};

	return post(core, &r);
}

static void start(void)
{
	for (uint32_t core = 0; core < CORES; core++)
		room[core] = came[core] = next_key[core] = 0;
}

static void test_room(void **state)
{
	(void)state;
	start();
	room[0] = 5;
	for (uint32_t i = 0; i < 5; i++)
		assert_true(send(0));
	assert_int_equal(came[0], 5);
	assert_true(post_again());
}

/* Room that comes does not let a later entry by. */
static void test_order(void **state)
{
	(void)state;
	start();
	room[0] = 1;
	assert_true(send(0));
	assert_false(send(0));
	room[0] = 1;
	assert_false(send(0));
	assert_int_equal(came[0], 1);
	assert_false(post_again());
	assert_int_equal(came[0], 2);
	room[0] = 9;
	assert_true(post_again());
	assert_int_equal(came[0], 3);
	assert_true(send(0));
}

/* A core that does not listen holds up nobody else. */
static void test_others(void **state)
{
	(void)state;
	start();
	assert_false(send(0));
	room[2] = 3;
	assert_true(send(2));
	assert_true(send(2));
	assert_false(send(0));
	assert_false(post_again());
	assert_int_equal(came[2], 2);
	room[0] = 2;
	assert_true(post_again());
	assert_int_equal(came[0], 2);
}

/* Turns until all is through, with room for so many entries in each. */
static uint32_t turns(uint32_t each)
{
	uint32_t n = 0;

	do {
		room[0] = room[2] = each;
		n++;
	} while (!post_again());
	return n;
}

static void test_many(void **state)
{
	(void)state;
	start();
	for (uint32_t i = 0; i < POST_MOST; i++)
		assert_false(send(i % 2 ? 2 : 0));
	expect_assert_failure(send(0)); /* more cannot be under way */
	assert_int_equal(turns(7), (POST_MOST / 2 + 6) / 7);
	assert_int_equal(came[0] + came[2], POST_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_room), cmocka_unit_test(test_order),
	        cmocka_unit_test(test_others), cmocka_unit_test(test_many)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
