/*
 * Who is to run next on this core.
 *
 * Interface: domain_ready, domain_poll, domain_unready (domain.h) put domains in and take them out;
 * queue_take takes the one that is to run.
 * Rules: in order of arrival. One that polls lets pass whoever does not, but not for ever.
 */
#ifndef EXECUTIVE_QUEUE_H
#define EXECUTIVE_QUEUE_H

#include "executive/domain.h"

struct domain *queue_take(uint64_t now); /* NULL: nobody is ready */
bool queue_empty(void);

#endif
