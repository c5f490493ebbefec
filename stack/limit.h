#ifndef STACK_LIMIT_H
#define STACK_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* May this IP packet of ours leave? Only ICMP errors are limited. */
bool limit_icmp(const uint8_t *ip, uint32_t n);
/* May one more segment be reset that belongs to no connection? */
bool limit_reset(void);
/* One reset beyond the rate: we have asked for what it answers (orphan.c). */
void limit_expect(void);

extern uint64_t limit_held; /* answers that were not given */

#endif
