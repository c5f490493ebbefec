/*
 * What is near to something.
 *
 * Rules: every record of the kind is asked for its cost: a measured path may contradict the
 * hierarchy, and the nearest other node is not the next in the order of places.
 */
#include "iskra/store.h"

struct near {
	const struct iskra *l;
	const struct mx_record *from;
	uint32_t *found; /* a heap: the dearest on top */
	uint32_t n;
};

static bool living(const struct mx_record *r)
{
	return !(r->flags & MX_RECORD_LOST);
}

/* Is a dearer than b? Of the same cost: the later one. */
static bool dearer(const struct near *q, uint32_t a, uint32_t b)
{
	uint32_t ca = cost_of(q->l, q->from, store_record(q->l, a));
	uint32_t cb = cost_of(q->l, q->from, store_record(q->l, b));

	return ca != cb ? ca > cb : a > b;
}

uint32_t iskra_nearest(const struct iskra *l, uint32_t from, enum mx_kind kind)
{
	struct iskra_walk w;
	uint32_t i, best = MX_NOTHING;

	if (!store_holds(l, from))
		return MX_NOTHING;
	const struct near q = {.l = l, .from = store_record(l, from)};
	iskra_walk_kind(&w, l, kind);
	while ((i = iskra_step(&w)) != MX_NOTHING)
		if (i != from && living(store_record(l, i)) &&
		    (best == MX_NOTHING || dearer(&q, best, i)))
			best = i;
	return best;
}

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t t = *a;

	*a = *b;
	*b = t;
}

static void sink(struct near *q, uint32_t at, uint32_t n)
{
	for (uint32_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && dearer(q, q->found[child + 1], q->found[child]))
			child++;
		if (!dearer(q, q->found[child], q->found[at]))
			break;
		swap(&q->found[child], &q->found[at]);
	}
}

static void rise(struct near *q, uint32_t at)
{
	for (; at > 0 && dearer(q, q->found[at], q->found[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&q->found[at], &q->found[(at - 1) / 2]);
}

/* The n cheapest stay. */
static void keep(struct near *q, uint32_t index, uint32_t n)
{
	if (q->n < n) {
		q->found[q->n++] = index;
		rise(q, q->n - 1);
	} else if (n > 0 && dearer(q, q->found[0], index)) {
		q->found[0] = index;
		sink(q, 0, q->n);
	}
}

uint32_t iskra_within(const struct iskra *l, uint32_t from, enum mx_kind kind, uint32_t most,
                      uint32_t *found, uint32_t n)
{
	struct near q = {.l = l, .found = found};
	struct iskra_walk w;
	uint32_t i, all = 0;

	if (!store_holds(l, from))
		return 0;
	q.from = store_record(l, from);
	iskra_walk_kind(&w, l, kind);
	while ((i = iskra_step(&w)) != MX_NOTHING) {
		const struct mx_record *r = store_record(l, i);

		if (i == from || !living(r) || cost_of(l, q.from, r) > most)
			continue;
		all++;
		keep(&q, i, n);
	}
	for (uint32_t k = q.n; k > 1; k--) { /* the dearest to the end, again and again */
		swap(&found[0], &found[k - 1]);
		sink(&q, 0, k - 1);
	}
	return all;
}
