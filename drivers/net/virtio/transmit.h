/*
 * Sending: MX_RAW chains of the peer go out, one descriptor a frame.
 *
 * Rules: the virtio header stands in the first frame, by whoever made the packet; the frames are
 * never looked at. A chain goes out whole or not at all, in the order it came. What finds no
 * room waits; the driver's quota ends the peer's credit long before that queue is full, and what
 * finds no room even there is dropped and counted.
 */
#ifndef NET_TRANSMIT_H
#define NET_TRANSMIT_H

#include "drivers/net/park.h"
#include "queue.h"

struct transmitter {
	struct park park;
	uint64_t packets;
	uint64_t bad;   /* packets that cannot be sent as they are */
	uint64_t full;  /* packets that found no room */
	struct queue q; /* what a turn touches lies together, between the two long ones */
};

void transmit(struct transmitter *t, const struct mx_msg *chain, uint32_t n);

/* Take back what is sent, send what waits. At the start of each turn. */
void transmit_reclaim(struct transmitter *t);
/* Kick the device and choose how to hear of its progress. At the end of each turn. */
void transmit_wait(struct transmitter *t);
/* The peer was replaced: forget what waits. */
void transmit_forget(struct transmitter *t);

#endif
