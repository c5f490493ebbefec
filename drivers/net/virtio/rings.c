/*
 * The rings of one queue pair; see rings.h.
 */
#include "rings.h"

/* The largest power of two within the wish, the device and the program; 0 when too small. */
static uint32_t ring_size(uint32_t wish, uint32_t most)
{
	uint32_t size = MX_DRIVER_RING;

	most = wish < most ? wish : most;
	while (size > most)
		size /= 2;
	return size >= MX_DRIVER_RING_MIN ? size : 0;
}

static uint64_t dma_bytes(uint32_t rx_size, uint32_t tx_size)
{
	return queue_bytes(rx_size) + queue_bytes(tx_size);
}

const char *rings_lay_out(const struct mx_driver_args *args, const struct mx_region *dma,
                          uint32_t rx_most, uint32_t tx_most)
{
	uint32_t r = ring_size(args->rx_size, rx_most);
	uint32_t t = ring_size(args->tx_size, tx_most);
	uint8_t *at = dma->base;

	if (r == 0 || t == 0)
		return "a queue of the device is too small";
	for (; dma_bytes(r, t) > dma->size; r /= 2, t /= 2)
		if (r == MX_DRIVER_RING_MIN || t == MX_DRIVER_RING_MIN)
			return "too little DMA memory for the rings";
	queue_init(&rx.q, r, at, dma->bus);
	queue_init(&tx.q, t, at + queue_bytes(r), dma->bus + queue_bytes(r));
	return NULL;
}
