/*
 * A queue of a port of the host: its file descriptor, and how packets stand before it.
 *
 * Interface: device_open checks what init handed over; device_read and device_write move one
 * packet, of frames; the result is the kernel's.
 * Rules: the descriptor is the executive's and is never closed here.
 */
#ifndef NET_LINUX_DEVICE_H
#define NET_LINUX_DEVICE_H

#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <moxie/host.h>
#include "drivers/net/port.h"

/*
 * Frames hold a struct virtio_net_hdr_v1 of 12 bytes always. A packet socket knows the 10 bytes
 * before num_buffers only: then the first frame is two pieces with a gap between them.
 */
#define DEVICE_GAP 2u

struct device {
	struct mx_host_port host;
	int fd;
	uint32_t gap;        /* bytes of the header that the host does not know */
	struct mx_link link; /* all but the port */
};

/* NULL, or why it cannot be. */
const char *device_open(struct device *d, const struct mx_driver_args *args);
void device_use_queues(const struct device *d, uint32_t used); /* packets come by no others */

/*
 * pieces[1 + i] is frame i; pieces[0] is room for what a gap makes of frame 0. device_part parts
 * it, once it is set. n: frames.
 */
static inline void device_part(const struct device *d, struct iovec *pieces)
{
	uint8_t *at = pieces[1].iov_base;

	if (!d->gap)
		return;
	pieces[0] = (struct iovec){at, MX_VNET - d->gap};
	pieces[1] = (struct iovec){at + MX_VNET, pieces[1].iov_len - MX_VNET};
}
static inline long device_move(const struct device *d, long call, const struct iovec *pieces,
                               uint32_t n)
{
	uint32_t parts = d->gap ? n + 1 : n;

	return mx_host_call(call, (uint64_t)d->fd, (uint64_t)(pieces + 1 + n - parts), parts);
}
static inline long device_read(const struct device *d, const struct iovec *pieces, uint32_t n)
{
	return device_move(d, SYS_readv, pieces, n);
}
/* One piece by `write`: the kernel need not copy and check a list of one. */
static inline long device_write(const struct device *d, const struct iovec *pieces, uint32_t n)
{
	if (n > 1 || d->gap)
		return device_move(d, SYS_writev, pieces, n);
	return mx_host_call(SYS_write, (uint64_t)d->fd, (uint64_t)pieces[1].iov_base,
	                    pieces[1].iov_len);
}
bool device_gone(const struct device *d); /* nothing can come by the descriptor any more */

#endif
