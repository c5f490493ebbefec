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
	struct mx_record records[MOST]; /* kind MX_KIND_NONE: free */
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
	struct iskra *l = iskra_start(memory, bytes);

	assert_non_null(l);
	assert_int_equal(iskra_most(l), records);
	return l;
}

/* Few values, so that keys meet often. */
static struct mx_record random_record(uint32_t ids)
{
	static const uint8_t kinds[] = {MX_KIND_CORE, MX_KIND_PCI, MX_KIND_DOMAIN, MX_KIND_CACHE};
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
	int64_t index = iskra_insert(m->l, &r);

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
	if (!twice)
		m->records[index] = r;
}

static void drop(struct model *m)
{
	uint32_t index = any_of(m);

	assert_int_equal(iskra_remove(m->l, index), MX_OK);
	assert_null(iskra_get(m->l, index));
	assert_int_equal(iskra_remove(m->l, index), MX_EINVAL);
	m->records[index].kind = MX_KIND_NONE;
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

static void same(struct model *m)
{
	assert_int_equal(iskra_records(m->l), m->n);
	for (uint32_t b = 0; b < ISKRA_BRANCHES; b++)
		same_branch(m, b);
	for (uint32_t i = 0; i < MOST; i++) {
		const struct mx_record *r = iskra_get(m->l, i);

		assert_int_equal(r != NULL, m->records[i].kind != MX_KIND_NONE);
		if (r) {
			assert_memory_equal(r, &m->records[i], sizeof(*r));
			assert_int_equal(iskra_find(m->l, r->kind, r->id), i);
		}
	}
}

/* Inserts prevail, then removals, to and fro, so that trees grow and shrink through all shapes. */
static void test_model(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < 6; round++) {
		static struct model m;

		memset(&m, 0, sizeof(m));
		m.l = start(MOST);
		for (uint32_t step = 0; step < 8000; step++) {
			uint32_t mood = dice(10), growing = step / 1000 % 2 ? 2 : 6;

			if (mood < growing)
				insert(&m, round < 3 ? 4000 : 200);
			else if (m.n && mood < 8)
				drop(&m);
			else if (m.n)
				change(&m, round < 3 ? 4000 : 200);
			if (step % 250 == 0)
				same(&m);
		}
		same(&m);
		free(m.l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_model),
	};

	seed = 7;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
