#ifndef STACK_SEGMENT_H
#define STACK_SEGMENT_H

#include <moxie/packet.h>

/* Of a packet that is sent: where its headers are, from its first byte on. */
struct segment {
	const uint8_t *data; /* all headers in one piece */
	uint32_t ip, tcp, payload;
	uint32_t length; /* of the payload */
};

enum segment_kind { SEGMENT_NONE, SEGMENT_TCP, SEGMENT_FRAGMENT };

/*
 * Reads the headers of a packet of `length` bytes; `have` of them are at data. SEGMENT_NONE: it is
 * not TCP; SEGMENT_FRAGMENT: it is a part of a TCP segment.
 */
enum segment_kind segment_read(struct segment *s, const uint8_t *data, uint32_t have,
                               uint32_t length, bool ethernet);

/*
 * Leaves to the port the checksum of s, whose headers were copied to `data`, and to cut it when its
 * payload is longer than `unit`.
 */
void segment_leave(const struct segment *s, uint8_t *data, uint32_t unit, struct mx_packet *facts);

#endif
