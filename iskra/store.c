/*
 * The run of memory, and records that come, change and go.
 */
#include <string.h>
#include "iskra/store.h"

/* A walk by id would not find a second of the same, nor would replicas agree on which it is. */
static bool taken(const struct iskra *l, const struct mx_record *r, uint32_t but)
{
	uint32_t other = iskra_find(l, r->kind, r->id);

	return other != MX_NOTHING && other != but;
}

static bool valid(const struct mx_record *r)
{
	return r->kind > MX_KIND_NONE && r->kind < MX_KINDS && r->level < MX_LEVELS &&
	       (r->place & mx_place_inside(r->level)) == 0 &&
	       mx_place_node(r->place) < ISKRA_NODES &&
	       (r->kind != MX_KIND_CORE || r->level == MX_LEVEL_CORE) &&
	       (r->kind != MX_KIND_PATH || cost_valid(r));
}

uint64_t iskra_bytes(uint32_t records)
{
	if (records == 0 || records > ISKRA_RECORDS_MAX)
		return 0;
	return sizeof(struct iskra) + (uint64_t)records * sizeof(struct mx_record) +
	       (uint64_t)ISKRA_BRANCHES * tree_nodes(records) * sizeof(struct node);
}

/* The most records that fit: the bytes grow with them. */
static uint32_t fitting(uint64_t bytes)
{
	uint32_t low = 0, high = ISKRA_RECORDS_MAX;

	while (low < high) {
		uint32_t mid = low + (high - low + 1) / 2;

		if (iskra_bytes(mid) <= bytes)
			low = mid;
		else
			high = mid - 1;
	}
	return low;
}

struct iskra *iskra_start(void *memory, uint64_t bytes)
{
	struct iskra *l = memory;
	uint32_t most = fitting(bytes);

	if (most == 0 || (uintptr_t)memory % ISKRA_LINE)
		return NULL;
	memset(l, 0, sizeof(*l));
	memset(l->core, 0xff, sizeof(l->core));
	l->most = most;
	l->nodes = ISKRA_BRANCHES * tree_nodes(most);
	l->free_record = MX_NOTHING;
	for (uint32_t i = most; i-- > 0;) {
		*store_record(l, i) = (struct mx_record){.next = l->free_record};
		l->free_record = i;
	}
	tree_start(l);
	cost_start(l);
	return l;
}

uint32_t iskra_records(const struct iskra *l)
{
	return l->records;
}

uint32_t iskra_most(const struct iskra *l)
{
	return l->most;
}

uint64_t iskra_version(const struct iskra *l)
{
	return l->version;
}

const struct mx_record *iskra_get(const struct iskra *l, uint32_t index)
{
	return store_holds(l, index) ? store_record(l, index) : NULL;
}

/* Out of the list of free ones, wherever in it; from its start it takes one step. */
static void take(struct iskra *l, uint32_t index)
{
	uint32_t *at = &l->free_record;

	while (*at != index)
		at = &store_record(l, *at)->next;
	*at = store_record(l, index)->next;
}

/* What is at hand without a search follows the records. */
static void learn(struct iskra *l, uint32_t index)
{
	const struct mx_record *r = store_record(l, index);

	cost_learn(l, r);
	if (r->kind == MX_KIND_CORE && r->id < ISKRA_AT_HAND)
		l->core[r->id] = index;
}

static void forget(struct iskra *l, uint32_t index)
{
	const struct mx_record *r = store_record(l, index);

	cost_forget(l, r);
	if (r->kind == MX_KIND_CORE && r->id < ISKRA_AT_HAND)
		l->core[r->id] = MX_NOTHING;
}

static void enter(struct iskra *l, uint32_t index, const struct mx_record *r)
{
	struct mx_record *to = store_record(l, index);

	take(l, index);
	*to = *r;
	to->parent = to->child = to->next = to->before = MX_NOTHING;
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		tree_insert(l, b, index);
	learn(l, index);
	l->records++;
	l->version++;
}

int64_t iskra_put(struct iskra *l, uint32_t index, const struct mx_record *r)
{
	if (index >= l->most || store_holds(l, index) || !valid(r))
		return MX_EINVAL;
	if (taken(l, r, MX_NOTHING))
		return MX_EOWNER;
	enter(l, index, r);
	return MX_OK;
}

int64_t iskra_insert(struct iskra *l, const struct mx_record *r)
{
	struct mx_record copy = *r; /* it may be one of the store's */
	uint32_t index = l->free_record;

	if (!valid(&copy) || (copy.parent != MX_NOTHING && !store_holds(l, copy.parent)))
		return MX_EINVAL;
	if (taken(l, &copy, MX_NOTHING))
		return MX_EOWNER;
	if (index == MX_NOTHING)
		return MX_ENOMEM;
	enter(l, index, &copy);
	if (copy.parent != MX_NOTHING)
		iskra_link(l, index, copy.parent);
	return index;
}

int64_t iskra_change(struct iskra *l, uint32_t index, const struct mx_record *r)
{
	struct mx_record *old, new = *r;
	bool moves[ISKRA_BRANCHES];

	if (!store_holds(l, index) || !valid(r))
		return MX_EINVAL;
	if (taken(l, r, index))
		return MX_EOWNER;
	old = store_record(l, index);
	new.parent = old->parent;
	new.child = old->child;
	new.next = old->next;
	new.before = old->before;
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++) {
		moves[b] = key_order(key_of(old, b, index), key_of(&new, b, index)) != 0;
		if (moves[b])
			tree_remove(l, b, index);
	}
	forget(l, index);
	*old = new;
	learn(l, index);
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		if (moves[b])
			tree_insert(l, b, index);
	l->version++;
	return MX_OK;
}

int64_t iskra_remove(struct iskra *l, uint32_t index)
{
	if (!store_holds(l, index))
		return MX_EINVAL;
	link_cut(l, index);
	link_drop_parts(l, index);
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		tree_remove(l, b, index);
	forget(l, index);
	*store_record(l, index) = (struct mx_record){.next = l->free_record};
	l->free_record = index;
	l->records--;
	l->version++;
	return MX_OK;
}
