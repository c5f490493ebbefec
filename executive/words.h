/*
 * Last words of a domain on the serial line, by the executive of its parent's core.
 *
 * Rules: one line an end, told when all of the domain is reclaimed, whether a console lives or not.
 * The serial line is slow and nobody else runs on the core meanwhile: WORDS_BURST lines may come at
 * once, then one each WORDS_NS; the rest are counted, and the next line tells how many.
 */
#ifndef EXECUTIVE_WORDS_H
#define EXECUTIVE_WORDS_H

#include "executive/children.h"

#define WORDS_BURST 8u
#define WORDS_NS    500000000ull

void words_ended(const struct child *c);

#endif
