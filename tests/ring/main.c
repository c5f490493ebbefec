/*
 * Runs all races in turn, round after round, so that what the machine does meanwhile meets all
 * alike.
 *
 * usage: ring ROUNDS NANOSECONDS [WAY]
 * Each race takes about that long in each round. Prints a line for each: "= WAY FIGURE SIZE",
 * and ns a message (a round trip is one) of every round. Exit status 1: a message was wrong.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "tests/ring/ring.h"

#define RACES  96u
#define ROUNDS 101u

struct entrant {
	const struct race *race;
	uint64_t n; /* messages that take as long as asked */
	double ns[ROUNDS];
};
static struct entrant entrants[RACES];
static uint32_t entrants_n;
uint64_t ring_wrong;

/* The far end's orders: it runs what stands here when `go` moves, and then moves `done`. */
static struct {
	_Alignas(64) uint64_t go;
	const struct race *race;
	uint64_t n;
	_Alignas(64) uint64_t done;
} order;
static pthread_t far_thread;

static void pin(pthread_t thread, int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (pthread_setaffinity_np(thread, sizeof set, &set) != 0) {
		fprintf(stderr, "ring: core %d is not ours to run on\n", core);
		exit(1);
	}
}

/* Where it is allowed, what else wants these cores waits: a round is shorter than its slice. */
static void alone_on_core(void)
{
	struct sched_param first = {.sched_priority = 1};

	(void)sched_setscheduler(0, SCHED_FIFO, &first);
}

static void await(uint64_t *word, uint64_t value)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != value)
		sched_yield();
}

static void *far_run(void *unused)
{
	for (uint64_t turn = 1;; turn++) {
		await(&order.go, turn);
		order.race->far(0, order.n);
		__atomic_store_n(&order.done, turn, __ATOMIC_RELEASE);
	}
	return unused;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void alone(const struct race *r, uint64_t n)
{
	for (uint64_t i = 0; i < n; i += RING_BATCH) {
		r->near(i, RING_BATCH);
		r->far(i, RING_BATCH);
	}
}

static void together(const struct race *r, uint64_t n)
{
	order.race = r;
	order.n = n;
	__atomic_store_n(&order.go, order.go + 1, __ATOMIC_RELEASE);
	r->near(0, n);
	await(&order.done, order.go);
}

/* ns that n messages took; n is a multiple of RING_BATCH. */
static double run(const struct race *r, uint64_t n)
{
	double from;

	if (r->figure != SAME)
		pin(far_thread, r->figure != BACK);
	r->open();
	from = now();
	if (r->figure == SAME)
		alone(r, n);
	else
		together(r, n);
	return now() - from;
}

static void enter(const struct race *races, const char *only, double ns)
{
	for (; races->name; races++) {
		struct entrant *e = &entrants[entrants_n];
		double took;

		if (only && strcmp(only, races->name) != 0)
			continue;
		e->race = races;
		e->n = RING_BATCH;
		while ((took = run(races, e->n)) < ns / 8)
			e->n *= 2;
		e->n = (uint64_t)((double)e->n * ns / took) / RING_BATCH * RING_BATCH + RING_BATCH;
		entrants_n++;
	}
}

static void print(const struct entrant *e, uint32_t rounds)
{
	static const char *const figures[] = {"round", "stream", "same", "back"};

	printf("= %s %s %u", e->race->name, figures[e->race->figure], e->race->size);
	for (uint32_t i = 0; i < rounds; i++)
		printf(" %.2f", e->ns[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	const struct race *all[] = {raw_races,  channel_races, ck_races,  ck_deep_races,
	                            urcu_races, futex_races,   pipe_races};
	uint32_t rounds = argc > 2 ? (uint32_t)atoi(argv[1]) : 0;

	if (argc > 4 || rounds < 1 || rounds > ROUNDS) {
		fprintf(stderr, "usage: ring ROUNDS NANOSECONDS [WAY]\n");
		return 2;
	}
	pin(pthread_self(), 0);
	alone_on_core(); /* and so far's thread, which inherits it */
	if (pthread_create(&far_thread, NULL, far_run, NULL) != 0)
		return 1;
	for (uint32_t i = 0; i < sizeof all / sizeof *all; i++)
		enter(all[i], argv[3], atof(argv[2]));
	for (uint32_t i = 0; i < rounds; i++)
		for (struct entrant *e = entrants; e < entrants + entrants_n; e++)
			e->ns[i] = run(e->race, e->n) / (double)e->n;
	for (const struct entrant *e = entrants; e < entrants + entrants_n; e++)
		print(e, rounds);
	return ring_wrong ? fprintf(stderr, "ring: %lu messages were wrong\n", ring_wrong), 1 : 0;
}
