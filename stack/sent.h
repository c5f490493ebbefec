#ifndef STACK_SENT_H
#define STACK_SENT_H

#include "connection.h"

/* lwIP's callback: so many bytes are acknowledged. */
err_t sent(void *arg, struct tcp_pcb *pcb, u16_t bytes);
void sent_release(struct conn *c); /* frees the frames that TCP is done with */

#endif
