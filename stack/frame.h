#ifndef STACK_FRAME_H
#define STACK_FRAME_H

#include <moxie/domain.h>
#include "lwip/pbuf.h"

#define FRAME_PBUFS 4096u

void frame_start(void);
/* The packet of a received chain as pbufs that own its frames; NULL: dropped, frames freed. */
struct pbuf *frame_wrap(const struct mx_msg *chain, uint32_t n);
/*
 * The first pbuf's data as entry of a message: its own frame, or a copy when that is shared.
 * false: no frame to be had. After the message is sent, frame_given; if it is not, frame_keep.
 */
bool frame_offer(struct pbuf *p, struct mx_msg *m);
void frame_given(struct pbuf *p);
void frame_keep(struct pbuf *p, const struct mx_msg *m);

extern uint64_t frame_used;  /* pbufs that hold a frame */
extern uint64_t frame_short; /* packets dropped because none was left */

#endif
