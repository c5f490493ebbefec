/* Orphans, on both sides: see orphan.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/create.h"
#include "executive/first.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/move.h"
#include "executive/orphan.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/request.h"

static struct place heir; /* the new first domain, until it starts */
static uint32_t awaited;  /* set of cores that have yet to tell */
static uint64_t list_at;  /* physical: what this core told, until it is back */

/* --- the core of the new first domain --- */

void orphan_ask(struct domain *d)
{
	struct remote r = {.kind = REMOTE_FIRST};
	uint32_t left = lost_living();

	r.from = heir = domain_place(d);
	awaited = left;
	for (; left; left &= left - 1)
		remote_send((uint32_t)__builtin_ctz(left), &r);
}

static void start_when_all_told(void)
{
	struct domain *d = awaited ? NULL : domain_at(heir.domain, heir.generation);

	if (d)
		domain_start(d);
}

COLD void orphan_core_lost(void)
{
	if (!awaited)
		return;
	awaited &= lost_living();
	start_when_all_told();
}

/* Without memory for its record it cannot be known. */
static void adopt(struct domain *d, const struct child *orphan)
{
	struct child *c = child_fresh(d), *next;

	if (!c) {
		child_end_unknown(orphan->place);
		return;
	}
	next = c->next;
	*c = *orphan;
	c->next = next;
	ask_handle_used(c->handle);
}

static void told(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct remote back = {.kind = REMOTE_LIST};
	const struct child *list = r->value ? direct(r->ring) : NULL;

	for (uint32_t i = 0; d && i < r->value; i++)
		adopt(d, &list[i]);
	back.ring = r->ring;
	if (list)
		remote_send(r->from.core, &back);
	awaited &= ~(1u << r->from.core);
	start_when_all_told();
}

/* --- a core where orphans live --- */

static bool is_orphan(const struct domain *d)
{
	return d && first_is(d->parent);
}

/* Half made or half bound: only who asked for it knew what for. */
static void end_unbegun(void)
{
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (is_orphan(domains[i]) && domains[i]->state == CREATED)
			domain_end(domains[i], MX_CAUSE_KILLED, 0, 0, 0);
}

/* Its rings lie one behind the other; those of slots it took as a parent itself lie elsewhere. */
static void record_slots(struct child *c, const struct domain *d)
{
	uint64_t next = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		const struct slot *s = &d->slots[i];
		struct mx_slot_spec *spec = &c->slots[i];

		*spec = (struct mx_slot_spec){.kind = s->kind,
		                              .flags = s->flags,
		                              .depth = s->depth,
		                              .type = s->type,
		                              .size = s->size};
		if (s->kind != MX_SLOT_PLAIN)
			continue;
		if (!c->rings)
			c->rings = next = s->ring;
		if (s->ring == next)
			next += (uint64_t)ring_pages(spec) * MX_PAGE;
		else
			spec->kind = MX_SLOT_NONE;
	}
}

/* What its parent knew of it. */
static void record(struct child *c, const struct domain *d)
{
	*c = (struct child){.handle = d->handle,
	                    .life = ALIVE,
	                    .device = d->device ? (int32_t)(d->device - machine.devices) : -1,
	                    .shares = d->shares,
	                    .started = d->begun,
	                    .heap = (uint32_t)(d->boot->heap.size / MX_PAGE),
	                    .place = domain_place(d),
	                    .born = d->born,
	                    .keep = keep_asked(d),
	                    .image = d->offset};
	memcpy(c->name, d->name, MX_NAME);
	record_slots(c, d);
}

static bool listed(const struct domain *d)
{
	return is_orphan(d) && d->state != MAKING && d->state != ENDING;
}

/* Physical; 0 when there is nobody, or no memory to tell of them: then they cannot live on. */
static uint64_t make_list(uint32_t *n)
{
	uint64_t at;

	for (uint32_t i = 1; i < DOMAINS; i++)
		*n += listed(domains[i]);
	if (!*n)
		return 0;
	at = region_reserve((uint32_t)((*n * sizeof(struct child) + MX_PAGE - 1) / MX_PAGE),
	                    OWNER_EXECUTIVE);
	if (at)
		return at;
	for (uint32_t i = 1; i < DOMAINS; i++)
		if (listed(domains[i]))
			domain_end(domains[i], MX_CAUSE_KILLED, 0, 0, 0);
	*n = 0;
	return 0;
}

static void list_back(void)
{
	if (list_at)
		region_return(list_at);
	list_at = 0;
}

/* One that is being made stays with who asked: that core ends it when it is told. */
static void tell(const struct remote *r)
{
	struct remote list = {
	        .kind = REMOTE_ORPHANS, .domain = r->from.domain, .key = r->from.generation};
	uint32_t n = 0;

	move_forsake(first_place); /* its successor may bind or end the domain */
	end_unbegun();
	list_back(); /* its reader was lost */
	list.ring = list_at = make_list(&list.value);
	for (uint32_t i = 1; i < DOMAINS; i++) {
		struct domain *d = domains[i];

		if (!is_orphan(d) || d->state == MAKING)
			continue;
		if (listed(d))
			record((struct child *)direct(list.ring) + n++, d);
		d->parent = r->from;
	}
	keep_orphans(first_place, r->from);
	first_place = r->from;
	list.from.core = (uint8_t)self;
	remote_send(r->from.core, &list);
}

COLD void orphan_handle(const struct remote *r)
{
	if (r->kind == REMOTE_FIRST)
		tell(r);
	else if (r->kind == REMOTE_ORPHANS)
		told(r);
	else if (r->ring == list_at)
		list_back();
}
