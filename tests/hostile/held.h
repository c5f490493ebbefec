/*
 * The frames a domain knows to be its own: what the executive does is judged by them.
 *
 * Each frame that is mapped carries a word of this domain's, which nobody else may change.
 */
#ifndef HOSTILE_HELD_H
#define HOSTILE_HELD_H

#include <moxie/domain.h>

#define HELD_FRAMES 0x10000u /* numbers below this can be told apart */

/* An invariant of the executive. Its break is told, and ends the run. */
#define MUST(x)                                                                                    \
	do {                                                                                       \
		if (!(x))                                                                          \
			must_fail(__FILE__, __LINE__, #x);                                         \
	} while (0)
_Noreturn void must_fail(const char *file, uint32_t line, const char *what);

void held_open(uint64_t cookie);
uint32_t held_n(void);
bool held_has(uint32_t frame);
uint32_t held_any(void); /* one of them, or MX_NOFRAME */
void held_add(uint32_t frame, bool mapped);
void held_drop(uint32_t frame);
void held_map(uint32_t frame, bool mapped);
void held_look(uint32_t frame); /* its word must be there */
void held_look_all(void);

#endif
