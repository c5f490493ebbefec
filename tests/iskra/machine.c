/*
 * Builds the lattice of a machine that does not exist, from the outside in.
 */
#include <stdio.h>
#include <stdlib.h>
#include "tests/iskra/machine.h"

struct building {
	struct iskra *l;
	const struct shape *shape;
	struct way way;
	uint32_t made[DEPTHS];
	uint32_t node; /* index of the one it is in */
};

static uint64_t state;

void machine_seed(uint64_t seed)
{
	state = seed;
}

uint32_t machine_dice(uint32_t sides)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(state >> 33) % sides;
}

/* How many there are in the machine of what lies so deep. */
static uint32_t count(const struct shape *s, uint32_t depth)
{
	uint32_t n = 1;

	for (uint32_t d = 0; d <= depth; d++)
		n *= s->n[d];
	return n;
}

uint32_t shape_cores(const struct shape *s)
{
	return count(s, THREADS);
}

struct way shape_way(const struct shape *s, uint32_t core)
{
	struct way w;

	for (uint32_t d = DEPTHS; d-- > 0; core /= s->n[d])
		w.n[d] = core % s->n[d];
	return w;
}

static uint32_t measured(const struct shape *s)
{
	return shape_cores(s) < ISKRA_PAIRS ? shape_cores(s) : ISKRA_PAIRS;
}

/* Things and their caches; cores and their memory; devices, distances, levels, measured pairs. */
static uint32_t records(const struct shape *s)
{
	uint32_t n = 2 * count(s, THREADS) + 3 * count(s, PHYSICALS);

	for (uint32_t d = NODES; d < PHYSICALS; d++)
		n += count(s, d);
	return n + s->n[NODES] * (s->n[NODES] + 1) + MX_LEVELS + measured(s) * measured(s);
}

static uint32_t add(struct iskra *l, struct mx_record r, uint32_t parent)
{
	r.parent = parent;
	int64_t index = iskra_insert(l, &r);

	if (index < 0) {
		fprintf(stderr, "record of kind %u, id %u: %d\n", r.kind, r.id, (int)index);
		abort();
	}
	return (uint32_t)index;
}

static uint32_t add_cache(struct building *b, uint32_t depth, uint32_t type, enum mx_level level,
                          uint64_t place, uint32_t outer)
{
	static const uint64_t sizes[] = {0, 48 << 10, 2 << 20, 32 << 20};
	struct mx_record r = mx_record(MX_KIND_CACHE, iskra_records(b->l), level, place);

	r.u.cache.size = sizes[depth];
	r.u.cache.depth = (uint8_t)depth;
	r.u.cache.type = (uint8_t)type;
	r.u.cache.line = 64;
	return add(b->l, r, outer);
}

static uint32_t add_node(struct building *b, uint32_t id, uint64_t place)
{
	uint32_t node = add(b->l, mx_record(MX_KIND_NODE, id, MX_LEVEL_NODE, place), MX_NOTHING);

	add(b->l, mx_record(MX_KIND_PCI, id << 8, MX_LEVEL_NODE, place), node);
	b->node = node;
	return node;
}

static uint32_t add_physical(struct building *b, uint32_t id, uint64_t place, uint32_t outer)
{
	struct mx_record r = mx_record(MX_KIND_PHYSICAL, id, MX_LEVEL_PHYSICAL, place);
	uint32_t physical = add(b->l, r, outer);

	add_cache(b, 1, 1, MX_LEVEL_PHYSICAL, place, physical);
	add_cache(b, 1, 2, MX_LEVEL_PHYSICAL, place, physical);
	return physical;
}

static uint32_t add_core(struct building *b, uint32_t id, uint64_t place, uint32_t physical)
{
	struct mx_record r = mx_record(MX_KIND_CORE, id, MX_LEVEL_CORE, place);

	r.u.core.hardware_id = id;
	r.u.core.load = (uint16_t)machine_dice(1001);
	r.u.core.total = 64 << 20;
	r.u.core.free = (uint64_t)machine_dice(64) << 20;
	uint32_t core = add(b->l, r, physical);

	r = mx_record(MX_KIND_MEMORY, id, MX_LEVEL_NODE, place);
	r.owner = core;
	r.u.memory.base = (uint64_t)id << 26;
	r.u.memory.size = 64 << 20;
	add(b->l, r, b->node);
	return core;
}

static uint32_t add_thing(struct building *b, uint32_t depth, uint32_t outer)
{
	const uint32_t *n = b->way.n;
	uint64_t place = mx_place(n[0], n[1], n[2], n[3], n[4], n[5]);
	uint32_t id = b->made[depth]++;

	switch (depth) {
	case NODES:
		return add_node(b, id, place);
	case PACKAGES:
		return add(b->l, mx_record(MX_KIND_PACKAGE, id, MX_LEVEL_PACKAGE, place), outer);
	case L3S:
		return add_cache(b, 3, 3, MX_LEVEL_L3, place, outer);
	case L2S:
		return add_cache(b, 2, 3, MX_LEVEL_L2, place, outer);
	case PHYSICALS:
		return add_physical(b, id, place, outer);
	default:
		return add_core(b, id, place, outer);
	}
}

static void fill(struct building *b, uint32_t depth, uint32_t outer)
{
	if (depth == DEPTHS)
		return;
	for (uint32_t i = 0; i < b->shape->n[depth]; i++) {
		b->way.n[depth] = i;
		fill(b, depth + 1, add_thing(b, depth, outer));
	}
	b->way.n[depth] = 0;
}

static void add_paths(struct iskra *l, const struct shape *s)
{
	uint32_t cost = 50;

	for (uint32_t a = 0; a < s->n[NODES]; a++)
		for (uint32_t b = 0; b < s->n[NODES]; b++)
			add(l, mx_path(MX_PATH_NODES, a, b, a == b ? 10 : 11 + machine_dice(30)),
			    MX_NOTHING);
	for (uint32_t level = 0; level < MX_LEVELS; level++)
		add(l, mx_path(MX_PATH_LEVEL, level, 0, cost += 1 + machine_dice(100)), MX_NOTHING);
	for (uint32_t a = 0; a < measured(s); a++)
		for (uint32_t b = 0; b < measured(s); b++) {
			struct mx_record r = mx_path(MX_PATH_CORES, a, b, 40 + machine_dice(500));

			r.owner = iskra_find(l, MX_KIND_CORE, a);
			add(l, r, MX_NOTHING);
		}
}

struct iskra *machine_build(const struct shape *s, uint32_t more)
{
	struct building b = {.shape = s};
	uint64_t bytes = iskra_bytes(records(s) + more);

	b.l = iskra_start(aligned_alloc(64, bytes), bytes);
	fill(&b, 0, MX_NOTHING);
	add_paths(b.l, s);
	return b.l;
}
