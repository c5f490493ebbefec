/*
 * What the files of executive/linux share: the core's thread, as its executive knows it.
 */
#ifndef LINUX_CORE_H
#define LINUX_CORE_H

#include <stdint.h>
#include "executive/linux/host/host.h"

extern struct seat *seat;
extern uint8_t *core_stack_top;
extern uint64_t fs_host, fs_domain; /* see trap.S */

/* trap.S: f runs on the core's own stack; the present one is abandoned. */
_Noreturn void on_core_stack(void (*f)(void));

/* irq.c: wait for interrupts, at most ns; 0: only look. Raises what has come. */
void irq_wait(uint64_t ns);

#endif
