#ifndef STACK_CONNECTION_H
#define STACK_CONNECTION_H

#include <moxie/domain.h>
#include <moxie/socket.h>
#include "lwip/tcp.h"
#include "piece.h"

/* conn.flags */
#define CONN_USED        1u
#define CONN_DIRTY       2u  /* in the list of those with work towards TCP */
#define CONN_WAITING     4u  /* in its application's list of those with something to tell */
#define CONN_APP_DONE    8u  /* the application has said CLOSE or ABORT */
#define CONN_SHUT        16u /* FIN is handed to TCP */
#define CONN_TELL_ACCEPT 32u
#define CONN_TELL_FIN    64u
#define CONN_TELL_CLOSED 128u
#define CONN_TOLD_CLOSED 256u

struct conn {
	struct tcp_pcb *pcb;       /* NULL once TCP is done with it, or we with TCP */
	struct pbuf *in, *in_last; /* received, not yet handed over; linked one by one */
	struct pieces out;         /* from the application, not yet written to TCP */
	struct pieces kept;        /* written by reference; until acknowledged */
	struct conn *next_dirty, *next_waiting;
	uint32_t in_n, in_bytes; /* pbufs and bytes in `in` */
	uint32_t unread;         /* bytes handed to the application, no credit back yet */
	uint32_t queued;   /* bytes from the application, SENT not yet told: the send credit */
	uint32_t inflight; /* bytes written to TCP, not acknowledged */
	uint32_t acked;    /* bytes acknowledged, SENT not yet told */
	uint16_t flags;
	uint8_t app;
	uint8_t listener;
	uint8_t reason;      /* enum mx_closed */
	uint8_t stalled;     /* seconds without progress after CLOSE */
	bool fed;            /* TCP was given data before */
	bool ack_due;        /* for what was received in this turn */
	uint32_t next_spare; /* in the list of free numbers */
};

void conn_start(void);
/* A new connection for a listener; NULL when the table is full. */
struct conn *conn_open(struct tcp_pcb *pcb, uint8_t app, uint8_t listener);
struct conn *conn_find(uint32_t number, uint8_t app);
uint32_t conn_number(const struct conn *c);

/* What the application says. */
void conn_data(struct conn *c, const struct mx_msg *m);
void conn_close(struct conn *c);
void conn_abort(struct conn *c);
void conn_forget(uint8_t app); /* the application has ended: all its connections go */

/* For the other parts of a connection: receive.c, sent.c, tell.c. */
void conn_mark(struct conn *c);                /* it has work towards TCP */
void conn_note(struct conn *c, uint16_t what); /* a CONN_TELL_ is to be told */
void conn_settle(struct conn *c);              /* TCP may be able to finish alone */
void conn_put(struct conn *c);                 /* its number is free again */

void conn_heard(struct tcp_pcb *pcb);     /* a segment came: the window may have moved */
void conn_challenge(struct tcp_pcb *pcb); /* say what we expect (RFC 5961), after this turn */
void conn_turn(void);                     /* once after each event: write, send */

extern uint64_t conn_used;
extern uint64_t conn_opened;
extern uint64_t conn_overrun; /* applications that exceeded their send credit */
extern uint64_t conn_nomemory;

#endif
