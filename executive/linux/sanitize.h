/*
 * Sanitized builds (SANITIZE in the Makefile): the runtime is told whose stack is in use, who may
 * touch which frame, and when images come and go. In all others this is nothing.
 *
 * Rules: one domain is the next, from its sanitize_next on; between sanitize_enter and
 * sanitize_leave the runtime takes what runs for that domain, else for the core's executive.
 */
#ifndef LINUX_SANITIZE_H
#define LINUX_SANITIZE_H

#include "executive/space.h"

#if SANITIZED
void sanitize_start(void);                        /* a core begins */
void sanitize_fresh(uint32_t domain, void *base); /* a new space, where another may have been */
void sanitize_next(const struct space *s);
void sanitize_enter(void);
void sanitize_leave(void);
bool sanitize_works(uint64_t rip); /* the runtime or libc runs, which nobody may end */
#else
static inline void sanitize_start(void)
{
}
static inline void sanitize_fresh(uint32_t domain, void *base)
{
	(void)domain, (void)base;
}
static inline void sanitize_next(const struct space *s)
{
	(void)s;
}
static inline void sanitize_enter(void)
{
}
static inline void sanitize_leave(void)
{
}
static inline bool sanitize_works(uint64_t rip)
{
	(void)rip;
	return false;
}
#endif

#endif
