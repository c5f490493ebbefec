/*
 * What the suite and the domain with the NIC agree on: where it is to reach.
 */
#ifndef GUEST_DMA_H
#define GUEST_DMA_H

#include <stdint.h>

enum dma_target {
	DMA_OWN,     /* its own DMA memory */
	DMA_FRAME,   /* a frame it holds */
	DMA_GIVEN,   /* a frame it has given to the suite */
	DMA_FROZEN,  /* the bundle */
	DMA_POOL,    /* the first frame of another core's pool */
	DMA_BEHIND,  /* just behind its own DMA memory */
	DMA_BESIDE,  /* where the next domain of its core would have its own */
	DMA_BEFORE,  /* and the one before */
	DMA_CORE,    /* where a domain of another core would */
	DMA_ADDRESS, /* an address */
	DMA_NUMBERS, /* numbers 32 to 255 from an address on */
	DMA_LIMITED, /* it only tells whether an IOMMU limits the device */
};

struct dma_args {
	uint32_t target;
	uint32_t write;
	uint64_t address;
	uint32_t waits; /* when it is done it waits for its end: a fault is told somewhat later */
	uint32_t reserved;
	uint8_t config[256]; /* of the NIC */
};

#define DMA_SLOT_IRQ  8u    /* of the transmit queue */
#define DMA_MARK      0xa5u /* what stands there before; the device writes 0 or 1 */
#define DMA_UNLIMITED 77u   /* exit status: no IOMMU limits the device */

#endif
