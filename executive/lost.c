/* The loss of a core: see lost.h. */
#include "executive/lost.h"
#include "executive/bind.h"
#include "executive/children.h"
#include "executive/core.h"
#include "executive/device.h"
#include "executive/first.h"
#include "executive/keep.h"
#include "executive/lattice.h"
#include "executive/move.h"
#include "executive/remote.h"
#include "executive/survey.h"

HOT_DATA uint32_t lost_cores;
const uint32_t *lost_sign;
static uint32_t told[MX_CORES_MAX]; /* whom each core has dealt with, as it said last */
static bool children_told;

uint32_t lost_living(void)
{
	return ((1u << machine.cores) - 1) & ~lost_cores;
}

static uint32_t lowest(void)
{
	return (uint32_t)__builtin_ctz(lost_living());
}

void lost_start(void)
{
	lost_sign = &fifo_signs()->lost;
}

/* They are rung asleep or not: it happens once, and whoever sleeps is to look at once. */
void lost_declare(uint32_t core)
{
	__atomic_fetch_or(&fifo_signs()->lost, 1u << core, __ATOMIC_SEQ_CST);
	for (uint32_t i = 0; i < machine.cores; i++)
		if (i != self && i != core && !lost_is(i))
			arch_ring(i);
}

void lost_self(void)
{
	static bool done;

	if (done || !lost_sign || machine.cores == 1) /* or it does not run yet */
		return;
	done = true;
	lost_declare(self);
}

static void hear_out(uint32_t core)
{
	struct remote r;

	fifo_close(core);
	while (fifo_pull_from(core, &r))
		remote_handle(&r);
	fifo_deaf(core);
}

/* Children of the first domain live on without it; who had another parent had one task only. */
static void leave_parent(struct domain *d, uint32_t core)
{
	if (d->parent.core == core && d->parent.domain && !first_is(d->parent) &&
	    d->state != MAKING)
		domain_end(d, MX_CAUSE_KILLED, 0, 0, 0);
}

/* At most DOMAINS * MX_SLOTS looks: an owning slot that stayed bound would lose frames. */
static void forget(uint32_t core)
{
	for (uint32_t i = 1; i < DOMAINS; i++) {
		if (!domains[i])
			continue;
		bind_lost(domains[i], core, false);
		children_unanswered(domains[i], core, false);
		leave_parent(domains[i], core);
	}
	keep_lost(core);
	arrive_lost(core);
	move_lost(core);
}

static void tell_parents(void)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (domains[i] && domains[i]->state != ENDING)
			children_lost(domains[i]);
	children_told = true;
}

/*
 * Who was about to move from there has arrived elsewhere and said so, if it could: that core has
 * heard the last words of the lost one before it told us that it did.
 */
static void end_moves(void)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		for (uint32_t left = domains[i] ? lost_cores : 0; left; left &= left - 1) {
			bind_lost(domains[i], (uint32_t)__builtin_ctz(left), true);
			children_unanswered(domains[i], (uint32_t)__builtin_ctz(left), true);
		}
	tell_parents();
}

/* Once the devices are stopped, and once all others have dealt with the same. */
static void go_on(void)
{
	uint32_t others = lost_living() & ~(1u << self);
	bool all = true;

	if (!children_told && (lowest() == self || told[lowest()] == lost_cores))
		tell_parents();
	for (; others; others &= others - 1)
		all &= told[__builtin_ctz(others)] == lost_cores;
	if (!all)
		return;
	end_moves();
	survey_complete();
}

static void tell_others(void)
{
	struct remote r = {.kind = REMOTE_LOST, .from_slot = (uint8_t)self};

	r.value = lost_cores;
	for (uint32_t others = lost_living() & ~(1u << self); others; others &= others - 1)
		remote_send((uint32_t)__builtin_ctz(others), &r);
}

COLD void lost_turn(void)
{
	uint32_t all = __atomic_load_n(lost_sign, __ATOMIC_ACQUIRE), fresh = all & ~lost_cores;

	if (fresh >> self & 1)
		panic("the others have given this core up");
	lost_cores = all;
	for (uint32_t left = fresh; left; left &= left - 1)
		hear_out((uint32_t)__builtin_ctz(left));
	for (uint32_t left = fresh; left; left &= left - 1)
		forget((uint32_t)__builtin_ctz(left));
	for (uint32_t left = fresh; left; left &= left - 1)
		lattice_core_lost((uint32_t)__builtin_ctz(left));
	children_told = false;
	if (lowest() == self) {
		for (uint32_t left = fresh; left; left &= left - 1) {
			arch_lost((uint32_t)__builtin_ctz(left));
			print("moxie: core %u: core %u is lost\n", self,
			      (uint32_t)__builtin_ctz(left));
		}
		device_lost();
	}
	survey_begin();
	tell_others();
	go_on();
	first_core_lost();
}

COLD void lost_heard(const struct remote *r)
{
	told[r->from_slot] = r->value;
	go_on();
}
