/*
 * A port of the host: what a device is where the executive is a Linux process.
 *
 * Interface: a mx_device with vendor MX_HOST_VENDOR starts its `config` with a struct
 * mx_host_port. Vectors are numbered as virtio's: 1 + 2 k for what queue k receives, 2 + 2 k for
 * what it sends; there is no 0. They tell of edges, data came, room came: who waits has met EAGAIN.
 * Rules: the descriptors belong to the executive's process, which never closes one: a driver
 * domain reads and writes them by system calls of its own and leaves them, and their flags, as they
 * are for its successor. They are non-blocking. Bus addresses are the host's addresses.
 */
#ifndef MOXIE_HOST_H
#define MOXIE_HOST_H

#include <stdint.h>
#include <moxie/abi.h>

#define MX_HOST_VENDOR 0xffffu /* no PCI function has it */
#define MX_HOST_QUEUES 8u      /* of one port at most */

enum mx_host_kind {
	/*
	 * One read or write is one packet: a struct virtio_net_hdr_v1, 12 bytes whose num_buffers
	 * means nothing, then Ethernet. A tap with IFF_NO_PI, IFF_VNET_HDR and such headers, or a
	 * datagram or seqpacket socket.
	 */
	MX_HOST_TAP = 1,
	/* A packet socket with PACKET_VNET_HDR: likewise, but a struct virtio_net_hdr, 10 bytes. */
	MX_HOST_PACKET = 2,
};

struct mx_host_port {
	uint8_t kind;               /* enum mx_host_kind */
	uint8_t queues;             /* 1 .. MX_HOST_QUEUES */
	uint8_t mac[6];             /* of the appliance's side */
	uint16_t mtu;               /* of the IP layer, bytes */
	uint16_t features;          /* MX_TX_*: what a packet that is written may ask for */
	int32_t fd[MX_HOST_QUEUES]; /* of each queue */
};
_Static_assert(sizeof(struct mx_host_port) <= sizeof(((struct mx_device *)0)->config),
               "fits the configuration space");

/*
 * A system call of Linux, as a domain makes it: by the bare instruction, since it runs as a part of
 * an ordinary process. The result is the kernel's: errors are negative.
 */
#ifdef __x86_64__
static inline long mx_host_call(long number, uint64_t a, uint64_t b, uint64_t c)
{
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c)
	                 : "rcx", "r11", "memory");
	return result;
}
#endif

#endif
