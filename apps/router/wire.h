/*
 * What stands on the wire: header layouts, numbers, and the loads and stores that read them.
 *
 * Interface: struct ip, an address of either family as one big number, IPv4 in its top 32 bits,
 * so that prefixes of both families compare alike; load and store of network order; structures.
 * Rules: headers stand at any alignment, so the structures are packed and hold bytes or integers
 * in network order; nothing here checks a length, the readers do.
 */
#ifndef ROUTER_WIRE_H
#define ROUTER_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define ETH_HEADER 14u
#define ETH_IP4    0x0800
#define ETH_ARP    0x0806
#define ETH_IP6    0x86dd
#define ETH_VLAN   0x8100 /* 802.1Q */
#define ETH_QINQ   0x88a8 /* 802.1ad */

struct eth {
	uint8_t dst[6], src[6];
	uint8_t type[2];
} __attribute__((packed));

struct arp { /* RFC 826, Ethernet and IPv4 */
	uint8_t htype[2], ptype[2], hlen, plen, op[2];
	uint8_t sha[6], spa[4], tha[6], tpa[4];
} __attribute__((packed));

struct ip4 { /* RFC 791 3.1 */
	uint8_t ver_ihl, tos, total[2];
	uint8_t id[2], frag[2];
	uint8_t ttl, proto, csum[2];
	uint8_t src[4], dst[4];
} __attribute__((packed));
#define IP4_HEADER 20u
#define IP4_DF     0x4000
#define IP4_MF     0x2000
#define IP4_OFFSET 0x1fff

struct ip6 { /* RFC 8200 3 */
	uint8_t ver_class[4];
	uint8_t payload[2], next, hops;
	uint8_t src[16], dst[16];
} __attribute__((packed));
#define IP6_HEADER 40u
#define IP6_MTU    1280u

struct icmp { /* RFC 792, RFC 4443 2.1 */
	uint8_t type, code, csum[2];
	uint8_t info[4];
} __attribute__((packed));
#define ICMP_HEADER 8u

#define PROTO_HOPOPTS 0
#define PROTO_ICMP    1
#define PROTO_ICMP6   58

enum icmp4_type {
	ICMP4_UNREACHABLE = 3,
	ICMP4_EXCEEDED = 11,
};
enum icmp4_code { ICMP4_NET = 0, ICMP4_HOST = 1, ICMP4_NEEDS_FRAG = 4 };

enum icmp6_type {
	ICMP6_UNREACHABLE = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_EXCEEDED = 3,
	ICMP6_INFORMATION = 128, /* this and above are no errors, RFC 4443 2.1 */
	ICMP6_QUERY = 130,       /* MLD, RFC 3810 */
	ICMP6_REPORT1 = 131,
	ICMP6_DONE = 132,
	ICMP6_RS = 133, /* ND, RFC 4861 4 */
	ICMP6_RA = 134,
	ICMP6_NS = 135,
	ICMP6_NA = 136,
	ICMP6_REDIRECT = 137,
	ICMP6_REPORT2 = 143,
};
enum icmp6_code { ICMP6_NO_ROUTE = 0, ICMP6_SCOPE = 2, ICMP6_ADDRESS = 3 };

struct nd {               /* NS and NA, RFC 4861 4.3 and 4.4 */
	struct icmp icmp; /* info[0]: flags of an NA */
	uint8_t target[16];
} __attribute__((packed));
#define ND_ROUTER    0x80
#define ND_SOLICITED 0x40
#define ND_OVERRIDE  0x20
#define ND_SOURCE    1 /* option: source link-layer address */
#define ND_TARGET    2 /* option: target link-layer address */

static inline uint16_t load16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return __builtin_bswap16(v);
}

static inline uint32_t load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return __builtin_bswap32(v);
}

static inline uint64_t load64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

static inline void store16(uint8_t *p, uint16_t v)
{
	v = __builtin_bswap16(v);
	memcpy(p, &v, 2);
}

static inline void store32(uint8_t *p, uint32_t v)
{
	v = __builtin_bswap32(v);
	memcpy(p, &v, 4);
}

static inline void store64(uint8_t *p, uint64_t v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, 8);
}

struct ip {
	uint64_t hi, lo;
};

static inline struct ip ip_of4(uint32_t v)
{
	return (struct ip){(uint64_t)v << 32, 0};
}

static inline uint32_t ip_to4(struct ip a)
{
	return (uint32_t)(a.hi >> 32);
}

static inline struct ip ip_load(const uint8_t *p, uint8_t family)
{
	return family == 4 ? ip_of4(load32(p)) : (struct ip){load64(p), load64(p + 8)};
}

static inline void ip_store6(uint8_t *p, struct ip a)
{
	store64(p, a.hi);
	store64(p + 8, a.lo);
}

static inline bool ip_same(struct ip a, struct ip b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

static inline bool ip_zero(struct ip a)
{
	return (a.hi | a.lo) == 0;
}

static inline bool ip6_multicast(struct ip a)
{
	return a.hi >> 56 == 0xff;
}

static inline bool ip6_link_local(struct ip a)
{
	return a.hi >> 54 == 0xfe80 >> 6;
}

/* The solicited-node group of an address, RFC 4291 2.7.1. */
static inline struct ip ip6_solicited(struct ip a)
{
	return (struct ip){0xff02ull << 48, 0x1ff000000ull | (a.lo & 0xffffff)};
}

/* a with all bits behind the first `prefix` cleared. */
static inline struct ip ip_net(struct ip a, uint32_t prefix)
{
	a.hi &= prefix == 0 ? 0 : prefix >= 64 ? ~0ull : ~0ull << (64 - prefix);
	a.lo &= prefix <= 64 ? 0 : ~0ull << (128 - prefix);
	return a;
}

static inline bool mac_same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, 6) == 0;
}

#endif
