/* Cores that hang: see watch.h. */
#include "executive/watch.h"
#include "executive/core.h"
#include "executive/first.h"
#include "executive/lost.h"
#include "executive/remote.h"

#define BEAT      100000u    /* ns; the page of the signs would cost each turn a miss of the TLB */
#define LOOK      50000000u  /* ns from one to the next */
#define LOOK_MOST 200000000u /* longer, and this core was not there itself */
#define CALL      2000000000u

/* Looks without a beat until it is nudged, until it must give up, and until it is stopped. */
enum { QUIET = 10, STUCK = 4, GIVEN = 20, DEAF = 100 };

/* What a nudge asks; the beat that it was asked at stands above. */
enum { NOTHING, ANSWER, GIVE_UP };
#define ASKS      2u /* bits */
#define ASK_MASK  3u
#define BEAT_MASK (UINT32_MAX >> ASKS)

HOT_DATA uint64_t watch_at;
static uint64_t look_at; /* ns */
static uint64_t call_at; /* ns; see calls */

static struct watch {
	uint64_t looked; /* ns */
	uint32_t beat, answers;
	uint32_t looks; /* in this phase, all with the same beat */
	enum { WATCHED, NUDGED, AWAKE, TOLD } phase;
} watches[MX_CORES_MAX];

void watch_start(void)
{
	if (!arch_loses || machine.cores == 1)
		watch_at = UINT64_MAX;
}

static uint32_t *own_beat(void)
{
	return &fifo_signs()->core[self].beat;
}

static void beat(void)
{
	__atomic_store_n(own_beat(), *own_beat() + 1, __ATOMIC_RELAXED);
}

static void nudge(uint32_t core, uint32_t ask)
{
	uint32_t *word = &fifo_signs()->core[core].nudge;
	uint32_t still = (watches[core].beat & BEAT_MASK) << ASKS;

	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != (still | GIVE_UP)) /* by another observer */
		__atomic_store_n(word, still | ask, __ATOMIC_SEQ_CST);
	arch_nudge(core);
}

static void enter(struct watch *w, uint32_t phase)
{
	w->phase = phase;
	w->looks = 0;
}

/* One that cannot be stopped is given up all the same: it halts itself when it comes to look. */
static void stop(uint32_t core)
{
	print("moxie: core %u: core %u does not answer%s\n", self, core,
	      arch_fence(core) ? "" : ", and cannot be stopped");
	lost_declare(core);
}

static void suspect(uint32_t core)
{
	struct watch *w = &watches[core];
	uint32_t answers = __atomic_load_n(&fifo_signs()->core[core].answers, __ATOMIC_RELAXED);

	w->looks++;
	if (w->phase == WATCHED && w->looks == QUIET) {
		w->answers = answers;
		enter(w, NUDGED);
		nudge(core, ANSWER);
	} else if (w->phase == NUDGED && answers != w->answers) {
		enter(w, AWAKE);
	} else if (w->phase == AWAKE && w->looks == STUCK) {
		enter(w, TOLD);
		nudge(core, GIVE_UP);
	} else if (w->looks == (w->phase == TOLD ? GIVEN : DEAF)) {
		stop(core);
	}
}

static void look(uint32_t core, uint64_t now)
{
	struct watch *w = &watches[core];
	uint32_t now_at = __atomic_load_n(&fifo_signs()->core[core].beat, __ATOMIC_RELAXED);
	bool same = w->looks + w->phase && now_at == w->beat && now - w->looked < LOOK_MOST;

	w->looked = now;
	if (same && fifo_pending(core)) {
		suspect(core);
		return;
	}
	w->beat = now_at;
	w->phase = WATCHED;
	w->looks = fifo_pending(core);
}

/*
 * Nobody may want anything of the first domain's core, and without it nobody is started again. So
 * one of the others, the lowest, has it take an entry now and then.
 */
static bool calls(void)
{
	uint32_t others = lost_living() & ~(1u << first_place.core);

	return others && (uint32_t)__builtin_ctz(others) == self && !lost_is(first_place.core);
}

static void call(uint64_t now)
{
	struct remote r = {.kind = REMOTE_CALL};

	if (now < call_at || !calls())
		return;
	call_at = now + CALL;
	remote_try(first_place.core, &r);
}

COLD void watch_turn(uint64_t now)
{
	beat();
	lost_look();
	watch_at = now + BEAT;
	if (now < look_at)
		return;
	look_at = now + LOOK;
	call(now);
	for (uint32_t core = 0; core < machine.cores; core++)
		if (core != self && !lost_is(core))
			look(core, now);
}

uint64_t watch_deadline(uint64_t deadline)
{
	uint64_t at = look_at > watch_at ? look_at : watch_at;

	if (watch_at != UINT64_MAX && calls() && call_at < deadline)
		deadline = call_at > at ? call_at : at;
	for (uint32_t core = 0; core < machine.cores && at < deadline; core++)
		if (core != self && !lost_is(core) && fifo_pending(core))
			return at;
	return deadline;
}

/*
 * Not while it was under way: then the beat is another, and all is well. What was asked stays: of
 * two observers' NMIs the second one may come late, and is no fault of the machine. A domain whose
 * traps need no turn can be met in here each time.
 */
COLD bool watch_nudged(bool in_domain, uint64_t rip)
{
	uint32_t asked = __atomic_load_n(&fifo_signs()->core[self].nudge, __ATOMIC_SEQ_CST);
	bool stands = (*own_beat() & BEAT_MASK) == asked >> ASKS;
	static uint32_t traps; /* when it was nudged last */

	if (in_domain || core_traps != traps) /* its budget ends that */
		beat();
	else if ((asked & ASK_MASK) == GIVE_UP && stands)
		panic("it turns no more, at %lx", rip);
	else if (asked)
		__atomic_store_n(&fifo_signs()->core[self].answers,
		                 fifo_signs()->core[self].answers + 1, __ATOMIC_RELAXED);
	traps = core_traps;
	return asked != NOTHING;
}
