/* The records of a parent's children: see children.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/lattice.h"
#include "executive/region.h"
#include "executive/remote.h"

struct child *child_find(struct domain *d, uint32_t handle)
{
	struct child *c = d->children;

	while (c && (c->handle != handle || c->life == FREE))
		c = c->next;
	return c;
}

struct child *child_left(struct domain *d, uint32_t handle)
{
	struct child *c = child_find(d, handle);

	return c && c->life == LEFT ? c : NULL;
}

/* Whose figures are oldest, if none is free. */
static struct child *reusable(struct domain *d)
{
	struct child *best = NULL;

	for (struct child *c = d->children; c; c = c->next) {
		if (c->life == FREE)
			return c;
		if (c->life == TOLD && (!best || c->died < best->died))
			best = c;
	}
	return best;
}

struct child *child_fresh(struct domain *d)
{
	struct child *c = reusable(d);
	uint64_t at;

	if (c || d->children_n == CHILDREN_MOST)
		return c;
	at = region_alloc(1, d->index);
	if (!at)
		return NULL;
	c = direct(at);
	c->next = d->children;
	d->children = c;
	d->children_n++;
	return c;
}

COLD int64_t children_trap(struct domain *d, uint64_t op, uint64_t argument)
{
	if (!(d->flags & (MX_SPAWN_PARENT | MX_SPAWN_ROOT)))
		return MX_EPERM;
	d->result = MX_OK;
	d->ask_address = 0;
	switch (op) {
	case MX_SPAWN_CREATE:
		return ask_create(d, argument);
	case MX_SPAWN_BIND:
		return ask_bind(d, argument);
	case MX_SPAWN_START:
		return ask_life(d, REMOTE_START, (uint32_t)argument);
	case MX_SPAWN_KILL:
		return ask_life(d, REMOTE_KILL, (uint32_t)argument);
	case MX_SPAWN_STAT:
		return ask_stat(d, argument);
	case MX_SPAWN_FORGET:
		return ask_forget(d, (uint32_t)argument);
	case MX_SPAWN_CHILD:
		return ask_child(d, argument);
	case MX_SPAWN_MOVE:
		return ask_move(d, argument);
	case MX_SPAWN_LATTICE:
		return d->flags & MX_SPAWN_ROOT ? lattice_copy(d, argument) : MX_EPERM;
	case MX_SPAWN_BREAK:
		return ask_break(d, argument);
	case MX_SPAWN_POWER:
		if (!(d->flags & MX_SPAWN_ROOT))
			return MX_EPERM;
		if (argument > MX_POWER_RESET)
			return MX_EINVAL;
		arch_power((uint32_t)argument);
	default:
		return MX_EINVAL;
	}
}

uint32_t children_report(struct domain *d, struct mx_msg *in, uint32_t n, uint32_t most)
{
	for (struct child *c = d->children; c && d->child_events && n < most; c = c->next) {
		if (c->life != ENDED)
			continue;
		in[n] = (struct mx_msg){.frame = MX_NOFRAME, .kind = MX_EVENT_CHILD};
		memcpy(in[n++].body, &c->end.child, sizeof c->end.child);
		c->life = c->keep.pages ? LEFT : TOLD;
		d->child_events--;
	}
	return n;
}

static bool to_tell(const struct child *c)
{
	return c->life == ALIVE || (c->keep.pages && (c->life == ENDED || c->life == LEFT));
}

/* Those that end later leave to nobody: see child_ended. */
bool children_kill(struct domain *d)
{
	struct child *c = d->children;
	struct remote r = {.kind = REMOTE_KILL};

	if (d->flags & MX_SPAWN_ROOT) /* its successor has them */
		return true;
	while (c && !to_tell(c))
		c = c->next;
	if (!c)
		return true;
	r.domain = c->place.domain;
	r.key = c->place.generation;
	r.from = domain_place(d);
	if (c->life != ALIVE)
		r = ask_forgotten(d, c);
	if (remote_try(c->place.core, &r))
		c->life = FREE;
	return false;
}
