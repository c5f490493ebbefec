/*
 * Routes: where a destination goes.
 *
 * Interface: route_add fills the table (lpm.c), route_resolve finds the ports of gateways,
 * route_find answers through a small destination cache, route_send sends by its answer.
 * Rules: route_find never returns NULL; no route is hop HOP_NONE. The answer holds until the next
 * call. Whoever removes a neighbour or changes a route calls route_forget.
 */
#ifndef ROUTER_ROUTE_H
#define ROUTER_ROUTE_H

#include "router.h"

enum hop_kind {
	HOP_NONE,
	HOP_LOCAL,   /* an address of the appliance */
	HOP_LINK,    /* the destination is on the link of port */
	HOP_GATEWAY, /* by via, on the link of port */
	HOP_BLACKHOLE,
	HOP_BROADCAST, /* the directed broadcast of port's net */
};

struct hop {
	struct ip via;
	uint8_t kind; /* enum hop_kind */
	uint8_t family;
	uint8_t port;  /* ROUTE_ANY_PORT: not resolved yet */
	uint8_t asked; /* port, as it was told: by this it is known when it is told again */
};
#define ROUTE_ANY_PORT 0xff
#define ROUTE_HOPS     4096u

struct neighbour;

struct dest {
	struct ip ip;
	uint32_t generation;
	uint8_t family;
	const struct hop *hop;
	struct neighbour *neighbour; /* once known */
};

bool route_add(struct ip net, uint32_t prefix, const struct hop *hop);
bool route_add_own(const struct port *p, const struct own *own); /* host, net, broadcast */
void route_resolve(void);
void route_forget(void);
struct dest *route_find(uint8_t family, struct ip ip);
/* To a destination that route_find gave, of kind link, gateway or broadcast. */
void route_send(struct packet *k, struct dest *d);

#endif
