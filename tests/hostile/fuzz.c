/*
 * The trap fuzzer: a parent and its children issue random traps, in rounds that begin and end with
 * nothing but what was there at first.
 *
 * It takes the place of the first domain in a bundle of its own. What the loader gives as the
 * configuration says how: `seed N seconds N [round N]`; the last for one round alone. Each round
 * has a seed of its own, so a round that failed is run again by its number.
 */
#include <stdlib.h>
#include <string.h>
#include <moxie/domain.h>
#include "tests/guest/suite.h"
#include "tests/hostile/block.h"
#include "tests/hostile/dice.h"
#include "tests/hostile/spawns.h"

#define STEPS 400u
#define KIDS  12u
#define LATE  (10 * MX_S) /* no end takes longer */

static uint64_t seed = 1, seconds = 5, only, rounds;

_Noreturn void must_fail(const char *file, uint32_t line, const char *what)
{
	say("not ok 1 traps, seed %lu round %lu: %s:%u: %s", seed, rounds, file, line, what);
	say("guest: done");
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0);
	for (;;)
		;
}

static uint64_t number_behind(const char *word, uint64_t otherwise)
{
	const struct mx_machine *m = mx_boot->machine.base;
	static char text[128];
	const char *at;

	if (!m->config)
		return otherwise;
	memcpy(text, m->config, m->config_len < sizeof text - 1 ? m->config_len : sizeof text - 1);
	at = strstr(text, word);
	return at ? strtoull(at + strlen(word), NULL, 10) : otherwise;
}

static void until_all_ended(void)
{
	uint64_t deadline = mx_now() + LATE;

	spawns_end_all();
	while (spawns_n()) {
		block_free_all();
		raw_exchange(0, mx_now() + 100 * MX_US);
		MUST(mx_now() < deadline);
	}
	block_free_all();
	spawns_end_all();
}

static void round_of(uint64_t number)
{
	const char *why;

	dice_seed(seed + dice_mix(number));
	for (uint32_t i = 0; i < STEPS; i++)
		if (one_in(3))
			spawns_step();
		else
			block_step();
	until_all_ended();
	why = home_check();
	if (why)
		must_fail("home", 0, why);
}

/* The first child has every slot there is, the others none. */
static void warm_slots(struct mx_spawn *q, bool all)
{
	memset(q->slots, 0, sizeof q->slots);
	q->quota = all ? 2 * FUZZ_OWNING : 0;
	q->flags = all ? MX_SPAWN_WINDOW : 0;
	for (uint32_t i = 0; all && i < MX_SLOTS; i++)
		if (i == 2 || i == 3)
			q->slots[i] =
			        (struct mx_slot_spec){.kind = MX_SLOT_OWNING, .depth = FUZZ_OWNING};
		else if (i != SLOT_CONSOLE)
			q->slots[i] = guest_word_spec;
}

static void warm_end(uint32_t children)
{
	struct mx_exchange *x = mx_boot->exchange;
	uint64_t deadline = mx_now() + LATE;

	while (children) {
		MUST(mx_now() < deadline && raw_exchange(MX_BATCH, deadline) >= 0);
		for (uint32_t i = 0; i < x->in_n; i++)
			children -= x->in[i].kind == MX_EVENT_CHILD;
	}
}

/*
 * As many children at once as there will ever be, on each core, and every slot of the fuzzer bound
 * once: from then on nothing more is set aside for good.
 */
static void warm_up(void)
{
	static struct mx_spawn q = {.name = "warm", .device = -1, .stack = 4};
	int64_t handles[KIDS];

	MUST(image_find("domains/fuzz_child.elf", &q.image, &q.image_len));
	for (q.core = 0; q.core < mx_boot->cores; q.core++) {
		for (uint32_t i = 0; i < KIDS; i++) {
			warm_slots(&q, i == 0);
			handles[i] = suite_spawn(MX_SPAWN_CREATE, &q);
			MUST(handles[i] > 0);
		}
		for (uint32_t s = 0; s < MX_SLOTS; s++) {
			struct mx_bind b = {(uint32_t)handles[0], s, MX_SELF, s};

			MUST(s == SLOT_CONSOLE || suite_spawn(MX_SPAWN_BIND, &b) == MX_OK);
		}
		for (uint32_t i = 0; i < KIDS; i++)
			mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, (uint64_t)handles[i], 0);
		warm_end(KIDS);
	}
	spawns_open(q.image, q.image_len, KIDS, true);
	home_remember();
}

static void run(void)
{
	uint64_t end = mx_now() + seconds * MX_S;

	if (only) {
		rounds = only;
		round_of(only);
		return;
	}
	do {
		rounds++;
		round_of(rounds);
	} while (mx_now() < end);
}

void domain_start(void)
{
	if (!say_open())
		mx_exit(__LINE__); /* the executive prints it and stops */
	seed = number_behind("seed ", seed);
	seconds = number_behind("seconds ", seconds);
	only = number_behind("round ", 0);
	held_open(dice_mix(seed));
	block_open(true, spawns_event);
	warm_up();
	run();
	say("ok 1 traps, seed %lu: %lu rounds, %lu traps of the parent, %lu domains: %lu exits, "
	    "%lu faults, %lu over budget, %lu killed",
	    seed, rounds, block_traps + spawns_traps, spawns_made, spawns_ends[MX_CAUSE_EXIT],
	    spawns_ends[MX_CAUSE_FAULT], spawns_ends[MX_CAUSE_BUDGET],
	    spawns_ends[MX_CAUSE_KILLED]);
	say("guest: done");
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}
