/*
 * Cross-links: what is a part of what.
 *
 * Rules: the parts of a record are a list in order of index, whose first knows the last, so that
 * parts that come in order of index are added at once. Who knows all the parents knows all links.
 */
#include "iskra/store.h"

void link_cut(struct iskra *l, uint32_t index)
{
	struct mx_record *r = store_record(l, index);

	if (r->parent == MX_NOTHING)
		return;
	struct mx_record *p = store_record(l, r->parent);
	struct mx_record *first = store_record(l, p->child);
	if (p->child == index)
		p->child = r->next;
	else
		store_record(l, r->before)->next = r->next;
	if (r->next != MX_NOTHING)
		store_record(l, r->next)->before = r->before;
	else
		first->before = r->before;
	r->parent = r->next = r->before = MX_NOTHING;
}

void link_drop_parts(struct iskra *l, uint32_t index)
{
	struct mx_record *r = store_record(l, index);

	while (r->child != MX_NOTHING)
		link_cut(l, r->child);
}

static bool is_within(const struct iskra *l, uint32_t index, uint32_t outer)
{
	while (index != MX_NOTHING && index != outer)
		index = store_record(l, index)->parent;
	return index == outer;
}

/* After the last part with a lower index: looked for from the end. */
static void add(struct iskra *l, uint32_t index, uint32_t parent)
{
	struct mx_record *r = store_record(l, index), *p = store_record(l, parent);
	uint32_t after = p->child == MX_NOTHING ? MX_NOTHING : store_record(l, p->child)->before;

	while (after != MX_NOTHING && after > index)
		after = after == p->child ? MX_NOTHING : store_record(l, after)->before;
	uint32_t next = after == MX_NOTHING ? p->child : store_record(l, after)->next;
	r->parent = parent;
	r->next = next;
	if (after != MX_NOTHING) {
		store_record(l, after)->next = index;
		r->before = after;
	} else {
		r->before = next == MX_NOTHING ? index : store_record(l, next)->before;
		p->child = index;
	}
	store_record(l, next == MX_NOTHING ? p->child : next)->before = index;
}

int64_t iskra_link(struct iskra *l, uint32_t index, uint32_t parent)
{
	if (!store_holds(l, index))
		return MX_EINVAL;
	if (parent != MX_NOTHING && (!store_holds(l, parent) || is_within(l, parent, index)))
		return MX_EINVAL;
	link_cut(l, index);
	if (parent != MX_NOTHING)
		add(l, index, parent);
	l->version++;
	return MX_OK;
}

uint32_t iskra_up(const struct iskra *l, uint32_t index, enum mx_kind kind)
{
	if (!store_holds(l, index))
		return MX_NOTHING;
	do
		index = store_record(l, index)->parent;
	while (index != MX_NOTHING && store_record(l, index)->kind != kind);
	return index;
}
