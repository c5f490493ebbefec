#ifndef IPERF3_STREAM_H
#define IPERF3_STREAM_H

#include "link.h"
#include "protocol.h"

struct stream {
	struct link *link;       /* TCP; NULL once it is closed */
	struct mx_datagram peer; /* UDP: the other end */
	bool sender;             /* we send */
	bool joined;             /* its cookie, or its greeting, has come */
	bool timed;              /* UDP: transit is known */
	uint8_t have;            /* bytes of the cookie */
	uint8_t cookie[COOKIE];
	uint64_t sent;       /* bytes since the start: what the rate is about */
	uint64_t bytes;      /* sent or received, since counting began */
	uint64_t packets;    /* UDP: the highest number; of those sent, how many */
	uint64_t lost;       /* UDP */
	uint64_t disordered; /* UDP */
	uint64_t omitted_packets, omitted_lost;
	int64_t transit, jitter; /* UDP, ns; RFC 1889 6.3.1 */
};

extern struct streams {
	struct stream at[2 * PARALLEL];
	uint32_t n, wanted;
	uint32_t receivers; /* those that come first; the client sends by them */
} streams;

/* So many are to come, and how many of them receive. */
void streams_expect(uint32_t n, uint32_t receivers);
bool streams_complete(void);
/* The next place; NULL: all are taken. */
struct stream *stream_add(void);
void stream_accept(uint32_t number); /* a TCP connection while streams are created */
void stream_data(struct stream *s, const struct mx_msg *m);
/* Its connection has ended. Early: before all streams were there, another one takes its place. */
void stream_lost(struct stream *s, bool early);
void streams_omit(void);         /* what was counted so far does not count */
void streams_turn(uint64_t now); /* sends what may be sent; credit */
void streams_end(void);          /* the client has said so */
void streams_abort(void);
void streams_forget(void);

/* Bytes that s may send now; 0, and waking for the time when it may. */
uint64_t stream_allowance(const struct stream *s, uint64_t now);
void stream_did_send(struct stream *s, uint32_t bytes);

#endif
