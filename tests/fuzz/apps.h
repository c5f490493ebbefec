/*
 * The stack as an application sees it, under a fuzzer: connections that behave, and messages that
 * do not.
 *
 * The first kinds of a fuzzer's events are these; the fuzzer adds its own behind APP_EVENTS.
 */
#ifndef FUZZ_APPS_H
#define FUZZ_APPS_H

#include <moxie/domain.h>
#include "tests/fuzz/events.h"

#define APP_CONNS 8u /* connections with these numbers are followed */

enum app_event {
	APP_ACCEPT,   /* connection, listener */
	APP_DATA,     /* connection, bytes of a frame / 16, the bytes */
	APP_SENT,     /* connection: all that it sent is acknowledged */
	APP_FIN,      /* connection */
	APP_CLOSED,   /* connection, why */
	APP_MESSAGE,  /* kind, connection (16 bits), offset, length, value, frozen frame or none,
	                 body */
	APP_DATAGRAM, /* first number of the body, port, bytes of a frame / 16, the bytes */
	APP_EVENTS
};

struct app_conn {
	uint32_t binding;  /* of the channel, when it was accepted; 0: it is not open */
	bool used;         /* accepted, and the application has not said its last word */
	bool strange;      /* accepted while it was in use: what it sends may be of the former */
	uint64_t sent;     /* bytes, since it was accepted */
	uint32_t unsaid;   /* of these not acknowledged */
	uint32_t messages; /* with data */
};
extern struct app_conn app_conns[APP_CONNS];

void app_reset(void);
/* False: it is none of these. */
bool app_event(uint32_t what, struct event *e);
/* Accepted and not closed, aborted or gone with the stack. */
bool app_open(uint32_t conn);
/* What the application has sent; its shape and send credit are checked. */
void app_sent(const struct mx_msg *chain, uint32_t n);

#endif
