/*
 * Parked packets: those that wait until their neighbour has answered.
 *
 * Interface: park_put takes a packet over, park_take gives the oldest back.
 * Rules: at most 4 packets wait for one neighbour and 64 frames for all, so that the answer always
 * finds a frame. Of one neighbour the oldest goes first; who finds the park full of others' packets
 * is dropped. The port a packet came in by stands in its mx_packet.port meanwhile.
 */
#ifndef ROUTER_PARK_H
#define ROUTER_PARK_H

#include "router.h"

#define PARKED_FRAMES  64u
#define PARKED_PACKETS 4u /* of one neighbour */

struct parked { /* the packets of one neighbour; all zeros: none */
	uint8_t packets;
	uint8_t first, last; /* frames */
};

void park_put(struct parked *q, struct packet *k);
/* False when there is none; chain has room for MX_CHAIN_MAX and k points to it. */
bool park_take(struct parked *q, struct packet *k, struct mx_msg *chain);

#endif
