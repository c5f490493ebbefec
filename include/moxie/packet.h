/*
 * The packet protocol: what driver, router and stack say to each other about packets.
 *
 * Interface: message kinds of the owning channels driver-router, driver-stack and router-stack;
 * struct mx_packet, the body of a packet; gathering of received buffers.
 * Rules: a packet is a chain; the first message's body describes the whole packet, the bodies of
 * the others are unused. Checksums in struct mx_packet follow virtio 1.x section 5.1.6: a
 * partial checksum field holds the uncomplemented pseudo-header sum.
 */
#ifndef MOXIE_PACKET_H
#define MOXIE_PACKET_H

#include <moxie/domain.h>

enum mx_packet_kind {
	/*
	 * driver -> reader: one used receive buffer, whole, from offset 0, one message each. The
	 * first buffer of a packet starts with a struct virtio_net_hdr_v1 (12 bytes) whose
	 * num_buffers the reader must bound. body[0] is the port. The driver never drops a buffer
	 * from the middle: without credit it leaves the ring alone and the device drops packets.
	 * writer -> driver: a packet to send, as mx_seal leaves it: the same header, then Ethernet.
	 */
	MX_RAW = 1,
	MX_ETHER = 2, /* an Ethernet frame (chain) at offset; body is a struct mx_packet; never
	                 between domains */
	MX_IP = 3,    /* an IPv4 or IPv6 packet (chain) at offset; router <-> stack only; at least
	                 MX_HEADROOM bytes before it in its first frame are free for link headers */
	MX_LINK = 4,  /* driver -> reader, and router -> stack: bare; body is a struct mx_link.
	                 Sent first after every bind, and at each change */
};

#define MX_HEADROOM 32u
#define MX_VNET     12u /* bytes of struct virtio_net_hdr_v1 */

/* mx_packet.flags */
#define MX_CSUM_PARTIAL 1u /* the checksum at csum_start + csum_offset is to be completed */
#define MX_CSUM_VALID   2u /* the device vouches for the transport checksum */

/* mx_packet.gso: the virtio values */
enum mx_gso {
	MX_GSO_NONE = 0,
	MX_GSO_TCP4 = 1,
	MX_GSO_TCP6 = 4,
	MX_GSO_UDP = 5, /* to be cut into whole datagrams (USO), not into fragments (UFO, 3) */
	MX_GSO_ECN = 0x80
};

struct mx_packet {
	uint8_t port;  /* which it came in by, or is to leave by */
	uint8_t flags; /* MX_CSUM_* */
	uint8_t gso;   /* enum mx_gso */
	uint8_t reserved;
	uint16_t gso_size;    /* bytes of payload of each segment */
	uint16_t hdr_len;     /* bytes of all headers, a hint */
	uint16_t csum_start;  /* from the start of the packet (its first byte at offset) */
	uint16_t csum_offset; /* from csum_start */
	uint32_t length;      /* of the whole packet, all frames of the chain */
	uint32_t next_hop;    /* unused; 0 */
};
_Static_assert(sizeof(struct mx_packet) == 20, "fits mx_msg.body");

/* mx_link.features: what the port can do on transmit; a subset is negotiated by the driver. */
#define MX_TX_CSUM 1u
#define MX_TX_TSO4 2u
#define MX_TX_TSO6 4u
#define MX_TX_ECN  8u
#define MX_TX_USO  16u

struct mx_link {
	uint8_t port;
	uint8_t up;
	uint8_t mac[6];
	uint16_t mtu;      /* of the IP layer, bytes */
	uint16_t features; /* MX_TX_* */
	uint32_t speed;    /* Mbit/s, 0 unknown */
	uint32_t reserved;
};
_Static_assert(sizeof(struct mx_link) <= 20, "fits mx_msg.body");

static inline struct mx_packet *mx_packet(struct mx_msg *m)
{
	return (struct mx_packet *)m->body;
}

/*
 * What a port must be able to do, MX_TX_*, to send a packet with these facts; MX_TX_NEVER for facts
 * that contradict themselves: no port can.
 */
#define MX_TX_NEVER 0x8000u
uint16_t mx_needs(const struct mx_packet *p);

/*
 * Gathering: turns MX_RAW messages of one port into packets. One struct mx_gather per port.
 * mx_gather takes one raw message. It returns the number of messages of a complete packet, which
 * then stand in g->chain (kind MX_ETHER, body filled, virtio header skipped), or 0 when
 * more buffers are needed or the packet was refused: g->bad counts, its frames are freed.
 */
struct mx_gather {
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t have; /* buffers gathered */
	uint32_t need; /* buffers of the packet being gathered */
	uint64_t bad;  /* packets refused: lengths or header facts that cannot be */
};
uint32_t mx_gather(struct mx_gather *g, const struct mx_msg *raw, uint8_t port);
void mx_gather_reset(struct mx_gather *g); /* after MX_EVENT_RESET: frees what it holds */

/*
 * An MX_ETHER chain becomes what a driver sends: the facts are written as virtio header into the
 * MX_VNET bytes before offset, kind is MX_RAW. False when there are not as many, or the frame is
 * frozen; then nothing was done. The facts must suit the port: see mx_needs.
 */
bool mx_seal(struct mx_msg *chain, uint32_t n);

/* Free every frame of a chain. */
void mx_free_chain(const struct mx_msg *chain, uint32_t n);

/*
 * Internet checksum (RFC 1071). A running sum adds big-endian 16-bit words as plain numbers, so a
 * pseudo header's protocol and length may be added to it as they are; start with 0. mx_sum adds
 * `length` bytes, an odd last byte padded. mx_sum_chain covers bytes [from, to) of the packet,
 * pieces of odd length included. mx_fold gives 16 bits, not complemented, ready to be stored: in
 * network byte order in memory.
 */
uint64_t mx_sum(const void *data, uint32_t length, uint64_t sum);
uint64_t mx_sum_chain(const struct mx_msg *chain, uint32_t n, uint32_t from, uint32_t to,
                      uint64_t sum);
uint16_t mx_fold(uint64_t sum);
/*
 * Complete a partial checksum in software (nothing to do when it is none). False when start
 * and offset leave the packet, when the field is frozen, or for a packet still to be segmented,
 * which has no checksum of its own.
 */
bool mx_complete_csum(struct mx_msg *chain, uint32_t n);

#endif
