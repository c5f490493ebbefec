/* A NIC that reads and writes where it is told: see nic.h. */
#include <string.h>
#include <moxie/domain.h>
#include "drivers/net/virtio/device.h"
#include "tests/guest/nic.h"
#include "tests/guest/raw.h"

#define SIZE    4u    /* descriptors of the control queue */
#define SCRATCH 2048u /* offsets in DMA memory: behind the first ring, */
#define SECOND  4096u /* and the ring of the transmit queue */

static struct device device;
static struct queue control, numbers;

static uint8_t *memory(uint32_t offset)
{
	return (uint8_t *)mx_boot->dma.base + offset;
}

static uint64_t bus(uint32_t offset)
{
	return mx_boot->dma.bus + offset;
}

/* 2.7.8: the used ring begins with two words of 16 bits. */
static const char *set_numbers(uint64_t at)
{
	struct queue *q = &numbers;
	struct queue_place place;
	uint8_t *bell;
	const char *error = device_bell(&device, QUEUE_TRANSMIT, &bell);

	queue_init(q, NIC_NUMBERS, memory(SECOND), bus(SECOND));
	q->number = QUEUE_TRANSMIT;
	q->notify = bell;
	place = (struct queue_place){NIC_NUMBERS, q->bus, queue_avail_bus(q), at - 4};
	return error ? error : device_set_queue(&device, QUEUE_TRANSMIT, VECTOR_TRANSMIT, &place);
}

const char *nic_open(const uint8_t config[256], uint64_t numbers_at)
{
	const char *error = "too little DMA memory";

	device.many = true; /* with a control queue */
	if (mx_boot->dma.size >= NIC_DMA_PAGES * MX_PAGE)
		error = device_open(&device, config, mx_boot->bars);
	if (!error && numbers_at)
		error = set_numbers(numbers_at);
	if (error)
		return error;
	queue_init(&control, SIZE, memory(0), bus(0));
	error = device_start_queue(&device, &control, device_control_queue(&device), VECTOR_CONFIG);
	return error ? error : device_go(&device);
}

uint64_t nic_scratch(void)
{
	return bus(SCRATCH);
}

volatile uint8_t *nic_scratch_at(void)
{
	return memory(SCRATCH);
}

bool nic_move(uint64_t read_from, uint64_t write_to, uint64_t deadline)
{
	const struct piece pieces[2] = {{read_from, 2, MX_NOFRAME}, {write_to, 1, MX_NOFRAME}};
	uint32_t frames[MX_DRIVER_RING_MIN], length;
	uint16_t head = control.free_head;
	int chain;

	queue_add(&control, pieces, 2, 0);
	control.desc[control.desc[head].next].flags = VRING_DESC_F_WRITE;
	queue_kick(&control);
	while (queue_used(&control) == 0) {
		if (mx_now() > deadline)
			return false;
		raw_yield();
	}
	chain = queue_peek(&control, &length);
	if (chain >= 0)
		queue_take(&control, chain, frames);
	return chain >= 0;
}

/* A packet of a header and 88 bytes each; what is in them does not matter. */
void nic_number(uint16_t first)
{
	for (uint32_t i = first; i < NIC_NUMBERS; i++) {
		numbers.desc[i] = (struct vring_desc){.addr = nic_scratch(), .len = 100};
		numbers.avail->ring[numbers.avail_idx++] = (uint16_t)i;
	}
	queue_kick(&numbers);
}
