/*
 * Every execution of a scenario: each choice among threads and among values is made in each way.
 *
 * Rules: an execution is repeated from the start with the choices of the one before, but the last
 * that has another way. Stores run at once: a load may ignore them, so nothing is lost. A
 * state that was met before is not gone into again; it is known by what each thread has done and
 * read, and by the order of the messages (a hash of 64 bits).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "tests/model/engine.h"

#define TRAIL 2048u

const struct scenario *model_now;
bool stopped;

static struct outcome out;
static uint16_t trail[TRAIL], ways[TRAIL];
static uint32_t trail_n, trail_at;
static uint64_t *met;
static uint64_t met_size; /* a power of two */

static struct {
	enum step step;
	uint32_t thread;
	const struct model_site *site;
	uint64_t value;
	const char *note;
} steps[STEPS];
static uint32_t steps_n;

uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9ull;
	return hash ^ hash >> 32;
}

void wrong(const char *format, ...)
{
	va_list arguments;

	if (!out.wrong) {
		va_start(arguments, format);
		vsnprintf(out.why, sizeof out.why, format, arguments);
		va_end(arguments);
	}
	out.wrong = stopped = true;
	if (me != MODEL_THREADS)
		thread_stop();
}

void model_claim(bool holds, const char *what, const char *file, int line)
{
	if (!holds)
		wrong("%s:%d: %s", strrchr(file, '/') + 1, line, what);
}

uint32_t choose(uint32_t n)
{
	if (n < 2)
		return 0;
	if (trail_at == TRAIL) {
		wrong("more than %u choices: does it end?", TRAIL);
		return 0;
	}
	if (trail_at == trail_n) {
		ways[trail_n] = (uint16_t)n;
		trail[trail_n++] = 0;
	}
	return trail[trail_at++];
}

static bool other_way(void)
{
	while (trail_n && trail[trail_n - 1] + 1 == ways[trail_n - 1])
		trail_n--;
	if (trail_n)
		trail[trail_n - 1]++;
	return trail_n;
}

static bool meet(uint64_t hash)
{
	uint64_t i = hash;

	for (; met[i & (met_size - 1)]; i++)
		if (met[i & (met_size - 1)] == hash)
			return false;
	met[i & (met_size - 1)] = hash;
	return true;
}

static void grow(void)
{
	uint64_t *old = met, n = met_size;

	met_size = n ? n * 2 : 4096;
	met = calloc(met_size, sizeof *met);
	if (!met) {
		fprintf(stderr, "model: no memory\n");
		exit(2);
	}
	for (uint64_t i = 0; i < n; i++)
		if (old[i])
			meet(old[i]);
	free(old);
}

static bool met_before(void)
{
	if (out.states * 2 >= met_size)
		grow();
	if (!meet(memory_hash() | 1))
		return true;
	out.states++;
	return false;
}

/* MODEL_THREADS when none can go on, or all that follows is known. */
static uint32_t next_thread(void)
{
	uint32_t can[MODEL_THREADS], n = 0;

	for (uint32_t t = 0; t < MODEL_THREADS; t++) {
		enum step step = thread_next(t);

		if (step == BEGIN || step == STORE)
			return t;
		if (step != DONE && (step != WAIT || memory_awaited(t)))
			can[n++] = t;
	}
	if (n && trail_at == trail_n && met_before())
		stopped = true;
	return n && !stopped ? can[choose(n)] : MODEL_THREADS;
}

static void all_done(void)
{
	for (uint32_t t = 0; t < MODEL_THREADS; t++)
		if (thread_next(t) != DONE)
			wrong("thread %u waits for ever", t);
	if (!stopped && model_now->end)
		model_now->end();
}

static void execute(void)
{
	uint32_t t;

	stopped = false;
	trail_at = steps_n = 0;
	race_start();
	sites_start();
	threads_start(model_now->threads, model_now->run);
	memory_start(model_now->threads);
	model_now->start();
	while (!stopped && (t = next_thread()) != MODEL_THREADS)
		thread_go(t);
	me = MODEL_THREADS;
	if (!stopped)
		all_done();
}

struct outcome explore(const struct scenario *s, uint64_t most)
{
	model_now = s;
	out = (struct outcome){0};
	trail_n = 0;
	free(met);
	met = NULL;
	met_size = 0;
	do {
		execute();
		out.executions++;
		out.bounded = out.states > most;
	} while (!out.wrong && !out.bounded && other_way());
	if (!out.wrong && !out.bounded && s->all)
		s->all();
	return out;
}

void trace_step(enum step step, const struct model_site *s, const void *p, uint64_t value,
                const char *note)
{
	(void)p;
	if (steps_n == STEPS) {
		wrong("more than %u steps: does it end?", STEPS);
		return;
	}
	steps[steps_n].step = step;
	steps[steps_n].thread = me;
	steps[steps_n].site = s;
	steps[steps_n].value = value;
	steps[steps_n++].note = note;
}

void trace_print(FILE *to)
{
	for (uint32_t i = 0; i < steps_n; i++) {
		const struct model_site *s = steps[i].site;

		fprintf(to, "#   thread %u  ", steps[i].thread);
		if (s)
			fprintf(to, "%s:%d %s: %s ", strrchr(s->file, '/') + 1, s->line,
			        s->function, s->what);
		fprintf(to, "%lld %s\n", (long long)steps[i].value, steps[i].note);
	}
}
