/*
 * A B-tree: one branch of the store.
 *
 * Interface: tree_insert, tree_remove (store.h).
 * Rules: every node but the root is at least half full. Both ways go down once (Cormen et al.,
 * Introduction to Algorithms, ch. 18): insert splits each full node before it enters it, remove
 * makes each node that it enters one richer than the least, so nothing ever has to go up again.
 */
#include <string.h>
#include "iskra/store.h"

#define NOTHING MX_NOTHING

static uint32_t most(const struct node *t)
{
	return t->leaf ? NODE_LEAF : NODE_INNER;
}

static uint32_t least(const struct node *t)
{
	return most(t) / 2;
}

static uint32_t *children(struct node *t)
{
	return t->entry + NODE_INNER;
}

/*
 * Besides the root there are L leaves of 15 at least and I inner nodes of 7: 15 L <= records. Each
 * but the root is some inner node's child: L + I >= 8 I + 2, so I <= L / 7. Two more: a root, and a
 * root above it.
 */
uint32_t tree_nodes(uint32_t records)
{
	uint32_t leaves = records / (NODE_LEAF / 2);

	return leaves + leaves / (NODE_INNER / 2) + 2;
}

static uint32_t node_take(struct iskra *l, bool leaf)
{
	uint32_t new = l->free_node;
	struct node *t = store_node(l, new);

	l->free_node = t->entry[0];
	t->n = 0;
	t->leaf = leaf;
	return new;
}

static void node_give(struct iskra *l, uint32_t node)
{
	store_node(l, node)->entry[0] = l->free_node;
	l->free_node = node;
}

void tree_start(struct iskra *l)
{
	l->free_node = NOTHING;
	for (uint32_t i = l->nodes; i-- > 0;)
		node_give(l, i);
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		l->root[b] = node_take(l, true);
}

uint32_t node_lower(const struct iskra *l, enum iskra_branch b, const struct node *t,
                    struct iskra_key key)
{
	uint32_t low = 0, high = t->n;

	while (low < high) {
		uint32_t mid = (low + high) / 2;
		struct iskra_key k = key_of(store_record(l, t->entry[mid]), b, t->entry[mid]);

		if (key_order(k, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void open_gap(uint32_t *a, uint32_t n, uint32_t at, uint32_t value)
{
	memmove(a + at + 1, a + at, (n - at) * sizeof(*a));
	a[at] = value;
}

static uint32_t close_gap(uint32_t *a, uint32_t n, uint32_t at)
{
	uint32_t value = a[at];

	memmove(a + at, a + at + 1, (n - at - 1) * sizeof(*a));
	return value;
}

/* Child i of t is full: its middle entry comes up, what is behind it becomes child i + 1. */
static void split(struct iskra *l, struct node *t, uint32_t i)
{
	struct node *left = store_node(l, children(t)[i]);
	uint32_t new = node_take(l, left->leaf);
	struct node *right = store_node(l, new);
	uint32_t half = least(left);

	right->n = left->n = (uint16_t)half;
	memcpy(right->entry, left->entry + half + 1, half * sizeof(*right->entry));
	if (!left->leaf)
		memcpy(children(right), children(left) + half + 1,
		       (half + 1) * sizeof(*right->entry));
	open_gap(children(t), t->n + 1u, i + 1, new);
	open_gap(t->entry, t->n, i, left->entry[half]);
	t->n++;
}

static void split_root(struct iskra *l, enum iskra_branch b)
{
	uint32_t old = l->root[b];

	l->root[b] = node_take(l, false);
	children(store_node(l, l->root[b]))[0] = old;
	split(l, store_node(l, l->root[b]), 0);
}

void tree_insert(struct iskra *l, enum iskra_branch b, uint32_t index)
{
	struct iskra_key key = key_of(store_record(l, index), b, index);
	struct node *t = store_node(l, l->root[b]);

	if (t->n == most(t)) {
		split_root(l, b);
		t = store_node(l, l->root[b]);
	}
	while (!t->leaf) {
		uint32_t i = node_lower(l, b, t, key);
		struct node *child = store_node(l, children(t)[i]);

		if (child->n == most(child)) {
			split(l, t, i);
			i = node_lower(l, b, t, key);
			child = store_node(l, children(t)[i]);
		}
		t = child;
	}
	open_gap(t->entry, t->n, node_lower(l, b, t, key), index);
	t->n++;
}

/* Entry i of t and child i + 1 come into child i. Both have the least, so all has room. */
static struct node *merge(struct iskra *l, struct node *t, uint32_t i)
{
	struct node *left = store_node(l, children(t)[i]);
	uint32_t other = close_gap(children(t), t->n + 1u, i + 1);
	struct node *right = store_node(l, other);

	if (!left->leaf)
		memcpy(children(left) + left->n + 1, children(right),
		       (right->n + 1u) * sizeof(*left->entry));
	left->entry[left->n] = close_gap(t->entry, t->n, i);
	memcpy(left->entry + left->n + 1, right->entry, right->n * sizeof(*left->entry));
	left->n = (uint16_t)(left->n + 1 + right->n);
	t->n--;
	node_give(l, other);
	return left;
}

/* An entry goes from child i over t to child i + 1. */
static void turn_right(struct iskra *l, struct node *t, uint32_t i)
{
	struct node *from = store_node(l, children(t)[i]);
	struct node *to = store_node(l, children(t)[i + 1]);

	if (!to->leaf)
		open_gap(children(to), to->n + 1u, 0, children(from)[from->n]);
	open_gap(to->entry, to->n++, 0, t->entry[i]);
	t->entry[i] = from->entry[--from->n];
}

/* And back from child i + 1 to child i. */
static void turn_left(struct iskra *l, struct node *t, uint32_t i)
{
	struct node *from = store_node(l, children(t)[i + 1]);
	struct node *to = store_node(l, children(t)[i]);

	if (!to->leaf)
		children(to)[to->n + 1] = close_gap(children(from), from->n + 1u, 0);
	to->entry[to->n++] = t->entry[i];
	t->entry[i] = close_gap(from->entry, from->n, 0);
	from->n--;
}

static bool has_spare(const struct iskra *l, struct node *t, uint32_t i)
{
	const struct node *child = store_node(l, children(t)[i]);

	return child->n > least(child);
}

/* Child i of t, with more than the least, so that it can lose one. */
static struct node *enter(struct iskra *l, struct node *t, uint32_t i)
{
	if (!has_spare(l, t, i)) {
		if (i > 0 && has_spare(l, t, i - 1))
			turn_right(l, t, i - 1);
		else if (i < t->n && has_spare(l, t, i + 1))
			turn_left(l, t, i);
		else
			return merge(l, t, i < t->n ? i : i - 1);
	}
	return store_node(l, children(t)[i]);
}

/* The first (or last) entry below a node. */
static uint32_t outermost(const struct iskra *l, uint32_t node, bool last)
{
	struct node *t = store_node(l, node);

	while (!t->leaf)
		t = store_node(l, children(t)[last ? t->n : 0]);
	return t->entry[last ? t->n - 1u : 0];
}

/*
 * Entry i of the inner node t is to go. A neighbour from below takes its place, and has to go from
 * there: the node to go on with; *index is what is to go from it.
 */
static struct node *replace(struct iskra *l, struct node *t, uint32_t i, uint32_t *index)
{
	bool left = has_spare(l, t, i);

	if (!left && !has_spare(l, t, i + 1))
		return merge(l, t, i);
	uint32_t child = children(t)[left ? i : i + 1];
	*index = t->entry[i] = outermost(l, child, left);
	return store_node(l, child);
}

void tree_remove(struct iskra *l, enum iskra_branch b, uint32_t index)
{
	uint32_t root = l->root[b];
	struct node *t = store_node(l, root);

	for (;;) {
		uint32_t i = node_lower(l, b, t, key_of(store_record(l, index), b, index));

		if (t->leaf) {
			close_gap(t->entry, t->n, i);
			t->n--;
			break;
		}
		t = i < t->n && t->entry[i] == index ? replace(l, t, i, &index) : enter(l, t, i);
	}
	t = store_node(l, root);
	if (t->n == 0 && !t->leaf) { /* its last two children are one */
		l->root[b] = children(t)[0];
		node_give(l, root);
	}
}
