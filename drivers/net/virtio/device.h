/*
 * The device as a whole: status, features, queues, link (virtio 1.x 3.1, 4.1.5, 5.1).
 *
 * Interface, in the order of initialization: device_open (reset to FEATURES_OK), device_queue_max,
 * device_start_queue for each queue, device_go. Functions that can fail return NULL or the
 * reason, and device_fail tells the device so.
 */
#ifndef NET_DEVICE_H
#define NET_DEVICE_H

#include <stdbool.h>
#include "drivers/net/port.h"
#include "pci.h"
#include "queue.h"

enum { QUEUE_RECEIVE = 0, QUEUE_TRANSMIT = 1 }; /* 5.1.2 */

struct device {
	struct pci_parts parts;
	bool many;           /* several queue pairs are wished */
	uint64_t features;   /* negotiated */
	struct mx_link link; /* all but the port */
};

const char *device_open(struct device *d, const uint8_t config[256],
                        const struct mx_region bars[MX_BARS]);
static inline bool device_has(const struct device *d, uint32_t feature)
{
	return d->features >> feature & 1;
}
uint32_t device_queue_max(struct device *d, uint16_t number); /* 0: no such queue */
uint32_t device_pairs(struct device *d);                      /* queue pairs it can have */
uint16_t device_control_queue(struct device *d);              /* with VIRTIO_NET_F_MQ */

/* A queue whose rings lie elsewhere: where to ring for it, and how the device learns of it. */
struct queue_place {
	uint16_t size;
	uint64_t desc, avail, used; /* bus addresses */
};
const char *device_bell(struct device *d, uint16_t number, uint8_t **bell);
const char *device_set_queue(struct device *d, uint16_t number, uint16_t vector,
                             const struct queue_place *place);
const char *device_start_queue(struct device *d, struct queue *q, uint16_t number, uint16_t vector);
const char *device_go(struct device *d);
void device_fail(struct device *d);

/* Read the link's state again: true when d->link has changed. */
bool device_poll_link(struct device *d);
bool device_broken(struct device *d); /* it asks for a reset: 2.1.2 */

#endif
