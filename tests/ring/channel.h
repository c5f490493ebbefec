/* The two ends of the channels' races: channel.c is compiled for each, channels.c has the table. */
#ifndef RING_CHANNEL_H
#define RING_CHANNEL_H

#include <moxie/abi.h>
#include "tests/ring/ring.h"

enum { CHANNEL_SLOT = 3 };

void near_open(const struct mx_boot *boot);
void far_open(const struct mx_boot *boot);

#define CHANNEL_PARTS(name)                                                                        \
	void name##_put(uint64_t first, uint64_t n);                                               \
	void name##_get(uint64_t first, uint64_t n);                                               \
	void name##_call(uint64_t first, uint64_t n);                                              \
	void name##_answer(uint64_t first, uint64_t n)
CHANNEL_PARTS(near8);
CHANNEL_PARTS(near16);
CHANNEL_PARTS(near32);
CHANNEL_PARTS(near64);
CHANNEL_PARTS(far8);
CHANNEL_PARTS(far16);
CHANNEL_PARTS(far32);
CHANNEL_PARTS(far64);

#endif
