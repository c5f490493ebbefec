/*
 * Exchanges by hand, one after the other, for the suite and its probes.
 *
 * Unlike domains, a test waits in the middle of its code and looks at every field of the block,
 * so the loop of the library is left: domain_start does not return.
 */
#ifndef GUEST_RAW_H
#define GUEST_RAW_H

#include "tests/guest/guest.h"

extern uint64_t raw_pending; /* slots notified so far; whoever handles one clears it */

/* The trap, with everything the block says now; requests are cleared behind it. */
int64_t raw_exchange(uint32_t in_max, uint64_t deadline);
/* The next message. False: none before the deadline, or a plain slot became pending. */
bool raw_recv(struct mx_msg *m, uint64_t deadline);
void raw_collect(void); /* what is there now: raw_recv gives it later */
/* Wait until a plain slot is pending; data messages stay queued. False at the deadline. */
bool raw_wait(uint32_t slot, uint64_t deadline);
void raw_yield(void);

/* n frames from the pool; returns how many came before the deadline. */
uint32_t raw_take(uint32_t *frames, uint32_t n, uint64_t deadline);
void raw_free(uint32_t frame);

/* An entry at the end of out; raw_submit hands all over without collecting. */
struct mx_msg *raw_out(uint32_t slot, uint32_t frame, uint32_t flags);
int raw_submit(void); /* status of the first refused entry, or MX_OK */

#endif
