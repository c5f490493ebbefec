/*
 * Time: nanoseconds since power-on, from the TSC, which starts there.
 *
 * The rate comes from CPUID where it tells, else from ACPI's timer, else from the PIT. The
 * calibration spans the middle of the boot phase and waits only for what is missing to SPAN.
 * All cores are taken to count alike (invariant, synchronized TSC), as every machine of the last
 * years does.
 */
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"

#define NS        1000000000ull
#define PM_HZ     3579545ull /* ACPI 6.4, 4.8.2.1; 24 bits count for certain: 4.7 s */
#define PIT_HZ    1193182ull
#define SPAN_DIV  125ull /* the calibration lasts 1/125 s: a tick and a slow read are 0.01 % */
#define BOOT_MOST 300ull /* s; no firmware takes as long */

struct sample {
	uint32_t reference;
	uint64_t tsc;
};

static struct sample start;
static uint64_t tsc_rate; /* ticks per ns, 32.32 */
static uint64_t apic_start;

HOT uint64_t arch_now(void)
{
	return (uint64_t)((unsigned __int128)(rdtsc() - machine.tsc_base) * machine.tsc_mult >> 32);
}

uint64_t time_to_tsc(uint64_t ns)
{
	unsigned __int128 t = (unsigned __int128)ns * tsc_rate >> 32;

	t += machine.tsc_base + 1; /* 0 would disarm the deadline timer */
	return t > UINT64_MAX ? UINT64_MAX : (uint64_t)t;
}

/* The PIT counts down; as the PM timer counts up, this one is turned round. */
static uint32_t reference(void)
{
	uint32_t v;

	if (acpi.pm_timer)
		return in32(acpi.pm_timer) & 0xffffff;
	out8(0x43, 0x80); /* latch channel 2 */
	v = in8(0x42);
	v |= (uint32_t)in8(0x42) << 8;
	return -v & 0xffff;
}

/* Of a few readings the one whose time is known best: the host may have slept in another. */
static struct sample take_sample(void)
{
	struct sample best = {0, 0};
	uint64_t least = UINT64_MAX;

	for (uint32_t i = 0; i < 4; i++) {
		uint64_t before = rdtsc(), after;
		uint32_t r = reference();

		after = rdtsc();
		if (after - before >= least)
			continue;
		least = after - before;
		best = (struct sample){r, before + least / 2};
	}
	return best;
}

static void start_pit(void)
{
	out8(0x61, (uint8_t)((in8(0x61) & ~2u) | 1)); /* gate on, speaker off */
	out8(0x43, 0xb4);                             /* channel 2, both bytes, rate generator */
	out8(0x42, 0);
	out8(0x42, 0); /* 65536: 54 ms */
}

void time_start(void)
{
	if (!acpi.pm_timer)
		start_pit();
	start = take_sample();
	apic_timer_free_run();
	apic_start = rdtsc();
}

static uint64_t measure_hz(void)
{
	uint64_t hz = acpi.pm_timer ? PM_HZ : PIT_HZ, mask = acpi.pm_timer ? 0xffffff : 0xffff;
	uint64_t ticks;
	struct sample end;

	if (!acpi.pm_timer) /* the boot phase may have outlasted a round of the PIT */
		start = take_sample();
	do {
		end = take_sample();
		ticks = (end.reference - start.reference) & mask;
	} while (ticks < hz / SPAN_DIV);
	return (end.tsc - start.tsc) * hz / ticks; /* 64 bits: a round of it is some 1e10 of TSC */
}

static uint64_t told_hz(void)
{
	struct cpuid c = cpuid_if(0x15); /* SDM vol. 3, 18.7.3: crystal times b / a */

	if (c.a && c.b && c.c)
		return (uint64_t)c.c * c.b / c.a;
	if (cpuid(1).c >> 31) /* a hypervisor; its leaf of timing, in kHz */
		return cpuid_if(0x40000010).a * 1000ull;
	return 0;
}

void time_finish(void)
{
	uint64_t hz = told_hz(), ticks, elapsed;

	if (!hz)
		hz = measure_hz();
	if (hz < 1000000)
		panic("the TSC stands still (%lu Hz)", hz);
	/* Some hypervisors pass on the TSC of a host that has been up for long: then it starts
	 * here. */
	machine.tsc_base = start.tsc / hz < BOOT_MOST ? 0 : start.tsc;
	machine.tsc_mult = (NS << 32) / hz;
	tsc_rate = (hz << 30) / (NS >> 2); /* hz may have 33 bits */

	do { /* of a rate that CPUID told, the APIC's timer still needs a while */
		ticks = apic_timer_elapsed();
		elapsed = rdtsc() - apic_start;
	} while (elapsed < hz / 1000);
	elapsed = (uint64_t)((unsigned __int128)elapsed * machine.tsc_mult >> 32);
	if (ticks == 0 || ticks == UINT32_MAX)
		panic("the timer of the APIC stands still");
	apic_timer_rate((ticks << 32) / elapsed);
}
