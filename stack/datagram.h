#ifndef STACK_DATAGRAM_H
#define STACK_DATAGRAM_H

#include <moxie/domain.h>

/* What the application says. */
void datagram_bind(uint8_t app, const struct mx_msg *m);
void datagram_unbind(uint8_t app, const struct mx_msg *m);
/* One datagram, a chain of n messages. Their frames are taken. */
void datagram_send(uint8_t app, const struct mx_msg *chain, uint32_t n);
bool datagram_tell(uint8_t app);   /* answers what is open; false: the channel is full */
void datagram_forget(uint8_t app); /* the application has ended */
void datagram_turn(void);          /* once after each event: what waits for room on the way out */

extern uint64_t datagram_received, datagram_dropped; /* dropped: the application had no room */
extern uint64_t datagram_sent;
extern uint64_t datagram_bad; /* of applications: no such socket, beyond the credit, no way there */

#endif
