/*
 * What the parts of the checker share: see model.h for the whole.
 *
 * explore.c tries every choice; thread.c runs the threads; memory.c is the memory model; race.c
 * orders plain accesses; mutant.c names the operations and weakens one; hooks.c is what compiled
 * code calls.
 */
#ifndef MODEL_ENGINE_H
#define MODEL_ENGINE_H

#include <stdio.h>
#include "tests/model/model.h"

#define ARENA     32768u /* bytes that threads can share */
#define LOCATIONS 64u    /* words that are used atomically */
#define MESSAGES  64u    /* values one of them can have in one execution */
#define STEPS     2000u  /* of one execution: more is a loop without end */

/* --- explore.c --- */
struct outcome {
	uint64_t states, executions;
	bool wrong, bounded; /* bounded: not all was explored */
	char why[256];
};
struct outcome explore(const struct scenario *s, uint64_t most);
uint32_t choose(uint32_t n); /* 0 .. n - 1, each of them in some execution */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern bool stopped; /* this execution is over */
uint64_t mix(uint64_t hash, uint64_t value);

/* --- thread.c --- */
enum step { BEGIN, LOAD, STORE, EXCHANGE, FENCE, WAIT, DONE };
extern uint32_t me; /* the thread that runs; MODEL_THREADS: none, in start or end */
void threads_start(uint32_t n, void (*run)(uint32_t));
void thread_go(uint32_t t);        /* until its next step that others can notice */
void thread_point(enum step next); /* the running thread is about to do that */
enum step thread_next(uint32_t t);
_Noreturn void thread_stop(void); /* leave a thread for good */

/* --- memory.c --- */
struct view {
	uint8_t at[LOCATIONS]; /* oldest message of each location that can still be read */
};
struct clock {
	uint16_t at[MODEL_THREADS]; /* of each thread, what has happened before */
};
void memory_start(uint32_t threads);
bool in_arena(const void *p);
uint64_t memory_load(const void *p, uint32_t size, int order);
void memory_store(const void *p, uint32_t size, uint64_t value, int order);
uint64_t memory_exchange(const void *p, uint32_t size, uint64_t value, int order);
void memory_fence(int order);
void memory_cleared(const void *p, size_t size); /* by plain stores */
bool memory_awaited(uint32_t thread);            /* its wait can end */
uint64_t memory_hash(void);
struct clock *clock_of(uint32_t thread);

/* --- race.c --- */
void race_start(void);
void race_read(const void *p, size_t size);
void race_write(const void *p, size_t size);
void race_atomic(const void *p, size_t size, bool writes);

/* --- mutant.c --- */
enum weakening { AS_IS, RELAXED, DROPPED, HALF, LATE, TORN, WEAKENINGS };
struct model_site {
	const char *what, *file, *function;
	int line, order;
	enum step step;
	bool data;      /* of a slot's bytes: honest ends never race for them, see mutant.c */
	bool announces; /* a store with a fence right behind it */
	bool seen;      /* in the scenario that was explored last */
};
extern struct model_site sites[];
extern uint32_t sites_n;
extern const struct model_site *weak_site;
extern enum weakening weak_how;
struct model_site *site_now(enum step step, int order); /* of the running thread */
bool weak(const struct model_site *s, enum weakening how);
bool weakens(const struct model_site *s, enum weakening how); /* is there such a mutant? */
const char *weakening_name(enum weakening how);
void sites_start(void); /* of an execution */

/* --- trace, in explore.c --- */
void trace_step(enum step step, const struct model_site *s, const void *p, uint64_t value,
                const char *note);
void trace_print(FILE *to);

#endif
