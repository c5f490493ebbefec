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

static void enter(struct talk *t, uint32_t node)
{
	t->node = node;
	for (uint32_t i = 0; i < t->n; i++)
		t->peers[i].far = cost_between_nodes(t->l, node, mx_place_node(t->peers[i].place));
}

uint64_t talk_cost(struct talk *t, const struct mx_record *core)
{
	uint64_t place = core->place, sum = 0;

	if (t->node != mx_place_node(place))
		enter(t, mx_place_node(place));
	for (uint32_t i = 0; i < t->n; i++) {
		uint64_t cost = cost_measured(t->l, core->id, t->peers[i].core);

		if (cost == 0) {
			uint32_t level = mx_place_shared(place, t->peers[i].place);

			cost = level == MX_LEVEL_MACHINE ? t->peers[i].far
			                                 : t->l->level_cost[level];
		}
		plus(&sum, cost * t->peers[i].weight);
	}
	return sum;
}
