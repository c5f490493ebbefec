/*
 * Neighbours: the link addresses of hosts next to us, for ARP and ND alike (RFC 4861 7).
 *
 * Interface: neighbour_get finds or opens an entry, neighbour_send sends by it or parks the
 * packet until the answer is here; arp.c and nd.c tell what they hear by neighbour_learn (somebody
 * spoke to us) and neighbour_answer (somebody answered us, or announced).
 * Rules: 1024 entries, of which at most half may wait for their first answer, and a quarter of one
 * port, so that a scan of a net cannot push out who is really there (RFC 6583). When all are used,
 * a port that has half of them displaces its own only: who floods one wire with addresses cannot
 * make the router forget those on another. Packets wait within park.h's bounds.
 */
#ifndef ROUTER_NEIGHBOUR_H
#define ROUTER_NEIGHBOUR_H

#include "park.h"

#define NEIGHBOURS            1024u
#define NEIGHBOURS_INCOMPLETE (NEIGHBOURS / 2)
#define NEIGHBOURS_SCANNED    (NEIGHBOURS / 4) /* of these, of one port */
#define NEIGHBOURS_PORT       (NEIGHBOURS / 2) /* of one port, when the table is full */

/* RFC 4861 10; base ReachableTime, without the jitter of its hosts. */
#define REACHABLE_TIME (30 * MX_S)
#define DELAY_TIME     (5 * MX_S)
#define RETRANS_TIME   (1 * MX_S)
#define SOLICITS       3u

enum neighbour_state { NB_FREE, NB_INCOMPLETE, NB_REACHABLE, NB_STALE, NB_DELAY, NB_PROBE };

struct neighbour {
	struct ip ip;
	uint64_t used;  /* when a packet last went there */
	uint64_t until; /* REACHABLE: then it is stale; else when the timer fires */
	uint8_t mac[6];
	uint8_t port;
	uint8_t family;
	uint8_t state;
	uint8_t tries; /* solicitations sent */
	struct parked parked;
	uint16_t next; /* in the hash chain, or in the free list */
};

/* As moxie/replica.h has them. */
enum neighbour_flag { NB_SOLICITED = 1, NB_OVERRIDE = 2 };

struct neighbour *neighbour_find(const struct port *p, uint8_t family, struct ip ip);
struct neighbour *neighbour_get(struct port *p, uint8_t family, struct ip ip); /* or NULL */
void neighbour_send(struct neighbour *nb, struct packet *k);
/* A request or solicitation from ip told its MAC (RFC 4861 7.2.3). */
void neighbour_learn(struct port *p, uint8_t family, struct ip ip, const uint8_t mac[6]);
/* An answer or announcement; mac may be NULL (RFC 4861 7.2.5). flags: NB_SOLICITED... */
void neighbour_answer(struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                      uint32_t flags);
/* Another replica has heard so. keep: also when we do not know it yet. */
void neighbour_hear(struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                    uint32_t flags, bool keep);
/* The port's link is gone: so are its neighbours. */
void neighbour_flush(const struct port *p);
/* The port can be used again: who waits for an answer asks at once. */
void neighbour_resume(const struct port *p);
/* At the start: what the predecessor of this domain knew. */
void neighbour_inherit(void);
void neighbour_turn(void); /* timers */

#endif
