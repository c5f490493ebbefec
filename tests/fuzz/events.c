/* Events: see events.h. */
#include <string.h>
#include "tests/fuzz/events.h"

#define HEADER 3u
#define MOST   256u /* events that the mutator tells apart */

bool events_next(struct events *list, struct event *e)
{
	if (list->left == 0)
		return false;
	*e = (struct event){.what = list->at[0], .data = list->at};
	if (list->left > HEADER) {
		e->data = list->at + HEADER;
		e->n = (uint16_t)(list->at[1] | list->at[2] << 8);
		if (e->n > list->left - HEADER)
			e->n = (uint16_t)(list->left - HEADER);
	}
	list->at += e->n + (list->left < HEADER ? list->left : HEADER);
	list->left -= e->n + (list->left < HEADER ? list->left : HEADER);
	return true;
}

uint64_t event_take(struct event *e, uint32_t n)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < n && e->n; i++, e->n--)
		v |= (uint64_t)*e->data++ << 8 * i;
	return v;
}

static struct event list[MOST];
static uint32_t list_n;
static uint8_t fresh[4096]; /* the bytes of the event that is changed */

static uint32_t random_below(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*seed * n >> 32);
}

static void insert(uint32_t at, struct event e)
{
	if (list_n == MOST)
		return;
	memmove(&list[at + 1], &list[at], (list_n - at) * sizeof(*list));
	list[at] = e;
	list_n++;
}

static void change(struct event *e, uint32_t *seed)
{
	uint32_t most = sizeof(fresh) / (1u + random_below(seed, 8));

	memcpy(fresh, e->data, e->n < sizeof(fresh) ? e->n : sizeof(fresh));
	e->n = (uint16_t)LLVMFuzzerMutate(fresh, e->n < most ? e->n : most, most);
	e->data = fresh;
}

static void mutate_list(uint32_t *seed)
{
	uint32_t at = random_below(seed, list_n ? list_n : 1), other;

	if (list_n == 0) {
		insert(0, (struct event){.data = fresh});
		return;
	}
	switch (random_below(seed, 12)) {
	case 0:
		list[at].what = (uint8_t)random_below(seed, 32);
		break;
	case 1:
		insert(at, list[random_below(seed, list_n)]);
		break;
	case 2:
		memmove(&list[at], &list[at + 1], (--list_n - at) * sizeof(*list));
		break;
	case 3:
		other = random_below(seed, list_n);
		insert(other, list[at]);
		break;
	case 4: /* the rest comes to nothing: shorter inputs are tried too */
		list_n = at + 1;
		break;
	case 5: /* time goes by, or something else of the first kinds happens */
		insert(at, (struct event){.what = (uint8_t)random_below(seed, 8), .data = fresh});
		change(&list[at], seed);
		break;
	default:
		change(&list[at], seed);
	}
}

static size_t write_list(uint8_t *to, size_t most)
{
	size_t n = 0;

	for (uint32_t i = 0; i < list_n; i++) {
		struct event e = list[i];

		if (n + HEADER + e.n > most)
			break;
		to[n++] = e.what;
		to[n++] = (uint8_t)e.n;
		to[n++] = (uint8_t)(e.n >> 8);
		memcpy(to + n, e.data, e.n);
		n += e.n;
	}
	return n;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned int seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t most, unsigned int seed)
{
	static uint8_t before[1 << 16];
	struct events old = {before, n < sizeof(before) ? n : sizeof(before)};
	uint32_t dice = seed;

	memcpy(before, data, old.left);
	list_n = 0;
	while (list_n < MOST && events_next(&old, &list[list_n]))
		list_n++;
	mutate_list(&dice);
	return write_list(data, most);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n,
                                 uint8_t *out, size_t most, unsigned int seed);

/* Some first events of a, then some last ones of b. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n,
                                 uint8_t *out, size_t most, unsigned int seed)
{
	struct events first = {a, a_n}, second = {b, b_n};
	uint32_t dice = seed, keep, skip = random_below(&dice, 16);
	struct event e;

	list_n = 0;
	while (list_n < MOST && events_next(&first, &list[list_n]))
		list_n++;
	keep = random_below(&dice, list_n + 1);
	list_n = keep;
	while (skip-- && events_next(&second, &e))
		;
	while (list_n < MOST && events_next(&second, &list[list_n]))
		list_n++;
	return write_list(out, most);
}
