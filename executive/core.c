/*
 * The executive of one core: it starts, and then runs whatever is to run.
 *
 * Interface: core_main, core_run, core_trap, core_irq, core_tick, core_fault, domain_ready.
 * Rules: no scheduler and no preemption. A domain runs until it waits; those that are ready run in
 * order of arrival. There is one stack: it starts empty at every trap and is abandoned by core_run.
 */
#include "executive/core.h"
#include "executive/agree.h"
#include "executive/changes.h"
#include "executive/children.h"
#include "executive/create.h"
#include "executive/device.h"
#include "executive/exchange.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/lattice.h"
#include "executive/lost.h"
#include "executive/measure.h"
#include "executive/move.h"
#include "executive/post.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/survey.h"
#include "executive/trace.h"
#include "executive/watch.h"

HOT_DATA struct domain *domains[DOMAINS];
HOT_DATA struct domain *current;
HOT_DATA uint32_t core_chores;
HOT_DATA const struct domain *core_leaving;
HOT_DATA uint64_t core_switches, core_idle_ns;
HOT_DATA uint32_t core_traps;
HOT_DATA struct irq_owner core_irqs[CORE_IRQS];

#define GUARD_TICKS   10u     /* in a budget */
#define POLL_PATIENCE 100000u /* ns: a few switches; nobody is kept from polling for longer */

HOT_DATA static uint32_t ready_first, ready_last; /* queue by index, 0: empty */
static uint64_t next_deadline = UINT64_MAX;       /* no waiting domain is due earlier */
HOT_DATA static const struct domain *last; /* whose translations and vector state the core holds */

_Noreturn void core_main(void)
{
	for (uint32_t i = 0; i < SHARES; i++)
		if (machine.share[self][i].size)
			region_give(machine.share[self][i].base, machine.share[self][i].size);
	frame_init();
	ask_init();
	lattice_init();
	survey_init();
	if (self == 0) { /* the first domain has to live somewhere; nothing else is special */
		measure();
		first_spawn();
	}
	lost_start(); /* what panics before that is no matter of this core alone */
	watch_start();
	core_run();
}

struct place domain_place(const struct domain *d)
{
	return (struct place){(uint8_t)self, d->index, d->generation};
}

struct domain *domain_at(uint32_t index, uint32_t generation)
{
	struct domain *d = index < DOMAINS ? domains[index] : NULL;

	return d && d->generation == generation && d->state != ENDING ? d : NULL;
}

HOT void domain_ready(struct domain *d)
{
	d->polls = false; /* it keeps its place in the queue */
	if (d->state == READY || d->state == RUNNING || d->state == ENDING)
		return;
	if (d->frozen) {
		d->thaws = true;
		return;
	}
	d->state = READY;
	d->next = 0;
	if (ready_last)
		domains[ready_last]->next = d->index;
	else
		ready_first = d->index;
	ready_last = d->index;
}

bool domain_others_ready(void)
{
	return ready_first || core_leaving;
}

/* Its record may be gone, and its index in use again, before its turn would come. */
void domain_unready(struct domain *d)
{
	uint32_t before = 0, at = d->state == READY ? ready_first : 0;

	while (at && at != d->index) {
		before = at;
		at = domains[at]->next;
	}
	if (!at)
		return;
	if (before)
		domains[before]->next = d->next;
	else
		ready_first = d->next;
	if (ready_last == at)
		ready_last = before;
}

HOT void domain_poll(struct domain *d, uint64_t now)
{
	domain_ready(d);
	d->polls = true;
	d->polls_since = now;
}

/* The first; but one that polls lets the first pass that does not, while its patience lasts. */
HOT static struct domain *ready_pop(uint64_t now)
{
	struct domain *d = ready_first ? domains[ready_first] : NULL;

	if (d && d->polls && now < d->polls_since + POLL_PATIENCE)
		for (uint32_t i = d->next; i; i = domains[i]->next)
			if (!domains[i]->polls) {
				d = domains[i];
				break;
			}
	if (!d)
		return NULL;
	domain_unready(d);
	d->polls = false;
	return d;
}

/* Wake whose deadline has passed; find the next one. */
HOT static void fire_deadlines(uint64_t now)
{
	next_deadline = change_load(now);
	for (uint32_t i = 1; i < DOMAINS; i++) {
		struct domain *d = domains[i];

		if (!d || d->state != WAITING)
			continue;
		if (d->deadline <= now)
			domain_ready(d);
		else if (d->deadline < next_deadline)
			next_deadline = d->deadline;
	}
}

/* Forget the translations of frames d has given away, before it runs on. */
HOT static void flush(struct domain *d)
{
	if (d->stale_n > STALE_MAX)
		space_load(&d->space);
	else
		for (uint32_t i = 0; i < d->stale_n; i++)
			space_flush(d->stale[i]);
	d->stale_n = 0;
}

HOT void core_begin(struct domain *d, uint64_t now)
{
	d->started = d->entered = now;
	d->ticks = 0;
}

HOT static _Noreturn void enter(struct domain *d)
{
	if (d->in_exchange)
		exchange_collect(d);
	else
		core_begin(d, arch_now()); /* its first run, or it waited for what it asked */
	fifo_publish();
	if (last != d) {
		space_load(&d->space);
		d->stale_n = 0;
		cpu_scrub(d->flags & MX_SPAWN_UART);
		last = d;
		core_switches++;
	}
	flush(d);
	d->state = RUNNING;
	trace(TRACE_RUN, d->index, d->started);
	current = d;
	arch_guard(d->started + d->budget / GUARD_TICKS);
	context_resume(&d->context, d->result);
}

HOT void core_due(const struct domain *d)
{
	if (d->state == WAITING && d->deadline < next_deadline)
		next_deadline = d->deadline;
}

HOT static void leave(void)
{
	if (!current)
		return;
	core_due(current);
	current->started = 0; /* a wait ends a run */
	context_save(&current->context);
	current = NULL;
}

void core_forget(const struct domain *d)
{
	if (last == d) {
		last = NULL;
		space_leave();
	}
}

static bool chore(struct domain *d)
{
	if (d == current)
		return false;
	if (d->state == MAKING)
		return create_step(d);
	if (move_due(d))
		return !move_leave(d);
	return d->state == ENDING && domain_reap(d);
}

/* Goes on where it left off, so that one large domain does not hold up the others. */
COLD static bool do_chores(void)
{
	static uint32_t turn;
	uint64_t end = arch_now() + CHORE_NS;
	bool more = false;

	for (uint32_t n = 0; n < DOMAINS; n++, turn = (turn + 1) % DOMAINS)
		while (domains[turn] && chore(domains[turn])) {
			more = true;
			if (arch_now() < end)
				continue;
			turn = (turn + 1) % DOMAINS;
			return true;
		}
	return more;
}

HOT bool core_turn(uint64_t now)
{
	arch_poll(now);
	if (now >= watch_at)
		watch_turn(now);
	remote_drain();
	if (now >= next_deadline)
		fire_deadlines(now);
	if (remote_retry) {
		exchange_retry();
		device_retry();
		agree_turn();
		bool posted = post_again(), surveyed = survey_again(); /* both are to try */

		remote_retry |= !posted || !surveyed;
	}
	return (core_chores && do_chores()) | remote_retry;
}

HOT static void run_ready(uint64_t now)
{
	struct domain *d = ready_pop(now);

	if (d)
		enter(d);
}

HOT _Noreturn void core_switch(uint64_t now)
{
	leave();
	if (!core_leaving)
		run_ready(now);
	core_run();
}

static void slept(uint64_t since)
{
	uint64_t now = arch_now(), look;

	core_idle_ns += now - since;
	look = change_woken(now);
	if (look < next_deadline)
		next_deadline = look;
}

HOT _Noreturn void core_run(void)
{
	leave();
	for (;;) {
		uint64_t now = arch_now();
		bool busy = core_turn(now);

		run_ready(now);
		busy |= !frame_send_home(true);
		fifo_publish();
		if (busy || arch_linger(now) || measure_lingers(now))
			continue; /* more to reclaim, or a FIFO is full whose reader is another core
			           */
		if (lost_look())
			continue;
		if (fifo_sleep()) {
			if (next_deadline != UINT64_MAX)
				fire_deadlines(
				        now); /* the bound may be stale: halt as long as may be */
			if (!ready_first) {
				trace(TRACE_IDLE, next_deadline, now);
				arch_idle(watch_deadline(next_deadline));
			}
			fifo_woken();
			slept(now);
		}
	}
}

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
	flush(d);
	return result < 0 ? judged(d, result) : result;
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
