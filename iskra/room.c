/*
 * Where a domain on a core has its memory, and what it costs when that is far.
 *
 * Rules: a core whose own share has it gives it; else the nearest node with a core that has it.
 */
#include "iskra/best.h"

#define FAR 250u /* of 1000: how much of its time a domain waits for memory, if all is near */

void rooms_start(struct rooms *r, const struct iskra *l, uint64_t memory)
{
	struct iskra_walk w;
	uint32_t i;

	r->l = l;
	r->memory = memory;
	for (uint32_t n = 0; n < ISKRA_NODES; n++)
		r->nodes[n] = (struct room){MX_NOTHING, ISKRA_NODES};
	iskra_walk_kind(&w, l, MX_KIND_CORE);
	while ((i = iskra_step(&w)) != MX_NOTHING) {
		const struct mx_record *core = store_record(l, i);
		struct room *room = &r->nodes[mx_place_node(core->place)];

		if (living(core) && core->u.core.free >= memory &&
		    (room->core == MX_NOTHING ||
		     core->u.core.free > store_record(l, room->core)->u.core.free))
			room->core = i;
	}
}

/* Itself if it can be; ISKRA_NODES: none. */
static uint32_t nearest(const struct rooms *r, uint32_t node)
{
	uint32_t best = r->nodes[node].core != MX_NOTHING ? node : ISKRA_NODES;

	for (uint32_t n = 0; n < ISKRA_NODES; n++)
		if (r->nodes[n].core != MX_NOTHING &&
		    (best == ISKRA_NODES ||
		     cost_between_nodes(r->l, node, n) < cost_between_nodes(r->l, node, best)))
			best = n;
	return best;
}

bool rooms_cost(struct rooms *r, const struct mx_record *core, uint32_t want,
                struct iskra_choice *c)
{
	uint32_t node = mx_place_node(core->place);
	struct room *room = &r->nodes[node];
	uint64_t here, there;

	c->memory_core = core->id;
	if (core->u.core.free >= r->memory)
		return true;
	if (room->from == ISKRA_NODES)
		room->from = nearest(r, node);
	if (room->from == ISKRA_NODES)
		return false;
	c->memory_core = store_record(r->l, r->nodes[room->from].core)->id;
	here = cost_between_nodes(r->l, node, node);
	there = cost_between_nodes(r->l, node, room->from);
	if (there > here)
		c->memory = want * (there - here) / here * FAR * (PER_MILLE / FULL);
	return true;
}
