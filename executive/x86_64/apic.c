/*
 * The local APIC of a core: interrupts to other cores, and the timer (SDM vol. 3, chapter 10).
 *
 * x2APIC where the processor has it, else the registers in memory. The timer is one-shot, by
 * the TSC where the processor has that. It is set late and seldom: one that is due earlier than
 * wanted is left alone, fires, and is set anew by whoever still waits.
 */
#include "executive/arch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/cpu.h"

#define SPINS 100000u

enum {
	ID = 0x20,
	TPR = 0x80,
	EOI = 0xb0,
	SVR = 0xf0,
	ISR = 0x100,
	ICR = 0x300,
	ICR_HIGH = 0x310,
	LVT_TIMER = 0x320,
	LVT_LINT0 = 0x350,
	LVT_LINT1 = 0x360,
	LVT_ERROR = 0x370,
	TIMER_START = 0x380,
	TIMER_NOW = 0x390,
	TIMER_DIVIDE = 0x3e0,
};

#define MASKED      0x10000u
#define MODE_NMI    0x400u
#define MODE_TSC    0x40000u
#define DIVIDE_16   0x3u
#define ICR_BUSY    0x1000u
#define ICR_INIT    0x4500u /* assert, INIT */
#define ICR_STARTUP 0x4600u
#define ICR_FIXED   0x4000u
#define ICR_NMI     0x4400u
#define BASE_ENABLE 0x800u
#define BASE_X2     0x400u

HOT_DATA static volatile char *registers;
HOT_DATA static bool x2, by_tsc;
HOT_DATA static uint64_t rate;      /* timer ticks per ns, 32.32 */
HOT_DATA static uint64_t longest;   /* ns that its 32 bits can count */
static uint64_t armed = UINT64_MAX; /* when the timer fires */

static uint32_t get(uint32_t r)
{
	if (x2)
		return (uint32_t)rdmsr(0x800 + (r >> 4));
	return *(volatile uint32_t *)(registers + r);
}

static void set(uint32_t r, uint32_t v)
{
	if (x2)
		wrmsr(0x800 + (r >> 4), v);
	else
		*(volatile uint32_t *)(registers + r) = v;
}

uint64_t apic_physical(void)
{
	return rdmsr(MSR_APIC_BASE) & 0x000ffffffffff000ull;
}

uint32_t apic_id(void)
{
	return x2 ? get(ID) : get(ID) >> 24;
}

/* What a firmware left in service would keep out all that is not more urgent. One bit, one end. */
static void end_left(void)
{
	for (uint32_t r = ISR; r < ISR + 0x80; r += 0x10)
		for (uint32_t bits = get(r); bits; bits &= bits - 1)
			apic_eoi();
}

void apic_init(uint64_t at)
{
	struct cpuid one = cpuid(1);
	uint64_t base = rdmsr(MSR_APIC_BASE) | BASE_ENABLE;

	x2 = one.c & 1u << 21;
	by_tsc = one.c & 1u << 24;
	wrmsr(MSR_APIC_BASE, base);
	if (x2) /* two steps: 10.12.5 allows no direct way from off to x2APIC */
		wrmsr(MSR_APIC_BASE, base | BASE_X2);
	registers = (volatile char *)(uintptr_t)at;
	armed = UINT64_MAX;
	set(SVR, 0x100 | VECTOR_SPURIOUS);
	end_left();
	set(TPR, 0);
	set(LVT_LINT0, MASKED); /* the 8259s' line */
	set(LVT_LINT1, MODE_NMI);
	set(LVT_ERROR, MASKED);
	set(TIMER_DIVIDE, DIVIDE_16);
	set(LVT_TIMER, VECTOR_TIMER | (by_tsc ? MODE_TSC : 0));
}

bool apic_x2(void)
{
	return x2;
}

/* 256 bits in registers of 32, 16 bytes apart (10.8.4). */
bool apic_serves(uint32_t vector)
{
	return get(ISR + (vector >> 5) * 0x10) >> (vector & 31) & 1;
}

HOT void apic_eoi(void)
{
	set(EOI, 0);
}

static void send(uint32_t id, uint32_t command)
{
	if (x2) {
		/* Stores must be seen before the interrupt: the MSR does not wait (10.12.3). */
		__asm__ volatile("mfence; lfence" : : : "memory");
		wrmsr(0x800 + (ICR >> 4), (uint64_t)id << 32 | command);
		return;
	}
	for (uint32_t i = 0; i < SPINS && get(ICR) & ICR_BUSY; i++)
		pause();
	set(ICR_HIGH, id << 24);
	set(ICR, command);
}

void apic_send(uint32_t id, uint32_t vector)
{
	send(id, ICR_FIXED | vector);
}

void apic_send_init(uint32_t id)
{
	send(id, ICR_INIT);
}

void apic_send_nmi(uint32_t id)
{
	send(id, ICR_NMI);
}

void apic_send_startup(uint32_t id, uint32_t page)
{
	send(id, ICR_STARTUP | page);
}

void arch_ring(uint32_t core)
{
	apic_send(machine.hardware_id[core], VECTOR_RING);
}

void apic_timer_free_run(void)
{
	set(LVT_TIMER, VECTOR_TIMER | MASKED);
	set(TIMER_START, UINT32_MAX);
}

uint32_t apic_timer_elapsed(void)
{
	return UINT32_MAX - get(TIMER_NOW);
}

void apic_timer_rate(uint64_t ticks_per_ns)
{
	rate = ticks_per_ns;
	longest = ((UINT32_MAX - 1ull) << 32) / rate;
	set(TIMER_START, 0);
	set(LVT_TIMER, VECTOR_TIMER | (by_tsc ? MODE_TSC : 0));
}

static void arm(uint64_t when)
{
	uint64_t now, ns, ticks;

	armed = when;
	if (by_tsc) {
		/* 10.5.4.1: the mode, set through memory, must be seen before the deadline. */
		__asm__ volatile("mfence" : : : "memory");
		wrmsr(MSR_TSC_DEADLINE, time_to_tsc(when));
		return;
	}
	now = arch_now();
	ns = when > now ? when - now : 0;
	if (ns > longest) { /* it fires early, and whoever waits sets it anew */
		ns = longest;
		armed = now + ns;
	}
	ticks = (uint64_t)((unsigned __int128)ns * rate >> 32) + 1;
	set(TIMER_START, (uint32_t)ticks);
}

HOT void apic_timer_by(uint64_t when)
{
	if (when < armed)
		arm(when);
}

void apic_timer_fired(void)
{
	armed = UINT64_MAX;
}

HOT void arch_guard(uint64_t when)
{
	apic_timer_by(when);
}

/*
 * STI keeps interrupts off for one more instruction, so none can slip in between the caller's
 * look and the halt (SDM vol. 2, STI). With the deadline behind, what is pending comes in all the
 * same.
 */
/* Interrupts wake a core at once, and a virtual core that spins takes the host's time from others.
 */
HOT bool arch_linger(uint64_t now)
{
	(void)now;
	return false;
}

/* They break in by themselves. */
HOT void arch_poll(uint64_t now)
{
	(void)now;
}

HOT void arch_idle(uint64_t deadline)
{
	if (deadline <= arch_now()) {
		__asm__ volatile("sti; nop; cli" : : : "memory");
		return;
	}
	apic_timer_by(deadline);
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}
