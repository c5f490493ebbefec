/*
 * The domain with the NIC: it has it read or write one place, then ends with 0, or with the line
 * of what went wrong. Where it may not reach, it does not come so far.
 */
#include "drivers/net/virtio/device.h"
#include "tests/guest/dma.h"
#include "tests/guest/nic.h"
#include "tests/guest/probe.h"

#define DMA_SPACE (16ull << 20) /* that each domain of a core has on the bus */

static struct dma_args args;

/* A page of frames and what a device writes there: DMA_FRAME and DMA_GIVEN look at it. */
static uint32_t frame;

static uint64_t target(void)
{
	const struct mx_pool *pools = mx_boot->pools;
	uint32_t other = mx_boot->core ? 0 : mx_boot->cores - 1;

	switch (args.target) {
	case DMA_OWN:
		return nic_scratch();
	case DMA_FRAME:
	case DMA_GIVEN:
		return mx_bus(frame);
	case DMA_FROZEN:
		return pools[mx_boot->cores].dma;
	case DMA_POOL:
		return pools[other].dma;
	case DMA_BEHIND:
		return mx_boot->dma.bus + mx_boot->dma.size;
	case DMA_BESIDE:
		return mx_boot->dma.bus + DMA_SPACE;
	case DMA_BEFORE:
		return mx_boot->dma.bus - DMA_SPACE;
	case DMA_CORE:
		return mx_boot->dma.bus + ((uint64_t)other << 30) - ((uint64_t)mx_boot->core << 30);
	default:
		return args.address;
	}
}

static uint32_t move(void)
{
	uint64_t at = target(), scratch = nic_scratch();

	*nic_scratch_at() = DMA_MARK;
	CHECK(nic_move(args.write ? scratch : at, args.write ? at : scratch, probe_deadline()));
	if (args.target == DMA_OWN || !args.write)
		CHECK(*nic_scratch_at() != DMA_MARK);
	return 0;
}

static uint32_t move_frame(void)
{
	frame = probe_frame();
	*(volatile uint8_t *)mx_frame(frame) = DMA_MARK;
	if (args.target == DMA_GIVEN) {
		raw_out(SLOT_OWN, frame, 0);
		CHECK(raw_submit() == MX_OK);
		return move(); /* the suite looks at it */
	}
	CHECK(move() == 0);
	CHECK(!args.write || *(volatile uint8_t *)mx_frame(frame) != DMA_MARK);
	return 0;
}

/* The device interrupts when it has told of all packets. */
static uint32_t number(void)
{
	uint64_t deadline = probe_deadline();

	nic_number(32);
	while (!(raw_pending >> DMA_SLOT_IRQ & 1)) {
		CHECK(mx_now() < deadline);
		raw_exchange(0, deadline);
	}
	return 0;
}

static uint32_t run(void)
{
	const char *error;

	if (args.target == DMA_LIMITED)
		return mx_boot->flags & MX_BOOT_IOMMU ? 0 : DMA_UNLIMITED;
	error = nic_open(args.config, args.target == DMA_NUMBERS ? args.address : 0);
	CHECK(!error);
	if (args.target == DMA_NUMBERS)
		return number();
	return args.target == DMA_FRAME || args.target == DMA_GIVEN ? move_frame() : move();
}

void domain_start(void)
{
	uint64_t deadline = probe_deadline();
	uint32_t status;

	if (mx_boot->args_len != sizeof args)
		mx_exit(__LINE__);
	memcpy(&args, mx_boot->args, sizeof args);
	raw_pending = mx_boot->exchange->pending;
	status = run();
	while (args.waits && mx_now() < deadline)
		raw_exchange(0, deadline);
	mx_trap(MX_TRAP_EXIT, status, 0, 0);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
	mx_exit(__LINE__);
}

/* Of probe.c, which is another image. */
uint32_t probe_frame(void)
{
	uint32_t one;

	if (raw_take(&one, 1, probe_deadline()) != 1)
		mx_exit(__LINE__);
	return one;
}
