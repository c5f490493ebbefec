/*
 * The watchdog: a domain that waits for ever, or turns in circles, does not end by itself.
 *
 * Every ROUND each domain is asked by its control channel whether it lives; the library answers
 * (moxie/parent.h). Who has not answered after LOOK is looked at once each LOOK, and ended after as
 * many looks as its configuration says: what follows is its restart policy's.
 * Rules: time alone condemns nobody, since a busy host can keep a core from running. A look counts
 * only when since the one before the domain itself has run, or its core found nothing more to
 * do: the question had reached the core by then, so the domain could have answered. Nor does one
 * count while init itself does not listen to it, because the console is slow.
 */
#include "init/init.h"

#define ROUND                                                                                      \
	(5 * MX_S) /* one costs some 20 switches of domain: nothing an idle machine notices        \
	            */
#define LOOK (1 * MX_S)

static uint64_t round_at, look_at;

static bool awaited(const struct child *c)
{
	return child_runs(c) && c->watch.state != WATCH_IDLE;
}

/* The question: sent by control.c, once the ring has room. */
static void ask_all(uint64_t now)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct watch *w = &init.children[i].watch;

		if (!child_runs(&init.children[i]) || w->state != WATCH_IDLE || !w->limit)
			continue;
		*w = (struct watch){.limit = w->limit, .ticket = now, .state = WATCH_DUE};
	}
	round_at = now + ROUND;
	look_at = now + LOOK;
}

/* Whether the domain could have answered since the last look; the first look only begins. */
static bool could_answer(struct child *c)
{
	struct mx_stat own = {.core = c->request.core, .child = c->handle};
	struct mx_stat core = {.core = c->request.core};
	struct watch *w = &c->watch;
	bool first = !w->looked, could;

	if (!counters_take(c) || mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)&own, 0) < 0 ||
	    mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)&core, 0) < 0)
		return false;
	could = own.ran_ns > w->ran || core.idle_ns > w->idle;
	w->ran = own.ran_ns;
	w->idle = core.idle_ns;
	w->looked = true;
	return !first && could;
}

static void look(struct child *c)
{
	struct watch *w = &c->watch;

	if (could_answer(c) && ++w->looks == w->limit) {
		output_line("moxie: %s has not answered for %u s, it is ended", c->request.name,
		            w->looks);
		w->state = WATCH_IDLE;
		restart_fail(c);
	}
}

void watchdog_hear(struct child *c, uint64_t ticket)
{
	if (ticket == c->watch.ticket)
		c->watch.state = WATCH_IDLE;
}

void watchdog_turn(void)
{
	uint64_t now = mx_now();
	bool any = false;

	if (!round_at)
		round_at = now + ROUND;
	if (now >= round_at)
		ask_all(now);
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (awaited(c) && now >= look_at)
			look(c);
		any |= awaited(c);
	}
	if (now >= look_at)
		look_at = now + LOOK;
	mx_wake_at(any && look_at < round_at ? look_at : round_at);
}
