/*
 * executive/changes.c: what a core says of its domains, however they come, go and end while a
 * change is under way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include "executive/agree.h"
#include "executive/changes.h"
#include "executive/core.h"
#include "executive/region.h"
#include "executive/remote.h"

enum { AT = 3 }; /* the index that all of them have */

uint32_t self;
struct domain *domains[DOMAINS];
struct machine machine;
bool remote_retry;
uint64_t core_idle_ns;
static struct domain records[3];

bool agree_arbitrates(void)
{
	return false;
}

uint64_t region_free(void)
{
	return 0;
}

static struct domain *live(uint32_t n, uint32_t record, uint32_t moves)
{
	struct domain *d = &records[n];

	memset(d, 0, sizeof *d);
	d->index = AT;
	d->record = record;
	d->moves = (uint16_t)moves;
	d->state = WAITING;
	return domains[AT] = d;
}

static void come(uint32_t n, uint32_t record, uint32_t moves)
{
	live(n, record, moves);
	change_came(AT);
}

static void leave(void)
{
	uint32_t record = domains[AT]->record;

	domains[AT] = NULL;
	change_left(AT, record);
}

static void end(void)
{
	domains[AT] = NULL;
	change_domain(AT);
}

static void says(struct change *c, enum change_kind what, uint32_t record)
{
	assert_true(change_next(c));
	assert_int_equal(c->what, what);
	assert_int_equal(c->id, record);
}

/* It is said, and agreed on. */
static void said(enum change_kind what, uint32_t record)
{
	struct change c;

	says(&c, what, record);
	change_told(&c);
}

static void nothing_more(void)
{
	struct change c;

	assert_false(change_next(&c));
}

/* Made, moved along, and gone: each once. */
static void test_each_once(void **state)
{
	(void)state;
	live(0, 10, 0);
	change_domain(AT);
	said(CHANGE_PLACED, 10);
	nothing_more();
	end();
	said(CHANGE_ENDED, 10);
	nothing_more();
	live(0, 11, 0);
	change_domain(AT);
	end();
	nothing_more(); /* nobody was told that it began */
}

/* It comes where somebody's end is still to be said, and ends before it can be said to be here. */
static void test_came_after_an_end(void **state)
{
	struct change c;

	(void)state;
	live(0, 20, 0);
	change_domain(AT);
	said(CHANGE_PLACED, 20);
	end();
	come(1, 21, 1);
	end();
	said(CHANGE_ENDED, 20);
	said(CHANGE_ENDED, 21);
	nothing_more();

	live(0, 22, 0);
	change_domain(AT);
	said(CHANGE_PLACED, 22);
	end();
	says(&c, CHANGE_ENDED, 22); /* it is under way */
	come(1, 23, 1);
	end();
	change_told(&c);
	said(CHANGE_ENDED, 23);
	nothing_more();
}

/* One that stays is said to be here, and gone when it is. */
static void test_came_and_stays(void **state)
{
	struct change c;

	(void)state;
	live(0, 30, 0);
	change_domain(AT);
	says(&c, CHANGE_PLACED, 30);
	end();
	come(1, 31, 1);
	change_told(&c);
	said(CHANGE_ENDED, 30);
	said(CHANGE_PLACED, 31);
	nothing_more();
	end();
	said(CHANGE_ENDED, 31);
	nothing_more();
}

/* Who leaves takes nothing along of what is to be said of the one before. */
static void test_left_after_an_end(void **state)
{
	(void)state;
	live(0, 40, 0);
	change_domain(AT);
	said(CHANGE_PLACED, 40);
	end();
	live(1, 41, 0);
	change_domain(AT);
	leave();
	said(CHANGE_ENDED, 40);
	nothing_more();
}

/* What is under way of one that leaves says nothing of this core; it may come back. */
static void test_left_meanwhile(void **state)
{
	struct change c;

	(void)state;
	live(0, 50, 0);
	change_domain(AT);
	says(&c, CHANGE_PLACED, 50);
	leave();
	change_told(&c);
	nothing_more();
	come(0, 50, 2);
	says(&c, CHANGE_PLACED, 50);
	leave();
	come(0, 50, 4);
	change_told(&c);
	said(CHANGE_PLACED, 50);
	end();
	said(CHANGE_ENDED, 50);
	nothing_more();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_each_once),      cmocka_unit_test(test_came_after_an_end),
	        cmocka_unit_test(test_came_and_stays), cmocka_unit_test(test_left_after_an_end),
	        cmocka_unit_test(test_left_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
