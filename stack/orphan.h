#ifndef STACK_ORPHAN_H
#define STACK_ORPHAN_H

#include <stdint.h>
#include "lwip/tcp.h"

/* Of the connection `number`: what a successor of this domain is to know of it. */
void orphan_note(uint32_t number, const struct tcp_pcb *pcb);
void orphan_drop(uint32_t number);

void orphan_start(void);
void orphan_turn(void); /* asks some of the predecessor's peers */

extern uint64_t orphan_asked;

#endif
