/* Where cores are: nodes, packages, caches, physical cores. From the outside in: see facts.h. */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/facts.h"

static const struct topology *const facts = &machine.topology;
static struct iskra *l;
static uint32_t inside[MX_CORES_MAX]; /* the innermost thing so far that a core is a part of */
static uint32_t cache_id;

static const struct topology_cache *cache_of(uint32_t core, uint32_t level)
{
	for (uint32_t i = 0; i < facts->caches_n; i++)
		if (facts->caches[i].level == level && facts->caches[i].cores >> core & 1 &&
		    facts->caches[i].type == CACHE_UNIFIED)
			return &facts->caches[i];
	return NULL;
}

/* Where there is no such cache, each inner thing has its own. */
static uint64_t place_of(uint32_t core)
{
	const struct topology_core *c = &facts->cores[core];
	const struct topology_cache *l2 = cache_of(core, 2), *l3 = cache_of(core, 3);
	uint32_t id2 = l2 ? l2->id : c->physical, id3 = l3 ? l3->id : id2;

	return mx_place(c->node, c->package, id3, id2, c->physical, c->thread);
}

static uint32_t all_cores(void)
{
	return (uint32_t)((1ull << machine.cores) - 1);
}

static uint32_t count(uint32_t set)
{
	uint32_t n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/*
 * Something that these cores share. What spans nodes is nowhere in particular, and no part of
 * anything; what a wrong processor says is inside two things is inside the first.
 */
static void insert_shared(struct mx_record *r, uint32_t set)
{
	bool holds_more = r->kind != MX_KIND_CACHE || r->u.cache.depth > 1;
	uint32_t first = 0, index;

	while (!(set >> first & 1))
		first++;
	r->parent = inside[first];
	r->place = place_of(first) & ~mx_place_inside(r->level);
	for (uint32_t c = 0; c < machine.cores; c++)
		if (set >> c & 1 && facts->cores[c].node != facts->cores[first].node) {
			r->level = MX_LEVEL_MACHINE;
			r->place = 0;
			r->parent = MX_NOTHING;
		}
	index = facts_insert(l, r);
	for (uint32_t c = 0; c < machine.cores; c++)
		if (set >> c & 1 && r->level != MX_LEVEL_MACHINE && holds_more)
			inside[c] = index;
}

static void fill_nodes(void)
{
	for (uint32_t i = 0; i < facts->nodes_n; i++) {
		struct mx_record r =
		        mx_record(MX_KIND_NODE, i, MX_LEVEL_NODE, mx_place(i, 0, 0, 0, 0, 0));
		uint32_t index;

		r.u.node.domain = facts->nodes[i].domain;
		for (uint32_t k = 0; k < facts->ranges_n; k++)
			r.u.node.size += facts->ranges[k].node == i ? facts->ranges[k].size : 0;
		for (uint32_t c = 0; c < machine.cores; c++)
			r.u.node.cores += facts->cores[c].node == i;
		index = facts_insert(l, &r);
		for (uint32_t c = 0; c < machine.cores; c++)
			if (facts->cores[c].node == i)
				inside[c] = index;
	}
}

static uint32_t package_set(uint32_t core)
{
	uint32_t set = 0;

	for (uint32_t c = 0; c < machine.cores; c++)
		set |= (uint32_t)(facts->cores[c].package == facts->cores[core].package) << c;
	return set;
}

static void fill_packages(void)
{
	for (uint32_t c = 0, done = 0; c < machine.cores; c++) {
		struct mx_record r =
		        mx_record(MX_KIND_PACKAGE, facts->cores[c].package, MX_LEVEL_PACKAGE, 0);

		if (done >> c & 1)
			continue;
		done |= package_set(c);
		insert_shared(&r, package_set(c));
	}
}

static struct mx_record cache(const struct topology_cache *c, uint32_t level, uint64_t place)
{
	struct mx_record r = mx_record(MX_KIND_CACHE, cache_id++, level, place);

	r.u.cache.size = c->size;
	r.u.cache.ways = c->ways;
	r.u.cache.line = c->line;
	r.u.cache.depth = c->level;
	r.u.cache.type = c->type;
	r.u.cache.shared = (uint16_t)count(c->cores & all_cores());
	return r;
}

static void fill_caches(uint32_t depth, uint32_t level)
{
	for (uint32_t i = 0; i < facts->caches_n; i++) {
		const struct topology_cache *c = &facts->caches[i];
		uint32_t set = c->cores & all_cores();
		struct mx_record r;

		if (c->level != depth || c->type == CACHE_MEMORY || !set)
			continue;
		/* not every processor's threads share all that is inside the physical core */
		r = cache(c, depth == 1 && count(set) == 1 ? MX_LEVEL_CORE : level, 0);
		insert_shared(&r, set);
	}
}

/* HMAT's: a part of the node before whose memory it stands. */
static void fill_memory_caches(void)
{
	for (uint32_t i = 0; i < facts->caches_n; i++) {
		const struct topology_cache *c = &facts->caches[i];
		struct mx_record r;

		if (c->type != CACHE_MEMORY)
			continue;
		r = cache(c, MX_LEVEL_NODE, mx_place(c->node, 0, 0, 0, 0, 0));
		r.parent = iskra_find(l, MX_KIND_NODE, c->node);
		facts_insert(l, &r);
	}
}

static uint32_t physical_set(uint32_t core)
{
	const struct topology_core *a = &facts->cores[core];
	uint32_t set = 0;

	for (uint32_t c = 0; c < machine.cores; c++) {
		const struct topology_core *b = &facts->cores[c];

		set |= (uint32_t)(a->package == b->package && a->physical == b->physical) << c;
	}
	return set;
}

static void fill_physical(void)
{
	for (uint32_t c = 0, done = 0, id = 0; c < machine.cores; c++) {
		struct mx_record r = mx_record(MX_KIND_PHYSICAL, id, MX_LEVEL_PHYSICAL, 0);
		uint32_t set = physical_set(c);

		if (done >> c & 1)
			continue;
		done |= set;
		id++;
		insert_shared(&r, set);
	}
}

static uint64_t share_of(uint32_t core)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < SHARES; i++)
		sum += machine.share[core][i].size;
	return sum;
}

static void fill_cores(void)
{
	for (uint32_t c = 0; c < machine.cores; c++) {
		struct mx_record r = mx_record(MX_KIND_CORE, c, MX_LEVEL_CORE, place_of(c));

		r.parent = inside[c];
		r.u.core.hardware_id = machine.hardware_id[c];
		r.u.core.package = facts->cores[c].package;
		r.u.core.free = share_of(c);
		r.u.core.total = r.u.core.free + (uint64_t)machine.pools[c].count * MX_PAGE;
		facts_insert(l, &r);
	}
}

void facts_places(struct iskra *replica)
{
	l = replica;
	cache_id = 0;
	fill_nodes();
	fill_packages();
	fill_caches(4, MX_LEVEL_PACKAGE);
	fill_caches(3, MX_LEVEL_L3);
	fill_caches(2, MX_LEVEL_L2);
	fill_physical();
	fill_caches(1, MX_LEVEL_PHYSICAL);
	fill_memory_caches();
	fill_cores();
}
