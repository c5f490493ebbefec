/*
 * The memory of a domain in the making: one run of pages, in areas, cleared and mapped step by
 * step.
 *
 * Interface: furnish_plan (reserves all of it, or nothing), furnish_step.
 * Rules: a step clears, copies or maps STEP_PAGES pages or fills STEP_ENTRIES entries of a page
 * table at most, so that a core is never away from its domains for long. Tables are sized by the
 * plan: once that was granted no step can fail.
 */
#ifndef EXECUTIVE_FURNISH_H
#define EXECUTIVE_FURNISH_H

#include "executive/domain.h"

#define STEP_PAGES   8u
#define STEP_ENTRIES 256u
#define STEP_IMAGE   2u /* QEMU forgets the code it translated from a page written to: 30 us each */

/* Pages of a domain's own record. */
#define RECORD_PAGES (((uint32_t)sizeof(struct domain) + MX_PAGE - 1) / MX_PAGE)

/* A record for q, cleared but for the plan, in front of the memory planned; NULL: no room. */
struct domain *furnish_plan(const struct mx_spawn *q, uint32_t index);
bool furnish_step(struct domain *d); /* true: there is more to do */

#endif
