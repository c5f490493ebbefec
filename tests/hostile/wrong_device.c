/*
 * The device: its registers written at random, and what of its BARs nobody may touch.
 *
 * The addresses of rings are left alone: without an IOMMU they are a way to write anywhere, which
 * is not to be found out here (docs/decisions.md, known holes).
 */
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <moxie/driver.h>
#include "tests/hostile/wrong.h"

#define WRITES 2000u

static struct mx_driver_args args;

/* The capability's place in configuration space; 0: it has none. */
static uint32_t find(uint8_t kind, uint8_t structure)
{
	uint32_t at = args.config[PCI_CAPABILITY_LIST];

	memcpy(&args, mx_boot->args, sizeof args);
	at = args.config[PCI_CAPABILITY_LIST];
	for (uint32_t i = 0; at && i < 48; i++, at = args.config[at + 1])
		if (args.config[at] == kind && (!structure || args.config[at + 3] == structure))
			return at;
	return 0;
}

static bool names_memory(uint32_t offset)
{
	return offset < VIRTIO_PCI_COMMON_Q_USEDHI + 4 && offset + 8 > VIRTIO_PCI_COMMON_Q_DESCLO;
}

/* Pages of the structure's BAR; the common one's come first in `common`. */
static const char *write_registers(void)
{
	uint32_t at = find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_COMMON_CFG), common, offset;
	const struct mx_region *bar = &mx_boot->bars[args.config[at + 4] % MX_BARS];
	volatile uint8_t *base = bar->base;

	memcpy(&common, &args.config[at + 8], sizeof common);
	WRONG(at && base && bar->size);
	for (uint32_t i = 0; i < WRITES; i++) {
		offset = one_in(2) ? common + dice_below(64) : dice_below((uint32_t)bar->size - 8);
		if (names_memory(offset - common))
			continue;
		switch (dice_below(4)) {
		case 0:
			base[offset] = (uint8_t)dice_edge();
			break;
		case 1:
			*(volatile uint16_t *)(base + (offset & ~1u)) = (uint16_t)dice_edge();
			break;
		case 2:
			*(volatile uint32_t *)(base + (offset & ~3u)) = (uint32_t)dice_edge();
			break;
		default:
			(void)*(volatile uint32_t *)(base + (offset & ~3u));
		}
		if (i % 64 == 0)
			wrong_collect(0);
	}
	return NULL;
}

/* A message of the device's is a write to anywhere. */
static const char *touch_msix(void)
{
	uint32_t at = find(PCI_CAP_ID_MSIX, 0), table;

	WRONG(at);
	memcpy(&table, &args.config[at + PCI_MSIX_TABLE], sizeof table);
	touch_write((uint64_t)(uintptr_t)mx_boot->bars[table & 7].base + (table & ~7u));
	return NULL;
}

static const char *leave_bar(void)
{
	uint32_t at = find(PCI_CAP_ID_VNDR, VIRTIO_PCI_CAP_COMMON_CFG);
	const struct mx_region *bar = &mx_boot->bars[args.config[at + 4] % MX_BARS];

	WRONG(at && bar->base);
	touch_write((uint64_t)(uintptr_t)bar->base + bar->size + dice_below(64) * MX_PAGE);
	return NULL;
}

const struct misdeed wrong_device[] = {
        {"write the device's registers at random", REFUSED, write_registers, NULL, {0}},
        {"write the device's registers at random, again", REFUSED, write_registers, NULL, {0}},
        {"write the MSI-X table", ENDS, touch_msix, NULL, {0}},
        {"write behind the device's registers", ENDS, leave_bar, NULL, {0}},
        {.name = NULL}};
