#ifndef STACK_RECEIVE_H
#define STACK_RECEIVE_H

#include "connection.h"

/* lwIP's callback: data in order, or NULL for the peer's FIN. */
err_t receive(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err);
void receive_credit(struct conn *c, uint32_t bytes); /* the application is done with them */
void receive_done(struct tcp_pcb *pcb, uint32_t bytes);
void receive_drop(struct conn *c); /* nobody will read it */

#endif
