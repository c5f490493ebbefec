/*
 * iskra: the store against a naive model, by random sequences of calls.
 *
 * The model is an array of records, sorted when asked: each branch must give what sorting it gives.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "iskra/store.h"

#define MOST 700u

struct model {
	struct iskra *l;
	struct iskra *twin;             /* told the same */
	struct mx_record records[MOST]; /* kind MX_KIND_NONE: free; of the links only parent */
	uint32_t n;
	enum iskra_branch sorted_by;
};

static uint64_t seed;

static uint32_t dice(uint32_t sides)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(seed >> 33) % sides;
}

static struct iskra *start(uint32_t records)
{
	uint64_t bytes = iskra_bytes(records);
	void *memory = aligned_alloc(64, bytes); /* just as large: ASan sees each byte beyond */
	memset(memory, 0x5a, bytes);
	struct iskra *l = iskra_start(memory, bytes);
	assert_non_null(l);
	assert_int_equal(iskra_most(l), records);
	return l;
}

/* Few values, so that keys meet often. */
static struct mx_record random_record(uint32_t ids)
{
	static const uint8_t kinds[] = {MX_KIND_MEMORY, MX_KIND_PCI, MX_KIND_DOMAIN, MX_KIND_CACHE};
	struct mx_record r =
	        mx_record(kinds[dice(4)], dice(ids), dice(MX_LEVELS),
	                  mx_place(dice(4), dice(2), dice(2), dice(3), dice(3), dice(2)));

	r.cost = dice(5);
	r.owner = dice(3) ? dice(MOST) : MX_NOTHING;
	r.u.core.total = dice(1000);
	return r;
}

static bool model_has(const struct model *m, const struct mx_record *r, uint32_t but)
{
	for (uint32_t i = 0; i < MOST; i++)
		if (i != but && m->records[i].kind == r->kind && m->records[i].id == r->id)
			return true;
	return false;
}

static uint32_t any_of(const struct model *m)
{
	uint32_t i = dice(MOST);

	while (m->records[i].kind == MX_KIND_NONE)
		i = (i + 1) % MOST;
	return i;
}

static void insert(struct model *m, uint32_t ids)
{
	struct mx_record r = random_record(ids);

	if (m->n && dice(2))
		r.parent = any_of(m);
	int64_t index = iskra_insert(m->l, &r);
	assert_int_equal(iskra_insert(m->twin, &r), index);
	if (model_has(m, &r, MX_NOTHING)) {
		assert_int_equal(index, MX_EOWNER);
	} else if (m->n == MOST) {
		assert_int_equal(index, MX_ENOMEM);
	} else {
		assert_in_range(index, 0, MOST - 1);
		assert_int_equal(m->records[index].kind, MX_KIND_NONE);
		m->records[index] = r;
		m->n++;
	}
}

static void change(struct model *m, uint32_t ids)
{
	uint32_t index = any_of(m);
	struct mx_record r = random_record(ids);
	bool twice = model_has(m, &r, index);

	assert_int_equal(iskra_change(m->l, index, &r), twice ? MX_EOWNER : MX_OK);
	assert_int_equal(iskra_change(m->twin, index, &r), twice ? MX_EOWNER : MX_OK);
	r.parent = m->records[index].parent;
	if (!twice)
		m->records[index] = r;
}

/* Refused when it would become a part of itself. */
static void join(struct model *m)
{
	uint32_t index = any_of(m), parent = dice(8) ? any_of(m) : MX_NOTHING, up = parent;

	while (up != MX_NOTHING && up != index)
		up = m->records[up].parent;
	assert_int_equal(iskra_link(m->l, index, parent), up == index ? MX_EINVAL : MX_OK);
	assert_int_equal(iskra_link(m->twin, index, parent), up == index ? MX_EINVAL : MX_OK);
	if (up != index)
		m->records[index].parent = parent;
}

static void drop(struct model *m)
{
	uint32_t index = any_of(m);

	assert_int_equal(iskra_remove(m->l, index), MX_OK);
	assert_int_equal(iskra_remove(m->twin, index), MX_OK);
	assert_null(iskra_get(m->l, index));
	assert_int_equal(iskra_remove(m->l, index), MX_EINVAL);
	m->records[index].kind = MX_KIND_NONE;
	for (uint32_t i = 0; i < MOST; i++)
		if (m->records[i].parent == index)
			m->records[i].parent = MX_NOTHING;
	m->n--;
}

static int compare(const void *a, const void *b, void *arg)
{
	const struct model *m = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct mx_record *r = &m->records[x], *s = &m->records[y];
#define BY(field)                                                                                  \
	if (r->field != s->field)                                                                  \
	return r->field < s->field ? -1 : 1

	switch (m->sorted_by) {
	case ISKRA_BY_KIND:
		BY(kind);
		BY(id);
		break;
	case ISKRA_BY_PLACE:
		BY(place);
		if (r->level != s->level)
			return r->level > s->level ? -1 : 1;
		BY(kind);
		break;
	case ISKRA_BY_COST:
		BY(kind);
		BY(cost);
		break;
	default:
		BY(owner);
		BY(kind);
		BY(cost);
		break;
	}
	return x < y ? -1 : x > y;
}

static void same_branch(struct model *m, enum iskra_branch b)
{
	uint32_t order[MOST], n = 0;
	struct iskra_walk w;

	for (uint32_t i = 0; i < MOST; i++)
		if (m->records[i].kind != MX_KIND_NONE)
			order[n++] = i;
	m->sorted_by = b;
	qsort_r(order, n, sizeof(*order), compare, m);
	iskra_walk_all(&w, m->l, b);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(iskra_step(&w), order[i]);
	assert_int_equal(iskra_step(&w), MX_NOTHING);
	assert_int_equal(iskra_step(&w), MX_NOTHING);
}

/* Its parts are those that name it, in order. */
static void same_parts(const struct model *m, uint32_t index)
{
	uint32_t part = iskra_get(m->l, index)->child, first = part, last = MX_NOTHING;

	for (uint32_t i = 0; i < MOST; i++)
		if (m->records[i].kind != MX_KIND_NONE && m->records[i].parent == index) {
			assert_int_equal(part, i);
			if (last != MX_NOTHING)
				assert_int_equal(iskra_get(m->l, i)->before, last);
			last = i;
			part = iskra_get(m->l, i)->next;
		}
	assert_int_equal(part, MX_NOTHING);
	if (first != MX_NOTHING)
		assert_int_equal(iskra_get(m->l, first)->before, last);
}

static uint32_t nodes_below(const struct iskra *l, uint32_t node, bool root, uint32_t depth,
                            uint32_t *leaf_depth)
{
	const struct node *t = store_node(l, node);
	uint32_t n = 1, full = t->leaf ? NODE_LEAF : NODE_INNER;

	assert_in_range(t->n, root ? !t->leaf : full / 2, full);
	if (t->leaf) {
		assert_true(*leaf_depth == 0 || *leaf_depth == depth);
		*leaf_depth = depth;
		return 1;
	}
	for (uint32_t i = 0; i <= t->n; i++)
		n += nodes_below(l, t->entry[NODE_INNER + i], false, depth + 1, leaf_depth);
	return n;
}

/* All leaves at one depth, none too empty, and every node either in a tree or free. */
static void good_shape(const struct iskra *l)
{
	uint32_t nodes = 0;

	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++) {
		uint32_t leaf_depth = 0;

		nodes += nodes_below(l, l->root[b], true, 1, &leaf_depth);
	}
	for (uint32_t i = l->free_node; i != MX_NOTHING; i = store_node(l, i)->entry[0])
		nodes++;
	assert_int_equal(nodes, l->nodes);
}

static void same(struct model *m)
{
	assert_int_equal(iskra_records(m->l), m->n);
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		same_branch(m, b);
	for (uint32_t i = 0; i < MOST; i++) {
		const struct mx_record *r = iskra_get(m->l, i);

		assert_int_equal(r != NULL, m->records[i].kind != MX_KIND_NONE);
		if (r) {
			struct mx_record copy = *r;

			copy.child = copy.next = copy.before = MX_NOTHING;
			assert_memory_equal(&copy, &m->records[i], sizeof(copy));
			assert_int_equal(iskra_find(m->l, r->kind, r->id), i);
			same_parts(m, i);
		}
	}
	good_shape(m->l);
	assert_memory_equal(m->l, m->twin, iskra_bytes(MOST));
}

/* Inserts prevail, then removals, to and fro, so that trees grow and shrink through all shapes. */
static void test_model(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 6; round++) {
		static struct model m;

		memset(&m, 0, sizeof(m));
		m.l = start(MOST);
		m.twin = start(MOST);
		for (uint32_t step = 0; step < 8000; step++) {
			uint32_t mood = dice(11), growing = step / 1000 % 2 ? 2 : 6;

			if (mood < growing)
				insert(&m, round < 3 ? 4000 : 200);
			else if (m.n && mood < 8)
				drop(&m);
			else if (m.n && mood == 8)
				join(&m);
			else if (m.n)
				change(&m, round < 3 ? 4000 : 200);
			if (step % 250 == 0)
				same(&m);
		}
		same(&m);
		free(m.l);
		free(m.twin);
	}
}

/* A full store takes no more, loses nothing, and takes one again for one that goes. */
static void test_full(void **state)
{
	(void)state;
	for (uint32_t most = 1; most < 600; most += 1 + most / 8) {
		struct iskra *l = start(most);
		struct mx_record r = mx_record(MX_KIND_PCI, 0, MX_LEVEL_MACHINE, 0);
		uint64_t version;

		for (r.id = 0; r.id < most; r.id++) {
			r.cost = most - r.id;
			assert_int_equal(iskra_insert(l, &r), r.id);
		}
		version = iskra_version(l);
		assert_int_equal(iskra_insert(l, &r), MX_ENOMEM);
		assert_int_equal(iskra_version(l), version);
		assert_int_equal(iskra_records(l), most);
		for (uint32_t i = 0; i < most; i++)
			assert_int_equal(iskra_find(l, MX_KIND_PCI, i), i);
		assert_int_equal(iskra_remove(l, most / 2), MX_OK);
		assert_true(iskra_version(l) != version);
		assert_int_equal(iskra_insert(l, &r), most / 2);
		good_shape(l);
		free(l);
	}
}

/* Deep trees: filled in order, so that nodes are as empty as they may be, and emptied in disorder.
 */
static void test_large(void **state)
{
	enum { LARGE = 20000 };
	struct iskra *l = start(LARGE);
	struct mx_record r = mx_record(MX_KIND_PCI, 0, MX_LEVEL_MACHINE, 0);
	uint32_t at = 0;

	(void)state;
	for (r.id = 0; r.id < LARGE; r.id++) {
		r.cost = LARGE - r.id;
		r.owner = r.id * 7919u % LARGE;
		assert_int_equal(iskra_insert(l, &r), r.id);
	}
	good_shape(l);
	for (uint32_t i = 0; i < LARGE; i++) {
		if (i % 4001 == 0)
			good_shape(l);
		at = (at + 12289u) % LARGE; /* prime: each comes once */
		assert_int_equal(iskra_remove(l, at), MX_OK);
	}
	good_shape(l);
	assert_int_equal(iskra_records(l), 0);
	free(l);
}

static void test_start(void **state)
{
	static _Alignas(64) uint8_t memory[65536];

	(void)state;
	assert_null(iskra_start(memory, iskra_bytes(1) - 1));
	assert_null(iskra_start(memory + 8, sizeof(memory) - 8));
	assert_int_equal(iskra_bytes(0), 0);
	assert_int_equal(iskra_bytes(ISKRA_RECORDS_MAX + 1), 0);
	for (uint64_t bytes = iskra_bytes(1); bytes <= sizeof(memory); bytes += 977) {
		struct iskra *l = iskra_start(memory, bytes);

		assert_in_range(iskra_bytes(iskra_most(l)), 1, bytes);
		assert_true(iskra_bytes(iskra_most(l) + 1) > bytes);
	}
}

static void refused(struct iskra *l, struct mx_record r)
{
	assert_int_equal(iskra_insert(l, &r), MX_EINVAL);
	assert_int_equal(iskra_put(l, 3, &r), MX_EINVAL);
}

static void test_refused(void **state)
{
	struct iskra *l = start(10);
	struct mx_record r = mx_record(MX_KIND_CORE, 0, MX_LEVEL_CORE, mx_place(1, 1, 1, 1, 1, 1));

	(void)state;
	refused(l, mx_record(MX_KIND_NONE, 0, MX_LEVEL_CORE, 0));
	refused(l, mx_record(MX_KINDS, 0, MX_LEVEL_CORE, 0));
	refused(l, mx_record(MX_KIND_PCI, 0, MX_LEVELS, 0));
	refused(l, mx_record(MX_KIND_CORE, 0, MX_LEVEL_NODE, 0));
	refused(l, mx_record(MX_KIND_NODE, 0, MX_LEVEL_NODE, mx_place(ISKRA_NODES, 0, 0, 0, 0, 0)));
	refused(l, mx_path(MX_PATH_CORES, 0, ISKRA_PAIRS, 5));
	refused(l, mx_path(MX_PATH_CORES, ISKRA_PAIRS, 0, 5));
	refused(l, mx_path(MX_PATH_CORES, 0, 1, 0));
	refused(l, mx_path(MX_PATH_NODES, ISKRA_NODES, 0, 5));
	refused(l, mx_path(MX_PATH_NODES, 0, 1, 256));
	refused(l, mx_path(MX_PATH_LEVEL, MX_LEVELS, 0, 5));
	refused(l, mx_path(MX_PATH_LEVEL, 1, 1, 5));
	refused(l, mx_path(3, 0, 0, 5));
	r.level = MX_LEVEL_NODE; /* with bits inside */
	refused(l, r);
	r.level = MX_LEVEL_CORE;
	r.parent = 7;
	assert_int_equal(iskra_insert(l, &r), MX_EINVAL);
	r.parent = MX_NOTHING;
	assert_int_equal(iskra_insert(l, &r), 0);
	assert_int_equal(iskra_insert(l, &r), MX_EOWNER);
	assert_int_equal(iskra_put(l, 0, &r), MX_EINVAL);
	assert_int_equal(iskra_put(l, 10, &r), MX_EINVAL);
	assert_int_equal(iskra_put(l, MX_NOTHING, &r), MX_EINVAL);
	assert_int_equal(iskra_change(l, 1, &r), MX_EINVAL);
	assert_int_equal(iskra_change(l, MX_NOTHING, &r), MX_EINVAL);
	assert_int_equal(iskra_remove(l, MX_NOTHING), MX_EINVAL);
	assert_int_equal(iskra_link(l, 0, 0), MX_EINVAL);
	assert_int_equal(iskra_link(l, 0, 1), MX_EINVAL);
	assert_int_equal(iskra_link(l, 1, 0), MX_EINVAL);
	assert_int_equal(iskra_records(l), 1);
	free(l);
}

/* Record by record and then the links: also with holes, and with parents behind their parts. */
static void test_copy(void **state)
{
	static struct model m;
	struct iskra *copy = start(MOST);

	(void)state;
	memset(&m, 0, sizeof(m));
	m.l = start(MOST);
	m.twin = start(MOST);
	for (uint32_t i = 0; i < 900; i++) {
		insert(&m, 4000);
		join(&m);
		if (i % 3 == 0)
			drop(&m);
	}
	for (uint32_t i = 0; i < MOST; i++)
		if (iskra_get(m.l, i))
			assert_int_equal(iskra_put(copy, i, iskra_get(m.l, i)), MX_OK);
	for (uint32_t i = 0; i < MOST; i++)
		if (iskra_get(m.l, i))
			assert_int_equal(iskra_link(copy, i, iskra_get(m.l, i)->parent), MX_OK);
	for (uint32_t i = 0; i < MOST; i++)
		if (iskra_get(m.l, i))
			assert_memory_equal(iskra_get(copy, i), iskra_get(m.l, i),
			                    sizeof(struct mx_record));
	free(m.twin);
	m.twin = m.l;
	m.l = copy;
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		same_branch(&m, b);
	free(m.l);
	free(m.twin);
}

/* A run of memory is the store: it may be copied to another place. */
static void test_moved(void **state)
{
	struct iskra *l = start(100), *moved = start(100);
	struct mx_record r = mx_record(MX_KIND_PCI, 0, MX_LEVEL_MACHINE, 0);

	(void)state;
	for (r.id = 0; r.id < 60; r.id++)
		iskra_insert(l, &r);
	memcpy(moved, l, iskra_bytes(100));
	memset(l, 0xff, iskra_bytes(100));
	free(l);
	assert_int_equal(iskra_insert(moved, &r), 60);
	assert_int_equal(iskra_find(moved, MX_KIND_PCI, 33), 33);
	good_shape(moved);
	free(moved);
}

static void test_walk_ends(void **state)
{
	struct iskra *l = start(100);
	struct mx_record r = mx_record(MX_KIND_PCI, 0, MX_LEVEL_MACHINE, 0);
	struct iskra_walk w;

	(void)state;
	for (r.id = 0; r.id < 60; r.id++)
		iskra_insert(l, &r);
	iskra_walk_all(&w, l, ISKRA_BY_KIND);
	assert_int_equal(iskra_step(&w), 0);
	assert_int_equal(iskra_step(&w), 1);
	iskra_remove(l, 40);
	assert_int_equal(iskra_step(&w), MX_NOTHING);
	assert_int_equal(iskra_step(&w), MX_NOTHING);
	free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_model),   cmocka_unit_test(test_full),
	        cmocka_unit_test(test_large),   cmocka_unit_test(test_start),
	        cmocka_unit_test(test_refused), cmocka_unit_test(test_copy),
	        cmocka_unit_test(test_moved),   cmocka_unit_test(test_walk_ends),
	};

	seed = 7;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
