/*
 * How long the queries of iskra take on machines of 4 to 1024 cores, and what the store needs.
 *
 * Prints a table. Each time is a median of REPEATS, each of one call with another random question;
 * the clock's own time is taken off. "best, 64" is a domain that talks to as many peers as can be
 * asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "tests/iskra/machine.h"

#define REPEATS 2001u

static const struct shape shapes[] = {
        {{1, 1, 1, 4, 1, 1}}, {{2, 1, 1, 4, 1, 2}}, {{2, 1, 2, 8, 1, 2}},
        {{4, 1, 4, 8, 1, 2}}, {{8, 1, 8, 8, 1, 2}},
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t any_core(const struct iskra *l, uint32_t cores)
{
	return iskra_find(l, MX_KIND_CORE, machine_dice(cores));
}

/* The questions: each prepares, then times one call. */
struct ask {
	struct iskra *l;
	uint32_t cores, peers_n;
	struct iskra_peer peers[ISKRA_PEERS];
};
static volatile uint64_t result; /* of a call, so that it is made */

#define TIMED(call)                                                                                \
	({                                                                                         \
		uint64_t begun = now();                                                            \
		result = (uint64_t)(call);                                                         \
		now() - begun;                                                                     \
	})

static uint64_t ask_nothing(struct ask *a)
{
	(void)a;
	return TIMED(0);
}

static uint64_t ask_best(struct ask *a)
{
	struct iskra_choice c;
	struct iskra_wish w = {.peers = a->peers,
	                       .peers_n = a->peers_n,
	                       .want = machine_dice(1001),
	                       .memory = (uint64_t)machine_dice(70) << 20,
	                       .device = iskra_find(a->l, MX_KIND_PCI, 0),
	                       .device_weight = machine_dice(100000),
	                       .home = MX_NOTHING};

	for (uint32_t i = 0; i < a->peers_n; i++)
		a->peers[i] = (struct iskra_peer){machine_dice(a->cores), machine_dice(100000)};
	return TIMED(iskra_best(a->l, &w, &c));
}

static uint64_t ask_cost(struct ask *a)
{
	uint32_t from = any_core(a->l, a->cores), to = any_core(a->l, a->cores);

	return TIMED(iskra_cost(a->l, from, to));
}

static uint64_t ask_nearest(struct ask *a)
{
	uint32_t from = any_core(a->l, a->cores);

	return TIMED(iskra_nearest(a->l, from, MX_KIND_CORE));
}

static uint64_t ask_within(struct ask *a)
{
	uint32_t from = any_core(a->l, a->cores), found[16];

	return TIMED(iskra_within(a->l, from, MX_KIND_CORE, ~0u, found, 16));
}

static uint64_t ask_find(struct ask *a)
{
	uint32_t id = machine_dice(a->cores);

	return TIMED(iskra_find(a->l, MX_KIND_CORE, id));
}

static uint64_t ask_change(struct ask *a)
{
	uint32_t core = any_core(a->l, a->cores);
	struct mx_record r = *iskra_get(a->l, core);

	r.u.core.load = (uint16_t)machine_dice(1001);
	return TIMED(iskra_change(a->l, core, &r));
}

static uint64_t ask_insert(struct ask *a)
{
	const struct mx_record *core = iskra_get(a->l, any_core(a->l, a->cores));
	struct mx_record r =
	        mx_record(MX_KIND_DOMAIN, machine_dice(1u << 31), MX_LEVEL_CORE, core->place);
	uint64_t ns = TIMED(iskra_insert(a->l, &r));

	iskra_remove(a->l, (uint32_t)result);
	return ns;
}

static uint64_t ask_remove(struct ask *a)
{
	const struct mx_record *core = iskra_get(a->l, any_core(a->l, a->cores));
	struct mx_record r =
	        mx_record(MX_KIND_DOMAIN, machine_dice(1u << 31), MX_LEVEL_CORE, core->place);
	uint32_t index = (uint32_t)iskra_insert(a->l, &r);

	return TIMED(iskra_remove(a->l, index));
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct times {
	uint64_t median, most; /* ns; most: of 99 % */
};

static struct times ask_often(struct ask *a, uint64_t (*question)(struct ask *))
{
	static uint64_t ns[REPEATS];

	for (uint32_t i = 0; i < REPEATS; i++)
		ns[i] = question(a);
	qsort(ns, REPEATS, sizeof(*ns), by_size);
	return (struct times){ns[REPEATS / 2], ns[REPEATS * 99 / 100]};
}

static void print_times(struct ask *asks, uint32_t n, const char *name, uint32_t peers,
                        uint64_t (*question)(struct ask *))
{
	printf("| %s |", name);
	for (uint32_t i = 0; i < n; i++) {
		asks[i].peers_n = peers;
		uint64_t clock = ask_often(&asks[i], ask_nothing).median;
		struct times t = ask_often(&asks[i], question);

		printf(" %.2f [%.2f] |", (double)(t.median - clock) / 1000,
		       (double)(t.most - clock) / 1000);
	}
	printf("\n");
}

static void print_sizes(const struct ask *asks, uint32_t n)
{
	printf("| records |");
	for (uint32_t i = 0; i < n; i++)
		printf(" %u |", iskra_records(asks[i].l));
	printf("\n| KiB for them |");
	for (uint32_t i = 0; i < n; i++)
		printf(" %.1f |", (double)iskra_bytes(iskra_records(asks[i].l)) / 1024);
	printf("\n| bytes a core |");
	for (uint32_t i = 0; i < n; i++)
		printf(" %lu |", iskra_bytes(iskra_records(asks[i].l)) / asks[i].cores);
	printf("\n");
}

int main(void)
{
	static struct ask asks[sizeof(shapes) / sizeof(*shapes)];
	const uint32_t n = sizeof(shapes) / sizeof(*shapes);

	machine_seed(1);
	printf("| cores |");
	for (uint32_t i = 0; i < n; i++) {
		asks[i] = (struct ask){.l = machine_build(&shapes[i], 1),
		                       .cores = shape_cores(&shapes[i])};
		printf(" %u |", asks[i].cores);
	}
	printf("\n|---|");
	for (uint32_t i = 0; i < n; i++)
		printf("---|");
	printf("\n");
	print_times(asks, n, "best core, 8 peers", 8, ask_best);
	print_times(asks, n, "best core, 64 peers", 64, ask_best);
	print_times(asks, n, "cost of a path", 0, ask_cost);
	print_times(asks, n, "nearest core", 0, ask_nearest);
	print_times(asks, n, "all cores, the 16 nearest", 0, ask_within);
	print_times(asks, n, "find by kind and id", 0, ask_find);
	print_times(asks, n, "insert", 0, ask_insert);
	print_times(asks, n, "remove", 0, ask_remove);
	print_times(asks, n, "change a load", 0, ask_change);
	print_sizes(asks, n);
	for (uint32_t i = 0; i < n; i++)
		free(asks[i].l);
	return 0;
}
