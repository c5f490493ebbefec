#ifndef STACK_HANDSHAKE_H
#define STACK_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

/* While a SYN is replayed: its answer went out long ago, and had this number. */
bool handshake_replays(uint32_t *isn);

extern uint64_t handshake_cookies;  /* SYNs answered by a cookie */
extern uint64_t handshake_redeemed; /* connections that came of one */
extern uint64_t handshake_refused;  /* acknowledgements of what is no cookie */

#endif
