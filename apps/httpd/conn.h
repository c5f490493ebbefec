/*
 * Connections: the state of each, and what drives it.
 *
 * Interface: one function per message of the stack, conn_pump for the work that waits for room,
 * conn_reset when the stack was replaced. The number of a connection is its index.
 * Rules: a connection answers one request at a time, in order. Frames it holds: input not
 * yet read (HELD_MAX) and output not yet taken (one).
 */
#ifndef HTTPD_CONN_H
#define HTTPD_CONN_H

#include <moxie/socket.h>
#include "age.h"
#include "request.h"
#include "site.h"
#include "timer.h"

#define HELD_MAX    4u     /* frames of input a connection may send ahead */
#define COPY_MAX    2048u  /* content up to this is copied behind its head into one frame */
#define BURST       61440u /* content a connection sends before the others have their turn */
#define CREDIT_STEP 4096u  /* received bytes that are worth a message */

/* Seconds. */
#define IDLE_TIME   15u /* between two requests */
#define HEADER_TIME 10u /* from the first byte of a request to the end of its headers */
#define BODY_TIME   10u /* between two pieces of content */
#define BODY_MOST   60u /* for all of it */
#define SEND_TIME   30u /* between two acknowledgements, while the client owes one */
#define LINGER_TIME 30u /* likewise, when all is sent and closed */

#define SEND_LEAST 500u  /* bytes a second on average, after the first SEND_TIME of an answer */
#define OPEN_MOST  2000u /* the stack has 2304 for everybody, half-open ones too */

struct piece {
	uint32_t frame;
	uint16_t offset, length;
};

enum phase {
	PHASE_READ,   /* a request, or nothing, is coming in */
	PHASE_ANSWER, /* a request is complete, its answer is not yet written */
	PHASE_LAST,   /* the last answer is written; what comes in does not matter */
};

struct conn {
	http_parser parser;
	struct request *request;    /* the one being read or answered */
	const struct site_rep *rep; /* content on its way: bytes [from, to) remain */
	uint32_t from, to;
	uint32_t unacked;   /* bytes handed over and not reported by MX_SK_SENT */
	uint32_t owed;      /* bytes read and not yet returned as credit */
	uint32_t out_frame; /* output being collected, MX_NOFRAME: none */
	uint16_t out_length;
	uint16_t next; /* in the queue of those that wait for room */
	uint8_t phase; /* enum phase */
	uint8_t held_n;
	uint8_t wait; /* which time-out runs */
	bool queued;
	bool open;         /* known to the stack */
	bool fin;          /* the client has sent all */
	bool abort;        /* MX_SK_ABORT is to be said */
	bool said;         /* MX_SK_CLOSE or MX_SK_ABORT was said */
	bool gone;         /* MX_SK_CLOSED was heard */
	uint32_t began;    /* second at which the present wait began */
	uint32_t progress; /* bytes acknowledged since */
	struct age age;
	struct timer timer;
	struct piece held[HELD_MAX];
};

bool conn_init(void);          /* false: no memory */
void conn_begin(uint64_t now); /* a batch of messages follows */
void conn_accept(uint32_t n);
void conn_data(const struct mx_msg *m);
void conn_sent(uint32_t n, uint32_t bytes);
void conn_fin(uint32_t n);
void conn_closed(uint32_t n);
void conn_pump(void); /* the batch is over: waiting work, time-outs, and when to come back */
void conn_reset(void);

#endif
