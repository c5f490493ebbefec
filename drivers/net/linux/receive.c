/*
 * See receive.h.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <linux/virtio_net.h>
#include <moxie/domain.h>
#include <moxie/slots.h>
#include "driver.h"

#define TURN         64u
#define RETRY        (10 * MX_MS) /* between looks at an empty pool, or after an error */
#define ETHER_HEADER 14u

void receive_init(struct receiver *r, uint32_t port)
{
	r->port = port;
	r->missing = RECEIVE_FRAMES;
}

void receive_interrupt(struct receiver *r)
{
	r->armed = false;
}

/* What was read goes on while the peer takes it; true when it took all, and takes more. */
static bool hand_on(struct receiver *r)
{
	for (; r->sent < r->used; r->sent++) {
		struct mx_msg m = {.frame = r->frames[r->sent],
		                   .length = r->lengths[r->sent],
		                   .kind = MX_RAW,
		                   .body = {r->port}};

		if (mx_send(MX_DRIVER_PEER, &m, 1) != MX_OK)
			return false;
		r->buffers++;
	}
	r->missing = r->used > r->missing ? r->used : r->missing;
	r->used = r->sent = 0;
	return mx_credit(MX_DRIVER_PEER) > 0;
}

/* Frames for the largest packet; false when the pool has not as many. */
static bool post(struct receiver *r)
{
	for (; r->missing > 0; r->missing--) {
		uint32_t i = r->missing - 1, frame = mx_alloc();

		if (frame == MX_NOFRAME)
			return false;
		r->frames[i] = frame;
		r->pieces[1 + i] = (struct iovec){(void *)mx_bus(frame), MX_PAGE};
		if (i == 0)
			device_part(&device, r->pieces);
	}
	return true;
}

/* n bytes were read: the frames that hold them, and their number where virtio has it (5.1.6.4). */
static void take(struct receiver *r, uint64_t n)
{
	uint64_t length = n + device.gap;
	uint16_t buffers = (uint16_t)((length + MX_PAGE - 1) / MX_PAGE);

	if (length < MX_VNET + ETHER_HEADER || length >= RECEIVE_FRAMES * MX_PAGE) {
		r->bad++;
		return;
	}
	memcpy((uint8_t *)mx_bus(r->frames[0]) + offsetof(struct virtio_net_hdr_v1, num_buffers),
	       &buffers, sizeof(buffers));
	for (uint32_t i = 0; i < buffers; i++, length -= MX_PAGE)
		r->lengths[i] = (uint16_t)(length < MX_PAGE ? length : MX_PAGE);
	r->used = buffers;
}

/* What an error says of the link: it is down when nothing can come any more. */
static void set_link(bool up)
{
	if (device.link.up == up)
		return;
	device.link.up = up;
	port_link(&device.link);
}

/* Nothing was read, and not for want of a packet: 0 is the end of the other side, or an empty one.
 */
static void fail(struct receiver *r)
{
	r->errors++;
	r->armed = device_gone(&device);
	set_link(!r->armed);
	if (!r->armed)
		mx_wake_at(mx_now() + RETRY);
}

/* One packet; false when there is no reason for another. */
static bool receive(struct receiver *r)
{
	long n;

	if (!post(r)) {
		mx_wake_at(mx_now() + RETRY);
		return false;
	}
	n = device_read(&device, r->pieces, RECEIVE_FRAMES);
	if (n > 0) {
		take(r, (uint64_t)n);
		return true;
	}
	if (n != -EAGAIN) {
		fail(r);
		return false;
	}
	r->armed = true;
	set_link(true);
	return false;
}

void receive_turn(struct receiver *r, bool open)
{
	uint32_t left = TURN;

	for (; open && !r->armed; left--) {
		if (!hand_on(r)) {
			r->starved++;
			mx_thirst(MX_DRIVER_PEER);
			return;
		}
		if (left == 0) {
			mx_again();
			return;
		}
		if (!receive(r))
			return;
	}
}

void receive_discard(struct receiver *r)
{
	r->stale += r->used - r->sent;
	r->missing = r->sent > r->missing ? r->sent : r->missing;
	r->used = r->sent = 0;
}
