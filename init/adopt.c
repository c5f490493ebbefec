/*
 * What a predecessor of init left running: taken over, not started again.
 *
 * Interface: adopt_look once, before anything is planned; for each plan adopt_claim before its
 * cores, adopt_settle between its frames and its memory; adopt_all when the plan stands. Without a
 * predecessor they do nothing.
 * Rules: a child is known by its name. Channels between two that live are left alone; init's own
 * ends are bound anew, and the configuration is told from its first line, which is the same as
 * before: see moxie/control.h. What is in the plan and does not live has ended, and what follows is
 * restart.c's; what lives and is in no plan is ended.
 */
#include <stdio.h>
#include "init/init.h"

#define FOUND (2 * CHILDREN)

static struct mx_offspring found[FOUND];
static uint32_t found_n;

void adopt_look(void)
{
	for (;;) {
		struct mx_offspring *o = &found[found_n];

		o->index = found_n;
		if (mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CHILD, (uint64_t)o, 0) < 0 || !o->handle ||
		    ++found_n == FOUND)
			return;
	}
}

static const struct mx_offspring *find(const struct child *c)
{
	for (uint32_t i = 0; i < found_n; i++)
		if (strcmp(found[i].name, c->request.name) == 0 &&
		    found[i].device == c->request.device)
			return &found[i];
	return NULL;
}

/* As deep as the end that lives; whose quota was for less gets so much more. */
static void set_depth(uint32_t child, uint32_t slot, uint16_t depth)
{
	struct mx_spawn *q = &init.children[child].request;
	uint16_t before = q->slots[slot].depth;

	q->slots[slot].depth = depth;
	if (q->slots[slot].kind == MX_SLOT_OWNING && depth > before)
		q->quota += depth - before;
}

static void match_depths(const struct joint *j)
{
	const struct mx_offspring *a = find(&init.children[j->a]), *b = find(&init.children[j->b]);
	uint16_t depth = a ? a->depths[j->a_slot] : b ? b->depths[j->b_slot] : 0;

	if (!depth)
		return;
	set_depth(j->a, j->a_slot, depth);
	set_depth(j->b, j->b_slot, depth);
}

void adopt_settle(void)
{
	for (uint32_t i = 0; i < init.joints_n && found_n; i++)
		match_depths(&init.joints[i]);
}

void adopt_claim(void)
{
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];
		const struct mx_offspring *o = find(c);

		if (!o)
			continue;
		c->handle = o->handle;
		c->adopted = true;
		c->request.core = o->core;
		c->request.heap = o->heap;
	}
}

static bool planned(const struct mx_offspring *o)
{
	for (uint32_t i = 0; i < init.children_n; i++)
		if (init.children[i].adopted && init.children[i].handle == o->handle)
			return true;
	return false;
}

static void end_strangers(void)
{
	for (uint32_t i = 0; i < found_n; i++) {
		if (planned(&found[i]))
			continue;
		output_line("moxie: %s is not wanted any more, it is ended", found[i].name);
		mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, found[i].handle, 0);
	}
}

/* Its end was nobody's to see. */
static void missed(struct child *c)
{
	c->life = LIFE_ENDED;
	restart_ended(c);
}

bool adopt_all(void)
{
	char names[512] = "";
	size_t n = 0;

	if (!found_n)
		return false;
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (!c->adopted)
			continue;
		spawn_adopt(c);
		n += (size_t)snprintf(names + n, sizeof names - n, " %s", c->request.name);
		n = n < sizeof names ? n : sizeof names - 1;
	}
	output_line("moxie: init again on core %u, it goes on with%s", mx_boot->core, names);
	end_strangers();
	for (uint32_t i = 0; i < init.children_n; i++)
		if (!init.children[i].adopted)
			missed(&init.children[i]);
	return true;
}
