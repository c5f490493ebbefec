/*
 * The device's side of a split virtqueue, for tests of the driver's: it works on the same memory,
 * by the same rules, and can lie.
 */
#ifndef TESTS_VIRTIO_SIDE_H
#define TESTS_VIRTIO_SIDE_H

#include "drivers/net/virtio/queue.h"

struct side {
	struct queue *q;    /* only where its rings are */
	uint16_t avail_idx; /* chains taken */
	uint16_t used_idx;
	uint16_t signalled; /* used_idx at the last decision to interrupt */
};

/* Lay out a queue of `size` in fresh memory, with a doorbell that counts by its value. */
void side_init(struct side *s, struct queue *q, uint32_t size, bool event_idx);
/* The next available chain, or -1. */
int side_take(struct side *s);
void side_use(struct side *s, uint32_t id, uint32_t length);
/* Would the device interrupt now? */
bool side_interrupts(struct side *s);
/* Ask to be kicked for the next available chain. */
void side_sleep(struct side *s);
/* The doorbell was rung since the last call. */
bool side_was_kicked(struct side *s);

#endif
