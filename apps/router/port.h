/*
 * A port of the appliance as the router sees it: link, own addresses, counters.
 *
 * ports[n] is port n; ports[SELF] stands for the appliance itself: packets of the stack and those
 * the router builds "come in" by it, so that every packet has a port to count on.
 * Rules: own[0] of a port is its link-local IPv6 address, derived from the MAC; it is all zeros
 * until the link is known. A dropped packet is counted once, on the port it came in by (or, for
 * reasons of the way out, on the port it was to leave by).
 */
#ifndef ROUTER_PORT_H
#define ROUTER_PORT_H

#include <moxie/control.h>
#include <moxie/packet.h>
#include "wire.h"

#define PORT_ADDRESSES 16u
#define SELF           MX_PORTS

/* Enumerator and name of every counter of a port. */
#define PORT_COUNTS(X)                                                                             \
	X(RX_PACKETS, "rx.packets")                                                                \
	X(RX_BYTES, "rx.bytes")                                                                    \
	X(TX_PACKETS, "tx.packets")                                                                \
	X(TX_BYTES, "tx.bytes")                                                                    \
	X(LOCAL, "rx.local") /* handed to the stack */                                             \
	X(ARP_IN, "arp.in")                                                                        \
	X(ND_IN, "nd.in")                                                                          \
	X(MLD_IN, "mld.in")                                                                        \
	X(ICMP_SENT, "icmp.sent")                                                                  \
	X(ICMP_LIMITED, "icmp.limited")                                                            \
	X(FRAGMENTED, "fragment.packets")                                                          \
	X(FRAGMENTS, "fragment.made")                                                              \
	X(SEGMENTED, "segment.packets")                                                            \
	X(SEGMENTS, "segment.made")                                                                \
	X(CONFLICT, "conflict")       /* another host uses an address of ours */                   \
	X(DROP_CLOSED, "drop.closed") /* before GO, or the port is down */                         \
	X(DROP_DRIVER, "drop.driver") /* the port's driver has ended */                            \
	X(DROP_MAC, "drop.mac")       /* not for us */                                             \
	X(DROP_VLAN, "drop.vlan")                                                                  \
	X(DROP_TYPE, "drop.type")                                                                  \
	X(DROP_HEADER, "drop.header") /* short, cut or malformed */                                \
	X(DROP_CHECKSUM, "drop.checksum")                                                          \
	X(DROP_MARTIAN, "drop.martian") /* an address that cannot be on the wire */                \
	X(DROP_SCOPE, "drop.scope")     /* link-local would leave its link */                      \
	X(DROP_BROADCAST, "drop.broadcast")                                                        \
	X(DROP_MULTICAST, "drop.multicast")                                                        \
	X(DROP_OPTION, "drop.option")                                                              \
	X(DROP_TTL, "drop.ttl")                                                                    \
	X(DROP_NOROUTE, "drop.noroute")                                                            \
	X(DROP_BLACKHOLE, "drop.blackhole")                                                        \
	X(DROP_MTU, "drop.mtu")                                                                    \
	X(DROP_GSO, "drop.gso")             /* facts that do not fit it */                         \
	X(DROP_NEIGHBOUR, "drop.neighbour") /* no answer, or no room to wait for one */            \
	X(DROP_ARP, "drop.arp")                                                                    \
	X(DROP_ND, "drop.nd")                                                                      \
	X(DROP_MLD, "drop.mld")                                                                    \
	X(DROP_CREDIT, "drop.credit") /* the driver takes no more */                               \
	X(DROP_STACK, "drop.stack")   /* the stack takes no more */                                \
	X(DROP_MEMORY, "drop.memory") /* no frame left */

enum port_count {
#define X(name, text) name,
	PORT_COUNTS(X)
#undef X
	        PORT_COUNTS_N
};

/* An address of the appliance. */
struct own {
	struct ip ip;
	uint8_t family;
	uint8_t prefix;
	bool conflict; /* said so already */
};

struct port {
	uint8_t index;
	bool exists; /* configured */
	bool up;
	bool absent;     /* its driver has ended; the next one has not told the link yet */
	uint8_t wire;    /* the link as last told: up, with this MAC. Kept */
	uint8_t settled; /* all was announced since it came up. Kept */
	uint8_t mac[6];
	uint16_t mtu;      /* of the IP layer */
	uint16_t mtu_set;  /* by the configuration; 0: the link's */
	uint16_t features; /* MX_TX_* */
	uint32_t own_n;
	uint64_t count[PORT_COUNTS_N];
	uint64_t icmp_due;     /* see icmp_allowed */
	uint64_t announce_due; /* 0: nothing to announce; see announce.c */
	uint64_t report_due;   /* 0: no MLD query to answer */
	uint64_t defended;     /* when the last ARP defence went out, RFC 5227 2.4 */
	uint8_t announce_step;
	struct own own[PORT_ADDRESSES];
	struct mx_link link; /* as the stack is told */
};

extern struct port ports[MX_PORTS + 1];

void port_init(void);
/* False when the port has no room for another address. */
bool port_address(struct port *p, uint8_t family, struct ip ip, uint8_t prefix);
void port_mtu(struct port *p, uint16_t mtu);
/* The driver says how its link is. */
void port_link(struct port *p, const struct mx_link *link);
/*
 * The driver has ended. Only it: neighbours and announcements wait for another that tells of the
 * same link; packets are dropped meanwhile.
 */
void port_absent(struct port *p);
/* Tells the stack what it was not told yet; again when credit comes back. */
void port_tell_stack(void);
/* The stack is new: tell it all again. */
void port_stack_reset(void);

/* The entry of an own address on this port, or NULL. */
struct own *port_own(struct port *p, uint8_t family, struct ip ip);
/* Is it an own address of any port? Nobody else may use it as a source. */
bool port_any_own(uint8_t family, struct ip ip);
/* The address the port speaks with to `to`: its net's, else the first; NULL when it has none. */
const struct own *port_source(const struct port *p, uint8_t family, struct ip to);

/* All counters as a table for moxie/counters.h. */
struct mx_counter;
uint32_t port_counters(struct mx_counter *table, uint32_t max);

#endif
