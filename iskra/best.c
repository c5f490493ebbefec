/*
 * The best core for a domain.
 *
 * Interface: iskra_best, iskra_weigh.
 * Rules: all that speaks for or against a core is told in one unit, the time that the machine loses
 * by it: ns in each second. So the parts add up, and no weight has to be invented that sets one
 * against another. Every core is asked: loads differ, so no bound known beforehand rules one out.
 */
#include "iskra/best.h"

/* Half the square of the load: so two that want parts a and b wait for each other for a * b. */
#define CROWDED 2u
/* What finds no time is missed thrice: before it and behind it others wait. */
#define LOST    3u
#define THREADS 400u /* of 1000: what a thread loses beside one that is always busy */

struct asked {
	const struct iskra *l;
	const struct iskra_wish *wish;
	const struct mx_record *device;
	struct talk talk;
	struct rooms rooms; /* only when memory is wanted */
};

static bool permitted(const struct iskra_wish *wish, const struct mx_record *core)
{
	return !wish->allowed || (wish->allowed[core->id / 64] >> core->id % 64 & 1);
}

static int64_t ask(struct asked *q, const struct iskra *l, const struct iskra_wish *wish)
{
	q->l = l;
	q->wish = wish;
	if (wish->peers_n > ISKRA_PEERS || wish->want > FULL || !talk_start(&q->talk, l, wish))
		return MX_EINVAL;
	q->device = iskra_get(l, wish->device);
	if (!q->device && wish->device != MX_NOTHING)
		return MX_EINVAL;
	if (wish->memory)
		rooms_start(&q->rooms, l, wish->memory);
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

/* false: there is no memory for it. */
static bool weigh(struct asked *q, uint32_t index, struct iskra_choice *c)
{
	const struct mx_record *core = store_record(q->l, index);
	const struct iskra_wish *wish = q->wish;

	*c = (struct iskra_choice){.core = core->id, .memory_core = core->id};
	c->talk = talk_cost(&q->talk, core);
	if (q->device)
		c->device = (uint64_t)cost_of(q->l, core, q->device) * wish->device_weight;
	c->load = iskra_load(load_of(q, core), wish->want);
	c->threads = cost_of_threads(q, core, index);
	if (wish->extra)
		c->extra = wish->extra[core->id];
	if (wish->memory && !rooms_cost(&q->rooms, core, wish->want, c))
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
