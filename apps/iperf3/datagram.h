#ifndef IPERF3_DATAGRAM_H
#define IPERF3_DATAGRAM_H

#include "stream.h"

void datagram_port(uint16_t number);
/* Whether a test wants the port; test_bound follows when it has it. */
void datagram_bind(void);
void datagram_unbind(void);

/* What the stack says: a datagram as a chain of n messages, whose frames stay the caller's. */
void datagram_data(const struct mx_msg *chain, uint32_t n);
void datagram_word(const struct mx_msg *m);

bool datagram_burst(struct stream *s, uint64_t now); /* true: it could go on */
void datagram_turn(void);
void datagram_reset(void); /* another stack */

#endif
