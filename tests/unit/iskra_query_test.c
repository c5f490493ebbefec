/*
 * iskra: the queries against brute force on random machines.
 *
 * What a core shares with another is told here from the way to it, counted by the machine's shape;
 * the store knows only places.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/iskra/machine.h"

#define CORES 1024u

static struct shape shape;
static struct iskra *l;
static uint32_t cores;

static void build(void)
{
	for (uint32_t d = 0; d < DEPTHS; d++)
		shape.n[d] = 1 + machine_dice(3);
	l = machine_build(&shape, 0);
	cores = shape_cores(&shape);
	for (uint32_t i = 0; i < cores / 8; i++) {
		uint32_t lost = iskra_find(l, MX_KIND_CORE, machine_dice(cores));
		struct mx_record r = *iskra_get(l, lost);

		r.flags |= MX_RECORD_LOST;
		assert_int_equal(iskra_change(l, lost, &r), MX_OK);
	}
}

static uint32_t core_index(uint32_t id)
{
	return iskra_find(l, MX_KIND_CORE, id);
}

static const struct mx_record *core(uint32_t id)
{
	return iskra_get(l, core_index(id));
}

static uint32_t path(enum mx_path_of of, uint32_t from, uint32_t to)
{
	uint32_t i = iskra_find(l, MX_KIND_PATH, mx_path_id(of, from, to));

	return i == MX_NOTHING ? 0 : iskra_get(l, i)->cost;
}

static uint32_t node_cost(uint32_t a, uint32_t b)
{
	return path(MX_PATH_LEVEL, MX_LEVEL_NODE, 0) * path(MX_PATH_NODES, a, b) / 10;
}

/* Two cores that part at a depth share what lies around it. */
static uint32_t core_cost(uint32_t a, uint32_t b)
{
	struct way x = shape_way(&shape, a), y = shape_way(&shape, b);
	uint32_t d = 0;

	if (path(MX_PATH_CORES, a, b))
		return path(MX_PATH_CORES, a, b);
	while (d < DEPTHS && x.n[d] == y.n[d])
		d++;
	if (d == NODES)
		return node_cost(x.n[NODES], y.n[NODES]);
	return path(MX_PATH_LEVEL, DEPTHS - d, 0);
}

static void test_cost(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 30; round++) {
		build();
		for (uint32_t i = 0; i < 500; i++) {
			uint32_t a = machine_dice(cores), b = machine_dice(cores);

			assert_int_equal(iskra_cost(l, core_index(a), core_index(b)),
			                 core_cost(a, b));
		}
		free(l);
	}
}

/* Of a device only the node counts; a domain is where its core is; what is not known is far. */
static void test_cost_of_others(void **state)
{
	(void)state;
	build();
	for (uint32_t n = 0; n < shape.n[NODES]; n++) {
		uint32_t device = iskra_find(l, MX_KIND_PCI, n << 8);

		for (uint32_t c = 0; c < cores; c++)
			assert_int_equal(iskra_cost(l, core_index(c), device),
			                 node_cost(shape_way(&shape, c).n[NODES], n));
	}
	assert_int_equal(iskra_remove(l, iskra_find(l, MX_KIND_PCI, 0)), MX_OK);
	struct mx_record r = mx_record(MX_KIND_DOMAIN, 5, MX_LEVEL_CORE, core(cores - 1)->place);
	r.owner = core_index(cores - 1);
	int64_t domain = iskra_insert(l, &r);
	assert_true(domain >= 0);
	assert_int_equal(iskra_cost(l, core_index(0), (uint32_t)domain), core_cost(0, cores - 1));
	assert_int_equal(iskra_remove(l, (uint32_t)domain), MX_OK);
	r = mx_record(MX_KIND_PCI, 0xffff, MX_LEVEL_MACHINE, 0);
	int64_t device = iskra_insert(l, &r);
	assert_true(device >= 0);
	for (uint32_t c = 0; c < cores; c++)
		assert_int_equal(iskra_cost(l, core_index(c), (uint32_t)device),
		                 path(MX_PATH_LEVEL, MX_LEVEL_MACHINE, 0));
	assert_int_equal(iskra_cost(l, core_index(0), MX_NOTHING), UINT32_MAX);
	free(l);
}

static void set_cost(uint32_t index, uint32_t cost)
{
	struct mx_record r = *iskra_get(l, index);

	r.cost = cost;
	assert_int_equal(iskra_change(l, index, &r), MX_OK);
}

static uint32_t path_index(enum mx_path_of of, uint32_t from, uint32_t to)
{
	return iskra_find(l, MX_KIND_PATH, mx_path_id(of, from, to));
}

static void build_measured(void)
{
	for (build(); cores < 4 || cores > ISKRA_PAIRS; build())
		free(l);
}

/* A path that changes or goes is believed no longer; one direction does for both. */
static void test_paths_change(void **state)
{
	(void)state;
	build_measured();
	set_cost(path_index(MX_PATH_CORES, 1, 2), 7777);
	assert_int_equal(iskra_cost(l, core_index(1), core_index(2)), 7777);
	iskra_remove(l, path_index(MX_PATH_CORES, 2, 1));
	assert_int_equal(iskra_cost(l, core_index(2), core_index(1)), 7777);
	iskra_remove(l, path_index(MX_PATH_CORES, 1, 3));
	iskra_remove(l, path_index(MX_PATH_CORES, 3, 1));
	struct mx_record other = mx_path(MX_PATH_CORES, 1, 3, 8888);
	assert_int_equal(iskra_change(l, path_index(MX_PATH_CORES, 1, 2), &other), MX_OK);
	assert_int_equal(iskra_cost(l, core_index(3), core_index(1)), 8888);
	assert_int_equal(iskra_cost(l, core_index(1), core_index(2)), core_cost(1, 2));
	free(l);
}

/* Without anything told, what is nearer is cheaper. */
static void test_nothing_told(void **state)
{
	uint32_t i, before = 0, last;
	struct iskra_walk w;

	(void)state;
	shape = (struct shape){{2, 2, 2, 2, 2, 2}};
	l = machine_build(&shape, 0);
	for (iskra_walk_kind(&w, l, MX_KIND_PATH); (i = iskra_step(&w)) != MX_NOTHING;
	     iskra_walk_kind(&w, l, MX_KIND_PATH))
		assert_int_equal(iskra_remove(l, i), MX_OK);
	for (uint32_t other = 0; other < 64; other = other ? 2 * other : 1) {
		last = iskra_cost(l, core_index(0), core_index(other));
		assert_true(last > before);
		before = last;
	}
	free(l);
}

/* What a core owns by paths: all from it, the nearest first. */
static void test_walk_owner(void **state)
{
	struct iskra_walk w;
	uint32_t i, n = 0, before = 0;

	(void)state;
	build_measured();
	iskra_walk_owner(&w, l, core_index(1), MX_KIND_PATH);
	for (; (i = iskra_step(&w)) != MX_NOTHING; n++) {
		assert_int_equal(iskra_get(l, i)->u.path.from, 1);
		assert_true(iskra_get(l, i)->cost >= before);
		before = iskra_get(l, i)->cost;
	}
	assert_int_equal(n, cores);
	iskra_walk_owner(&w, l, core_index(1), MX_KIND_NONE);
	for (n = 0; iskra_step(&w) != MX_NOTHING; n++)
		;
	assert_int_equal(n, cores + 1); /* its memory too */
	free(l);
}

static uint32_t sorted_from;

static int by_cost(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint32_t cx = iskra_cost(l, sorted_from, x), cy = iskra_cost(l, sorted_from, y);

	if (cx != cy)
		return cx < cy ? -1 : 1;
	return x < y ? -1 : x > y;
}

static uint32_t sorted(uint32_t from, enum mx_kind kind, uint32_t most, uint32_t *all)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < iskra_most(l); i++) {
		const struct mx_record *r = iskra_get(l, i);

		if (r && r->kind == kind && i != from && !(r->flags & MX_RECORD_LOST) &&
		    iskra_cost(l, from, i) <= most)
			all[n++] = i;
	}
	sorted_from = from;
	qsort(all, n, sizeof(*all), by_cost);
	return n;
}

static void test_near(void **state)
{
	static const enum mx_kind kinds[] = {MX_KIND_CORE,   MX_KIND_NODE,  MX_KIND_PCI,
	                                     MX_KIND_MEMORY, MX_KIND_CACHE, MX_KIND_INTERRUPT};
	static uint32_t all[4 * CORES], found[4 * CORES];

	(void)state;
	for (uint32_t round = 0; round < 300; round++) {
		if (round % 10 == 0)
			build();
		enum mx_kind kind = kinds[machine_dice(6)];
		uint32_t from = core_index(machine_dice(cores));
		uint32_t most = machine_dice(2) ? UINT32_MAX : machine_dice(1000);
		uint32_t n = sorted(from, kind, UINT32_MAX, all), room = machine_dice(20);

		assert_int_equal(iskra_nearest(l, from, kind), n ? all[0] : MX_NOTHING);
		n = sorted(from, kind, most, all);
		assert_int_equal(iskra_within(l, from, kind, most, found, room), n);
		assert_memory_equal(found, all, (n < room ? n : room) * sizeof(*all));
		assert_int_equal(iskra_within(l, from, kind, most, found, 4 * CORES), n);
		assert_memory_equal(found, all, n * sizeof(*all));
		if (round % 10 == 9)
			free(l);
	}
}

/* Everything under a cache, in a package, in a node: as many as the links say. */
static void test_places(void **state)
{
	struct iskra_walk w;

	(void)state;
	for (uint32_t round = 0; round < 10; round++) {
		build();
		for (uint32_t at = 0; at < iskra_most(l); at++) {
			const struct mx_record *r = iskra_get(l, at);
			uint32_t linked = 0, walked = 0, i;

			if (!r || r->kind == MX_KIND_PATH || r->kind == MX_KIND_CORE)
				continue;
			for (uint32_t c = 0; c < cores; c++)
				for (i = core_index(c); i != MX_NOTHING;
				     i = iskra_get(l, i)->parent)
					linked += i == at;
			iskra_walk_place(&w, l, r->place, r->level);
			while ((i = iskra_step(&w)) != MX_NOTHING) {
				assert_true(iskra_get(l, i)->level <= r->level);
				walked += iskra_get(l, i)->kind == MX_KIND_CORE;
			}
			if (iskra_get(l, at)->child != MX_NOTHING)
				assert_int_equal(walked, linked);
		}
		free(l);
	}
}

static void test_walk_cost(void **state)
{
	struct iskra_walk w;
	uint32_t i, n = 0, expected = 0, before = 0;

	(void)state;
	build();
	for (i = 0; i < iskra_most(l); i++)
		expected += iskra_get(l, i) && iskra_get(l, i)->kind == MX_KIND_PATH &&
		            iskra_get(l, i)->cost <= 200;
	iskra_walk_cost(&w, l, MX_KIND_PATH, 200);
	for (; (i = iskra_step(&w)) != MX_NOTHING; n++) {
		assert_int_equal(iskra_get(l, i)->kind, MX_KIND_PATH);
		assert_in_range(iskra_get(l, i)->cost, before, 200);
		before = iskra_get(l, i)->cost;
	}
	assert_int_equal(n, expected);
	assert_true(n > 0);
	free(l);
}

struct asking {
	struct iskra_wish wish;
	struct iskra_peer peers[ISKRA_PEERS];
	uint64_t allowed[CORES / 64], extra[CORES];
};

static uint64_t load(uint64_t x)
{
	return x * x * 1000000 / 2000 + (x > 1000 ? (x - 1000) * 3000000 : 0);
}

static uint32_t load_without(const struct asking *a, uint32_t c)
{
	uint32_t own = a->wish.home == c ? a->wish.want : 0;

	return core(c)->u.core.load > own ? core(c)->u.core.load - own : 0;
}

static uint64_t threads(const struct asking *a, uint32_t c)
{
	uint64_t busy = 0;

	for (uint32_t o = 0; o < cores; o++)
		if (o != c && o / shape.n[THREADS] == c / shape.n[THREADS] &&
		    !(core(o)->flags & MX_RECORD_LOST))
			busy += load_without(a, o);
	return (busy < 1000 ? busy : 1000) * a->wish.want * 400;
}

static bool has_room(const struct asking *a, uint32_t c)
{
	return !(core(c)->flags & MX_RECORD_LOST) && core(c)->u.core.free >= a->wish.memory;
}

/* The least cost of memory that any core could give; UINT64_MAX: none has it. */
static uint64_t memory(const struct asking *a, uint32_t c)
{
	uint32_t node = shape_way(&shape, c).n[NODES];
	uint64_t best = UINT64_MAX, here = node_cost(node, node);

	if (core(c)->u.core.free >= a->wish.memory)
		return 0;
	for (uint32_t o = 0; o < cores; o++) {
		uint64_t there = node_cost(node, shape_way(&shape, o).n[NODES]);
		uint64_t cost = there > here ? a->wish.want * (there - here) / here * 250000 : 0;

		if (has_room(a, o) && cost < best)
			best = cost;
	}
	return best;
}

static bool permitted(const struct asking *a, uint32_t c)
{
	return !(core(c)->flags & MX_RECORD_LOST) &&
	       (!a->wish.allowed || (a->allowed[c / 64] >> c % 64 & 1));
}

/* UINT64_MAX: not there. */
static uint64_t cost_at(const struct asking *a, uint32_t c)
{
	uint64_t cost = memory(a, c);

	if (cost == UINT64_MAX)
		return cost;
	for (uint32_t i = 0; i < a->wish.peers_n; i++)
		cost += (uint64_t)core_cost(c, a->peers[i].core) * a->peers[i].weight;
	if (a->wish.device != MX_NOTHING)
		cost += (uint64_t)a->wish.device_weight *
		        node_cost(shape_way(&shape, c).n[NODES],
		                  iskra_get(l, a->wish.device)->id >> 8);
	cost += load(load_without(a, c) + a->wish.want) - load(load_without(a, c));
	return cost + threads(a, c) + (a->wish.extra ? a->extra[c] : 0);
}

static void think(struct asking *a)
{
	memset(a, 0, sizeof(*a));
	a->wish.peers = a->peers;
	a->wish.peers_n = machine_dice(6);
	for (uint32_t i = 0; i < a->wish.peers_n; i++)
		a->peers[i] = (struct iskra_peer){machine_dice(cores), machine_dice(1000000)};
	a->wish.want = machine_dice(1001);
	a->wish.memory = (uint64_t)machine_dice(80) << 20;
	a->wish.device = machine_dice(2) ? MX_NOTHING : iskra_find(l, MX_KIND_PCI, 0);
	a->wish.device_weight = machine_dice(1000000);
	a->wish.home = machine_dice(2) ? MX_NOTHING : machine_dice(cores);
	for (uint32_t c = 0; c < CORES; c++) {
		a->allowed[c / 64] |= (uint64_t)(machine_dice(3) == 0) << c % 64;
		a->extra[c] = machine_dice(1000) * 100000ull;
	}
	a->wish.allowed = machine_dice(2) ? a->allowed : NULL;
	a->wish.extra = machine_dice(2) ? a->extra : NULL;
}

static void parts_add_up(const struct iskra_choice *c)
{
	assert_int_equal(c->cost,
	                 c->talk + c->device + c->load + c->threads + c->memory + c->extra);
}

static void check_best(const struct asking *a)
{
	uint64_t least = UINT64_MAX;
	uint32_t best = MX_NOTHING, living = 0;
	struct iskra_choice c, other;

	for (uint32_t i = 0; i < cores; i++) {
		uint64_t cost = permitted(a, i) ? cost_at(a, i) : UINT64_MAX;

		living += permitted(a, i);
		if (cost < least) {
			least = cost;
			best = i;
		}
	}
	int64_t result = iskra_best(l, &a->wish, &c);
	assert_int_equal(result, best != MX_NOTHING ? MX_OK : living ? MX_ENOMEM : MX_EPEER);
	if (result != MX_OK)
		return;
	assert_int_equal(c.core, best);
	assert_int_equal(c.cost, least);
	parts_add_up(&c);
	assert_true(c.memory_core == best || has_room(a, c.memory_core));
	assert_int_equal(iskra_weigh(l, &a->wish, best, &other), MX_OK);
	assert_memory_equal(&c, &other, sizeof(c));
}

static void test_best(void **state)
{
	static struct asking a;

	(void)state;
	for (uint32_t round = 0; round < 40; round++) {
		build();
		for (uint32_t i = 0; i < 5; i++) {
			think(&a);
			check_best(&a);
		}
		free(l);
	}
}

/* What a person would say, on two nodes with four cores each. */
static void test_sense(void **state)
{
	static const struct shape two = {{2, 1, 1, 4, 1, 1}};
	struct iskra_peer peer = {.core = 5, .weight = 1000};
	struct iskra_wish w = {.peers = &peer, .want = 300, .home = MX_NOTHING};
	struct iskra_choice c;

	(void)state;
	shape = two;
	l = machine_build(&shape, 0);
	for (uint32_t i = 0; i < 8; i++) {
		struct mx_record r = *core(i);

		r.u.core.load = i < 4 ? 0 : 100;
		r.u.core.free = i < 4 ? 64 << 20 : 0;
		iskra_change(l, core_index(i), &r);
	}
	w.device = MX_NOTHING;
	assert_int_equal(iskra_best(l, &w, &c), MX_OK);
	assert_int_equal(c.core, 0); /* nobody to talk to: the first idle one */
	w.device = iskra_find(l, MX_KIND_PCI, 1 << 8);
	w.device_weight = 10000000;
	assert_int_equal(iskra_best(l, &w, &c), MX_OK);
	assert_int_equal(c.core, 4); /* to its device, though it is busier */
	w.memory = 1 << 20;
	assert_int_equal(iskra_best(l, &w, &c), MX_OK);
	assert_int_equal(c.core, 4);
	assert_int_equal(c.memory_core, 0); /* though the memory is far */
	assert_true(c.memory > 0);
	w.memory = 65 << 20;
	assert_int_equal(iskra_best(l, &w, &c), MX_ENOMEM);
	w.peers_n = 1;
	peer.core = 8;
	assert_int_equal(iskra_best(l, &w, &c), MX_EINVAL);
	w.peers_n = ISKRA_PEERS + 1;
	assert_int_equal(iskra_best(l, &w, &c), MX_EINVAL);
	w.peers_n = 0;
	w.device = 1 << 19;
	assert_int_equal(iskra_best(l, &w, &c), MX_EINVAL);
	assert_int_equal(iskra_weigh(l, &w, 8, &c), MX_EINVAL);
	free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_cost),         cmocka_unit_test(test_cost_of_others),
	        cmocka_unit_test(test_paths_change), cmocka_unit_test(test_nothing_told),
	        cmocka_unit_test(test_walk_owner),   cmocka_unit_test(test_near),
	        cmocka_unit_test(test_places),       cmocka_unit_test(test_walk_cost),
	        cmocka_unit_test(test_best),         cmocka_unit_test(test_sense),
	};

	machine_seed(11);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
