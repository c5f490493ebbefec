/*
 * executive/agree.c: whatever the order in which entries arrive, and whichever cores are lost at
 * whatever moment, the living carry out the same changes in the same order, each of theirs once.
 *
 * All cores are played in one process: the executive's state is swapped with the core. A lost
 * core's FIFOs keep some first part of what it had said, each its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "executive/agree.c"

#define CORES  5u
#define QUEUE  4096u
#define LOG    512u
#define STEPS  600u
#define ROUNDS 1000u

struct machine machine;
uint32_t self;
bool remote_retry;

static uint8_t states[CORES][sizeof agree];
static struct {
	struct remote entries[QUEUE];
	uint32_t in, out;
} fifos[CORES][CORES];
static struct {
	bool dead, retry;
	uint32_t unheard;        /* set of lost cores it has not noticed */
	uint32_t wanted, issued; /* changes */
	uint32_t lost_due;
	uint32_t log[LOG], log_n;
} cores[CORES];
static uint32_t living_n;

static uint32_t below(uint32_t n)
{
	return (uint32_t)rand() % n;
}

static void be(uint32_t core)
{
	memcpy(states[self], &agree, sizeof agree);
	self = core;
	memcpy(&agree, states[self], sizeof agree);
}

void remote_send(uint32_t core, const struct remote *r)
{
	if (core == self) {
		agree_told(r);
		return;
	}
	assert_true(fifos[self][core].in < QUEUE);
	fifos[self][core].entries[fifos[self][core].in++] = *r;
}

void panic(const char *format, ...)
{
	(void)format;
	abort();
}

bool change_next(struct change *c)
{
	*c = (struct change){.what = CHANGE_LOST};
	if (cores[self].lost_due && agree_arbitrates()) {
		c->id = 1000 + (uint32_t)__builtin_ctz(cores[self].lost_due);
		return true;
	}
	c->what = CHANGE_PLACED;
	c->id = self * 100000 + cores[self].issued * 10;
	return cores[self].wanted > cores[self].issued;
}

void change_told(const struct change *c)
{
	if (c->what == CHANGE_LOST)
		cores[self].lost_due &= ~(1u << (c->id - 1000));
	else
		cores[self].issued++;
}

/* One core's replica has no room for every eleventh. */
bool change_possible(const struct change *c)
{
	return c->what == CHANGE_LOST || self != 2 || c->id / 10 % 11 != 5;
}

void change_make(const struct change *c)
{
	assert_true(cores[self].log_n < LOG);
	cores[self].log[cores[self].log_n++] = c->id;
}

void change_lost(uint32_t core)
{
	cores[self].lost_due |= 1u << core;
	remote_retry = true;
}

static bool deliver(uint32_t from, uint32_t to)
{
	if (fifos[from][to].out == fifos[from][to].in)
		return false;
	be(to);
	agree_told(&fifos[from][to].entries[fifos[from][to].out++]);
	cores[to].retry |= remote_retry;
	remote_retry = false;
	return true;
}

static void lose(uint32_t core)
{
	if (living_n == 1 || cores[core].dead)
		return;
	living_n--;
	cores[core].dead = true;
	for (uint32_t i = 0; i < CORES; i++) {
		uint32_t left = fifos[core][i].in - fifos[core][i].out;

		cores[i].unheard |= 1u << core;
		fifos[core][i].in -= below(left + 1); /* not published */
	}
}

static void notice(uint32_t core)
{
	uint32_t lost = cores[core].unheard;

	if (!lost || cores[core].dead)
		return;
	lost = (uint32_t)__builtin_ctz(lost);
	while (deliver(lost, core))
		;
	be(core);
	cores[core].unheard &= ~(1u << lost);
	agree_lost(lost);
	cores[core].retry |= remote_retry;
	remote_retry = false;
}

static void turn(uint32_t core)
{
	if (cores[core].dead || !cores[core].retry)
		return;
	be(core);
	cores[core].retry = false;
	agree_turn();
	cores[core].retry |= remote_retry;
	remote_retry = false;
}

static void step(uint32_t losses)
{
	uint32_t core = below(CORES), other = below(CORES);

	if (cores[core].dead)
		return;
	switch (below(8)) {
	case 0:
		cores[core].wanted++;
		cores[core].retry = true;
		break;
	case 1:
		if (below(STEPS) < losses)
			lose(core);
		break;
	case 2:
		notice(core);
		break;
	case 3:
		turn(core);
		break;
	default:
		if (core != other &&
		    !(cores[core].unheard >> other & 1 && cores[other].dead && below(2)))
			deliver(other, core);
	}
}

static void finish(void)
{
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < CORES; i++) {
			if (cores[i].dead)
				continue;
			more |= cores[i].unheard || cores[i].retry;
			notice(i);
			turn(i);
			for (uint32_t k = 0; k < CORES; k++)
				if (k != i && !cores[k].dead)
					more |= deliver(k, i);
		}
	}
}

static uint32_t times(uint32_t core, uint32_t id)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cores[core].log_n; i++)
		n += cores[core].log[i] == id;
	return n;
}

static void judge(void)
{
	uint32_t first = 0;

	while (cores[first].dead)
		first++;
	for (uint32_t i = first; i < CORES; i++) {
		if (!cores[i].dead) {
			assert_int_equal(cores[i].log_n, cores[first].log_n);
			assert_memory_equal(cores[i].log, cores[first].log,
			                    cores[i].log_n * sizeof cores[i].log[0]);
			assert_int_equal(cores[i].issued, cores[i].wanted);
		}
	}
	for (uint32_t i = 0; i < CORES; i++)
		for (uint32_t n = 0; n < cores[i].wanted; n++) {
			uint32_t id = i * 100000 + n * 10, made = times(first, id);
			bool refusable = id / 10 % 11 == 5;

			assert_true(made <= 1);
			if (!cores[i].dead && !refusable)
				assert_int_equal(made, 1);
			if (refusable && !cores[2].dead)
				assert_int_equal(made, 0);
		}
	for (uint32_t i = 0; i < CORES; i++)
		assert_int_equal(times(first, 1000 + i) != 0, cores[i].dead);
}

static void begin(uint32_t seed)
{
	srand(seed);
	memset(cores, 0, sizeof cores);
	memset(fifos, 0, sizeof fifos);
	machine.cores = living_n = CORES;
	for (uint32_t i = 0; i < CORES; i++) {
		be(i);
		memset(&agree, 0, sizeof agree);
		agree_init();
	}
}

static void run(uint32_t losses)
{
	for (uint32_t seed = 0; seed < ROUNDS; seed++) {
		begin(seed);
		for (uint32_t i = 0; i < STEPS; i++)
			step(losses);
		finish();
		judge();
	}
}

static void test_all_live(void **state)
{
	(void)state;
	run(0);
}

static void test_losses(void **state)
{
	(void)state;
	run(40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_live),
	                                   cmocka_unit_test(test_losses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
