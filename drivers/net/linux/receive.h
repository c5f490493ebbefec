/*
 * Receiving: packets are read into frames of the pool, which go to the peer as MX_RAW messages.
 *
 * Rules: a packet is read only when the peer takes a buffer and there are frames for the largest;
 * else it stays in the host, which drops what becomes too many. What of a packet the peer has no
 * credit for waits here. Frames are written by the host; of them only num_buffers is set here.
 */
#ifndef NET_LINUX_RECEIVE_H
#define NET_LINUX_RECEIVE_H

#include "device.h"

/* The header, Ethernet with a VLAN tag and 64 KiB of IP; one that fills all of it was cut. */
#define RECEIVE_FRAMES 17u

struct receiver {
	uint32_t port;
	bool armed;       /* there was nothing more: an interrupt will tell of the next packet */
	uint32_t missing; /* frames [0, missing) are none */
	uint32_t used;    /* frames [sent, used) hold a packet that the peer has not all of */
	uint32_t sent;
	uint64_t buffers; /* sent to the peer */
	uint64_t bad;     /* packets of a length that cannot be */
	uint64_t stale;   /* buffers discarded, their reader is gone */
	uint64_t starved; /* turns cut short by the peer's credit */
	uint64_t errors;  /* of reading */
	uint32_t frames[RECEIVE_FRAMES];
	uint16_t lengths[RECEIVE_FRAMES];
	struct iovec pieces[1 + RECEIVE_FRAMES];
};

void receive_init(struct receiver *r, uint32_t port);
void receive_interrupt(struct receiver *r);
/* One turn: read what is there if `open`, and choose how to hear of more. */
void receive_turn(struct receiver *r, bool open);
/* The reader was replaced: discard what its predecessor has not had. */
void receive_discard(struct receiver *r);

#endif
