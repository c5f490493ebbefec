/*
 * A split virtqueue (virtio 1.x 2.7), the driver's side.
 *
 * Interface: lay out, add descriptor chains, kick; look at used chains and take them back; arm
 * the interrupt. It knows descriptors and frame numbers, nothing of packets.
 * Rules: the device may write the used ring at any time, and a faulty one all three parts. So the
 * state that is trusted lies in struct queue: the device's indices and ids are read once,
 * checked against it, and counted in `bad` when they cannot be. A frame stays noted with its
 * descriptor until that is taken back, so no lie of the device loses one.
 */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/virtio_ring.h>
#include <moxie/driver.h>

struct queue_slot {
	uint32_t frame; /* in the descriptor of the same number, or MX_NOFRAME */
	uint16_t next;  /* descriptor: of the chain, or of the free list */
	uint16_t count; /* of the chain that starts here; 0 when none that the device has does */
};

struct queue {
	uint16_t size;      /* a power of two */
	uint16_t number;    /* of the device's queues */
	bool event_idx;     /* VIRTIO_F_EVENT_IDX was negotiated */
	uint16_t avail_idx; /* chains added; published by queue_kick */
	uint16_t kicked;    /* avail_idx at the last queue_kick */
	uint16_t used_idx;  /* used chains taken back */
	uint16_t chains;    /* that the device has */
	uint16_t free_n;    /* free descriptors */
	uint16_t free_head;
	struct vring_desc *desc; /* these three lie in DMA memory */
	struct vring_avail *avail;
	struct vring_used *used;
	uint64_t bus; /* of desc; the other two at the same distance as in memory */
	void *notify; /* doorbell */
	uint64_t kicks;
	uint64_t bad; /* used entries and indices that cannot be */
	struct queue_slot slots[MX_DRIVER_RING];
};

struct piece {
	uint64_t bus;
	uint32_t length;
	uint32_t frame; /* noted with the descriptor, or MX_NOFRAME */
};

uint64_t queue_bytes(uint32_t size); /* of DMA memory, a multiple of 64 */
void queue_init(struct queue *q, uint32_t size, void *memory, uint64_t bus);
uint64_t queue_avail_bus(const struct queue *q);
uint64_t queue_used_bus(const struct queue *q);

/* n <= q->free_n pieces as one chain; flags is 0 or VRING_DESC_F_WRITE. */
void queue_add(struct queue *q, const struct piece *pieces, uint32_t n, uint16_t flags);

/* Publish what was added; ring the doorbell if the device asked for it. */
void queue_kick(struct queue *q);

/* Used entries to look at, 0 when the device's index cannot be. */
uint32_t queue_used(struct queue *q);

/* The next used chain: its number, or -1 when the entry is a lie, which is skipped. */
int queue_peek(struct queue *q, uint32_t *length);

/* Take back the chain that queue_peek named: its frames, in order; returns how many. */
uint32_t queue_take(struct queue *q, int chain, uint32_t frames[MX_DRIVER_RING_MIN]);

/*
 * Give the chain that queue_peek named, one descriptor, back to the device with another frame in
 * it, for as many bytes and in the same direction; the frame that was in it.
 */
uint32_t queue_replace(struct queue *q, int chain, uint32_t frame, uint64_t bus);

/*
 * Ask for an interrupt after `ahead` more used chains beyond the next one. False when they
 * are there already: no interrupt may come, look again.
 */
bool queue_arm(struct queue *q, uint16_t ahead);
void queue_disarm(struct queue *q);

#endif
