/*
 * The processor: its instructions as functions, and the state each core sets up for itself.
 */
#ifndef X86_64_CPU_H
#define X86_64_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define MSR_APIC_BASE    0x1bu
#define MSR_PAT          0x277u
#define MSR_TSC_DEADLINE 0x6e0u
#define MSR_EFER         0xc0000080u
#define MSR_STAR         0xc0000081u
#define MSR_LSTAR        0xc0000082u
#define MSR_SFMASK       0xc0000084u

/* Physical address of the core's own PML4: the upper half alone. A domain's PML4 takes its
   entries 256 to 511 from there (isolated/root.c); 0 while the machine still boots. */
extern uint64_t core_space;

/* Descriptor tables, control registers, system call entry. Idempotent. */
void cpu_init(void);
/* Whether the domain that runs next may use the serial port's I/O ports. */
void cpu_uart_access(bool on);
/* Leave for another address space and the core's own stack; ends in core_start. */
_Noreturn void core_enter(uint64_t space);
_Noreturn void core_start(void);

static inline uint8_t in8(uint16_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint16_t in16(uint16_t port)
{
	uint16_t v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline uint32_t in32(uint16_t port)
{
	uint32_t v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline void out8(uint16_t port, uint8_t v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void out16(uint16_t port, uint16_t v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void out32(uint16_t port, uint32_t v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
	__asm__ volatile("wrmsr"
	                 :
	                 : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
	                 : "memory");
}

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

static inline uint64_t read_cr2(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr2, %0" : "=r"(v));
	return v;
}

static inline uint64_t read_cr3(void)
{
	uint64_t v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return v;
}

static inline void invlpg(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

static inline void pause(void)
{
	__asm__ volatile("pause");
}

struct cpuid {
	uint32_t a, b, c, d;
};

static inline struct cpuid cpuid_at(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
	                 : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
	                 : "a"(leaf), "c"(subleaf));
	return r;
}

static inline struct cpuid cpuid(uint32_t leaf)
{
	return cpuid_at(leaf, 0);
}

/* Leaves of the basic and the hypervisor range alike: all zero where the processor has none. */
static inline struct cpuid cpuid_if(uint32_t leaf)
{
	if (cpuid(leaf & 0xffff0000u).a >= leaf)
		return cpuid(leaf);
	return (struct cpuid){0, 0, 0, 0};
}

#endif
