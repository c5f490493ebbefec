/* Boot facts as records: see facts.h. */
#include "executive/arch.h"
#include "executive/facts.h"

static const struct topology *const facts = &machine.topology;
static struct iskra *l;
static uint32_t memory_id;

static uint32_t pairs(uint32_t n)
{
	return n * (n - 1) / 2;
}

uint32_t facts_most(void)
{
	uint32_t cores = machine.cores;

	return facts->nodes_n * (facts->nodes_n + 1) + 3 * cores + facts->caches_n +
	       facts->ranges_n + cores * (SHARES + 1) + 2 * facts->functions_n + 1 + pairs(cores);
}

uint32_t facts_insert(struct iskra *replica, const struct mx_record *r)
{
	int64_t index = iskra_insert(replica, r);

	check(index >= 0);
	return (uint32_t)index;
}

static uint32_t insert(struct mx_record r)
{
	return facts_insert(l, &r);
}

static void fill_distances(void)
{
	for (uint32_t i = 0; i < facts->nodes_n; i++)
		for (uint32_t k = 0; k < facts->nodes_n; k++) {
			struct mx_record r = mx_path(MX_PATH_NODES, i, k, facts->distance[i][k]);

			r.owner = iskra_find(l, MX_KIND_NODE, i);
			r.u.path.latency = facts->latency[i][k];
			r.u.path.bandwidth = facts->bandwidth[i][k];
			insert(r);
		}
}

/* Which range of a node it lies in. */
static uint32_t range_of(uint64_t at)
{
	for (uint32_t i = 0; i < facts->ranges_n; i++)
		if (at - facts->ranges[i].base < facts->ranges[i].size)
			return i;
	return facts->ranges_n;
}

static struct mx_record memory(uint64_t base, uint64_t size, uint32_t node)
{
	struct mx_record r = mx_record(MX_KIND_MEMORY, memory_id++, MX_LEVEL_NODE,
	                               mx_place(node, 0, 0, 0, 0, 0));

	r.u.memory.base = base;
	r.u.memory.size = size;
	return r;
}

/* What a core owns is a part of a node's range; elsewhere it is nobody's, and in node 0. */
static void fill_owned(uint32_t core, uint64_t base, uint64_t size, const uint32_t *ranges)
{
	uint32_t range = range_of(base),
	         node = range < facts->ranges_n ? facts->ranges[range].node : 0;
	struct mx_record r = memory(base, size, node);

	r.owner = iskra_find(l, MX_KIND_CORE, core);
	r.parent = range < facts->ranges_n ? ranges[range] : MX_NOTHING;
	insert(r);
}

static void fill_memory(void)
{
	uint32_t ranges[TOPOLOGY_RANGES];

	for (uint32_t i = 0; i < facts->ranges_n; i++) {
		const struct topology_range *t = &facts->ranges[i];
		struct mx_record r = memory(t->base, t->size, t->node);

		r.parent = iskra_find(l, MX_KIND_NODE, t->node);
		ranges[i] = insert(r);
	}
	for (uint32_t c = 0; c < machine.cores; c++) {
		const struct mx_pool *pool = &machine.pools[c];

		for (uint32_t i = 0; i < SHARES; i++)
			if (machine.share[c][i].size)
				fill_owned(c, machine.share[c][i].base, machine.share[c][i].size,
				           ranges);
		fill_owned(c, pool->dma, (uint64_t)pool->count * MX_PAGE, ranges);
	}
}

static uint16_t device_of(uint16_t address)
{
	for (uint32_t i = 0; i < machine.devices_n; i++)
		if (machine.devices[i].info.address == address)
			return (uint16_t)i;
	return UINT16_MAX;
}

/* Which node a function is near to, nobody says: in a machine of one it is known all the same. */
static void fill_functions(void)
{
	bool known = facts->nodes_n == 1;

	for (uint32_t i = 0; i < facts->functions_n; i++) {
		const struct topology_function *f = &facts->functions[i];
		struct mx_record r = mx_record(MX_KIND_PCI, f->address,
		                               known ? MX_LEVEL_NODE : MX_LEVEL_MACHINE, 0);

		if (known)
			r.parent = iskra_find(l, MX_KIND_NODE, 0);
		r.u.pci.vendor = f->vendor;
		r.u.pci.device = f->device;
		r.u.pci.class = f->class;
		r.u.pci.vectors = f->vectors;
		r.u.pci.machine = device_of(f->address);
		insert(r);
	}
}

/* One record for all a function has: they go to the core of its driver. */
static void fill_interrupts(void)
{
	for (uint32_t i = 0; i < facts->functions_n; i++) {
		const struct topology_function *f = &facts->functions[i];
		const struct mx_record *function =
		        iskra_get(l, iskra_find(l, MX_KIND_PCI, f->address));
		struct mx_record r = mx_record(MX_KIND_INTERRUPT, FACTS_INTERRUPT(f->address),
		                               function->level, function->place);

		if (!f->vectors && !f->pin)
			continue;
		r.parent = iskra_find(l, MX_KIND_PCI, f->address);
		r.u.interrupt.vector = f->vectors ? 0 : f->pin;
		r.u.interrupt.count = f->vectors ? f->vectors : 1;
		r.u.interrupt.msi = f->vectors != 0;
		insert(r);
	}
}

/* Within a core: what the store says too. */
static void fill_core_level(void)
{
	uint32_t core = iskra_find(l, MX_KIND_CORE, 0);

	insert(mx_path(MX_PATH_LEVEL, MX_LEVEL_CORE, 0, iskra_cost(l, core, core)));
}

/* Not measured yet: what the store says of the levels they share. */
static void fill_pairs(void)
{
	for (uint32_t a = 0; a < machine.cores; a++)
		for (uint32_t b = a + 1; b < machine.cores; b++) {
			uint32_t from = iskra_find(l, MX_KIND_CORE, a);
			uint32_t to = iskra_find(l, MX_KIND_CORE, b);
			struct mx_record r = mx_path(MX_PATH_CORES, a, b, iskra_cost(l, from, to));

			r.owner = from;
			insert(r);
		}
}

void facts_fill(struct iskra *replica)
{
	l = replica;
	memory_id = 0;
	facts_places(l);
	fill_distances();
	fill_memory();
	fill_functions();
	fill_interrupts();
	fill_core_level();
	fill_pairs();
}
