/*
 * A core on Linux: a thread that runs its own copy of the executive.
 *
 * Interface: core_entry, the copy's only name that the linker leaves visible.
 * Rules: a signal finds either a domain, or the executive, which it leaves alone: the stack tells.
 * A tick or a fault may not come back: then the executive goes on where the signal was served, on
 * the stack for signals, until a domain enters it anew. No signal is blocked meanwhile.
 */
#include "executive/core.h"
#include "executive/linux/core.h"
#include "executive/linux/sanitize.h"

struct machine machine;
uint32_t self;
struct seat *seat;
uint8_t *core_stack_top;
uint64_t fs_host, fs_domain;
bool fs_by_instruction;

int64_t arch_gate_entry(int64_t nr, uint64_t a, uint64_t b, uint64_t c);
int64_t (*const arch_gate)(int64_t nr, uint64_t a, uint64_t b, uint64_t c) = arch_gate_entry;

/* How often a core that does not sleep looks for interrupts, ns: each look is a system call. */
#define POLL_BUSY 20000u
#define POLL_IDLE 2000u

static uint64_t guard_at;
static uint64_t idle_since; /* 0: something ran since */

uint64_t arch_now(void)
{
	return (uint64_t)((unsigned __int128)(__builtin_ia32_rdtsc() - machine.tsc_base) *
	                          machine.tsc_mult >>
	                  32);
}

void *direct(uint64_t phys)
{
	return (void *)phys;
}

void arch_guard(uint64_t when)
{
	guard_at = when;
	idle_since = 0;
}

bool arch_linger(uint64_t now)
{
	if (!idle_since)
		idle_since = now;
	return now - idle_since < host_options.spin;
}

/* Interrupts do not break in: while domains run one after the other they are looked for. */
void arch_poll(uint64_t now)
{
	static uint64_t looked;

	if (now - looked < (idle_since ? POLL_IDLE : POLL_BUSY))
		return;
	looked = now;
	irq_wait(0);
}

void arch_idle(uint64_t deadline)
{
	uint64_t now = arch_now();

	if (deadline > now)
		irq_wait(deadline - now);
}

void arch_ring(uint32_t core)
{
	host_ring(core);
}

/* What the last domain left in vector registers is the caller's own, by the calling convention. */
void cpu_scrub(bool uart)
{
	(void)uart;
}

/* A core is a thread of one process: none can be lost alone. */
const bool arch_loses = false;

void arch_nudge(uint32_t core)
{
	(void)core;
}

bool arch_fence(uint32_t core)
{
	(void)core;
	return false;
}

void arch_lost(uint32_t core)
{
	(void)core;
}

void arch_break(bool hang)
{
	(void)hang;
}

_Noreturn void arch_power(uint32_t how)
{
	host_power(how);
}

static bool within(uint64_t at, const uint8_t *from, const uint8_t *to)
{
	return at - (uint64_t)from <= (uint64_t)(to - from);
}

static bool in_domain(const greg_t *r)
{
	uint64_t rsp = (uint64_t)r[REG_RSP];

	return current && !within(rsp, seat->stack, seat->stack_top) &&
	       !within(rsp, seat->signals, seat->signals_top);
}

static void tick(const greg_t *r)
{
	if (!in_domain(r) || arch_now() < guard_at || sanitize_works((uint64_t)r[REG_RIP]))
		return;
	sanitize_leave();
	core_tick((uint64_t)r[REG_RIP]);
	sanitize_enter();
}

static void fault(int number, const greg_t *r)
{
	static const uint8_t order[15] = {REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RSI,
	                                  REG_RDI, REG_RBP, REG_R8,  REG_R9,  REG_R10,
	                                  REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
	struct fault f = {.vector = (uint32_t)r[REG_TRAPNO],
	                  .code = (uint32_t)r[REG_ERR],
	                  .rip = (uint64_t)r[REG_RIP],
	                  .address = (uint64_t)r[REG_CR2],
	                  .rsp = (uint64_t)r[REG_RSP],
	                  .rflags = (uint64_t)r[REG_EFL]};

	if (!in_domain(r))
		panic("signal %d in the executive at %#lx, address %#lx", number, f.rip, f.address);
	for (uint32_t i = 0; i < 15; i++)
		f.regs[i] = (uint64_t)r[order[i]];
	sanitize_leave();
	core_fault(&f);
}

static void begin(void)
{
	sanitize_start();
	core_main();
}

static _Noreturn void start(const struct machine *m, uint32_t core, struct seat *mine)
{
	machine = *m;
	self = core;
	seat = mine;
	core_stack_top = mine->stack_top;
	fs_host = mine->host_fs;
	fs_by_instruction = host_fsgsbase;
	on_core_stack(begin);
}

const struct core_entry core_entry = {start, fault, tick, fifo_area_bytes, fifo_asleep};
