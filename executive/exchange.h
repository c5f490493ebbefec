/*
 * The exchange: frames and messages change domains. See struct mx_exchange for what it does.
 *
 * Interface: exchange (the trap), exchange_collect (when a domain comes back from its wait),
 * exchange_put (a message arrives), exchange_credit, exchange_notified, and what end and bind need.
 */
#ifndef EXECUTIVE_EXCHANGE_H
#define EXECUTIVE_EXCHANGE_H

#include "executive/domain.h"

int64_t exchange(struct domain *d, uint64_t now);
int64_t exchange_notify(struct domain *d, uint64_t slots);
void exchange_collect(struct domain *d);
bool exchange_has_report(const struct domain *d);
void exchange_wake(struct domain *d); /* it has something to collect */

/* A message for slot s of d, whose frame is held nowhere now. */
void exchange_put(struct domain *d, uint32_t s, const struct mx_msg *m);
/* The same, but the caller wakes d when its batch is complete. */
void exchange_deliver(struct domain *d, uint32_t s, const struct mx_msg *m);
void exchange_credit(struct domain *d, uint32_t s, uint32_t n); /* s may send n more */
void exchange_release(struct domain *d, uint32_t s); /* what was withheld, if it may be had */
void exchange_settle(struct domain *d); /* peers get the credit it owes, if its quota has room */
void exchange_notified(struct domain *d, uint32_t s);
void exchange_frames_came(void);                   /* the pool was empty and is not any more */
void exchange_purge(struct domain *d, uint32_t s); /* what s still has in the inbox goes home */
void exchange_show_credit(struct domain *d, uint32_t s);
bool exchange_retry(void); /* notifications and credit that found a FIFO full */

#endif
