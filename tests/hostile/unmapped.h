/*
 * Where a domain has no memory: beside what it has, where others have theirs, anywhere.
 */
#ifndef HOSTILE_UNMAPPED_H
#define HOSTILE_UNMAPPED_H

#include <moxie/domain.h>

uint64_t unmapped(bool window); /* window: it sees the frozen frames */
/* What others have at an address is not there for it; a process's domains share one space. */
bool has_own_space(void);

#endif
