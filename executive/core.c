/*
 * The executive of one core: it starts, and then runs whatever is to run.
 *
 * Interface: core_main and core.h; what comes in while a domain runs is in trap.c.
 * Rules: no scheduler and no preemption. A domain runs until it waits; queue.c says who is next.
 * There is one stack: it starts empty at every trap and is abandoned by core_run.
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
#include "executive/queue.h"
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

static uint64_t next_deadline = UINT64_MAX; /* no waiting domain is due earlier */
HOT_DATA static const struct domain *last;  /* whose translations and vector state the core holds */

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

HOT void core_flush(struct domain *d)
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
	core_flush(d);
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
	struct domain *d = queue_take(now);

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
			if (queue_empty()) {
				trace(TRACE_IDLE, next_deadline, now);
				arch_idle(watch_deadline(next_deadline));
			}
			fifo_woken();
			slept(now);
		}
	}
}
