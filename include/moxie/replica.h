/*
 * What the replicas of the router tell each other: the neighbours they hear of.
 *
 * Each replica has queue pair k of every port, and an answer to its question may come by any pair.
 * So whoever hears of a neighbour tells its siblings. Nothing is asked by this channel: who needs a
 * neighbour asks on the wire. A message that finds no room is dropped and counted; the wire is
 * asked again then.
 */
#ifndef MOXIE_REPLICA_H
#define MOXIE_REPLICA_H

#include <moxie/channel.h>

#define MX_NEIGHBOUR_SOLICITED 1u /* it answered a question: of one of us */
#define MX_NEIGHBOUR_OVERRIDE  2u /* it replaces another MAC */
#define MX_NEIGHBOUR_MAC       4u /* mac is known */
#define MX_NEIGHBOUR_NEW       8u /* who does not know it yet shall keep it */

struct mx_neighbour {
	uint8_t port;
	uint8_t family; /* 4 or 6 */
	uint8_t flags;  /* MX_NEIGHBOUR_* */
	uint8_t reserved;
	uint8_t mac[6];
	uint8_t reserved2[6];
	uint8_t addr[16]; /* IPv4 stands in the first four */
};
MX_CHANNEL(mx_neighbour, 6, struct mx_neighbour, 64);

/* The arguments of the router's boot page. */
struct mx_router_args {
	uint32_t replica;  /* own number; the first alone announces and speaks for the stack */
	uint32_t replicas; /* 1: it has no siblings */
};

#endif
