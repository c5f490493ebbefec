/*
 * A TCP peer of the stack under test: it makes segments, checks and counts those it gets, and puts
 * the stream together.
 */
#ifndef STACK_PEER_H
#define STACK_PEER_H

#include "tests/unit/stack_harness.h"

/* A TCP peer (10.0.0.2 to 10.0.0.1 port 80, or fd00::2 to fd00::1) through the router. */
struct peer {
	bool ip6;
	uint16_t port;
	uint32_t seq, ack;    /* next to send, next expected */
	bool stamps;          /* sends timestamps, and expects them (RFC 7323) */
	uint32_t stamp;       /* the last one received, by which older ones are refused */
	uint8_t flags;        /* of the last segment received */
	uint32_t sacked;      /* the last acknowledgement received */
	uint32_t window;      /* the last one received, not scaled */
	uint32_t frozen;      /* frozen entries seen */
	uint32_t partial;     /* packets whose checksum was left to the port */
	uint32_t merged;      /* packets that were left to the port to be segmented */
	uint32_t longest;     /* bytes of the longest of them */
	uint32_t sizes[4096]; /* of the segments with data */
	uint32_t sizes_n;
	struct mx_packet facts; /* of what it sends itself */
	uint32_t length;        /* bytes in data */
	uint8_t data[1u << 20]; /* the stream received in order */
};
#define FIN 1u
#define SYN 2u
#define RST 4u
#define ACK 16u
void peer_send(struct peer *p, uint8_t flags, uint32_t at, const void *data, uint32_t length);
uint32_t peer_take(struct peer *p);            /* reads all segments for it; how many there were */
void peer_open(struct peer *p, uint16_t port); /* handshake, over IPv4 */
void peer_open6(struct peer *p, uint16_t port);

#endif
