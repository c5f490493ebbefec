/*
 * What mx_seal has done to a packet, undone: the virtio header (virtio 1.x 5.1.6.2) must say what
 * the message does.
 */
#ifndef TESTS_SEAL_H
#define TESTS_SEAL_H

#include <linux/virtio_net.h>
#include <string.h>
#include <moxie/packet.h>

/* bytes: the packet from its header on. Fails the test when header and facts differ. */
static inline void seal_check(const struct mx_packet *facts, const uint8_t *bytes)
{
	bool partial = facts->flags & MX_CSUM_PARTIAL, gso = facts->gso != MX_GSO_NONE;
	struct virtio_net_hdr_v1 h;

	memcpy(&h, bytes, sizeof(h));
	assert_int_equal(h.flags, partial ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0);
	assert_int_equal(h.csum_start, partial ? facts->csum_start : 0);
	assert_int_equal(h.csum_offset, partial ? facts->csum_offset : 0);
	assert_int_equal(h.gso_type, facts->gso);
	assert_int_equal(h.gso_size, gso ? facts->gso_size : 0);
	assert_int_equal(h.hdr_len, gso ? facts->hdr_len : 0);
	assert_int_equal(h.num_buffers, 0);
}

#endif
