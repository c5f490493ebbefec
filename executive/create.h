/*
 * Domains come to be on the core they are to live on, and their slots are bound.
 *
 * create_handle answers REMOTE_CREATE: everything the domain will ever need is allocated, or
 * nothing. bind_connect, bind_open and bind_gone answer REMOTE_CONNECT, REMOTE_OPEN and
 * REMOTE_GONE. bind_adopt gives a parent's own slot the shape of a child's.
 */
#ifndef EXECUTIVE_CREATE_H
#define EXECUTIVE_CREATE_H

#include "executive/domain.h"

void create_handle(const struct remote *r);
/* parent.domain == 0: nobody. The rings of plain slots lie one behind the other from *rings on. */
int create(const struct mx_spawn *q, struct place parent, uint32_t handle, struct domain **made,
           uint64_t *rings);
void domain_start(struct domain *d);

uint32_t ring_pages(const struct mx_slot_spec *s); /* 0 unless it is a plain slot */
void bind_connect(const struct remote *r);
void bind_open(const struct remote *r);
void bind_heard(struct domain *d, uint32_t s);
void bind_gone(const struct remote *r);
int bind_adopt(struct domain *d, uint32_t s, const struct mx_slot_spec *spec, uint64_t ring);
void bind_end(struct domain *d, uint32_t s); /* forget the peer of s */

#endif
