/*
 * What init tells a NIC driver at spawn: the arguments of its boot page, and what it needs.
 *
 * The ring sizes are wishes, powers of two. The device and the DMA memory bound them further.
 */
#ifndef MOXIE_DRIVER_H
#define MOXIE_DRIVER_H

#include <stdint.h>
#include <moxie/abi.h>

struct mx_driver_args {
	uint32_t port;
	uint32_t pair;       /* 0: it owns the device; else it follows the one that does */
	uint32_t pairs;      /* of the port, by the configuration */
	struct mx_share bar; /* follower: the pages with the doorbells */
	uint32_t rx_size;    /* receive buffers, one frame and one descriptor each */
	uint32_t tx_size;    /* transmit descriptors, one a frame */
	uint8_t config[256]; /* owner, or port of the host: mx_device.config */
};
_Static_assert(sizeof(struct mx_driver_args) <= MX_ARGS, "fits the boot page");

#define MX_DRIVER_RING     1024u /* the largest ring */
#define MX_DRIVER_RING_MIN 32u   /* the smallest: one chain and its header must fit */

/* Frames kept at hand to refill the receive ring with. */
#define MX_DRIVER_RESERVE(rx) ((rx) / 4 < 64u ? (rx) / 4 : 64u)

/*
 * DMA memory: a ring of n descriptors is 16 n bytes of descriptors, 2 n + 6 of available and
 * 8 n + 6 of used ring behind 60 that keep its elements within lines, each part rounded up to 64.
 */
#define MX_DRIVER_RING_BYTES(n) ((n)*26u + 204u)
#define MX_DRIVER_DMA_PAGES(rx, tx)                                                                \
	((MX_DRIVER_RING_BYTES(rx) + MX_DRIVER_RING_BYTES(tx) + MX_PAGE - 1) / MX_PAGE)

#define MX_DRIVER_PARKED 512u /* frames that can wait for the transmit ring; a power of two */

/*
 * Frames it holds at most: posted, in the transmit ring, reserved. Its quota is these and the depth
 * of its owning slot, so that frames which wait for the ring use up its peer's credit.
 */
#define MX_DRIVER_FRAMES(rx, tx) ((rx) + (tx) + MX_DRIVER_RESERVE(rx))

#endif
