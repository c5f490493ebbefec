/*
 * Packets of an input: put right where the input asks for it, so that they come far; and checked
 * when they leave.
 */
#ifndef FUZZ_PACKETS_H
#define FUZZ_PACKETS_H

#include <moxie/packet.h>

#define PACKET_MOST 65536u

/* What is put right. */
enum packet_fix {
	FIX_LENGTH = 1, /* IPv4 total length, IPv6 payload length, UDP length */
	FIX_HEADER = 2, /* IPv4 version, header length and checksum; IPv6 version */
	FIX_SUM = 4,    /* the checksum of ICMP, ICMPv6, UDP, TCP */
};

/* n bytes from an IP header on. */
void packet_fix(uint8_t *ip, uint32_t n, uint32_t what);
void packet_fix_sum(uint8_t *ip, uint32_t n);
uint32_t packet_sum(const uint8_t *p, uint32_t n, uint32_t sum); /* RFC 1071, not complemented */

/* The bytes of a chain, one after the other. */
uint32_t packet_bytes(const struct mx_msg *chain, uint32_t n, uint8_t *to);
/* A chain for a driver: header and facts agree, and the port can do it. The IP packet in it. */
const uint8_t *packet_check_raw(const struct mx_msg *chain, uint32_t n, uint32_t features,
                                uint32_t *length, uint16_t *type);
/* An IP packet that leaves: lengths, checksum and hops where it is `trusted`, the MTU unless it is
 * to be cut. */
void packet_check_ip(const uint8_t *ip, uint32_t n, uint32_t mtu, bool gso, bool trusted);

#endif
