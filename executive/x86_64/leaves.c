/* CPUID's leaves on topology and caches: see leaves.h. */
#include "executive/arch.h"
#include "executive/x86_64/leaves.h"

#define EXTENDED    0x1fu
#define BASIC       0xbu
#define CACHES      4u
#define CACHES_AMD  0x8000001du
#define LEVEL_END   0u /* kind of level: no more of them */
#define LEVEL_SMT   1u
#define LEVELS_MOST 6u /* kinds that there are */

void leaves_choose(uint32_t *leaves)
{
	leaves[LEAF_PLACE] = cpuid_if(EXTENDED).b ? EXTENDED : cpuid_if(BASIC).b ? BASIC : 0;
	leaves[LEAF_CACHES] = cpuid_if(CACHES).a & 31       ? CACHES
	                      : cpuid_if(CACHES_AMD).a & 31 ? CACHES_AMD
	                                                    : 0;
}

void leaves_own(const uint32_t *leaves, struct cpuid said[LEAVES * SUBLEAVES])
{
	for (uint32_t i = 0; i < LEAVES * SUBLEAVES; i++)
		said[i] = cpuid_at(leaves[i / SUBLEAVES], i % SUBLEAVES);
}

/* Bits of an APIC id that tell n things apart. */
static uint32_t bits(uint32_t n)
{
	uint32_t b = 0;

	while (b < 31 && 1u << b < n)
		b++;
	return b;
}

/* Each level says by how much an id is shifted to get that of the next; the last is the package. */
static void read_place(struct topology_core *c, uint32_t id, const struct cpuid *said)
{
	uint32_t threads = 0, all = 0;

	for (uint32_t i = 0; i < LEVELS_MOST && (said[i].c >> 8 & 255) != LEVEL_END; i++) {
		all = said[i].a & 31;
		if ((said[i].c >> 8 & 255) == LEVEL_SMT)
			threads = all;
	}
	if (threads > all)
		threads = all;
	c->package = (uint16_t)(id >> all);
	c->physical = (uint16_t)((id & ((1u << all) - 1)) >> threads);
	c->thread = (uint16_t)(id & ((1u << threads) - 1));
}

/* Where neither leaf is: what leaf 1 says of the package, and nothing of threads. */
static void guess_place(struct topology_core *c, uint32_t id)
{
	struct cpuid one = cpuid(1);
	uint32_t all = one.d >> 28 & 1 ? bits(one.b >> 16 & 255) : 0;

	c->package = (uint16_t)(id >> all);
	c->physical = (uint16_t)(id & ((1u << all) - 1));
}

static void read_cache(uint32_t core, uint32_t id, const struct cpuid *r)
{
	uint32_t line = (r->b & 0xfff) + 1, parts = (r->b >> 12 & 0x3ff) + 1;
	uint32_t ways = (r->b >> 22) + 1, shift = bits((r->a >> 14 & 0xfff) + 1);
	struct topology_cache c = {.size = (uint64_t)line * parts * ways * (r->c + 1ull),
	                           .id = id >> shift,
	                           .line = (uint16_t)line,
	                           .ways = (uint16_t)(r->a >> 9 & 1 ? 0 : ways),
	                           .level = r->a >> 5 & 7,
	                           .type = r->a & 31};

	if (!topology_cache(&machine.topology, core, &c))
		print("core %u: more than %u caches; one is left out\n", core, TOPOLOGY_CACHES);
}

void leaves_read(uint32_t core, uint32_t id, const uint32_t *leaves,
                 const struct cpuid said[LEAVES * SUBLEAVES])
{
	const struct cpuid *caches = said + LEAF_CACHES * SUBLEAVES;

	if (leaves[LEAF_PLACE])
		read_place(&machine.topology.cores[core], id, said + LEAF_PLACE * SUBLEAVES);
	else
		guess_place(&machine.topology.cores[core], id);
	if (!leaves[LEAF_CACHES])
		return;
	for (uint32_t i = 0; i < SUBLEAVES && caches[i].a & 31; i++)
		if ((caches[i].a & 31) <= CACHE_UNIFIED)
			read_cache(core, id, &caches[i]);
}
