/*
 * The control queue; see command.h.
 */
#include <stddef.h>
#include <linux/virtio_net.h>
#include "command.h"
#include "registers.h"

#define SIZE 4u /* descriptors; a command takes two */

/* In DMA memory, behind the ring. */
static struct command {
	struct virtio_net_ctrl_hdr header;
	struct virtio_net_ctrl_mq pairs;
	uint8_t ack; /* written by the device */
} * command;
_Static_assert(offsetof(struct command, ack) == 4, "what the device reads has no holes");

static struct queue queue;
static uint64_t command_bus;

const char *command_start(struct device *d, void *memory, uint64_t bus)
{
	uint16_t number = device_control_queue(d);

	if (device_queue_max(d, number) < SIZE)
		return "the device's control queue is too small";
	queue_init(&queue, SIZE, memory, bus);
	command = (void *)((uint8_t *)memory + queue_bytes(SIZE));
	command_bus = bus + queue_bytes(SIZE);
	return device_start_queue(d, &queue, number, VECTOR_CONFIG);
}

void command_pairs(uint16_t pairs)
{
	struct piece answer = {command_bus + 4, 1, MX_NOFRAME};
	struct piece pieces[2] = {{command_bus, 4, MX_NOFRAME}, answer};
	uint16_t head = queue.free_head;

	*command = (struct command){.header = {VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET},
	                            .pairs = {pairs},
	                            .ack = VIRTIO_NET_ERR};
	queue_add(&queue, pieces, 2, 0);
	/* The device writes the last one. */
	queue.desc[queue.desc[head].next].flags = VRING_DESC_F_WRITE;
	queue_arm(&queue, 0);
	queue_kick(&queue);
}

enum command_result command_poll(void)
{
	uint32_t frames[MX_DRIVER_RING_MIN], length;
	int chain;

	if (queue_used(&queue) == 0)
		return COMMAND_WAITS;
	chain = queue_peek(&queue, &length);
	if (chain < 0)
		return COMMAND_REFUSED;
	queue_take(&queue, chain, frames);
	return read8(&command->ack) == VIRTIO_NET_OK ? COMMAND_DONE : COMMAND_REFUSED;
}
