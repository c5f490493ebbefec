/*
 * Receiving: frames of the pool are posted, used ones go to the peer as MX_RAW messages.
 *
 * Rules: a buffer is taken from the ring only when the peer takes it, so none is ever dropped
 * from the middle of a packet: without credit the ring stands still and the device drops
 * packets. Frames are posted one a descriptor and never looked at.
 */
#ifndef NET_RECEIVE_H
#define NET_RECEIVE_H

#include "queue.h"

struct receiver {
	uint32_t port;
	uint32_t idle;    /* turns in a row that found nothing */
	bool armed;       /* an interrupt will tell of the next used buffer */
	uint64_t buffers; /* sent to the peer */
	uint64_t stale;   /* discarded, their reader is gone */
	uint64_t starved; /* turns cut short by the peer's credit */
	struct queue q;   /* last: what a turn touches lies together */
};

/* One turn: send what is there if `open`, post fresh frames, then poll on or arm. */
void receive_turn(struct receiver *r, bool open);

/* The reader was replaced: discard what its predecessor has not had. */
void receive_discard(struct receiver *r);

#endif
