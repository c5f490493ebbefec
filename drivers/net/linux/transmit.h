/*
 * Sending: each MX_RAW chain of the peer is written to the host, and its frames are free again.
 *
 * Rules: the virtio header stands in the first frame, by whoever made the packet; the frames are
 * never looked at. What finds no room waits, in order; the driver's quota ends the peer's credit
 * long before that queue is full, and what finds no room even there is dropped and counted.
 */
#ifndef NET_LINUX_TRANSMIT_H
#define NET_LINUX_TRANSMIT_H

#include "device.h"
#include "drivers/net/park.h"

struct transmitter {
	struct park park;
	uint64_t packets;
	uint64_t bad;    /* packets that cannot be sent as they are */
	uint64_t full;   /* packets that found no room */
	uint64_t errors; /* packets that the host refused */
};

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n);
void transmit_parked(struct transmitter *t); /* what waits, as far as there is room */
void transmit_wait(struct transmitter *t);   /* look again some time, should no interrupt come */
void transmit_forget(struct transmitter *t); /* the peer was replaced: forget what waits */

#endif
