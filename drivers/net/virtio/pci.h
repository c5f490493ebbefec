/*
 * The virtio structures in a PCI device's BARs (virtio 1.x 4.1.4).
 *
 * Interface: pci_find walks the vendor capabilities in a copy of the configuration space.
 * Rules: the copy is what the device said, so every offset and length is checked: the capability
 * against the 256 bytes, the structure against the BAR that is really mapped. The first usable
 * capability of a kind counts (4.1.4.1). The ISR structure is not looked for: with MSI-X it has no
 * use (4.1.4.5).
 */
#ifndef NET_PCI_H
#define NET_PCI_H

#include <moxie/abi.h>

struct span {
	uint8_t *at;
	uint32_t length;
};

struct pci_parts {
	struct span common, notify, device;
	uint32_t notify_step; /* bytes from one queue's notify offset to the next */
};

/* NULL, or what is missing. */
const char *pci_find(struct pci_parts *p, const uint8_t config[256],
                     const struct mx_region bars[MX_BARS]);

#endif
