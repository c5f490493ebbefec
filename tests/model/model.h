/*
 * The model checker, as a scenario sees it: docs/checking.md tells the memory model and the bounds.
 *
 * Interface: a scenario is a table entry; its threads run shipping code, whose every access to
 * shared memory the compiler reports to hooks.c (-fsanitize=thread with a runtime of our own).
 * Rules: `start` runs alone before each execution and sets up all state that `run` and `end` use.
 * What threads share comes from model_shared; all else must be a thread's own. A thread waits only
 * by model_wait: nothing may spin.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_THREADS 4u

struct scenario {
	const char *name;
	uint32_t threads;
	uint32_t variant; /* the scenario's own */
	void (*start)(void);
	void (*run)(uint32_t thread);
	void (*end)(void); /* every thread has come to its end */
	void (*all)(void); /* once, when every execution was tried */
	bool deep;         /* only in the long run */
};
extern const struct scenario litmus_scenarios[], channel_scenarios[], fifo_scenarios[],
        exchange_scenarios[];

extern const struct scenario *model_now; /* the one that is explored */

/* Cleared memory that threads share, aligned to a cache line. Only in `start`. */
void *model_shared(size_t size);
/* Each thread has a copy of its own of these bytes. Only in `start`. */
void model_own(void *at, size_t size);
/*
 * End the next model_wait of a thread, or the one it is in. What conveys nothing is an interrupt;
 * what conveys is a message: who is woken sees what the waker had done.
 */
void model_wake(uint32_t thread, bool conveys);
void model_wait(void);
/* The newest value of a word, in `end`: the last in its order. */
uint32_t model_newest(const uint32_t *word);

/* What must hold, in a thread or in `end`. */
#define model_check(x) model_claim(!!(x), #x, __FILE__, __LINE__)
void model_claim(bool holds, const char *what, const char *file, int line);

#endif
