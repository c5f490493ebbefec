/*
 * What each core sets up for itself: descriptor tables, control registers, system call entry.
 *
 * All of it lies in the core's own copy of the data, so the tables look the same on every core.
 * SDM vol. 3: 2.5 (control registers), 3.4.5 (descriptors), 5.8.8 (SYSCALL), 8.7 (TSS), 6.14.5
 * (IST).
 */
#include "executive/arch.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/cpu.h"
#include "executive/x86_64/layout.h"

#define CR0_WANTED  0x80010033u /* PG WP NE ET MP PE: EM and TS clear, so SSE never traps */
#define CR4_BASE    0x6a0u      /* OSXMMEXCPT OSFXSR PGE PAE; FSGSBASE and OSXSAVE stay off */
#define CR4_MCE     (1ull << 6)
#define CR4_UMIP    (1ull << 11)
#define CR4_SMEP    (1ull << 20)
#define CR4_SMAP    (1ull << 21)
#define EFER_WANTED 0xd01u /* NXE LMA LME SCE */
/* As at reset, but PA1 (PWT alone) is WC, which is not bound by what the MTRRs call uncached:
   screens (SDM vol. 3, 11.12.4, table 11-7). Nothing is mapped by PA1 before. */
#define PAT_WANTED 0x0007040600070106ull
/* RFLAGS cleared at a system call: ID AC NT IOPL DF IF TF */
#define SFMASK    0x247700u
#define IO_PORTS  0x400u
#define UART      0x3f8u
#define IST_BYTES 4096u

extern char syscall_entry[]; /* trap.S */
extern char vectors[];       /* vectors.S: 16 bytes a vector */

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3], reserved1, ist[7], reserved2;
	uint16_t reserved3, iomap;
	uint8_t ports[IO_PORTS / 8]; /* a set bit denies */
	uint8_t end;                 /* SDM vol. 1, 19.5.2: the byte behind the map is read too */
} __attribute__((packed));

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static uint64_t gdt[7];
static _Alignas(16) struct gate idt[256];
HOT_DATA static _Alignas(16) struct tss tss;
static _Alignas(16) uint8_t ist[3][IST_BYTES]; /* NMI, double fault, machine check */

static void set_gdt(void)
{
	uint64_t base = (uint64_t)(uintptr_t)&tss, limit = sizeof(tss) - 1;
	struct table_pointer p = {sizeof(gdt) - 1, (uint64_t)(uintptr_t)gdt};

	gdt[SEL_KCODE / 8] = 0x00af9b000000ffff;
	gdt[SEL_KDATA / 8] = 0x00cf93000000ffff;
	gdt[SEL_UDATA / 8] = 0x00cff3000000ffff;
	gdt[SEL_UCODE / 8] = 0x00affb000000ffff;
	gdt[SEL_TSS / 8] =
	        limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
	__asm__ volatile("lgdt %0\n\t"
	                 "pushq %1\n\t"
	                 "leaq 1f(%%rip), %%rax\n\t"
	                 "pushq %%rax\n\t"
	                 "lretq\n"
	                 "1:\tmovl %2, %%ss\n\t"
	                 "movl %3, %%ds\n\t"
	                 "movl %3, %%es\n\t"
	                 "movl %3, %%fs\n\t"
	                 "movl %3, %%gs\n\t"
	                 "lldt %w3\n\t"
	                 "ltr %w4"
	                 :
	                 : "m"(p), "i"(SEL_KCODE), "r"(SEL_KDATA), "r"(0), "r"(SEL_TSS)
	                 : "rax", "memory");
}

static void set_tss(void)
{
	tss.rsp[0] = CORE_STACK_TOP;
	for (uint32_t i = 0; i < 3; i++)
		tss.ist[i] = (uint64_t)(uintptr_t)ist[i] + IST_BYTES;
	for (uint32_t port = 0; port < IO_PORTS; port++)
		if (port < UART || port >= UART + 8)
			tss.ports[port / 8] |= (uint8_t)(1u << port % 8);
	tss.end = 0xff;
	cpu_uart_access(false);
}

static void set_idt(void)
{
	struct table_pointer p = {sizeof(idt) - 1, (uint64_t)(uintptr_t)idt};

	for (uint32_t v = 0; v < 256; v++) {
		uint64_t at = (uint64_t)(uintptr_t)vectors + v * 16;

		idt[v] = (struct gate){.offset_low = (uint16_t)at,
		                       .selector = SEL_KCODE,
		                       .type = 0x8e, /* interrupt gate, not for ring 3 */
		                       .offset_middle = (uint16_t)(at >> 16),
		                       .offset_high = (uint32_t)(at >> 32)};
	}
	idt[2].ist = 1;
	idt[8].ist = 2;
	idt[18].ist = 3;
	__asm__ volatile("lidt %0" : : "m"(p));
}

static void set_control(void)
{
	struct cpuid seven = cpuid_if(7);
	uint64_t cr4 = CR4_BASE;

	if (cpuid(1).d & 1u << 7)
		cr4 |= CR4_MCE;
	if (seven.b & 1u << 7)
		cr4 |= CR4_SMEP;
	if (seven.b & 1u << 20)
		cr4 |= CR4_SMAP;
	if (seven.c & 1u << 2)
		cr4 |= CR4_UMIP;
	__asm__ volatile("mov %0, %%cr0" : : "r"((uint64_t)CR0_WANTED));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
	wrmsr(MSR_PAT, PAT_WANTED);
	wrmsr(MSR_EFER, EFER_WANTED);
	wrmsr(MSR_STAR, (uint64_t)SEL_KCODE << 32 | (uint64_t)(SEL_UDATA - 8) << 48);
	wrmsr(MSR_LSTAR, (uint64_t)(uintptr_t)syscall_entry);
	wrmsr(MSR_SFMASK, SFMASK);
}

void cpu_init(void)
{
	set_tss();
	set_gdt();
	set_idt();
	set_control();
}

/* Without access the map lies outside the TSS, which denies every port. */
HOT void cpu_uart_access(bool on)
{
	tss.iomap = on ? (uint16_t) __builtin_offsetof(struct tss, ports) : (uint16_t)sizeof(tss);
}
