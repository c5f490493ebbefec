/*
 * What reaches the core while a domain runs: its traps, interrupts, the ticks of its budget,
 * faults.
 *
 * Interface: core_trap, core_irq, core_tick, core_fault (arch.h).
 * Rules: only an exchange may let others run before it returns; every other trap is short. Whatever
 * a domain does wrong is its own end or its own error, and counted.
 */
#include "executive/children.h"
#include "executive/core.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/trace.h"

HOT_DATA uint32_t core_traps;
HOT_DATA struct irq_owner core_irqs[CORE_IRQS];

/* Not before its owner has reset it: it knows memory of an earlier one, and that has others now. */
COLD static int64_t start_device(const struct domain *d)
{
	if (!d->device || d->shares)
		return MX_EPERM;
	return arch_device_start(d->device) ? MX_OK : MX_EPEER;
}

/* The result of a trap: some errors only a domain that does wrong can get. */
static int64_t judged(struct domain *d, int64_t result)
{
	if (result == MX_EINVAL || result == MX_EPERM || result == MX_EOWNER)
		domain_wrong(d, 1);
	return result;
}

/* All but the exchange: they need no turn of the core. */
HOT static int64_t other_trap(struct domain *d, uint64_t nr, uint64_t a, uint64_t b)
{
	core_traps++;
	switch (nr) {
	case MX_TRAP_NOTIFY:
		exchange_notify(d, a);
		fifo_publish();
		return MX_OK;
	case MX_TRAP_MAP:
		return judged(d, map_frame(d, a, b));
	case MX_TRAP_DEVICE:
		return judged(d, start_device(d));
	case MX_TRAP_SPAWN:
		return judged(d, children_trap(d, a, b));
	case MX_TRAP_EXIT:
		domain_end(d, MX_CAUSE_EXIT, (uint32_t)a, 0, 0);
		core_run();
	default:
		return judged(d, MX_EINVAL);
	}
}

HOT int64_t core_trap(uint64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	struct domain *d = current;
	uint64_t now;
	int64_t result;

	(void)c;
	if (nr != MX_TRAP_EXCHANGE)
		return other_trap(d, nr, a, b);
	now = arch_now();
	d->ran += now - d->entered;
	d->entered = now;
	result = exchange(d, now); /* returns only when no other domain runs between */
	core_flush(d);
	if (result >= 0)
		return result;
	core_traps++; /* its counts were refused before the core had its turn */
	return judged(d, result);
}

void core_irq(uint32_t irq)
{
	struct irq_owner *o = &core_irqs[irq & (CORE_IRQS - 1)];

	trace(TRACE_IRQ, irq, o->domain);
	if (o->domain)
		exchange_notified(domains[o->domain], o->slot);
}

/*
 * Time passes for a virtual core even while its host runs something else. So a run counts as too
 * long only when this core took a tick in it often enough: a stretch without the host's core is one
 * tick.
 */
void core_tick(uint64_t rip)
{
	uint64_t now = arch_now(), ran;

	if (!current)
		return;
	ran = now - current->started;
	if (++current->ticks < GUARD_TICKS || ran < current->budget) {
		arch_guard(now + current->budget / GUARD_TICKS);
		return;
	}
	domain_end(current, MX_CAUSE_BUDGET, (uint32_t)(ran / 1000000), rip, 0);
	core_run();
}

COLD _Noreturn void core_fault(const struct fault *f)
{
	check(current);
	current->end.code = f->code;
	domain_end(current, MX_CAUSE_FAULT, f->vector, f->rip, f->address);
	core_run();
}
