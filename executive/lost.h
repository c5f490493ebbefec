/*
 * The loss of a core: its executive has panicked, or hangs and was stopped (watch.h). The others
 * go on without it. docs/lost.md tells what is lost and what lives on.
 *
 * Interface: lost_start; lost_look, before a sleep and by watch_turn; lost_self, the last act of an
 * executive that panics, and lost_declare of one that was fenced; lost_heard (REMOTE_LOST). Rules:
 * who is lost stands in signs.lost (fifo.h), and is never back. Each executive deals with it by
 * itself, in one go: what the lost one had said is heard, nothing is said to it any more, and
 * nobody waits for it. The lowest that lives stops the lost one's devices; only then does anybody
 * tell parents of their children there, or take back frames (survey.h).
 */
#ifndef EXECUTIVE_LOST_H
#define EXECUTIVE_LOST_H

#include "executive/fifo.h"

extern uint32_t lost_cores; /* set of those this core has dealt with */
extern const uint32_t *lost_sign;

void lost_start(void);
void lost_turn(void);
/* True: there was news, and somebody may have something to do. */
static inline bool lost_look(void)
{
	if (__atomic_load_n(lost_sign, __ATOMIC_ACQUIRE) == lost_cores)
		return false;
	lost_turn();
	return true;
}
static inline bool lost_is(uint32_t core)
{
	return lost_cores >> core & 1;
}
uint32_t lost_living(void); /* set of cores */
void lost_self(void);
void lost_declare(uint32_t core);
void lost_heard(const struct remote *r);

#endif
