/*
 * One IOMMU: its registers and its invalidation queue (VT-d 6.5.2, 11.4); see iommu.h.
 *
 * Rules: every wait has an end. The queue has one user at a time, who holds the hardware lock and
 * waits for what he asked, so it is empty between two; where its tail is, the unit's register says.
 */
#include <stddef.h>
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/iommu.h"
#include "executive/x86_64/vtd.h"

#define TRIES       1000000u /* 0.1 s and more */
#define WIDTH_LEAST 36u      /* bits of an address: the reach has 64 entries of 1 GiB in use */

struct descriptor {
	uint64_t low, high;
};

uint32_t unit_get(const struct unit *u, uint32_t at)
{
	return *(volatile uint32_t *)mmio(u->base + at);
}

uint64_t unit_get64(const struct unit *u, uint32_t at)
{
	return *(volatile uint64_t *)mmio(u->base + at);
}

void unit_set(const struct unit *u, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)mmio(u->base + at) = value;
}

void unit_set64(const struct unit *u, uint32_t at, uint64_t value)
{
	*(volatile uint64_t *)mmio(u->base + at) = value;
}

static bool status_is(const struct unit *u, uint32_t bit, bool on)
{
	for (uint32_t i = 0; i < TRIES; i++) {
		if (!(unit_get(u, VTD_STATUS) & bit) == !on)
			return true;
		pause();
	}
	return false;
}

/* One bit a time, the others as they are (11.4.4.1). */
static bool command(const struct unit *u, uint32_t bit, bool on)
{
	uint32_t state = unit_get(u, VTD_STATUS) & STATE_BITS;

	unit_set(u, VTD_COMMAND, on ? state | bit : state & ~bit);
	return status_is(u, bit, on);
}

const char *unit_open(struct unit *u, uint64_t base)
{
	*u = (struct unit){.base = base};
	u->cap = unit_get64(u, VTD_CAP);
	u->ecap = unit_get64(u, VTD_ECAP);
	if (!(u->ecap & ECAP_QUEUE))
		return "it has no invalidation queue";
	if (!(u->cap & (CAP_3_LEVELS | CAP_4_LEVELS)))
		return "it knows neither 3 nor 4 levels of tables";
	if (CAP_WIDTH(u->cap) < WIDTH_LEAST)
		return "its addresses are too short";
	if (CAP_DOMAINS(u->cap) <= machine.devices_n)
		return "it knows too few domains";
	u->queue = memory_take(2 * MX_PAGE);
	return NULL;
}

/* The wait is a descriptor too: it writes 1 when all before it is done (6.5.2.8). */
static bool submit(const struct unit *u, const struct descriptor *d, uint32_t n)
{
	volatile struct descriptor *queue = direct(u->queue);
	volatile uint32_t *answer = direct(u->queue + MX_PAGE);
	uint32_t tail = unit_get(u, VTD_QUEUE_TAIL) / sizeof *d % QUEUE_SLOTS;

	*answer = 0;
	for (uint32_t i = 0; i <= n; i++) {
		queue[tail].low = i < n ? d[i].low : 1ull << 32 | QUEUE_WAIT;
		queue[tail].high = i < n ? d[i].high : u->queue + MX_PAGE;
		tail = (tail + 1) % QUEUE_SLOTS;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	unit_set64(u, VTD_QUEUE_TAIL, tail * sizeof *d);
	for (uint32_t i = 0; i < TRIES && !*answer; i++)
		pause();
	return *answer;
}

static bool ask(const struct unit *u, const struct descriptor *d, uint32_t n)
{
	bool done = true;

	hardware_lock();
	if (u->cap & CAP_FLUSH_WRITE) { /* 6.8: what was written must have left the chipset */
		unit_set(u, VTD_COMMAND, (unit_get(u, VTD_STATUS) & STATE_BITS) | DO_FLUSH);
		done = status_is(u, DO_FLUSH, false);
	}
	done &= submit(u, d, n);
	hardware_unlock();
	return done;
}

/*
 * Everything, not only one device's: it happens at the start and the end of a driver, and it is
 * right with a unit that remembers what was absent (caching mode, 6.1), too.
 */
bool unit_flush(const struct unit *u)
{
	uint64_t drain = (u->cap & CAP_DRAIN_WRITE ? TABLES_DRAIN_WRITE : 0) |
	                 (u->cap & CAP_DRAIN_READ ? TABLES_DRAIN_READ : 0);
	const struct descriptor all[2] = {{QUEUE_CONTEXT, 0}, {QUEUE_TABLES | drain, 0}};

	return ask(u, all, 2);
}

bool unit_flush_interrupts(const struct unit *u)
{
	const struct descriptor all = {QUEUE_INTERRUPTS, 0};

	return ask(u, &all, 1);
}

/* A firmware may have used the unit. */
static bool start_queue(const struct unit *u)
{
	if (unit_get(u, VTD_STATUS) & DO_QUEUE && !command(u, DO_QUEUE, false))
		return false;
	unit_set64(u, VTD_QUEUE_TAIL, 0);
	unit_set64(u, VTD_QUEUE, u->queue);
	return command(u, DO_QUEUE, true);
}

/* Between the table and its use nothing old may be remembered (11.4.5, 11.4.12). */
bool unit_start(const struct unit *u, uint64_t root, uint64_t interrupts)
{
	if (!start_queue(u))
		return false;
	unit_set64(u, VTD_ROOT, root);
	if (!command(u, DO_ROOT, true) || !unit_flush(u) || !command(u, DO_TRANSLATE, true))
		return false;
	if (!interrupts)
		return true;
	unit_set64(u, VTD_INTERRUPTS, interrupts);
	return command(u, DO_INTERRUPTS, true) && unit_flush_interrupts(u) &&
	       command(u, DO_REMAP, true) && command(u, DO_COMPATIBLE, false);
}
