/*
 * The walk over PCI capabilities; see pci.h.
 */
#include <string.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include "pci.h"

#define CONFIG 256u

/* The structure that a capability names, or an empty span. */
static struct span find_span(const struct virtio_pci_cap *cap, const struct mx_region bars[MX_BARS])
{
	const struct mx_region *bar;

	if (cap->bar >= MX_BARS) /* reserved values are to be ignored: 4.1.4.1 */
		return (struct span){0};
	bar = &bars[cap->bar];
	if (!bar->base || cap->offset > bar->size || cap->length > bar->size - cap->offset)
		return (struct span){0};
	return (struct span){(uint8_t *)bar->base + cap->offset, cap->length};
}

static void keep(struct span *to, struct span s, uint32_t least, uintptr_t align)
{
	if (!to->at && s.at && s.length >= least && (uintptr_t)s.at % align == 0)
		*to = s;
}

static void read_cap(struct pci_parts *p, const uint8_t *at, uint32_t room,
                     const struct mx_region bars[MX_BARS])
{
	struct virtio_pci_notify_cap cap = {0};
	struct span s;

	if (room < sizeof(cap.cap) || at[VIRTIO_PCI_CAP_LEN] < sizeof(cap.cap))
		return;
	memcpy(&cap, at, sizeof(cap.cap));
	s = find_span(&cap.cap, bars);
	switch (cap.cap.cfg_type) {
	case VIRTIO_PCI_CAP_COMMON_CFG:
		keep(&p->common, s, sizeof(struct virtio_pci_common_cfg), 4);
		break;
	case VIRTIO_PCI_CAP_DEVICE_CFG:
		keep(&p->device, s, 8, 4); /* at least the MAC address and the status */
		break;
	case VIRTIO_PCI_CAP_NOTIFY_CFG:
		if (p->notify.at || room < sizeof(cap) || cap.cap.cap_len < sizeof(cap))
			return;
		memcpy(&cap, at, sizeof(cap));
		p->notify_step = cap.notify_off_multiplier;
		keep(&p->notify, s, 2, 2);
		break;
	}
}

const char *pci_find(struct pci_parts *p, const uint8_t config[256],
                     const struct mx_region bars[MX_BARS])
{
	uint32_t at = config[PCI_CAPABILITY_LIST] & ~3u;

	memset(p, 0, sizeof(*p));
	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return "the device has no PCI capabilities";
	/* A capability takes at least 4 bytes: more steps than that are a loop. */
	for (uint32_t steps = 0; at >= PCI_STD_HEADER_SIZEOF && steps < CONFIG / 4; steps++) {
		if (config[at] == PCI_CAP_ID_VNDR)
			read_cap(p, config + at, CONFIG - at, bars);
		at = config[at + 1] & ~3u;
	}
	if (!p->common.at)
		return "no usable common configuration";
	if (!p->notify.at)
		return "no usable notification area";
	if (!p->device.at)
		return "no usable device configuration";
	return NULL;
}
