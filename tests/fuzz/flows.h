/*
 * TCP peers of an input: segments whose numbers follow what the stack has said.
 *
 * A flow is a client of 10.0.0.2 or fd00::2 with a port of its own. It knows what it has sent and
 * what the stack expects; the input gives distances from that.
 */
#ifndef FUZZ_FLOWS_H
#define FUZZ_FLOWS_H

#include "tests/fuzz/events.h"

#define FLOWS      8u /* the odd ones are IPv6 */
#define FLOW_PORT  5000u
#define FLOW_BYTES 20000u

void flows_reset(void);
/*
 * flow, TCP flags, distance of sequence number and acknowledgement (16 bits each, signed), window,
 * bytes of payload (16 bits), port of the stack, options. Writes an IP packet; its length.
 */
uint32_t flow_segment(struct event *e, uint8_t *packet);
/* An IP packet that the stack has sent. */
void flow_hear(const uint8_t *ip, uint32_t n);

#endif
