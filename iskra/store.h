/*
 * What the store's own files share: the run of memory, and the branches' trees in it.
 *
 * Interface: struct iskra and where its records and nodes lie; tree_* keep one branch in order.
 * Rules: there are nodes for the worst shape that the trees of a full store can have, so only the
 * records can run out, and a call either fails before it has changed anything or not at all.
 */
#ifndef ISKRA_STORE_H
#define ISKRA_STORE_H

#include "iskra/iskra.h"

#define ISKRA_LINE    64u
#define ISKRA_AT_HAND 64u /* cores below this number are found without a search */

struct iskra {
	uint64_t version;
	uint32_t most, records;
	uint32_t free_record; /* first of the free ones, joined by mx_record.next; MX_NOTHING: full
	                       */
	uint32_t nodes, free_node;
	uint32_t root[ISKRA_BRANCHES];
	/* What path records say, at hand without a search; 0: nothing (a level: the usual). */
	uint32_t level_cost[MX_LEVELS];
	uint32_t pair_cost[ISKRA_PAIRS][ISKRA_PAIRS];
	uint8_t distance[ISKRA_NODES][ISKRA_NODES];
	uint32_t core[ISKRA_AT_HAND]; /* the first cores' indices, likewise */
} __attribute__((aligned(ISKRA_LINE)));

/*
 * A node of a B-tree holds indices of records, in order. A leaf: n of them. An inner node: n in
 * entry[], and n + 1 nodes in entry[NODE_INNER …]; what lies between two entries lies below it.
 */
#define NODE_LEAF  31u
#define NODE_INNER 15u
struct node {
	uint16_t n, leaf;
	uint32_t entry[NODE_LEAF];
};
_Static_assert(sizeof(struct node) == 2 * ISKRA_LINE, "a node is two cache lines");

static inline struct mx_record *store_record(const struct iskra *l, uint32_t index)
{
	return (struct mx_record *)(l + 1) + index;
}

static inline struct node *store_node(const struct iskra *l, uint32_t node)
{
	return (struct node *)((struct mx_record *)(l + 1) + l->most) + node;
}

static inline bool store_holds(const struct iskra *l, uint32_t index)
{
	return index < l->most && store_record(l, index)->kind != MX_KIND_NONE;
}

static inline int key_order(struct iskra_key a, struct iskra_key b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low < b.low ? -1 : a.low > b.low;
}

/* No two records have the same key in a branch: all but that by kind, where none may, end with the
 * index. */
struct iskra_key key_of(const struct mx_record *r, enum iskra_branch b, uint32_t index);

/* How many nodes the branch of so many records can need. */
uint32_t tree_nodes(uint32_t records);
void tree_start(struct iskra *l);
void tree_insert(struct iskra *l, enum iskra_branch b, uint32_t index);
/* By the key that the record has now: before it is changed. */
void tree_remove(struct iskra *l, enum iskra_branch b, uint32_t index);
/* The position of the first entry that is not before key. */
uint32_t node_lower(const struct iskra *l, enum iskra_branch b, const struct node *node,
                    struct iskra_key key);

/* iskra/link.c: out of its parent's parts; its own parts become parts of nothing. */
void link_cut(struct iskra *l, uint32_t index);
void link_drop_parts(struct iskra *l, uint32_t index);

/* iskra/cost.c: the tables follow the path records. */
void cost_start(struct iskra *l);
void cost_learn(struct iskra *l, const struct mx_record *path);
void cost_forget(struct iskra *l, const struct mx_record *path);
bool cost_valid(const struct mx_record *path);
/* Between two records; between two cores; between any two things of these nodes. */
uint32_t cost_of(const struct iskra *l, const struct mx_record *a, const struct mx_record *b);
uint32_t cost_of_cores(const struct iskra *l, const struct mx_record *a, const struct mx_record *b);
/* Two cores by number, as measured in either direction; 0: they are not. */
static inline uint32_t cost_measured(const struct iskra *l, uint32_t a, uint32_t b)
{
	if (a >= ISKRA_PAIRS || b >= ISKRA_PAIRS)
		return 0;
	return l->pair_cost[a][b] ? l->pair_cost[a][b] : l->pair_cost[b][a];
}
uint32_t cost_between_nodes(const struct iskra *l, uint32_t a, uint32_t b);

#endif
