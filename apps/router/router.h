/*
 * The way of a packet through the router, and who does what on it.
 *
 *   main.c -> ether_input -> arp_input
 *                         -> ipv4_input / ipv6_input -> local_input (the stack)
 *                                                    -> forwarding -> route_send
 *   main.c -> stack_input -> ipv4_output / ipv6_output -> route_send
 *   route_send -> neighbour_send -> ether_send -> the driver
 *                 -> park.c, until the neighbour has answered
 *
 * Rules: every function that takes a struct packet and returns nothing takes its frames over:
 * they are sent, parked or freed when it returns. now is the time of this batch.
 */
#ifndef ROUTER_ROUTER_H
#define ROUTER_ROUTER_H

#include "port.h"

/* A packet on its way. Pointers lead into its first frame. */
struct packet {
	struct mx_msg *chain;
	uint32_t n; /* messages of the chain */
	struct port *in;
	uint8_t *ip;   /* what follows the Ethernet header; the 14 bytes before it are ours */
	uint32_t have; /* bytes at ip that lie in the first frame */
	uint32_t size; /* bytes at ip in the whole chain */
	bool group;    /* came by Ethernet broadcast or multicast */
};

struct dest; /* route.h */

extern uint64_t now;
extern bool router_open; /* GO was said */

/* packet.c: packets as chains of frames. */
void packet_of(struct packet *k, struct mx_msg *chain, uint32_t n, struct port *in);
bool packet_new(struct packet *k, struct mx_msg *m, uint32_t size); /* comes in by SELF */
void packet_trim(struct packet *k, uint32_t size);
void packet_copy(const struct packet *k, uint32_t from, uint32_t n, uint8_t *to);
void packet_drop(struct packet *k, enum port_count why);
uint32_t packet_segment(const struct packet *k); /* largest IP packet that leaves */

/* ether.c: Ethernet, in and out; the doors to driver and stack. */
void ether_input(struct port *in, struct mx_msg *chain, uint32_t n);
void ether_send(struct packet *k, struct port *out, const uint8_t mac[6], uint16_t type);
void local_input(struct packet *k);
void stack_input(struct mx_msg *chain, uint32_t n);

/* ipv4.c, ipv6.c */
void ipv4_input(struct packet *k);
void ipv4_output(struct packet *k, struct port *wish); /* of the appliance; wish may be NULL */
uint16_t ipv4_csum(const uint8_t *data, uint32_t n);   /* the checksum to store, RFC 1071 */
void ipv6_input(struct packet *k);
void ipv6_output(struct packet *k, struct port *wish);

/* fragment.c: splits what does not fit the way out (RFC 791 3.2). */
void ipv4_fragment(struct packet *k, struct dest *d);

/* icmp4.c, icmp6.c: the error about k, when the RFCs allow one. k stays the caller's. */
void icmp4_error(struct packet *k, uint8_t type, uint8_t code, uint32_t info);
void icmp6_error(struct packet *k, uint8_t type, uint8_t code, uint32_t info);
bool icmp_allowed(struct port *p);                         /* token bucket of the port */
uint8_t icmp6_upper(const struct packet *k, uint32_t *at); /* behind the extension headers */
uint16_t icmp6_csum(const struct packet *k, uint32_t at);  /* ICMPv6 message from byte `at` on */

/* arp.c, nd.c, mld.c */
void arp_input(struct packet *k);
void arp_request(struct port *p, struct ip target, const uint8_t *mac); /* NULL: broadcast */
void arp_announce(struct port *p, const struct own *own);
void nd_input(struct packet *k, uint32_t at);
void nd_solicit(struct port *p, struct ip target, const uint8_t *mac); /* NULL: multicast */
void nd_probe(struct port *p, const struct own *own); /* duplicate address detection */
void nd_announce(struct port *p, const struct own *own, bool override);
void mld_input(struct packet *k, uint32_t at);
void mld_report(struct port *p);

/* announce.c: says who we are when a link comes up. */
void announce_start(struct port *p);
bool announce_tentative(const struct port *p); /* DAD still runs */
void announce_turn(void);

/* control.c: init's messages. True: the configuration is complete, say READY. */
bool control_input(const struct mx_control *m);

#endif
