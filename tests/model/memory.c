/*
 * The memory model: C11 with release, acquire, relaxed and sequentially consistent fences, as views
 * over the messages of each location (RC11; Kang et al., "A Promising Semantics", without
 * promises).
 *
 * Rules: a store adds a message, at any place of its location's order behind what the thread knows;
 * a load reads any message that is not older than what it knows. A release message conveys what
 * its writer knew, an acquire load takes that over. An exchange stands right behind what it has
 * read. SC fences share one view, but order no plain accesses. SC loads and stores are not
 * modelled.
 */
#include <string.h>
#include "tests/model/engine.h"

struct knowledge {
	struct view view;
	struct clock clock;
};

struct message {
	uint64_t value;
	struct knowledge conveys;
	uint32_t id;   /* writer << 16 | its how manieth; 0: the initial value */
	bool attached; /* of an exchange: nothing comes between it and the one before */
};

static struct location {
	const void *at;
	uint64_t hash;
	uint32_t n, size;
	struct message m[MESSAGES];
} locations[LOCATIONS];
static uint32_t locations_n;

static struct thread {
	struct knowledge now, acquired, released; /* what a fence of either kind would give */
	uint64_t seen;                            /* hash of all it has done and read */
	uint32_t written;
	struct {
		const void *p;
		uint32_t size;
		uint64_t value;
		int order;
	} late; /* a mutant's store that was put off */
} threads[MODEL_THREADS];
static struct view fenced; /* what SC fences have seen */
static uint64_t *woken[MODEL_THREADS];

static void learn_view(struct view *to, const struct view *from)
{
	for (uint32_t i = 0; i < LOCATIONS; i++)
		to->at[i] = to->at[i] > from->at[i] ? to->at[i] : from->at[i];
}

static void learn(struct knowledge *to, const struct knowledge *from)
{
	learn_view(&to->view, &from->view);
	for (uint32_t i = 0; i < MODEL_THREADS; i++)
		if (to->clock.at[i] < from->clock.at[i])
			to->clock.at[i] = from->clock.at[i];
}

void memory_start(uint32_t n)
{
	memset(threads, 0, sizeof threads);
	memset(&fenced, 0, sizeof fenced);
	locations_n = 0;
	for (uint32_t t = 0; t < n; t++) {
		threads[t].now.clock.at[t] = 1;
		woken[t] = model_shared(sizeof *woken[t]);
	}
}

struct clock *clock_of(uint32_t thread)
{
	return &threads[thread].now.clock;
}

static uint32_t location(const void *p, uint32_t size)
{
	uint32_t l = 0;

	while (l < locations_n && locations[l].at != p)
		l++;
	if (l < locations_n)
		return l;
	if (l == LOCATIONS) {
		wrong("more than %u atomic words", LOCATIONS);
		return 0;
	}
	locations[l].at = p;
	locations[l].size = size;
	locations[l].n = 1;
	locations[l].hash = 0;
	locations[l].m[0] = (struct message){0};
	memcpy(&locations[l].m[0].value, p, size);
	locations_n++;
	return l;
}

static void move_up(struct view *v, uint32_t l, uint32_t from)
{
	v->at[l] += v->at[l] >= from;
}

/* A message that is not the newest: all that name later ones move with them. */
static void make_place(uint32_t l, uint32_t at)
{
	struct location *x = &locations[l];

	memmove(&x->m[at + 1], &x->m[at], (x->n - at) * sizeof *x->m);
	for (uint32_t k = 0; k < locations_n; k++)
		for (uint32_t i = 0; i < locations[k].n + (k == l); i++)
			if (k != l || i != at)
				move_up(&locations[k].m[i].conveys.view, l, at);
	for (uint32_t t = 0; t < MODEL_THREADS; t++) {
		move_up(&threads[t].now.view, l, at);
		move_up(&threads[t].acquired.view, l, at);
		move_up(&threads[t].released.view, l, at);
	}
	move_up(&fenced, l, at);
}

static void put(uint32_t l, uint32_t at, const struct message *m)
{
	struct location *x = &locations[l];

	if (x->n == MESSAGES) {
		wrong("more than %u values of one word", MESSAGES);
		return;
	}
	if (at < x->n)
		make_place(l, at);
	x->m[at] = *m;
	x->m[at].conveys.view.at[l] = (uint8_t)at;
	x->n++;
	x->hash = 0;
	for (uint32_t i = 1; i < x->n; i++)
		x->hash = mix(x->hash, x->m[i].id);
}

static uint64_t view_hash(const struct view *v)
{
	uint64_t hash = 0;

	for (uint32_t l = 0; l < locations_n; l++)
		if (v->at[l])
			hash += mix((uint64_t)locations[l].at, locations[l].m[v->at[l]].id);
	return hash;
}

uint64_t memory_hash(void)
{
	uint64_t hash = view_hash(&fenced);

	for (uint32_t l = 0; l < locations_n; l++)
		if (locations[l].hash)
			hash += mix((uint64_t)locations[l].at + 1, locations[l].hash);
	for (uint32_t t = 0; t < MODEL_THREADS; t++)
		hash = mix(mix(hash, threads[t].seen), thread_next(t));
	return hash;
}

static bool acquires(int order)
{
	return order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL;
}

static bool releases(int order)
{
	return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL;
}

static void took(uint32_t l, uint32_t at, int order)
{
	struct thread *t = &threads[me];
	const struct message *m = &locations[l].m[at];

	t->now.view.at[l] = (uint8_t)at;
	learn(&t->acquired, &m->conveys);
	if (acquires(order))
		learn(&t->now, &m->conveys);
	t->seen = mix(t->seen, m->id + 2);
}

/* What the running thread writes; an exchange conveys what it has read besides. */
static void wrote(uint32_t l, uint32_t at, uint64_t value, int order, const struct message *read)
{
	struct thread *t = &threads[me];
	struct message m = {.value = value,
	                    .conveys = releases(order) ? t->now : t->released,
	                    .id = me << 16 | ++t->written,
	                    .attached = read};

	if (read)
		learn(&m.conveys, &read->conveys);
	put(l, at, &m);
	t->now.view.at[l] = (uint8_t)at;
	t->now.clock.at[me]++;
	t->seen = mix(t->seen, 1);
}

/* What runs alone sees the newest, and what it writes was always there. */
static bool alone(const void *p)
{
	return me == MODEL_THREADS || !in_arena(p);
}

static uint64_t plainly(const void *p, uint32_t size)
{
	uint64_t value = 0;

	for (uint32_t l = 0; l < locations_n; l++)
		if (locations[l].at == p)
			return locations[l].m[locations[l].n - 1].value;
	memcpy(&value, p, size);
	return value;
}

static int weakened(const struct model_site *s, int order)
{
	if (order == __ATOMIC_SEQ_CST || order == __ATOMIC_CONSUME)
		wrong("%s:%d: such an order is not modelled", s->file, s->line);
	return weak(s, RELAXED) ? __ATOMIC_RELAXED : order;
}

static void store(const struct model_site *s, const void *p, uint32_t size, uint64_t value,
                  int order)
{
	uint32_t l, at, n, places[MESSAGES];

	thread_point(STORE);
	l = location(p, size);
	race_atomic(p, size, true);
	n = 0;
	for (at = locations[l].n; at > threads[me].now.view.at[l]; at--)
		if (at == locations[l].n || !locations[l].m[at].attached)
			places[n++] = at;
	at = places[choose(n)];
	trace_step(STORE, s, p, value, at + 1 < locations[l].n ? "before others" : "");
	wrote(l, at, value, order, NULL);
}

static void do_late(void)
{
	struct thread *t = &threads[me];
	const void *p = t->late.p;

	t->late.p = NULL;
	if (p)
		store(weak_site, p, t->late.size, t->late.value, t->late.order);
}

uint64_t memory_load(const void *p, uint32_t size, int order)
{
	struct model_site *s = site_now(LOAD, order);
	uint32_t l, at, first;
	uint64_t value = 0;

	if (alone(p))
		return plainly(p, size);
	if (s->data) {
		race_read(p, size);
		memcpy(&value, p, size);
		return value;
	}
	order = weakened(s, order);
	thread_point(LOAD);
	l = location(p, size);
	race_atomic(p, size, false);
	first = threads[me].now.view.at[l];
	at = locations[l].n - 1 - choose(locations[l].n - first);
	took(l, at, order);
	value = locations[l].m[at].value;
	trace_step(LOAD, s, p, value, at + 1 < locations[l].n ? "there are newer ones" : "");
	do_late();
	return value;
}

void memory_store(const void *p, uint32_t size, uint64_t value, int order)
{
	struct model_site *s = site_now(STORE, order);

	if (s->data)
		race_write(p, size);
	if (s->data || alone(p)) {
		memcpy((void *)(uintptr_t)p, &value, size);
		return;
	}
	order = weakened(s, order);
	if (!weak(s, LATE)) {
		store(s, p, size, value, order);
		return;
	}
	threads[me].late.p = p;
	threads[me].late.size = size;
	threads[me].late.value = value;
	threads[me].late.order = order;
}

static uint64_t exchange_at(uint32_t l, uint32_t at, uint64_t value, int order)
{
	struct message read = locations[l].m[at];

	took(l, at, order);
	wrote(l, at + 1, value, order, &read);
	return read.value;
}

uint64_t memory_exchange(const void *p, uint32_t size, uint64_t value, int order)
{
	struct model_site *s = site_now(EXCHANGE, order);
	uint32_t l, n = 0, places[MESSAGES];
	uint64_t was;

	if (alone(p)) {
		was = plainly(p, size);
		memcpy((void *)(uintptr_t)p, &value, size);
		return was;
	}
	order = weakened(s, order);
	thread_point(EXCHANGE);
	l = location(p, size);
	race_atomic(p, size, true);
	for (uint32_t at = locations[l].n; at-- > threads[me].now.view.at[l];)
		if (at + 1 == locations[l].n || !locations[l].m[at + 1].attached)
			places[n++] = at;
	if (weak(s, TORN)) {
		took(l, places[choose(n)], order);
		was = locations[l].m[threads[me].now.view.at[l]].value;
		store(s, p, size, value, order);
		return was;
	}
	was = exchange_at(l, places[choose(n)], value, order);
	trace_step(EXCHANGE, s, p, was, "was there");
	return was;
}

void memory_fence(int order)
{
	struct model_site *s = site_now(FENCE, order);
	struct thread *t;
	bool sc = order == __ATOMIC_SEQ_CST && !weak(s, HALF);

	if (me == MODEL_THREADS || weak(s, DROPPED))
		return;
	if (sc)
		thread_point(FENCE);
	t = &threads[me];
	if (order != __ATOMIC_RELEASE)
		learn(&t->now, &t->acquired);
	if (sc) {
		learn_view(&t->now.view, &fenced);
		fenced = t->now.view;
	}
	if (order != __ATOMIC_ACQUIRE)
		t->released = t->now;
	t->now.clock.at[me]++;
	t->seen = mix(t->seen, view_hash(&t->now.view));
	trace_step(FENCE, s, NULL, 0, "");
}

/* It has known of all accesses before (race.c); others may still read what stood there. */
void memory_cleared(const void *p, size_t size)
{
	for (uint32_t l = 0; me != MODEL_THREADS && l < locations_n; l++)
		if ((uintptr_t)locations[l].at - (uintptr_t)p < size)
			wrote(l, locations[l].n, 0, __ATOMIC_RELAXED, NULL);
}

void model_wake(uint32_t thread, bool conveys)
{
	uint32_t l;

	thread_point(EXCHANGE);
	l = location(woken[thread], sizeof *woken[thread]);
	exchange_at(l, locations[l].n - 1, 1, conveys ? __ATOMIC_ACQ_REL : __ATOMIC_RELAXED);
	if (!conveys)
		memset(&locations[l].m[locations[l].n - 1].conveys, 0, sizeof(struct knowledge));
	trace_step(EXCHANGE, NULL, NULL, thread, "is woken");
}

bool memory_awaited(uint32_t thread)
{
	return plainly(woken[thread], sizeof *woken[thread]);
}

void model_wait(void)
{
	uint32_t l;

	thread_point(WAIT);
	l = location(woken[me], sizeof *woken[me]);
	exchange_at(l, locations[l].n - 1, 0, __ATOMIC_ACQUIRE);
	trace_step(WAIT, NULL, NULL, me, "goes on");
}

uint32_t model_newest(const uint32_t *word)
{
	return (uint32_t)plainly(word, sizeof *word);
}
