/*
 * The executive of one core: its loop and what its parts share. See core.c.
 */
#ifndef EXECUTIVE_CORE_H
#define EXECUTIVE_CORE_H

#include "executive/domain.h"

#define CORE_IRQS 256u /* a power of two */

struct irq_owner {
	uint8_t domain, slot; /* domain 0: nobody */
};
extern struct irq_owner core_irqs[CORE_IRQS];
extern uint64_t core_switches, core_idle_ns;
extern uint32_t core_traps; /* that need no turn of the core */

/*
 * Domains of this core that are being made or reclaimed. Both go on a step at a time between
 * domains, for CHORE_NS of each turn, so that the core goes on forwarding meanwhile.
 */
extern uint32_t core_chores;
#define CHORE_NS 30000u
/* It leaves this core as soon as it does not run: nobody else runs before that. NULL: none. */
extern const struct domain *core_leaving;

/* What an executive does between domains, bounded. True: there is more to do at once. */
bool core_turn(uint64_t now);
/* Like core_run, for a caller that has had its turn just now. */
_Noreturn void core_switch(uint64_t now);
void core_begin(struct domain *d, uint64_t now); /* a run of d: its budget counts from now on */
#define GUARD_TICKS 10u                          /* in a budget */
/* Forget the translations of frames d has given away, before it runs on. */
void core_flush(struct domain *d);
/* d's tables go away: neither loaded nor remembered any more. */
void core_forget(const struct domain *d);
void core_due(const struct domain *d); /* it waits, and its deadline counts */
/* MX_TRAP_MAP */
int64_t map_frame(struct domain *d, uint64_t frame, uint64_t on);

#endif
