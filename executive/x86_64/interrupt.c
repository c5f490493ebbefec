/*
 * Exceptions and interrupts: from the vector to the neutral executive.
 *
 * In ring 0 interrupts are on only inside arch_idle, so an interrupt arrives either there or in a
 * domain. Every exception in ring 0 is a broken invariant of our own, and so are double fault and
 * machine check wherever they come, and an NMI that no other core has sent (executive/watch.h).
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/lost.h"
#include "executive/watch.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/iommu.h"

#define EXCEPTIONS 32u
#define NMI        2u
#define PAGE_FAULT 14u

/* As vectors.S leaves it on the stack. */
struct frame {
	uint64_t regs[15]; /* in the order of struct fault */
	uint64_t vector, code, rip, cs, rflags, rsp, ss;
};

HOT void interrupt(struct frame *f);

static _Noreturn void die(const struct frame *f)
{
	static const char names[15][4] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
	                                  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

	panic_begin();
	print("core %u: exception %lu code %#lx rip %#lx address %#lx\n", self, f->vector, f->code,
	      f->rip, read_cr2());
	lost_self();
	print(" cs %#lx rflags %#lx rsp %#lx cr3 %#lx\n", f->cs, f->rflags, f->rsp, read_cr3());
	for (uint32_t i = 0; i < 15; i++)
		print(" %s %016lx%s", names[i], f->regs[i], i % 4 == 3 || i == 14 ? "\n" : "");
	panic("exception %lu at %#lx", f->vector, f->rip);
}

static void exception(const struct frame *f)
{
	struct fault fault = {.vector = (uint32_t)f->vector,
	                      .code = (uint32_t)f->code,
	                      .rip = f->rip,
	                      .address = f->vector == PAGE_FAULT ? read_cr2() : 0,
	                      .rsp = f->rsp,
	                      .rflags = f->rflags};

	if (f->vector == NMI && watch_nudged(f->cs & 3, f->rip))
		return;
	if (!(f->cs & 3) || f->vector == NMI || f->vector == 8 || f->vector == 18)
		die(f);
	memcpy(fault.regs, f->regs, sizeof(fault.regs));
	core_fault(&fault);
}

/* The end of interrupt is told first: the neutral executive may not come back. */
void interrupt(struct frame *f)
{
	if (f->vector < EXCEPTIONS) {
		exception(f);
	} else if (f->vector == VECTOR_TIMER) {
		apic_eoi();
		apic_timer_fired();
		if (f->cs & 3)
			core_tick(f->rip);
	} else if (f->vector == VECTOR_RING) {
		apic_eoi();
	} else if (f->vector > VECTOR_IRQ && f->vector < VECTOR_IRQ + IRQS) {
		apic_eoi();
		core_irq((uint32_t)f->vector - VECTOR_IRQ);
	} else if (f->vector == VECTOR_BLAME) {
		apic_eoi();
		blame_fault();
	} else if (apic_serves((uint32_t)f->vector)) {
		apic_eoi(); /* a device's invention; left alone it would keep others out */
	}
	/* All else is spurious and wants no end of interrupt (SDM vol. 3, 10.9). */
}

/* The 8259s: moved off the exceptions' vectors, all lines masked. */
void interrupt_init(void)
{
	static const uint8_t words[2][4] = {{0x11, 0x20, 4, 1}, {0x11, 0x28, 2, 1}};

	for (uint32_t pic = 0; pic < 2; pic++) {
		uint16_t port = pic ? 0xa0 : 0x20;

		out8(port, words[pic][0]);
		for (uint32_t i = 1; i < 4; i++)
			out8(port + 1, words[pic][i]);
		out8(port + 1, 0xff);
	}
}
