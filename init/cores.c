/*
 * Which domain lives on which core: the question put to placement.c, and its answer told.
 *
 * Machine: what a message between two cores costs and how far a device is, by the lattice; which
 * cores live and what memory they have, by their executives. Domains: what they want and how much
 * they talk (traffic.c). Rules: who lives stays, moves are balance's; who has a core by the
 * configuration keeps it while that core lives. Init itself is one more domain, on the core it is
 * on.
 */
#include <stdio.h>
#include <string.h>
#include <moxie/slots.h>
#include "init/init.h"

/* Init's own. It watches over all: who hangs beside it is found later. */
#define OWN_WANT (CORE / 100)
#define OWN_HARM (CORE / 10)
#define OWN_RISK 800u /* of 1000; it works off what it finds in one go */

static struct placement asked; /* the last question, with its answer */

static void ask_cores(struct placement *p)
{
	memory_ask();
	distance_fill(p);
	for (uint32_t core = 0; core < p->cores; core++) {
		struct mx_stat stat = {.core = core};
		int64_t error = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)&stat, 0);

		p->usable |= error == MX_EPEER ? 0 : 1u << core;
		p->memory[core] = memory_left(core);
	}
}

static bool lives(const struct child *c)
{
	return (c->adopted && c->life != LIFE_ENDED) || c->life == LIFE_CREATED || child_runs(c);
}

static bool stays(const struct placement *p, const struct child *c)
{
	return (p->usable >> c->request.core & 1) && (c->core_set || lives(c));
}

static void ask_child(struct placement *p, uint32_t i)
{
	const struct child *c = &init.children[i];

	p->domains[i] = (struct placed){
	        .core = stays(p, c) ? c->request.core : NOWHERE,
	        .fixed = stays(p, c),
	        .replica = c->role == ROLE_ROUTER && init.pairs > 1,
	        .harm = traffic_harm(c),
	        .risk = traffic_risk(c),
	        .bond = traffic_bond(c),
	        .want = traffic_want(c),
	        .memory = lives(c) ? 0 : memory_need(c),
	        .touches = traffic_touches(c),
	};
	if (c->role == ROLE_DRIVER)
		distance_device(p, &p->domains[i], machine()->devices[c->request.device].address);
}

/* Children by their index, then init. */
static struct placement *ask(void)
{
	struct placement *p = &asked;
	uint32_t own = init.children_n;

	memset(p, 0, sizeof *p);
	p->cores = mx_boot->cores;
	p->n = own + 1;
	ask_cores(p);
	p->domains[own] = (struct placed){.core = mx_boot->core,
	                                  .fixed = true,
	                                  .want = OWN_WANT,
	                                  .harm = OWN_HARM,
	                                  .risk = OWN_RISK,
	                                  .bond = NOBODY};
	for (uint32_t i = 0; i < own; i++) {
		ask_child(p, i);
		placement_talk(p, i, own, traffic_control(&init.children[i]));
	}
	for (uint32_t i = 0; i < init.joints_n; i++)
		placement_talk(p, init.joints[i].a, init.joints[i].b,
		               traffic_rate(&init.joints[i]));
	return p;
}

static void take_answer(const struct placement *p)
{
	for (uint32_t i = 0; i < init.children_n; i++)
		init.children[i].request.core = p->domains[i].core;
}

void cores_choose(void)
{
	struct placement *p = ask();

	placement_solve(p);
	take_answer(p);
}

/* Behind cores_choose, once nothing changes any more. */
void cores_tell(void)
{
	wishes_refused();
	for (uint32_t i = 0; i < init.children_n; i++)
		reason_tell(&asked, &init.children[i]);
}

static bool on_lost(const struct placement *p, const struct child *c)
{
	return !(p->usable >> c->request.core & 1);
}

static void uproot(struct placement *p, struct child *c)
{
	c->request.core = p->domains[c - init.children].core;
	c->uprooted = true;
	reason_tell(p, c);
}

/* All whose core is lost at once, since they talk to each other; who has a living one stays. */
static void leave_lost(void)
{
	struct placement *p = ask();
	uint32_t lost = 0;

	for (uint32_t i = 0; i < init.children_n; i++) {
		lost += on_lost(p, &init.children[i]);
		p->domains[i].fixed = !on_lost(p, &init.children[i]);
		if (p->domains[i].fixed)
			p->domains[i].core = init.children[i].request.core;
	}
	if (!lost)
		return;
	placement_solve(p);
	for (uint32_t i = 0; i < init.children_n; i++)
		if (on_lost(p, &init.children[i]))
			uproot(p, &init.children[i]);
}

bool cores_again(uint32_t first, uint32_t end)
{
	bool any = false;

	leave_lost();
	for (uint32_t i = first; i < end; i++) {
		any |= init.children[i].uprooted;
		init.children[i].uprooted = false;
	}
	return any;
}

/* c may go anywhere, all others are where they are. */
static struct placement *ask_one(const struct child *c)
{
	struct placement *p = ask();

	for (uint32_t i = 0; i < init.children_n; i++) {
		p->domains[i].core = init.children[i].request.core;
		p->domains[i].fixed = &init.children[i] != c;
		p->domains[i].memory = 0; /* who lives has it, who does not is not meant */
	}
	return p;
}

static int64_t cost_on(struct placement *p, uint32_t i, uint32_t core)
{
	struct placement_parts parts = placement_parts(p, i, core);

	return placement_sum(&parts);
}

/* Of a set of cores; NOWHERE: none of them lives. */
static uint32_t cheapest(struct placement *p, uint32_t i, uint32_t set)
{
	uint32_t best = NOWHERE;

	for (uint32_t core = 0; core < p->cores; core++)
		if (((set & p->usable) >> core & 1) &&
		    (best == NOWHERE || cost_on(p, i, core) < cost_on(p, i, best)))
			best = core;
	return best;
}

/* What it had on its core of before may be used up by others. */
bool cores_other(struct child *c, uint32_t tried)
{
	struct placement *p = ask_one(c);
	uint32_t i = (uint32_t)(c - init.children), core = cheapest(p, i, ~tried);

	if (c->core_set || core == NOWHERE)
		return false;
	output_line("moxie: core %u has no memory for %s", c->request.core, c->request.name);
	p->domains[i].core = c->request.core = core;
	reason_tell(p, c);
	return true;
}

int64_t cores_against(const struct child *c, uint32_t core)
{
	struct placement_parts p = placement_parts(ask_one(c), (uint32_t)(c - init.children), core);

	return p.talk + p.bond + p.device + p.apart;
}
