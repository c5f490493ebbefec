/*
 * The walk over PCI capabilities: the layout of a common emulated device, then configuration
 * spaces that lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "drivers/net/virtio/pci.h"

static _Alignas(4096) uint8_t bar4[16384];
static uint8_t config[256];
static struct mx_region bars[MX_BARS];
static struct pci_parts parts;

static void put32(uint32_t at, uint32_t v)
{
	memcpy(config + at, &v, 4);
}

static void cap(uint32_t at, uint8_t next, uint8_t type, uint32_t offset, uint32_t length)
{
	config[at] = 9; /* vendor specific */
	config[at + 1] = next;
	config[at + 2] = type == 2 ? 20 : 16;
	config[at + 3] = type;
	config[at + 4] = 4;
	put32(at + 8, offset);
	put32(at + 12, length);
	if (type == 2)
		put32(at + 16, 4);
}

static int setup(void **state)
{
	(void)state;
	memset(config, 0, sizeof(config));
	memset(bars, 0, sizeof(bars));
	bars[4] = (struct mx_region){.base = bar4, .size = sizeof(bar4)};
	config[6] = 0x10;
	config[0x34] = 0x98;
	config[0x98] = 0x11; /* MSI-X */
	config[0x99] = 0x84;
	cap(0x84, 0x70, 5, 0, 0);
	cap(0x70, 0x60, 2, 0x3000, 0x1000);
	cap(0x60, 0x50, 4, 0x2000, 0x1000);
	cap(0x50, 0x40, 3, 0x1000, 0x1000);
	cap(0x40, 0, 1, 0, 0x1000);
	return 0;
}

static void test_found(void **state)
{
	(void)state;
	assert_null(pci_find(&parts, config, bars));
	assert_ptr_equal(parts.common.at, bar4);
	assert_ptr_equal(parts.notify.at, bar4 + 0x3000);
	assert_ptr_equal(parts.device.at, bar4 + 0x2000);
	assert_int_equal(parts.notify.length, 0x1000);
	assert_int_equal(parts.notify_step, 4);
}

static void refuse(const char *reason)
{
	const char *got = pci_find(&parts, config, bars);

	assert_non_null(got);
	assert_string_equal(got, reason);
	setup(NULL);
}

static void test_refused(void **state)
{
	(void)state;
	config[6] = 0;
	refuse("the device has no PCI capabilities");
	config[0x34] = 0;
	refuse("no usable common configuration");
	config[0x34] = 0x3c; /* inside the standard header */
	refuse("no usable common configuration");
	config[0x41] = 0x98; /* a loop, the last one unknown */
	config[0x43] = 77;
	refuse("no usable common configuration");
	config[0x44] = 6; /* reserved BAR */
	refuse("no usable common configuration");
	config[0x44] = 3; /* not mapped */
	refuse("no usable common configuration");
	put32(0x4c, 55); /* shorter than the structure */
	refuse("no usable common configuration");
	put32(0x48, 0x3800); /* beyond the BAR's end */
	refuse("no usable common configuration");
	put32(0x48, 0xfffffff0); /* wraps */
	refuse("no usable common configuration");
	put32(0x48, 2); /* not aligned */
	refuse("no usable common configuration");
	config[0x42] = 15; /* the capability itself is too short */
	refuse("no usable common configuration");
	config[0x72] = 16; /* without the multiplier */
	refuse("no usable notification area");
	put32(0x7c, 1);
	refuse("no usable notification area");
	put32(0x6c, 7);
	refuse("no usable device configuration");
}

/* A capability at the very end of the space is not read beyond it. */
static void test_end_of_space(void **state)
{
	(void)state;
	config[0x34] = 0xf0;
	cap(0xf0, 0xfc, 4, 0x1000, 0x1000);
	config[0xf2] = 20; /* a notify capability without room for its multiplier */
	config[0xf3] = 2;
	config[0xfc] = 9;
	config[0xfd] = 0x98;
	config[0xfe] = 16;
	config[0xff] = 1;
	assert_null(pci_find(&parts, config, bars));
	assert_ptr_equal(parts.notify.at, bar4 + 0x3000);
}

/* The first usable capability of a kind counts, not the first. */
static void test_first_usable(void **state)
{
	(void)state;
	cap(0xb0, 0x40, 1, 0x4000, 0x1000);
	config[0x51] = 0xb0;
	assert_null(pci_find(&parts, config, bars));
	assert_ptr_equal(parts.common.at, bar4);
}

static void test_noise(void **state)
{
	(void)state;
	srandom(3);
	for (uint32_t turn = 0; turn < 100000; turn++) {
		setup(NULL);
		for (uint32_t i = 0; i < 6; i++)
			config[0x34 + (uint32_t)random() % (256 - 0x34)] = (uint8_t)random();
		if (pci_find(&parts, config, bars))
			continue;
		assert_true(parts.common.at >= bar4 && parts.common.length >= 56);
		assert_true(parts.common.at + parts.common.length <= bar4 + sizeof(bar4));
		assert_true(parts.notify.at + parts.notify.length <= bar4 + sizeof(bar4));
		assert_true(parts.device.at + parts.device.length <= bar4 + sizeof(bar4));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(test_found, setup),
	        cmocka_unit_test_setup(test_refused, setup),
	        cmocka_unit_test_setup(test_end_of_space, setup),
	        cmocka_unit_test_setup(test_first_usable, setup),
	        cmocka_unit_test_setup(test_noise, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
