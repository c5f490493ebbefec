/*
 * The best core for a domain.
 *
 * Interface: iskra_best, iskra_weigh.
 * Rules: all that speaks for or against a core is told in one unit, the time that the machine loses
 * by it: ns in each second. So the parts add up, and no weight has to be invented that sets one
 * against another. Every core is asked: loads differ, so no bound known beforehand rules one out.
 */
#include "iskra/store.h"

#define FULL      1000u    /* all of a core's time */
#define PER_MILLE 1000000u /* ns of a second */
#define CROWDED                                                                                    \
	8u           /* a core that is always used keeps its domains waiting an eighth of the time \
	              */
#define LOST    3u   /* what finds no time is missed thrice: before it and behind it others wait */
#define THREADS 400u /* of 1000: what a thread loses beside one that is always busy */
#define FAR     250u /* of 1000: how much of its time a domain waits for memory, if all is far */

struct room {
	uint32_t core; /* MX_NOTHING: none in this node; after that the one with the most memory */
	uint32_t from; /* for domains in this node: the node to take memory of; ISKRA_NODES: not
	                  known yet */
};

struct asked {
	const struct iskra *l;
	const struct iskra_wish *wish;
	const struct mx_record *peers[ISKRA_PEERS];
	const struct mx_record *device;
	struct room rooms[ISKRA_NODES]; /* only when memory is wanted */
};

static void plus(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

static bool permitted(const struct iskra_wish *wish, const struct mx_record *core)
{
	return !wish->allowed || (wish->allowed[core->id / 64] >> core->id % 64 & 1);
}

static bool living(const struct mx_record *r)
{
	return !(r->flags & MX_RECORD_LOST);
}

/* In each node the core with the most free memory, if that is enough. */
static void find_rooms(struct asked *q)
{
	struct iskra_walk w;
	uint32_t i;

	for (uint32_t n = 0; n < ISKRA_NODES; n++)
		q->rooms[n] = (struct room){MX_NOTHING, ISKRA_NODES};
	iskra_walk_kind(&w, q->l, MX_KIND_CORE);
	while ((i = iskra_step(&w)) != MX_NOTHING) {
		const struct mx_record *core = store_record(q->l, i);
		struct room *room = &q->rooms[mx_place_node(core->place)];

		if (living(core) && core->u.core.free >= q->wish->memory &&
		    (room->core == MX_NOTHING ||
		     core->u.core.free > store_record(q->l, room->core)->u.core.free))
			room->core = i;
	}
}

static int64_t ask(struct asked *q, const struct iskra *l, const struct iskra_wish *wish)
{
	q->l = l;
	q->wish = wish;
	if (wish->peers_n > ISKRA_PEERS || wish->want > FULL)
		return MX_EINVAL;
	for (uint32_t i = 0; i < wish->peers_n; i++) {
		q->peers[i] = iskra_get(l, iskra_find(l, MX_KIND_CORE, wish->peers[i].core));
		if (!q->peers[i])
			return MX_EINVAL;
	}
	q->device = iskra_get(l, wish->device);
	if (!q->device && wish->device != MX_NOTHING)
		return MX_EINVAL;
	if (wish->memory)
		find_rooms(q);
	return MX_OK;
}

/* Load of a core without the domain itself. */
static uint32_t load_of(const struct asked *q, const struct mx_record *core)
{
	uint32_t own = q->wish->home == core->id ? q->wish->want : 0;

	return core->u.core.load > own ? core->u.core.load - own : 0;
}

/* Of a core that is used so much: ns of each second. */
static uint64_t strain(uint64_t load)
{
	uint64_t over = load > FULL ? load - FULL : 0;

	return load * load * PER_MILLE / FULL / CROWDED + over * PER_MILLE * LOST;
}

uint64_t iskra_load(uint32_t before, uint32_t want)
{
	return strain((uint64_t)before + want) - strain(before);
}

static uint64_t cost_of_threads(const struct asked *q, const struct mx_record *core, uint32_t index)
{
	const struct mx_record *p = iskra_get(q->l, core->parent);
	uint32_t busy = 0;

	if (!p || p->kind != MX_KIND_PHYSICAL)
		return 0;
	for (uint32_t i = p->child; i != MX_NOTHING; i = store_record(q->l, i)->next) {
		const struct mx_record *other = store_record(q->l, i);

		if (i != index && other->kind == MX_KIND_CORE && living(other))
			busy += load_of(q, other);
	}
	busy = busy < FULL ? busy : FULL;
	return (uint64_t)busy * q->wish->want * THREADS * (PER_MILLE / FULL) / FULL;
}

/* The nearest node that has the memory, itself if it can be; ISKRA_NODES: none. */
static uint32_t nearest_room(const struct asked *q, uint32_t node)
{
	uint32_t best = q->rooms[node].core != MX_NOTHING ? node : ISKRA_NODES;

	for (uint32_t n = 0; n < ISKRA_NODES; n++)
		if (q->rooms[n].core != MX_NOTHING &&
		    (best == ISKRA_NODES ||
		     cost_between_nodes(q->l, node, n) < cost_between_nodes(q->l, node, best)))
			best = n;
	return best;
}

/* false: nobody has it. */
static bool weigh_memory(struct asked *q, const struct mx_record *core, struct iskra_choice *c)
{
	uint32_t node = mx_place_node(core->place);
	struct room *room = &q->rooms[node];
	uint64_t here, there;

	c->memory_core = core->id;
	if (core->u.core.free >= q->wish->memory)
		return true;
	if (room->from == ISKRA_NODES)
		room->from = nearest_room(q, node);
	if (room->from == ISKRA_NODES)
		return false;
	c->memory_core = store_record(q->l, q->rooms[room->from].core)->id;
	here = cost_between_nodes(q->l, node, node);
	there = cost_between_nodes(q->l, node, room->from);
	if (there > here)
		c->memory = q->wish->want * (there - here) / here * FAR * (PER_MILLE / FULL);
	return true;
}

static bool weigh(struct asked *q, uint32_t index, struct iskra_choice *c)
{
	const struct mx_record *core = store_record(q->l, index);
	const struct iskra_wish *wish = q->wish;

	*c = (struct iskra_choice){.core = core->id, .memory_core = core->id};
	for (uint32_t i = 0; i < wish->peers_n; i++)
		plus(&c->talk,
		     (uint64_t)cost_of_cores(q->l, core, q->peers[i]) * wish->peers[i].weight);
	if (q->device)
		c->device = (uint64_t)cost_of(q->l, core, q->device) * wish->device_weight;
	c->load = iskra_load(load_of(q, core), wish->want);
	c->threads = cost_of_threads(q, core, index);
	if (wish->extra)
		c->extra = wish->extra[core->id];
	if (wish->memory && !weigh_memory(q, core, c))
		return false;
	c->cost = c->talk;
	plus(&c->cost, c->device);
	plus(&c->cost, c->load);
	plus(&c->cost, c->threads);
	plus(&c->cost, c->memory);
	plus(&c->cost, c->extra);
	return true;
}

int64_t iskra_best(const struct iskra *l, const struct iskra_wish *wish, struct iskra_choice *best)
{
	struct asked q;
	struct iskra_choice c;
	struct iskra_walk w;
	uint32_t i;
	int64_t result = ask(&q, l, wish);

	if (result != MX_OK)
		return result;
	result = MX_EPEER;
	iskra_walk_kind(&w, l, MX_KIND_CORE);
	while ((i = iskra_step(&w)) != MX_NOTHING) {
		const struct mx_record *core = store_record(l, i);

		if (!living(core) || !permitted(wish, core))
			continue;
		if (!weigh(&q, i, &c)) {
			if (result != MX_OK)
				result = MX_ENOMEM;
		} else if (result != MX_OK || c.cost < best->cost) {
			*best = c;
			result = MX_OK;
		}
	}
	return result;
}

int64_t iskra_weigh(const struct iskra *l, const struct iskra_wish *wish, uint32_t core,
                    struct iskra_choice *choice)
{
	uint32_t index = iskra_find(l, MX_KIND_CORE, core);
	struct asked q;
	int64_t result = ask(&q, l, wish);

	if (result != MX_OK)
		return result;
	if (index == MX_NOTHING)
		return MX_EINVAL;
	if (!living(store_record(l, index)))
		return MX_EPEER;
	return weigh(&q, index, choice) ? MX_OK : MX_ENOMEM;
}
