/*
 * Initialization and state of the device; see device.h. Sections are those of virtio 1.x.
 */
#include <stddef.h>
#include <string.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <linux/virtio_pci.h>
#include "device.h"
#include "registers.h"

#define RESET_LIMIT (50 * MX_MS) /* well below the time a domain may run without waiting */
#define MTU_DEFAULT 1500u
#define MTU_LEAST   68u /* 5.1.4.1 */

/* Segmentation of UDP, virtio 1.3 5.1.3: younger than many systems' headers. */
#ifndef VIRTIO_NET_F_GUEST_USO4
#define VIRTIO_NET_F_GUEST_USO4 54
#define VIRTIO_NET_F_GUEST_USO6 55
#define VIRTIO_NET_F_HOST_USO   56
#endif

#define BIT(n)    (1ull << (n))
#define GUEST_TSO (BIT(VIRTIO_NET_F_GUEST_TSO4) | BIT(VIRTIO_NET_F_GUEST_TSO6))
#define QUEUES    (BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_MQ))
#define HOST_TSO  (BIT(VIRTIO_NET_F_HOST_TSO4) | BIT(VIRTIO_NET_F_HOST_TSO6))

/*
 * What is negotiated when the device offers it, and one of `with` before it (5.1.3.1). `link` is
 * what a feature lets the reader ask of the port (MX_TX_*). MRG_RXBUF is needed: without it devices
 * leave num_buffers unset, and a coalesced packet would not fit a buffer. UFO is not
 * taken: its fragments of IPv6 would have to be made here, and no Linux since 4.14 sends any.
 */
static const struct {
	uint8_t bit;
	uint8_t link;
	uint64_t with;      /* 0: nothing */
	const char *needed; /* the error without it; NULL when it is optional */
} wanted[] = {
        {VIRTIO_F_VERSION_1, 0, 0, "the device lacks VIRTIO_F_VERSION_1"},
        {VIRTIO_F_ACCESS_PLATFORM, 0, 0, NULL}, /* bus addresses are all this driver knows */
        {VIRTIO_RING_F_EVENT_IDX, 0, 0, NULL},
        {VIRTIO_NET_F_MAC, 0, 0, "the device lacks VIRTIO_NET_F_MAC"},
        {VIRTIO_NET_F_MRG_RXBUF, 0, 0, "the device lacks VIRTIO_NET_F_MRG_RXBUF"},
        {VIRTIO_NET_F_STATUS, 0, 0, NULL},
        {VIRTIO_NET_F_MTU, 0, 0, NULL},
        {VIRTIO_NET_F_CSUM, MX_TX_CSUM, 0, NULL},
        {VIRTIO_NET_F_HOST_TSO4, MX_TX_TSO4, BIT(VIRTIO_NET_F_CSUM), NULL},
        {VIRTIO_NET_F_HOST_TSO6, MX_TX_TSO6, BIT(VIRTIO_NET_F_CSUM), NULL},
        {VIRTIO_NET_F_HOST_ECN, MX_TX_ECN, HOST_TSO, NULL},
        {VIRTIO_NET_F_HOST_USO, MX_TX_USO, BIT(VIRTIO_NET_F_CSUM), NULL},
        {VIRTIO_NET_F_GUEST_CSUM, 0, 0, NULL},
        {VIRTIO_NET_F_GUEST_TSO4, 0, BIT(VIRTIO_NET_F_GUEST_CSUM), NULL},
        {VIRTIO_NET_F_GUEST_TSO6, 0, BIT(VIRTIO_NET_F_GUEST_CSUM), NULL},
        {VIRTIO_NET_F_GUEST_ECN, 0, GUEST_TSO, NULL},
        {VIRTIO_NET_F_GUEST_USO4, 0, BIT(VIRTIO_NET_F_GUEST_CSUM), NULL},
        {VIRTIO_NET_F_GUEST_USO6, 0, BIT(VIRTIO_NET_F_GUEST_CSUM), NULL},
        {VIRTIO_NET_F_CTRL_VQ, 0, 0, NULL},
        {VIRTIO_NET_F_MQ, 0, BIT(VIRTIO_NET_F_CTRL_VQ), NULL},
};
#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

static void *common(struct device *d, uint32_t offset)
{
	return d->parts.common.at + offset;
}

static void add_status(struct device *d, uint8_t bit)
{
	void *status = common(d, VIRTIO_PCI_COMMON_STATUS);

	write8(status, read8(status) | bit);
}

void device_fail(struct device *d)
{
	if (d->parts.common.at)
		add_status(d, VIRTIO_CONFIG_S_FAILED);
}

bool device_broken(struct device *d)
{
	return read8(common(d, VIRTIO_PCI_COMMON_STATUS)) & VIRTIO_CONFIG_S_NEEDS_RESET;
}

/* 4.1.4.3.2: the reset is done when the status reads 0. */
static bool reset(struct device *d)
{
	uint64_t limit = mx_now() + RESET_LIMIT;

	write8(common(d, VIRTIO_PCI_COMMON_STATUS), 0);
	while (read8(common(d, VIRTIO_PCI_COMMON_STATUS)) != 0)
		if (mx_now() > limit)
			return false;
	return true;
}

static uint64_t offered(struct device *d)
{
	uint64_t low, high;

	write32(common(d, VIRTIO_PCI_COMMON_DFSELECT), 0);
	low = read32(common(d, VIRTIO_PCI_COMMON_DF));
	write32(common(d, VIRTIO_PCI_COMMON_DFSELECT), 1);
	high = read32(common(d, VIRTIO_PCI_COMMON_DF));
	return high << 32 | low;
}

static void accept(struct device *d, uint64_t features)
{
	d->features = features;
	write32(common(d, VIRTIO_PCI_COMMON_GFSELECT), 0);
	write32(common(d, VIRTIO_PCI_COMMON_GF), (uint32_t)features);
	write32(common(d, VIRTIO_PCI_COMMON_GFSELECT), 1);
	write32(common(d, VIRTIO_PCI_COMMON_GF), (uint32_t)(features >> 32));
}

/* A 16-bit field of the device's configuration, or `otherwise` when it ends before. */
static uint16_t field(struct device *d, uint32_t offset, uint16_t otherwise)
{
	if (offset + 2 > d->parts.device.length)
		return otherwise;
	return read16(d->parts.device.at + offset);
}

static uint16_t read_mtu(struct device *d)
{
	return field(d, offsetof(struct virtio_net_config, mtu), 0);
}

static const char *negotiate(struct device *d)
{
	uint64_t offer = offered(d) & (d->many ? UINT64_MAX : ~QUEUES), features = 0;
	uint16_t link = 0;

	for (uint32_t i = 0; i < WANTED; i++) {
		if (!(offer & BIT(wanted[i].bit)) && wanted[i].needed)
			return wanted[i].needed;
		if (!(offer & BIT(wanted[i].bit)) ||
		    (wanted[i].with && !(features & wanted[i].with)))
			continue;
		features |= BIT(wanted[i].bit);
		link |= wanted[i].link;
	}
	/* Without it the device takes addresses for those of memory: virtio 1.x 6. */
	if (mx_boot->flags & MX_BOOT_IOMMU && !(features & BIT(VIRTIO_F_ACCESS_PLATFORM)))
		return "the device goes past the IOMMU (QEMU: iommu_platform=on is missing)";
	if (read_mtu(d) < MTU_LEAST) /* an MTU that cannot be is declined: 5.1.4.2 */
		features &= ~BIT(VIRTIO_NET_F_MTU);
	accept(d, features);
	d->link.features = link;
	add_status(d, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(read8(common(d, VIRTIO_PCI_COMMON_STATUS)) & VIRTIO_CONFIG_S_FEATURES_OK))
		return "the device refuses the features";
	return NULL;
}

bool device_poll_link(struct device *d)
{
	uint8_t was = d->link.up;
	uint16_t status = VIRTIO_NET_S_LINK_UP;

	/* One 16-bit field is read whole, so the configuration's generation need not be. */
	if (device_has(d, VIRTIO_NET_F_STATUS))
		status = field(d, offsetof(struct virtio_net_config, status), status);
	d->link.up = status & VIRTIO_NET_S_LINK_UP;
	return d->link.up != was;
}

static void read_link(struct device *d)
{
	for (uint32_t i = 0; i < sizeof(d->link.mac); i++)
		d->link.mac[i] = read8(d->parts.device.at + i);
	d->link.mtu = device_has(d, VIRTIO_NET_F_MTU) ? read_mtu(d) : MTU_DEFAULT;
	device_poll_link(d);
}

/* 3.1.1, steps 1 to 6. */
const char *device_open(struct device *d, const uint8_t config[256],
                        const struct mx_region bars[MX_BARS])
{
	const char *error = pci_find(&d->parts, config, bars);

	if (error)
		return error;
	if (!reset(d))
		return "the device does not finish its reset";
	/* Now it knows no ring of an earlier driver any more (2.4.1), so it may reach memory. */
	if (mx_trap(MX_TRAP_DEVICE, 0, 0, 0) != MX_OK)
		return "the device was stopped";
	add_status(d, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	add_status(d, VIRTIO_CONFIG_S_DRIVER);
	error = negotiate(d);
	if (error)
		return error;
	read_link(d);
	return NULL;
}

uint32_t device_pairs(struct device *d)
{
	uint16_t most = field(d, offsetof(struct virtio_net_config, max_virtqueue_pairs), 1);

	return device_has(d, VIRTIO_NET_F_MQ) && most ? most : 1;
}

/* 5.1.2: behind all pairs that the device can have, used or not. */
uint16_t device_control_queue(struct device *d)
{
	return (uint16_t)(2 * device_pairs(d));
}

uint32_t device_queue_max(struct device *d, uint16_t number)
{
	if (number >= read16(common(d, VIRTIO_PCI_COMMON_NUMQ)))
		return 0;
	write16(common(d, VIRTIO_PCI_COMMON_Q_SELECT), number);
	return read16(common(d, VIRTIO_PCI_COMMON_Q_SIZE));
}

static void write_address(struct device *d, uint32_t offset, uint64_t bus)
{
	write32(common(d, offset), (uint32_t)bus);
	write32(common(d, offset + 4), (uint32_t)(bus >> 32));
}

/* A vector that the device cannot serve reads back as none: 4.1.5.1.2. */
static bool set_vector(struct device *d, uint32_t offset, uint16_t vector)
{
	write16(common(d, offset), vector);
	return read16(common(d, offset)) == vector;
}

const char *device_bell(struct device *d, uint16_t number, uint8_t **bell)
{
	uint64_t offset;

	write16(common(d, VIRTIO_PCI_COMMON_Q_SELECT), number);
	offset = (uint64_t)read16(common(d, VIRTIO_PCI_COMMON_Q_NOFF)) * d->parts.notify_step;
	if (offset + 2 > d->parts.notify.length || offset % 2 != 0)
		return "a queue's doorbell lies outside the notification area";
	*bell = d->parts.notify.at + offset;
	return NULL;
}

/* 4.1.5.1.3 */
const char *device_set_queue(struct device *d, uint16_t number, uint16_t vector,
                             const struct queue_place *place)
{
	write16(common(d, VIRTIO_PCI_COMMON_Q_SELECT), number);
	write16(common(d, VIRTIO_PCI_COMMON_Q_SIZE), place->size);
	if (!set_vector(d, VIRTIO_PCI_COMMON_Q_MSIX, vector))
		return "the device refuses an MSI-X vector for a queue";
	write_address(d, VIRTIO_PCI_COMMON_Q_DESCLO, place->desc);
	write_address(d, VIRTIO_PCI_COMMON_Q_AVAILLO, place->avail);
	write_address(d, VIRTIO_PCI_COMMON_Q_USEDLO, place->used);
	write16(common(d, VIRTIO_PCI_COMMON_Q_ENABLE), 1);
	return NULL;
}

const char *device_start_queue(struct device *d, struct queue *q, uint16_t number, uint16_t vector)
{
	struct queue_place place = {q->size, q->bus, queue_avail_bus(q), queue_used_bus(q)};
	uint8_t *bell;
	const char *error = device_bell(d, number, &bell);

	if (error)
		return error;
	q->number = number;
	q->notify = bell;
	q->event_idx = device_has(d, VIRTIO_RING_F_EVENT_IDX);
	queue_disarm(q);
	return device_set_queue(d, number, vector, &place);
}

/* 3.1.1, step 8. */
const char *device_go(struct device *d)
{
	if (!set_vector(d, VIRTIO_PCI_COMMON_MSIX, VECTOR_CONFIG))
		return "the device refuses an MSI-X vector for its configuration";
	add_status(d, VIRTIO_CONFIG_S_DRIVER_OK);
	return NULL;
}
