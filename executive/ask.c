/* What a parent asks of other executives, all but binds (join.c). See children.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/core.h"
#include "executive/lost.h"
#include "executive/region.h"
#include "executive/remote.h"

static uint32_t last_handle;

void ask_begin(struct domain *d, uint32_t kind)
{
	d->ask_kind = (uint8_t)kind;
	d->asking = 0;
	memset(d->due, 0, sizeof d->due);
}

/* All that are due are counted first: of this core the answer comes at once. */
void ask_send(struct domain *d, uint32_t core, const struct remote *r)
{
	d->due[core]++;
	remote_send(core, r);
}

/* One request to one core, which is not asked when it is lost: nobody would answer. */
static int64_t ask(struct domain *d, uint32_t core, const struct remote *r)
{
	if (lost_is(core))
		return MX_EPEER;
	ask_begin(d, r->kind);
	d->asking = 1;
	ask_send(d, core, r);
	return ask_wait(d);
}

int64_t ask_wait(struct domain *d)
{
	if (d->asking) {
		d->state = ASKING;
		core_run();
	}
	return d->result;
}

/* They count up, and come round after 2^32 children. */
static uint32_t fresh_handle(struct domain *d)
{
	do
		last_handle++;
	while (last_handle == MX_SELF || child_find(d, last_handle));
	return last_handle;
}

void ask_handle_used(uint32_t handle)
{
	if (handle > last_handle)
		last_handle = handle;
}

static uint64_t spare; /* a page for a request; 0: it is under way */

void ask_init(void)
{
	spare = region_reserve(1, OWNER_EXECUTIVE);
}

static uint64_t request_page(void)
{
	uint64_t at = spare ? spare : region_reserve(1, OWNER_EXECUTIVE);

	spare = 0;
	return at;
}

/* Taken anew each time, it would lie in the gap of a domain that has ended and is to come back. */
void ask_page_back(uint64_t at)
{
	if (spare)
		region_return(at);
	else
		spare = at;
}

/* The request travels in a page of its own, which comes back with the reply. */
int64_t ask_create(struct domain *d, uint64_t argument)
{
	struct child *c = child_fresh(d);
	uint64_t at = c ? request_page() : 0;
	struct mx_spawn *q = direct(at);
	struct remote r = {.kind = REMOTE_CREATE};
	int error;

	d->creates = true;
	if (!at)
		return MX_ENOMEM;
	error = domain_read(d, q, argument, sizeof *q) ? permit_create(d, q) : MX_EINVAL;
	if (error) {
		ask_page_back(at);
		return error;
	}
	*c = (struct child){.next = c->next,
	                    .handle = fresh_handle(d),
	                    .life = ASKED,
	                    .device = q->device,
	                    .heap = q->heap,
	                    .shares = q->share.pages,
	                    .keep = q->keep,
	                    .image = q->image};
	memcpy(c->name, q->name, MX_NAME);
	c->name[MX_NAME - 1] = 0; /* the target has yet to check the request */
	memcpy(c->slots, q->slots, sizeof c->slots);
	r.from = domain_place(d);
	r.child = c->handle;
	r.ring = d->ask_page = at;
	return ask(d, q->core, &r);
}

int64_t ask_life(struct domain *d, uint32_t kind, uint32_t handle)
{
	struct child *c = child_find(d, handle);
	struct remote r = {.kind = (uint8_t)kind};

	if (!c || c->life != ALIVE)
		return MX_EINVAL;
	if (kind == REMOTE_START && !permit_start(d, c))
		return MX_EPERM;
	c->started |= kind == REMOTE_START;
	r.domain = c->place.domain;
	r.key = c->place.generation;
	r.from = domain_place(d);
	return ask(d, c->place.core, &r);
}

int64_t ask_move(struct domain *d, uint64_t argument)
{
	struct remote r = {.kind = REMOTE_MOVE};
	struct mx_move q;
	struct child *c;

	if (!domain_read(d, &q, argument, sizeof q) || !(c = child_find(d, q.child)))
		return MX_EINVAL;
	if (c->life != ALIVE)
		return MX_EPEER;
	r.domain = c->place.domain;
	r.key = c->place.generation;
	r.from = domain_place(d);
	r.value = q.core;
	r.child = q.flags;
	d->asking_child = q.child;
	d->ask_address = argument;
	return ask(d, c->place.core, &r);
}

struct remote ask_forgotten(struct domain *d, const struct child *c)
{
	struct remote r = {.kind = REMOTE_FORGET};

	r.from = domain_place(d);
	r.child = c->handle;
	return r;
}

int64_t ask_forget(struct domain *d, uint32_t handle)
{
	struct child *c = child_left(d, handle);
	struct remote r;

	if (!c)
		return MX_EINVAL;
	r = ask_forgotten(d, c);
	c->life = TOLD;
	return ask(d, c->place.core, &r);
}

/* Of a child that has ended: nobody has to be asked. */
static int64_t last_figures(struct domain *d, const struct child *c, uint64_t argument)
{
	const struct end *e = &c->end;
	struct mx_stat s = {.core = c->place.core,
	                    .child = c->handle,
	                    .held = e->child.frames,
	                    .bad = e->bad,
	                    .ran_ns = e->ran,
	                    .lived_ns = c->died - c->born,
	                    .refused = e->refused,
	                    .ended = 1,
	                    .cause = e->child.cause,
	                    .status = e->child.status,
	                    .rip = e->rip,
	                    .address = e->address,
	                    .code = e->code};

	return domain_write(d, argument, &s, sizeof s) ? MX_OK : MX_EINVAL;
}

int64_t ask_stat(struct domain *d, uint64_t argument)
{
	struct remote r = {.kind = REMOTE_STAT};
	struct mx_stat q;
	struct child *c = NULL;

	if (!domain_read(d, &q, argument, sizeof q) || q.core >= machine.cores)
		return MX_EINVAL;
	if (q.child && (!(c = child_find(d, q.child)) || c->life == ASKED))
		return MX_EINVAL;
	if (c && c->life != ALIVE)
		return last_figures(d, c, argument);
	if (c) {
		r.domain = c->place.domain;
		r.key = c->place.generation;
		q.core = c->place.core;
	}
	r.from = domain_place(d);
	d->ask_address = argument;
	return ask(d, q.core, &r);
}

/* Nobody answers that. */
int64_t ask_break(struct domain *d, uint64_t argument)
{
	struct remote r = {.kind = REMOTE_BREAK};
	uint64_t core = argument & ~(uint64_t)MX_BREAK_HANG;

	if (!(d->flags & MX_SPAWN_ROOT))
		return MX_EPERM;
	if (core >= machine.cores)
		return MX_EINVAL;
	if (!arch_loses)
		return MX_EPERM;
	if (lost_is((uint32_t)core))
		return MX_EPEER;
	r.value = (argument & MX_BREAK_HANG) != 0;
	remote_send((uint32_t)core, &r);
	return MX_OK;
}

/* The children of a successor are those of its predecessor: it does not know them yet. */
int64_t ask_child(struct domain *d, uint64_t argument)
{
	struct mx_offspring q, o = {0};
	uint32_t n = 0;

	d->heir |= !d->creates;
	if (!domain_read(d, &q, argument, sizeof q))
		return MX_EINVAL;
	for (struct child *c = d->children; c && !o.handle; c = c->next) {
		if ((c->life != ALIVE && c->life != ENDED) || n++ != q.index)
			continue;
		o = (struct mx_offspring){.handle = c->handle,
		                          .core = c->place.core,
		                          .device = c->device,
		                          .started = c->started,
		                          .heap = c->heap};
		memcpy(o.name, c->name, MX_NAME);
		for (uint32_t i = 0; i < MX_SLOTS; i++)
			o.depths[i] = c->slots[i].depth;
	}
	o.index = q.index;
	return domain_write(d, argument, &o, sizeof o) ? MX_OK : MX_EINVAL;
}
