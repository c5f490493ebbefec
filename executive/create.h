/*
 * Domains come to be on the core they are to live on, step by step while others run.
 *
 * create_handle answers REMOTE_CREATE: everything the domain will ever need is reserved, or
 * nothing; create_step goes on until it can be answered. The rings of plain slots lie one behind
 * the other: the parent's executive is told where.
 */
#ifndef EXECUTIVE_CREATE_H
#define EXECUTIVE_CREATE_H

#include "executive/domain.h"

void create_handle(const struct remote *r);
/* parent.domain == 0: nobody. `q` stays until the domain is CREATED. */
int create(const struct mx_spawn *q, struct place parent, uint32_t handle, struct domain **made);
bool create_step(struct domain *d); /* true: there is more to do */
void domain_start(struct domain *d);

#endif
