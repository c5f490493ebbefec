/*
 * A host for the router's own code: frames in an array, sent chains captured, time by hand.
 *
 * host_start builds the world below once; host_setup and host_teardown wrap every test and check
 * that all frames are back home. A frame that is not owned is poisoned for the sanitizer.
 *
 *   port 0  10.0.1.1/24  fd00:1::1/64  MTU 1500   port 2  10.0.3.1/24  fd00:3::1/64  MTU 1280
 *   port 1  10.0.2.1/24  fd00:2::1/64  MTU 1500, CSUM and TSO offered
 *   192.0.2.0/24 via 10.0.2.254, 198.51.100.0/24 blackhole, 2001:db8::/32 via fd00:2::fe,
 *   2001:db8:dead::/48 blackhole
 */
#ifndef ROUTER_HOST_H
#define ROUTER_HOST_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>
#include "apps/router/neighbour.h"
#include "apps/router/route.h"

#define HOST_FRAMES 320u
#define HOST_BYTES  65536u

struct sent {
	uint32_t slot, kind, n, frames;
	struct mx_packet facts;
	struct mx_link link;
	uint8_t bytes[HOST_BYTES];
};
extern struct sent host_sent[64];
extern uint32_t host_sent_n;
extern uint64_t host_time, host_wake;
extern bool host_held;       /* mx_hold was called */
extern uint32_t host_credit; /* entries mx_send still takes */
extern uint32_t host_budget; /* frames mx_alloc still gives */
extern char host_logged[256];
extern uint32_t host_used; /* frames that are not home */

bool host_configure(void); /* true: the router is ready */
int host_start(void **state);
int host_setup(void **state);
int host_teardown(void **state);
/* Bytes as a packet in frames of at most `cut` bytes; facts may be NULL. */
uint32_t host_chain(struct mx_msg *chain, const void *bytes, uint32_t n, uint32_t cut,
                    const struct mx_packet *facts);
void host_in(uint32_t port, const void *bytes, uint32_t n); /* from a driver, whole */
void host_in_cut(uint32_t port, const void *bytes, uint32_t n, uint32_t cut,
                 const struct mx_packet *facts);
void host_from_stack(uint32_t port, const void *ip, uint32_t n);
void host_pass(uint64_t ns); /* time goes by, in steps of the timers */
void host_clear(void);
/* What is kept, as it stands now, is what mx_left gives; it can be written to. NULL: nothing is. */
uint8_t *host_leave(uint32_t *size);
void host_leave_nothing(void);
uint64_t host_count(uint32_t port, enum port_count c);

/* Frames under construction. All builders give an Ethernet frame to the router's port. */
struct bytes {
	uint32_t n;
	uint8_t b[HOST_BYTES];
};
#define HOST_A 0xa1u /* last byte of the MAC of a host */
#define HOST_B 0xb2u
void host_mac(uint8_t mac[6], uint32_t last);
struct ip host_ip6(uint64_t hi, uint64_t lo);
/* UDP-like packets: `payload` bytes of a pattern behind the header. */
void build_ip4(struct bytes *p, uint32_t port, uint32_t src, uint32_t dst, uint32_t payload);
void build_ip4_options(struct bytes *p, uint32_t port, uint32_t src, uint32_t dst, uint32_t payload,
                       const uint8_t *options, uint32_t n);
void build_ip6(struct bytes *p, uint32_t port, struct ip src, struct ip dst, uint32_t payload);
void build_arp(struct bytes *p, uint32_t op, uint32_t mac, uint32_t spa, uint32_t tpa);
/* NS or NA; option 0: none. dst_mac as in the IP destination. */
void build_nd(struct bytes *p, uint32_t port, uint8_t type, uint8_t flags, struct ip src,
              struct ip dst, struct ip target, uint8_t option, uint32_t mac);
void seal_ip4(struct bytes *p); /* header checksum after a change */
void seal_icmp6(struct bytes *p);
struct ip4 *ip4_of(struct bytes *p);
struct ip6 *ip6_of(struct bytes *p);
/* RFC 1071, written the slow way. */
uint16_t naive_csum(const uint8_t *p, uint32_t n, uint32_t start);
uint32_t naive_pseudo6(const struct ip6 *ip, uint32_t length, uint8_t proto);

#define A4     0x0a000102u /* on port 0 */
#define B4     0x0a000202u /* on port 1 */
#define C4     0x0a000302u /* on port 2 */
#define OWN4_0 0x0a000101u
#define OWN4_1 0x0a000201u
#define A6     host_ip6(0xfd00000100000000, 2)
#define B6     host_ip6(0xfd00000200000000, 2)
#define C6     host_ip6(0xfd00000300000000, 2)
#define OWN6_0 host_ip6(0xfd00000100000000, 1)

/* Makes A known on port 0, B on port 1 and C on port 2, in both families. */
void host_meet(void);

#endif
