/* Facts of the machine, put in order: see topology.h. The process on Linux has a copy of this too.
 */
#include "executive/topology.h"

bool topology_cache(struct topology *t, uint32_t core, const struct topology_cache *c)
{
	for (uint32_t i = 0; i < t->caches_n; i++) {
		struct topology_cache *old = &t->caches[i];

		if (old->level != c->level || old->type != c->type || old->id != c->id)
			continue;
		old->cores |= 1u << core;
		return true;
	}
	if (t->caches_n == TOPOLOGY_CACHES)
		return false;
	t->caches[t->caches_n] = *c;
	t->caches[t->caches_n++].cores = 1u << core;
	return true;
}

static uint32_t cores_of(const struct topology *t, uint32_t cores, uint32_t node)
{
	uint32_t set = 0;

	for (uint32_t i = 0; i < cores; i++)
		set |= (uint32_t)(t->cores[i].node == node) << i;
	return set;
}

void topology_finish(struct topology *t, uint32_t cores)
{
	if (!t->nodes_n)
		t->nodes_n = 1;
	for (uint32_t i = 0; i < t->caches_n; i++)
		if (t->caches[i].type == CACHE_MEMORY)
			t->caches[i].cores = cores_of(t, cores, t->caches[i].node);
	for (uint32_t i = 0; i < t->nodes_n; i++)
		for (uint32_t k = 0; k < t->nodes_n; k++)
			if (!t->distance[i][k])
				t->distance[i][k] = i == k ? TOPOLOGY_NEAR : TOPOLOGY_FAR;
}
