/*
 * Segmentation in software: cuts a packet that asks for it (mx_packet.gso) into the packets that
 * its sender meant. For ways out that cannot do it, and for ICMP errors, which quote one of them.
 *
 * Interface: segment_begin, segment_next until it gives none, segment_end. Until the end the whole
 * packet stays the caller's; each segment is a packet of its own in a new frame, with a partial
 * checksum.
 * Rules: TCP is cut anywhere, so a segment is never larger than a frame; a UDP datagram is what its
 * sender sent, so one that fits no frame cannot be cut. Facts that do not fit the headers, and
 * headers beyond the first frame, are refused.
 */
#ifndef ROUTER_SEGMENT_H
#define ROUTER_SEGMENT_H

#include "router.h"

struct segments {
	const struct packet *k;
	uint32_t transport; /* where its header starts, in k->ip */
	uint32_t header;    /* bytes of all headers */
	uint32_t asked;     /* payload of each segment, as its sender wants it */
	uint32_t size;      /* and as it is cut; 0: it cannot be */
	uint32_t at;        /* payload bytes cut so far */
	uint32_t made;      /* segments */
	uint16_t id;        /* IPv4: of the next segment */
	uint8_t proto;
};

/* False when the facts do not fit k; it is as it was. */
bool segment_begin(struct segments *s, const struct packet *k);
/* The next one as packet f in message m; false after the last, or when no frame is left. */
bool segment_next(struct segments *s, struct packet *f, struct mx_msg *m);
/* k is taken; counts it as segmented, or as dropped when a part of it remains. */
void segment_end(struct segments *s, struct packet *k);

/* What an error about k quotes of a packet to be segmented: its first segment. False: k itself. */
bool segment_first(const struct packet *k, struct packet *f, struct mx_msg *m);

#endif
