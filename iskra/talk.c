/*
 * What it costs a domain on a core to talk to its peers.
 *
 * Rules: this is where a query spends its time, cores times peers. So what is the same for all
 * cores of a node is worked out once for each node: cores are asked in order of number, which is
 * mostly by node. The result is that of cost_of_cores.
 */
#include "iskra/best.h"

bool talk_start(struct talk *t, const struct iskra *l, const struct iskra_wish *wish)
{
	t->l = l;
	t->n = wish->peers_n;
	t->node = ISKRA_NODES;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct mx_record *core =
		        iskra_get(l, iskra_find(l, MX_KIND_CORE, wish->peers[i].core));

		if (!core)
			return false;
		t->peers[i].core = core->id;
		t->peers[i].place = core->place;
		t->peers[i].weight = wish->peers[i].weight;
	}
	return true;
}

/* The core can have measured paths to those that can have some, too. */
static bool paired(uint32_t core)
{
	return core < ISKRA_PAIRS;
}

/* Peers in other nodes cost the same from all cores of this one, where nothing was measured. */
static void enter(struct talk *t, uint32_t node, bool pairs)
{
	t->node = node;
	t->pairs = pairs;
	t->near_n = 0;
	t->far = 0;
	for (uint32_t i = 0; i < t->n; i++) {
		struct talk_peer *p = &t->peers[i];

		p->far = cost_between_nodes(t->l, node, mx_place_node(p->place));
		if (node == mx_place_node(p->place) || (pairs && paired(p->core)))
			t->near[t->near_n++] = *p;
		else
			plus(&t->far, (uint64_t)p->far * p->weight);
	}
}

uint64_t talk_cost(struct talk *t, const struct mx_record *core)
{
	uint32_t node = mx_place_node(core->place);
	uint64_t sum;

	if (t->node != node || t->pairs != paired(core->id))
		enter(t, node, paired(core->id));
	sum = t->far;
	for (uint32_t i = 0; i < t->near_n; i++) {
		const struct talk_peer *p = &t->near[i];
		uint64_t cost = cost_measured(t->l, core->id, p->core);

		if (cost == 0) {
			uint32_t level = mx_place_shared(core->place, p->place);

			cost = level == MX_LEVEL_MACHINE ? p->far : t->l->level_cost[level];
		}
		plus(&sum, cost * p->weight);
	}
	return sum;
}
