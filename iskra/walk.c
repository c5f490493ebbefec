/*
 * Walks along a branch, and the search by kind and id.
 *
 * Rules: a walk holds the way from the root to the entry it will give next. A change of the store
 * would leave it in nodes that are gone, so it remembers the version and ends.
 */
#include <stddef.h>
#include "iskra/store.h"

static const struct iskra_key after_all = {~0ull, ~0ull};

static void descend(struct iskra_walk *w, uint32_t node)
{
	for (;;) {
		const struct node *t = store_node(w->l, node);

		w->node[w->depth] = node;
		w->at[w->depth++] = 0;
		if (t->leaf)
			break;
		node = t->entry[NODE_INNER];
	}
}

/* To the first that is not before `from`. */
static void start(struct iskra_walk *w, const struct iskra *l, enum iskra_branch branch,
                  struct iskra_key from, struct iskra_key end)
{
	uint32_t node = l->root[branch];

	w->l = l;
	w->version = l->version;
	w->end = end;
	w->branch = branch;
	w->depth = 0;
	for (;;) {
		const struct node *t = store_node(l, node);
		uint32_t i = node_lower(l, branch, t, from);

		w->node[w->depth] = node;
		w->at[w->depth++] = i;
		if (t->leaf)
			break;
		node = t->entry[NODE_INNER + i];
	}
}

uint32_t iskra_step(struct iskra_walk *w)
{
	const struct iskra *l = w->l;
	const struct node *t = NULL;

	if (w->version != l->version)
		w->depth = 0;
	while (w->depth > 0) { /* up, out of the nodes that are through */
		t = store_node(l, w->node[w->depth - 1]);
		if (w->at[w->depth - 1] < t->n)
			break;
		w->depth--;
	}
	if (w->depth == 0)
		return MX_NOTHING;
	uint32_t index = t->entry[w->at[w->depth - 1]++];
	if (key_order(key_of(store_record(l, index), w->branch, index), w->end) > 0) {
		w->depth = 0;
		return MX_NOTHING;
	}
	if (!t->leaf) /* then what lies between it and the next */
		descend(w, t->entry[NODE_INNER + w->at[w->depth - 1]]);
	return index;
}

void iskra_walk_all(struct iskra_walk *w, const struct iskra *l, enum iskra_branch branch)
{
	start(w, l, branch, (struct iskra_key){0, 0}, after_all);
}

static struct iskra_key kind_key(uint32_t kind, uint32_t value, uint64_t low)
{
	return (struct iskra_key){(uint64_t)kind << 32 | value, low};
}

void iskra_walk_kind(struct iskra_walk *w, const struct iskra *l, enum mx_kind kind)
{
	start(w, l, ISKRA_BY_KIND, kind_key(kind, 0, 0), kind_key(kind, ~0u, ~0ull));
}

void iskra_walk_cost(struct iskra_walk *w, const struct iskra *l, enum mx_kind kind, uint32_t most)
{
	start(w, l, ISKRA_BY_COST, kind_key(kind, 0, 0), kind_key(kind, most, ~0ull));
}

/* From the outermost of this very level on: what is wider, yet begins at the same place, is not in
 * it. */
void iskra_walk_place(struct iskra_walk *w, const struct iskra *l, uint64_t place, uint32_t level)
{
	uint64_t inside = mx_place_inside(level < MX_LEVELS ? level : MX_LEVEL_MACHINE);
	uint32_t out = MX_LEVEL_MACHINE - (level < MX_LEVELS ? level : MX_LEVEL_MACHINE);

	start(w, l, ISKRA_BY_PLACE, (struct iskra_key){place & ~inside, (uint64_t)out << 40},
	      (struct iskra_key){place | inside, ~0ull});
}

void iskra_walk_owner(struct iskra_walk *w, const struct iskra *l, uint32_t owner,
                      enum mx_kind kind)
{
	uint64_t high = (uint64_t)owner << 8;
	uint64_t last = kind == MX_KIND_NONE ? 0xff : kind;

	start(w, l, ISKRA_BY_OWNER, (struct iskra_key){high | kind, 0},
	      (struct iskra_key){high | last, ~0ull});
}

uint32_t iskra_find(const struct iskra *l, enum mx_kind kind, uint32_t id)
{
	struct iskra_walk w;

	if (kind == MX_KIND_CORE && id < ISKRA_AT_HAND)
		return l->core[id];
	start(&w, l, ISKRA_BY_KIND, kind_key(kind, id, 0), kind_key(kind, id, ~0ull));
	return iskra_step(&w);
}
