/*
 * What the driver domains of one device say to each other: one has the device, the others a queue
 * pair each.
 *
 * Interface: the plain channel between the lead (pair 0), which owns the device, and a follower.
 *   lead -> follower  OFFER  what the pair's queues can be, or that there is none for it
 *   follower -> lead  RINGS  where its rings lie
 *   lead -> follower  LINK   the link as it is; the first one also says: the queues work
 * Rules: addresses are bus addresses, doorbells are byte offsets in the BAR that the follower has
 * pages of. Both ends copy a message out and check what they use of it.
 */
#ifndef MOXIE_PAIR_H
#define MOXIE_PAIR_H

#include <moxie/channel.h>
#include <moxie/packet.h>

#define MX_PAIRS 8u /* queue pairs of one port at most */

enum mx_pair_op { MX_PAIR_OFFER = 1, MX_PAIR_RINGS, MX_PAIR_LINK };

struct mx_pair_queue {
	uint16_t number; /* of the device's queues */
	uint16_t size;   /* descriptors: OFFER the device's limit, RINGS what was chosen */
	uint32_t bell;   /* OFFER */
};
struct mx_pair_ring { /* RINGS */
	uint64_t desc, avail, used;
};

struct mx_pair {
	uint8_t op;        /* enum mx_pair_op */
	uint8_t idle;      /* OFFER: there is no pair; nothing follows */
	uint8_t event_idx; /* OFFER: VIRTIO_F_EVENT_IDX was negotiated */
	uint8_t reserved;
	struct mx_pair_queue rx, tx;
	union {
		struct {
			struct mx_pair_ring rx_ring, tx_ring;
		};
		struct mx_link link;
	};
};
MX_CHANNEL(mx_pair, 5, struct mx_pair, 4);

#endif
