/*
 * Random traps of a domain that has no children: exchange, notify, map, and what is no trap. After
 * each of them all that the executive says is compared with what it may say.
 */
#ifndef HOSTILE_BLOCK_H
#define HOSTILE_BLOCK_H

#include "tests/hostile/held.h"

/* window: the domain may map frames; event: called for each event that is collected, or NULL. */
void block_open(bool window, void (*event)(const struct mx_msg *m));
void block_step(void);       /* one random trap */
void block_free_all(void);   /* every frame goes home; what came meanwhile, too */
extern uint64_t block_traps; /* so far */

#endif
