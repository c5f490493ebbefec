/*
 * What executives tell each other, and what they do about it. See enum remote_kind.
 *
 * Interface: remote_send (control entries; handled at once when the target is this core),
 * remote_try (likewise, for those that can be sent again later), remote_notify and remote_credit
 * (data path, cross-core), remote_drain (handle all that came).
 */
#ifndef EXECUTIVE_REMOTE_H
#define EXECUTIVE_REMOTE_H

#include "executive/domain.h"

extern bool remote_retry; /* something waits for room in a FIFO */

void remote_send(uint32_t core, const struct remote *r); /* it gets there: see post.h */
bool remote_try(uint32_t core, const struct remote *r);  /* false: no room, try again later */
void remote_notify(struct slot *s);
bool remote_credit(struct slot *s, uint32_t n);
void remote_drain(void);
void remote_handle(const struct remote *r); /* one entry, out of its turn */
/* Answer the spawn trap of `to`. */
void remote_reply(struct place to, struct remote *r, int32_t status);

/* stat.c: d, or the core when it is NULL, into an entry and out of it. */
void remote_pack(struct remote *r, const struct domain *d);
void remote_unpack(const struct remote *r, struct mx_stat *s);

#endif
