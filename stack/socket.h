#ifndef STACK_SOCKET_H
#define STACK_SOCKET_H

#include <moxie/domain.h>

struct conn;

/* One message of an application by its slot, or one datagram; how many of the n that was. */
uint32_t socket_message(const struct mx_msg *m, uint32_t n);
/* c has something to tell its application; before it is freed it is taken out again. */
void socket_wait(struct conn *c);
void socket_unwait(struct conn *c);
void socket_wake(uint8_t app); /* one of its sockets has something to tell */
void socket_turn(void);        /* once after each event: tells what there is to tell */

extern uint64_t socket_bad; /* messages that make no sense */

#endif
