/*
 * Ports: what --port names becomes a device whose configuration is a struct mx_host_port.
 *
 * Rules: descriptors are opened here, stay open for good, and are non-blocking; what is behind them
 * is checked now, so that a driver can rely on it.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/virtio_net.h>
#include <moxie/host.h>
#include <moxie/packet.h>
#include "executive/linux/host/boot.h"
#include "executive/linux/host/wire.h"

#define MTU      1500
#define MTU_MIN  68 /* RFC 791 */
#define OFFLOADS (MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6 | MX_TX_ECN)

uint32_t host_device_state[MX_DEVICES];

static _Noreturn void die(const char *spec)
{
	host_die(spec, strerror(errno));
}

/* Headers of 12 bytes before each packet, and packets that are still to be cut or summed. */
static bool prepare_tap(int fd)
{
	int header = sizeof(struct virtio_net_hdr_v1);

	return ioctl(fd, TUNSETVNETHDRSZ, &header) == 0 &&
	       ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN) == 0;
}

static void open_tap(struct mx_host_port *p, const char *spec, const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		die(spec);
	if (strlen(name) >= IFNAMSIZ)
		host_die(spec, "the name is too long");
	strcpy(r.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &r) || !prepare_tap(fd))
		die(spec);
	p->fd[p->queues++] = fd;
	p->features = OFFLOADS;
}

static void take_fd(struct mx_host_port *p, const char *spec, int fd)
{
	struct ifreq r;
	int type, flags = fcntl(fd, F_GETFL);
	socklen_t n = sizeof type;

	if (p->queues == MX_HOST_QUEUES)
		host_die(spec, "too many queues");
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		die(spec);
	if (ioctl(fd, TUNGETIFF, &r) == 0) {
		if (!(r.ifr_flags & IFF_TAP) || !(r.ifr_flags & IFF_VNET_HDR))
			host_die(spec, "a tap without IFF_VNET_HDR");
		if (!prepare_tap(fd))
			die(spec);
		p->features = OFFLOADS;
	} else if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) || type == SOCK_STREAM) {
		host_die(spec, "neither a tap nor a socket that keeps packets apart");
	}
	p->fd[p->queues++] = fd;
}

static void open_fds(struct mx_host_port *p, const char *spec, const char *list)
{
	do {
		char *end;
		long fd = strtol(list, &end, 10);

		if (end == list || fd < 0 || (*end && *end != '+'))
			host_die(spec, "fd: wants numbers with + between them");
		take_fd(p, spec, (int)fd);
		list = end + (*end == '+');
	} while (*list);
}

static void open_packet(struct mx_host_port *p, const char *spec, const char *name)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	struct ifreq r = {0};

	if (strlen(name) >= IFNAMSIZ)
		host_die(spec, "the name is too long");
	strcpy(r.ifr_name, name);
	at.sll_ifindex = (int)if_nametoindex(name);
	if (fd < 0 || !at.sll_ifindex || ioctl(fd, SIOCGIFHWADDR, &r))
		die(spec);
	memcpy(p->mac, r.ifr_hwaddr.sa_data, sizeof p->mac);
	if (ioctl(fd, SIOCGIFMTU, &r) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof one) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one) ||
	    bind(fd, (struct sockaddr *)&at, sizeof at))
		die(spec);
	p->kind = MX_HOST_PACKET;
	p->mtu = (uint16_t)(r.ifr_mtu < UINT16_MAX ? r.ifr_mtu : UINT16_MAX);
	p->features = OFFLOADS;
	p->fd[p->queues++] = fd;
}

static void open_pcap(struct mx_host_port *p, const char *spec, const char *files)
{
	const char *why = wire_add(files, &p->fd[p->queues]);

	(void)spec;
	if (why)
		host_die("pcap", why);
	p->queues++;
}

static const struct {
	const char *prefix;
	void (*open)(struct mx_host_port *p, const char *spec, const char *rest);
} kinds[] = {
        {"tap:", open_tap},
        {"fd:", open_fds},
        {"packet:", open_packet},
        {"pcap:", open_pcap},
};

static void set_option(struct mx_host_port *p, const char *spec, const char *option)
{
	unsigned m[6], mtu;
	int n = 0;

	if (sscanf(option, "mac=%2x:%2x:%2x:%2x:%2x:%2x%n", &m[0], &m[1], &m[2], &m[3], &m[4],
	           &m[5], &n) == 6 &&
	    !option[n] && !(m[0] & 1)) {
		for (int i = 0; i < 6; i++)
			p->mac[i] = (uint8_t)m[i];
	} else if (sscanf(option, "mtu=%5u%n", &mtu, &n) == 1 && !option[n] && mtu >= MTU_MIN &&
	           mtu <= UINT16_MAX) {
		p->mtu = (uint16_t)mtu;
	} else {
		host_die(spec, "behind a comma: mac=xx:xx:xx:xx:xx:xx or mtu=BYTES");
	}
}

static void open_port(struct mx_host_port *p, const char *spec)
{
	char text[256], *rest, *what;
	uint32_t k = 0, n = sizeof kinds / sizeof kinds[0];

	if (strlen(spec) >= sizeof text)
		host_die(spec, "too long");
	rest = strcpy(text, spec);
	what = strsep(&rest, ",");
	while (k < n && strncmp(what, kinds[k].prefix, strlen(kinds[k].prefix)))
		k++;
	if (k == n)
		host_die(spec, "no such kind of port (--help)");
	kinds[k].open(p, spec, what + strlen(kinds[k].prefix));
	while (rest)
		set_option(p, spec, strsep(&rest, ","));
}

void ports_open(void)
{
	for (uint32_t i = 0; i < options_ports_n; i++) {
		struct mx_device *d = &host_machine.devices[i].info;
		struct mx_host_port p = {.kind = MX_HOST_TAP,
		                         .mac = {0x52, 0x54, 0, 0, 0, (uint8_t)(i + 1)},
		                         .mtu = MTU};

		open_port(&p, options_ports[i]);
		d->address = (uint16_t)((i + 1) << 3);
		d->vendor = MX_HOST_VENDOR;
		d->vectors = (uint16_t)(1 + 2 * p.queues);
		memcpy(d->config, &p, sizeof p);
		host_machine.devices_n = i + 1;
	}
}

int host_vector(const struct device *d, uint32_t vector, bool *write)
{
	struct mx_host_port p;

	memcpy(&p, d->info.config, sizeof p);
	*write = vector && !(vector & 1);
	return vector && (vector - 1) / 2 < p.queues ? p.fd[(vector - 1) / 2] : -1;
}
