/* What a change does to this replica, the same in all: see changes.h. */
#include <string.h>
#include "executive/changes.h"
#include "executive/facts.h"
#include "executive/lattice.h"

static uint32_t core_index(const struct change *c)
{
	return iskra_find(lattice, MX_KIND_CORE, c->core);
}

static bool core_lost(const struct change *c)
{
	return iskra_get(lattice, core_index(c))->flags & MX_RECORD_LOST;
}

/* A domain is where it went last, whoever says it last, and it ends there. */
static bool is_newest(const struct change *c, const struct mx_record *r)
{
	return (int16_t)(c->moves - r->u.domain.generation) >= 0;
}

static bool placed_possible(const struct change *c)
{
	const struct mx_record *r = iskra_get(lattice, iskra_find(lattice, MX_KIND_DOMAIN, c->id));

	return r ? is_newest(c, r) : iskra_records(lattice) < iskra_most(lattice);
}

static bool ended_possible(const struct change *c)
{
	const struct mx_record *r = iskra_get(lattice, iskra_find(lattice, MX_KIND_DOMAIN, c->id));

	return r && is_newest(c, r);
}

bool change_possible(const struct change *c)
{
	if (core_lost(c))
		return false;
	return c->what == CHANGE_PLACED  ? placed_possible(c)
	       : c->what == CHANGE_ENDED ? ended_possible(c)
	                                 : true;
}

static void set_owner(uint32_t index, uint32_t owner)
{
	struct mx_record r;

	if (index == MX_NOTHING)
		return;
	r = *iskra_get(lattice, index);
	r.owner = owner;
	check(iskra_change(lattice, index, &r) == MX_OK);
}

/* A function's driver, and the core its interrupts go to. */
static void set_driver(uint32_t function, uint32_t domain, uint32_t core)
{
	const struct mx_record *r = iskra_get(lattice, function);

	set_owner(iskra_find(lattice, MX_KIND_INTERRUPT, FACTS_INTERRUPT(r->id)), core);
	set_owner(function, domain);
}

static void set_core(const struct change *c)
{
	uint32_t index = core_index(c);
	struct mx_record r = *iskra_get(lattice, index);

	r.u.core.load = c->load;
	r.u.core.free = (uint64_t)c->free * MX_PAGE;
	check(iskra_change(lattice, index, &r) == MX_OK);
}

static void place(const struct change *c)
{
	uint32_t core = core_index(c), index = iskra_find(lattice, MX_KIND_DOMAIN, c->id), function;
	struct mx_record r =
	        mx_record(MX_KIND_DOMAIN, c->id, MX_LEVEL_CORE, iskra_get(lattice, core)->place);

	r.owner = core;
	memcpy(r.u.domain.name, c->name, MX_NAME);
	r.u.domain.generation = c->moves;
	r.u.domain.handle = c->handle;
	if (index == MX_NOTHING)
		index = facts_insert(lattice, &r);
	else
		check(iskra_change(lattice, index, &r) == MX_OK);
	function = !c->device ? MX_NOTHING
	                      : iskra_find(lattice, MX_KIND_PCI,
	                                   machine.devices[c->device - 1].info.address);
	if (function != MX_NOTHING)
		set_driver(function, index, core);
}

/* One of a kind that this record owns, or MX_NOTHING. */
static uint32_t owned(uint32_t owner, enum mx_kind kind)
{
	struct iskra_walk w;

	iskra_walk_owner(&w, lattice, owner, kind);
	return iskra_step(&w);
}

static void end(uint32_t domain)
{
	uint32_t function;

	while ((function = owned(domain, MX_KIND_PCI)) != MX_NOTHING)
		set_driver(function, MX_NOTHING, MX_NOTHING);
	check(iskra_remove(lattice, domain) == MX_OK);
}

static void mark(uint32_t index)
{
	struct mx_record r = *iskra_get(lattice, index);

	r.flags |= MX_RECORD_LOST;
	if (r.kind == MX_KIND_CORE)
		r.u.core.load = 0;
	check(iskra_change(lattice, index, &r) == MX_OK);
}

/* What lived there is no more; its memory is nobody's to use. */
static void lose(uint32_t core)
{
	uint32_t most = iskra_most(lattice), domain;

	while ((domain = owned(core, MX_KIND_DOMAIN)) != MX_NOTHING)
		end(domain);
	for (uint32_t i = 0; i < most; i++) {
		const struct mx_record *r = iskra_get(lattice, i);

		if (i == core || (r && r->kind == MX_KIND_MEMORY && r->owner == core))
			mark(i);
	}
}

void change_make(const struct change *c)
{
	if (c->what == CHANGE_LOST) {
		lose(core_index(c));
		return;
	}
	set_core(c);
	if (c->what == CHANGE_PLACED)
		place(c);
	if (c->what == CHANGE_ENDED)
		end(iskra_find(lattice, MX_KIND_DOMAIN, c->id));
}
