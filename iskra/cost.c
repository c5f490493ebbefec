/*
 * What it costs to get from one thing to another.
 *
 * Rules: 1024 cores have half a million pairs, so only few cores have measured ones. The others are
 * told by the innermost level they share: one cost for each level (measured for one pair that
 * shares it, else the table below), times the distance between their nodes. What path records say
 * lies in tables of the store, written when a record comes or goes, so that a question does no
 * search.
 */
#include <stddef.h>
#include <string.h>
#include "iskra/store.h"

#define LOCAL 10u /* ACPI 6.5, 5.2.17: the distance of a node from itself */

/* ns of a message when nothing has been measured: order and proportion matter, not the values. */
static const uint32_t usual[MX_LEVELS] = {
        [MX_LEVEL_CORE] = 100,    [MX_LEVEL_PHYSICAL] = 120, [MX_LEVEL_L2] = 150,
        [MX_LEVEL_L3] = 200,      [MX_LEVEL_PACKAGE] = 250,  [MX_LEVEL_NODE] = 300,
        [MX_LEVEL_MACHINE] = 600,
};

bool cost_valid(const struct mx_record *r)
{
	uint32_t from = r->u.path.from, to = r->u.path.to;

	if (r->cost == 0 || r->id != mx_path_id(r->u.path.of, from, to))
		return false;
	switch (r->u.path.of) {
	case MX_PATH_CORES:
		return from < ISKRA_PAIRS && to < ISKRA_PAIRS;
	case MX_PATH_NODES:
		return from < ISKRA_NODES && to < ISKRA_NODES && r->cost <= UINT8_MAX;
	case MX_PATH_LEVEL:
		return from < MX_LEVELS && to == 0;
	default:
		return false;
	}
}

void cost_start(struct iskra *l)
{
	memcpy(l->level_cost, usual, sizeof(usual));
}

static void set(struct iskra *l, const struct mx_record *r, uint32_t cost)
{
	if (r->kind != MX_KIND_PATH)
		return;
	if (r->u.path.of == MX_PATH_CORES)
		l->pair_cost[r->u.path.from][r->u.path.to] = cost;
	else if (r->u.path.of == MX_PATH_NODES)
		l->distance[r->u.path.from][r->u.path.to] = (uint8_t)cost;
	else
		l->level_cost[r->u.path.from] = cost ? cost : usual[r->u.path.from];
}

void cost_learn(struct iskra *l, const struct mx_record *path)
{
	set(l, path, path->cost);
}

void cost_forget(struct iskra *l, const struct mx_record *path)
{
	set(l, path, 0);
}

uint32_t cost_between_nodes(const struct iskra *l, uint32_t a, uint32_t b)
{
	uint32_t distance = l->distance[a][b] ? l->distance[a][b] : l->distance[b][a];
	uint64_t cost = (uint64_t)l->level_cost[MX_LEVEL_NODE] * distance / LOCAL;

	if (distance == 0)
		return l->level_cost[a == b ? MX_LEVEL_NODE : MX_LEVEL_MACHINE];
	if (cost == 0)
		return 1;
	return cost < UINT32_MAX ? (uint32_t)cost : UINT32_MAX - 1;
}

static uint32_t composed(const struct iskra *l, const struct mx_record *a,
                         const struct mx_record *b, uint32_t least)
{
	uint32_t level = mx_place_shared(a->place, b->place);

	if (level < least)
		level = least;
	if (level < a->level)
		level = a->level;
	if (level < b->level)
		level = b->level;
	if (level < MX_LEVEL_MACHINE || a->level == MX_LEVEL_MACHINE ||
	    b->level == MX_LEVEL_MACHINE)
		return l->level_cost[level];
	return cost_between_nodes(l, mx_place_node(a->place), mx_place_node(b->place));
}

uint32_t cost_of_cores(const struct iskra *l, const struct mx_record *a, const struct mx_record *b)
{
	uint32_t cost = cost_measured(l, a->id, b->id);

	return cost ? cost : composed(l, a, b, MX_LEVEL_CORE);
}

/* A domain is where its core is. */
static const struct mx_record *place_of(const struct iskra *l, const struct mx_record *r)
{
	const struct mx_record *core = r->kind == MX_KIND_DOMAIN ? iskra_get(l, r->owner) : NULL;

	return core && core->kind == MX_KIND_CORE ? core : r;
}

uint32_t cost_of(const struct iskra *l, const struct mx_record *a, const struct mx_record *b)
{
	a = place_of(l, a);
	b = place_of(l, b);
	if (a->kind == MX_KIND_CORE && b->kind == MX_KIND_CORE)
		return cost_of_cores(l, a, b);
	return composed(l, a, b, MX_LEVEL_NODE);
}

uint32_t iskra_cost(const struct iskra *l, uint32_t from, uint32_t to)
{
	const struct mx_record *a = iskra_get(l, from), *b = iskra_get(l, to);

	return a && b ? cost_of(l, a, b) : UINT32_MAX;
}
