/*
 * A hostile driver for a port of the appliance: it takes the usual one's place (set system domain
 * eth2 image reach) and has its NIC write over the rings of the driver before it.
 *
 * Where an IOMMU limits the NIC it does not come to its end; else it says so and does nothing.
 */
#include <moxie/driver.h>
#include "tests/guest/nic.h"
#include "tests/guest/probe.h"

#define DMA_SPACE (16ull << 20) /* that each domain of a core has on the bus */

static uint32_t attack(const struct mx_driver_args *args)
{
	uint64_t scratch, until;

	CHECK(mx_boot->flags & MX_BOOT_IOMMU);
	CHECK(!nic_open(args->config, 0));
	scratch = nic_scratch();
	CHECK(nic_move(scratch, scratch, probe_deadline()));
	until = probe_deadline();
	nic_move(scratch, mx_boot->dma.bus - DMA_SPACE, until);
	while (mx_now() < until) /* init's messages end a wait, too */
		raw_exchange(0, until);
	return __LINE__;
}

void domain_start(void)
{
	struct mx_driver_args args;

	if (mx_boot->args_len != sizeof args)
		mx_exit(__LINE__);
	memcpy(&args, mx_boot->args, sizeof args);
	raw_pending = mx_boot->exchange->pending;
	mx_trap(MX_TRAP_EXIT, attack(&args), 0, 0);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
	mx_exit(__LINE__);
}
