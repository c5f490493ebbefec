/*
 * What the arch-neutral executive asks of the machine below it (x86_64/ and linux/ provide it),
 * and what the machine tells it. One executive per core: all of it concerns the own core.
 */
#ifndef EXECUTIVE_ARCH_H
#define EXECUTIVE_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include "executive/machine.h"

struct context; /* see space.h */

/*
 * What every switch or exchange runs and touches stands together: loading a domain's page tables
 * empties the TLB, and each page more that is needed afterwards costs 130 ns under TCG.
 */
#define HOT      __attribute__((hot))
#define COLD     __attribute__((cold, noinline)) /* reached from there, but seldom */
#define HOT_DATA __attribute__((section(".bss.hot")))

/* --- told to the neutral executive (it defines these) --- */

/* Start of every executive, on its own stack and its own copy of the data. */
_Noreturn void core_main(void);
/* An interrupt bound by arch_irq_msix or arch_irq_uart came. Called with interrupts off; returns
 * quickly. */
void core_irq(uint32_t irq);
/* The guard timer fired while a domain ran (not in idle), at `rip`. May not return: ends it. */
void core_tick(uint64_t rip);
/* An IOMMU blocked what a device sent, and the device is stopped: its domains end. */
void core_device(uint32_t device, uint32_t reason, uint64_t address, bool read);
/* That was all. Does not return if the running domain has ended by it. */
void core_devices_done(void);
/* The running domain faulted. vector is the processor's; report was not yet printed. */
struct fault {
	uint32_t vector;
	uint32_t code; /* error code */
	uint64_t rip, address, rsp, rflags;
	uint64_t regs[15]; /* rax rbx rcx rdx rsi rdi rbp r8 .. r15 */
};
_Noreturn void core_fault(const struct fault *f);
/* A trap of the running domain; the result for rax. May not return (another domain runs). */
int64_t core_trap(uint64_t nr, uint64_t a, uint64_t b, uint64_t c);

/* --- asked of the machine --- */

uint64_t arch_now(void);     /* ns since power-on */
void *direct(uint64_t phys); /* where the executive sees physical memory */

/* Sleep until an interrupt, a ring, or deadline (ns, UINT64_MAX: none). Interrupts are on
   only inside. The caller has announced its sleep and looked at its FIFOs once more. */
void arch_idle(uint64_t deadline);
void arch_ring(uint32_t core);  /* wake a core that announced its sleep */
bool arch_linger(uint64_t now); /* nothing is to do: look around once more before sleeping? */
void arch_poll(uint64_t now);   /* where interrupts do not break in: raise what has come */
void arch_guard(uint64_t when); /* call core_tick then (ns), or before; it arms it anew */

/* How a domain calls, for its boot page (mx_boot.gate); NULL: by the processor's own trap. */
extern int64_t (*const arch_gate)(int64_t nr, uint64_t a, uint64_t b, uint64_t c);
/* Continue a domain behind its trap with `result`; its space is loaded. */
_Noreturn void context_resume(const struct context *c, int64_t result);
/* The registers of the domain whose trap is being served. */
void context_save(struct context *c);
/* Another domain runs next: clear vector and x87 state; open the UART's ports to it, or close. */
void cpu_scrub(bool uart);

/* Interrupts of devices. An irq number is chosen here: core-local, never 0; 0 when none is left. */
uint32_t arch_irq_msix(const struct device *d, uint32_t vector); /* route and unmask */
uint32_t arch_irq_uart(void);
void arch_irq_release(uint32_t irq);
uint32_t arch_irq_left(void); /* how many more there are here */
/*
 * A device: open for an owner, started (it reaches memory and interrupts), or stopped (it does
 * not), which is true once arch_device_stop is back. One that was stopped cannot be started,
 * whatever core tries at the same time, until it is opened again.
 */
void arch_device_open(const struct device *d);
bool arch_device_is_open(const struct device *d); /* and not stopped since, by any core */
bool arch_device_start(const struct device *d);
void arch_device_stop(const struct device *d);

/*
 * What a device can reach. Limited: with an IOMMU before it, what follows and nothing more. Else
 * all memory, and these do nothing and give addresses of memory. arch_reach_open: before bus
 * mastering, for each domain that has a part of d. d writes to the pool of this core then, and
 * reads and writes the DMA memory that arch_reach_fill put into `tables`; with its owner it can
 * reach anything at all. arch_reach_close undoes this for a domain made on `core` that was on the
 * cores `pools`, and comes back when nothing d sent is under way any more. False: the IOMMU does
 * not answer.
 */
bool arch_reach_limited(const struct device *d);
uint64_t arch_reach_pool(const struct device *d, uint32_t pool);       /* bus address; d or NULL */
uint32_t arch_reach_pages(const struct device *d, uint32_t dma_pages); /* of `tables` */
uint64_t arch_reach_fill(const struct device *d, uint32_t domain, uint64_t tables, uint64_t dma,
                         uint32_t dma_pages); /* the memory's bus address */
bool arch_reach_open(const struct device *d, uint32_t domain, uint64_t tables, uint32_t tables_n,
                     bool owner);
bool arch_reach_close(const struct device *d, uint32_t core, uint32_t domain, uint32_t pools,
                      bool owner);
bool arch_reach_arrive(
        const struct device *d); /* a driver came from elsewhere: this core's pool, too */

bool arch_reach_drop(const struct device *d); /* nothing at all any more; it is stopped */

/*
 * Where executives can be lost one by one. Elsewhere arch_loses is false, a panic ends all, and the
 * rest is never called.
 */
extern const bool arch_loses;
void arch_nudge(uint32_t core); /* an NMI: watch_nudged is called there, wherever that core is */
bool arch_fence(uint32_t core); /* it executes nothing more; false: that cannot be had */
void arch_lost(uint32_t core);  /* what the machine interrupted it for comes here from now on */
void arch_break(bool hang);     /* fail, as by a bug: a fault, or a loop that nothing interrupts */

_Noreturn void arch_power(uint32_t how); /* enum mx_power */

/* Serial last words; the executive prints nothing in normal operation. %s %c %d %u %x %lx %lu %p,
   width and zero padding. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define check(x)                                                                                   \
	do {                                                                                       \
		if (!(x))                                                                          \
			panic("%s:%d: %s", __FILE__, __LINE__, #x);                                \
	} while (0)

#endif
