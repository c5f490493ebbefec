#ifndef IPERF3_LINK_H
#define IPERF3_LINK_H

#include <moxie/domain.h>
#include <moxie/socket.h>

enum link_owner { LINK_NOBODY, LINK_CONTROL, LINK_STREAM };

/* One TCP connection, by its number. */
struct link {
	uint8_t owner; /* enum link_owner */
	uint8_t due;   /* the last word: MX_SK_CLOSE, MX_SK_ABORT or MX_SK_DATA to deny; 0: none */
	bool open;     /* known to the stack */
	bool gone;     /* the stack has said its last word */
	uint16_t stream;  /* of LINK_STREAM */
	uint32_t owed;    /* bytes received, not yet returned as credit */
	uint32_t unacked; /* bytes handed over, not yet reported by MX_SK_SENT */
};

struct link *link_at(uint32_t n); /* NULL: none that the stack has told of */
uint32_t link_number(const struct link *l);
/* A new connection of that number; NULL: there is no such number. */
struct link *link_open(uint32_t n, enum link_owner owner, uint32_t stream);

/* The three ends; from then on nobody owns it. */
void link_deny(struct link *l); /* tells the client that we are busy */
void link_close(struct link *l);
void link_abort(struct link *l);
void link_closed(struct link *l); /* the stack said so */

/* Bytes in one frame, which are the stack's then; false: no room, the frame is still ours. */
bool link_send(struct link *l, uint32_t frame, uint32_t offset, uint32_t length);
void link_credit(struct link *l); /* gives credit back when it is worth a message */
void link_sent(struct link *l, uint32_t bytes);

void link_turn(void);  /* last words that are still to be said */
void link_reset(void); /* another stack: none is left */

/* A frame that can be written, or MX_NOFRAME; one that came in, to be read. */
uint32_t link_frame(void);
void *link_look(uint32_t frame);

#endif
