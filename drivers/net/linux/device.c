/*
 * See device.h.
 */
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <moxie/domain.h>
#include "device.h"

#define MTU_LEAST 68u /* RFC 791 */

const char *device_open(struct device *d, const struct mx_driver_args *args)
{
	struct mx_host_port *h = &d->host;

	memcpy(h, args->config, sizeof(*h));
	if (h->kind != MX_HOST_TAP && h->kind != MX_HOST_PACKET)
		return "the port is of no kind that is known";
	if (h->queues > MX_HOST_QUEUES || args->pair >= h->queues || h->fd[args->pair] < 0)
		return "the port has no such queue";
	if (h->mtu < MTU_LEAST)
		return "the port's MTU is too small";
	/* The descriptor knows nothing of an earlier driver's memory, so there is nothing to reset.
	 */
	if (!args->pair && mx_trap(MX_TRAP_DEVICE, 0, 0, 0) != MX_OK)
		return "the device was stopped";
	d->fd = h->fd[args->pair];
	d->gap = h->kind == MX_HOST_PACKET ? DEVICE_GAP : 0;
	d->link = (struct mx_link){.up = 1, .mtu = h->mtu, .features = h->features};
	memcpy(d->link.mac, h->mac, sizeof(d->link.mac));
	return NULL;
}

/* The kernel spreads flows over the queues that are attached, read or not. Only taps can. */
void device_use_queues(const struct device *d, uint32_t used)
{
	struct ifreq request = {0};

	if (d->host.kind != MX_HOST_TAP || d->host.queues < 2)
		return;
	for (uint32_t k = 0; k < d->host.queues; k++) {
		request.ifr_flags = k < used ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE;
		/* Refused when it is so already, and by a socket. */
		mx_host_call(SYS_ioctl, (uint64_t)d->host.fd[k], TUNSETQUEUE, (uint64_t)&request);
	}
}

bool device_gone(const struct device *d)
{
	struct pollfd p = {.fd = d->fd};

	return mx_host_call(SYS_poll, (uint64_t)&p, 1, 0) == 1;
}
