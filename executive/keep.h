/*
 * What a domain leaves: a copy of some pages of its image, made at its end, for its heir.
 *
 * Interface: keep_make at create (fresh pages, or those of the predecessor), keep_unmake when the
 * create fails, keep_step and keep_leave while the domain is reaped, keep_forget when the parent
 * lets go (REMOTE_FORGET).
 * Rules: the pages are a run of this core, known by the parent and its handle for the last domain
 * that had them; that domain maps them read-only. Nothing is copied while a domain lives, so
 * keeping costs it nothing. They stay until an heir has them or the parent lets go; a parent that
 * has ended lets go of all (children.c).
 */
#ifndef EXECUTIVE_KEEP_H
#define EXECUTIVE_KEEP_H

#include "executive/domain.h"

int keep_make(struct domain *d, const struct mx_keep *q); /* MX_OK, or why it cannot be */
struct mx_kept keep_seen(const struct domain *d);         /* for its boot page */
void keep_unmake(struct domain *d);
bool keep_step(struct domain *d);  /* copies some pages; true: all are copied */
void keep_leave(struct domain *d); /* an heir may have them now */
void keep_forget(const struct remote *r);
struct mx_keep keep_asked(const struct domain *d); /* what d's request said */
/* Of children whose parent has a successor: theirs who still live is known by that one. */
void keep_orphans(struct place parent, struct place next);
void keep_lost(uint32_t core); /* of parents that lived there: nobody names an heir any more */

/* For a move: the record goes with its domain, the memory stays. */
bool keep_promise(uint32_t index); /* a record for who comes with that index; false: none is left */
void keep_break(uint32_t index);   /* it does not come */
void keep_pack(struct domain *d);
void keep_unpack(struct domain *d);
void keep_returned(const struct remote *r); /* nobody needs the memory any more */

#endif
