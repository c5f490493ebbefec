#ifndef STACK_SEGMENT_H
#define STACK_SEGMENT_H

#include <moxie/packet.h>

/* Of a packet that is sent: where its headers are, from its first byte on. */
struct segment {
	const uint8_t *data; /* all headers in one piece */
	uint32_t ip, tcp, payload;
	uint32_t length; /* of the payload */
	uint32_t seq;
};

enum segment_kind { SEGMENT_NONE, SEGMENT_TCP, SEGMENT_FRAGMENT };

/*
 * Reads the headers of a packet of `length` bytes; `have` of them are at data. SEGMENT_NONE: it is
 * not TCP; SEGMENT_FRAGMENT: it is a part of a TCP segment.
 */
enum segment_kind segment_read(struct segment *s, const uint8_t *data, uint32_t have,
                               uint32_t length, bool ethernet);

/* Segments that become one packet, to be segmented again on its way. */
struct run {
	struct segment first; /* its data is the packet's own */
	uint32_t next;        /* sequence number that goes on */
	uint32_t segments;
	uint8_t flags; /* PSH and FIN of any */
	bool open;     /* a further one may follow */
};

/* A run begins with s, whose headers now stand at `data`. */
void run_start(struct run *r, const struct segment *s, const uint8_t *data);
/* s goes on where r ends, and differs in nothing that segmenting would not restore. */
bool run_takes(const struct run *r, const struct segment *s);
void run_add(struct run *r, const struct segment *s);
/* The headers at `data` and the facts, for a packet of `length` bytes. */
void run_finish(const struct run *r, uint8_t *data, uint32_t length, struct mx_packet *facts);

#endif
