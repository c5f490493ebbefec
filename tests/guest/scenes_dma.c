/*
 * What a NIC reaches on behalf of its driver, with an IOMMU before it (docs/iommu.md).
 *
 * Without one nothing of this is tried: the device would do it. The suite says so, and a run that
 * is to have one has failed then.
 */
#include "tests/guest/dma.h"
#include "tests/guest/nic.h"
#include "tests/guest/suite.h"

#define MESSAGES 0xfee00000ull /* addresses from here on raise interrupts */
#define ANY      0u            /* reason of a fault */
#define WRITES   5u            /* VT-d 7.1 */
#define READS    6u

static const struct {
	const char *what;
	uint32_t target, write, reason;
	uint64_t address;
} refused[] = {
        {"write the bundle", DMA_FROZEN, 1, WRITES, 0},
        {"write another core's frames", DMA_POOL, 1, WRITES, 0},
        {"read behind its memory", DMA_BEHIND, 0, READS, 0},
        {"write behind its memory", DMA_BEHIND, 1, WRITES, 0},
        {"read another domain's rings", DMA_BESIDE, 0, READS, 0},
        {"write another domain's rings", DMA_BESIDE, 1, WRITES, 0},
        {"read the rings of the one before", DMA_BEFORE, 0, READS, 0},
        {"write the rings of the one before", DMA_BEFORE, 1, WRITES, 0},
        {"read rings of another core", DMA_CORE, 0, READS, 0},
        {"write rings of another core", DMA_CORE, 1, WRITES, 0},
        {"read the executive", DMA_ADDRESS, 0, READS, 0x100000},
        {"write the executive", DMA_ADDRESS, 1, WRITES, 0x101000},
        {"read the cores' first page", DMA_ADDRESS, 0, READS, 0x8000},
        {"read 0", DMA_ADDRESS, 0, READS, 0},
        {"write 0", DMA_ADDRESS, 1, WRITES, 0},
        {"read the top of memory", DMA_ADDRESS, 0, READS, 0x3ff0000},
        {"write the top of memory", DMA_ADDRESS, 1, WRITES, 0x3ff0000},
        {"write the IOMMU", DMA_ADDRESS, 1, WRITES, 0xfed90000},
        {"write an interrupt controller", DMA_ADDRESS, 1, WRITES, 0xfec00000},
        {"write far away", DMA_ADDRESS, 1, ANY, 1ull << 38},
        {"read farther than any address", DMA_ADDRESS, 0, ANY, 1ull << 60},
};
#define REFUSED (sizeof refused / sizeof *refused)

static struct probe one;

static const struct mx_device *nic(void)
{
	const struct mx_machine *machine = mx_boot->machine.base;

	return machine->devices_n ? &machine->devices[0] : NULL;
}

/* A driver with these orders. */
static const char *begin(uint32_t core, struct dma_args args, const struct row *row)
{
	static struct mx_spawn q;

	NEED(nic());
	memcpy(args.config, nic()->config, sizeof args.config);
	suite_request(&q, core, row);
	NEED(image_find("domains/dma.elf", &q.image, &q.image_len));
	q.device = 0;
	q.dma = NIC_DMA_PAGES;
	q.slots[DMA_SLOT_IRQ] = (struct mx_slot_spec){.kind = MX_SLOT_IRQ, .depth = 2};
	memcpy(q.args, &args, sizeof args);
	q.args_len = sizeof args;
	NEED(probe_create(&one, &q, row));
	return NULL;
}

/* Until its end. */
static const char *drive(uint32_t core, struct dma_args args, const struct row *row)
{
	const char *why = begin(core, args, row);

	if (!why && !probe_wait(&one, mx_now() + CASE_LIMIT))
		why = "it hangs";
	return why;
}

static const char *drive_and_judge(uint32_t core, struct dma_args args, const struct row *row)
{
	const char *why = drive(core, args, row), *late = probe_end(&one);

	return why ? why : late ? late : probe_judge(&one, row);
}

static bool limited(uint32_t core)
{
	static const struct row not = {.status = DMA_UNLIMITED};

	return drive_and_judge(core, (struct dma_args){.target = DMA_LIMITED}, &not ) != NULL;
}

/* What a driver needs, it has; and a frame it gave away is within its device's reach yet. */
static const char *scene_allowed(uint32_t core)
{
	static const uint32_t targets[] = {DMA_OWN, DMA_FRAME, DMA_FROZEN, DMA_POOL};
	static const struct row well = {WELL};
	const char *why = NULL;

	for (uint32_t i = 0; !why && i < 4; i++)
		why = drive_and_judge(core, (struct dma_args){.target = targets[i]}, &well);
	for (uint32_t i = 0; !why && i < 2; i++)
		why = drive_and_judge(core, (struct dma_args){.target = targets[i], .write = 1},
		                      &well);
	return why;
}

/* The suite holds it, and sees what the device writes when its driver is long gone from it. */
static const char *look_at_given(uint32_t core)
{
	static const struct row well = {WELL};
	uint64_t deadline = mx_now() + CASE_LIMIT;
	struct mx_msg m = {.frame = MX_NOFRAME};
	const char *why = begin(core, (struct dma_args){.target = DMA_GIVEN, .write = 1}, &well);

	while (!why && !one.ended && m.frame == MX_NOFRAME && mx_now() < deadline)
		serve(&m, deadline);
	NEED(!why && m.frame != MX_NOFRAME);
	if (!probe_wait(&one, deadline))
		why = "it hangs";
	else if (*(volatile uint8_t *)mx_frame(m.frame) == DMA_MARK)
		why = "the device did not write";
	raw_free(m.frame);
	raw_yield();
	return why ? why : probe_judge(&one, &well);
}

static const char *scene_given(uint32_t core)
{
	const char *why = look_at_given(core), *late = probe_end(&one);

	return why ? why : late;
}

static const char *scene_refused(uint32_t core)
{
	if (!limited(core)) {
		say("guest: no IOMMU, so nothing is refused");
		return NULL;
	}
	for (uint32_t i = 0; i < REFUSED; i++) {
		const struct row row = {
		        .cause = MX_CAUSE_DEVICE,
		        .status = refused[i].reason ? (uint16_t)refused[i].reason : ANY_VECTOR,
		        .where = refused[i].target == DMA_ADDRESS ? GIVEN : ANYWHERE,
		        .address = (uint32_t)refused[i].address};
		const struct dma_args args = {.target = refused[i].target,
		                              .write = refused[i].write,
		                              .waits = 1,
		                              .address = refused[i].address};
		const char *why;

		if (mx_boot->cores == 1 &&
		    (refused[i].target == DMA_POOL || refused[i].target == DMA_CORE))
			continue;
		why = drive_and_judge(core, args, &row);
		if (why)
			return because("%s: %s", refused[i].what, why);
	}
	return NULL;
}

/*
 * A machine that remaps interrupts blocks these, which ends the driver; emulators let them through.
 * Vectors from 32 on, on core 1: it must go on, and hear its own.
 */
static const char *scene_messages(uint32_t core)
{
	const struct dma_args args = {.target = DMA_NUMBERS, .address = MESSAGES + 0x1000};
	static const struct row well = {WELL},
	                        blocked = {.cause = MX_CAUSE_DEVICE, .status = ANY_VECTOR};
	static const struct row idle = {.which = PROBE_EXIT};
	struct probe p = {0};
	const char *why, *late;

	if (mx_boot->cores == 1)
		return NULL;
	why = drive(core, args, &well);
	late = probe_end(&one);
	if (!why && probe_judge(&one, &well) && probe_judge(&one, &blocked))
		why = because("cause %u status %u", one.end.cause, one.end.status);
	if (why || late)
		return why ? why : late;
	NEED(probe_spawn(&p, 1, &idle));
	why = probe_wait(&p, mx_now() + CASE_LIMIT) ? NULL : "core 1 does not go on";
	late = probe_end(&p);
	return why ? why : late;
}

const struct scene scenes_dma[] = {{"what a NIC may reach", scene_allowed},
                                   {"a frame that a NIC's driver gave away", scene_given},
                                   {"what a NIC may not reach", scene_refused},
                                   {"interrupts that a NIC forges", scene_messages},
                                   {.name = NULL}};
