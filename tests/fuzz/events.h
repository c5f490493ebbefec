/*
 * An input as a sequence of events, and mutations that know it.
 *
 * An event is a byte that says what, two that say how many bytes follow (low first), and those.
 * What cannot be read is taken as the last event, cut. The mutator (events.c) changes the bytes of
 * one event, or repeats, drops, exchanges and invents whole ones, so that the rest keeps its
 * meaning.
 */
#ifndef FUZZ_EVENTS_H
#define FUZZ_EVENTS_H

#include "tests/fuzz/fuzz.h"

struct event {
	uint8_t what;
	uint16_t n;
	const uint8_t *data;
};
struct events {
	const uint8_t *at;
	size_t left;
};

/* False after the last. */
bool events_next(struct events *list, struct event *e);

/* Takes n bytes of e as a number, low first; what is not there is 0. */
uint64_t event_take(struct event *e, uint32_t n);

#endif
