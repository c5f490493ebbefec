/* A parent's children: see children.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/core.h"
#include "executive/create.h"
#include "executive/exchange.h"
#include "executive/frame.h"
#include "executive/region.h"
#include "executive/remote.h"

enum life { FREE, ASKED, ALIVE, ENDED, LEFT };

struct child {
	struct child *next;
	uint32_t handle;
	uint32_t life;
	int32_t device;
	bool shares;  /* a part of the device, not the whole */
	bool started; /* it was told to */
	struct place place;
	uint64_t rings;
	struct mx_child cause;
	struct mx_keep
	        keep; /* not zero pages: it becomes LEFT, not FREE, once its end is reported */
	uint64_t image;
	struct mx_slot_spec slots[MX_SLOTS];
};
_Static_assert(sizeof(struct child) <= MX_PAGE, "a child's record is one page");

static uint32_t last_handle, last_key;

static struct child *find(struct domain *d, uint32_t handle)
{
	struct child *c = d->children;

	while (c && (c->handle != handle || c->life == FREE))
		c = c->next;
	return c;
}

static struct child *fresh(struct domain *d)
{
	struct child *c = d->children;
	uint64_t at;

	while (c && c->life != FREE)
		c = c->next;
	if (c)
		return c;
	at = region_alloc(1, d->index);
	if (!at)
		return NULL;
	c = direct(at);
	c->next = d->children;
	d->children = c;
	return c;
}

/* Wait for the replies that are still due; the result is the trap's. */
static int64_t ask(struct domain *d)
{
	if (d->asking) {
		d->state = ASKING;
		core_run();
	}
	return d->result;
}

static bool has_device(const struct child *c, int32_t device)
{
	return (c->life == ASKED || c->life == ALIVE) && c->device == device;
}

/* Both would have one of the device's vectors. */
static bool vectors_meet(const struct mx_slot_spec *a, const struct mx_slot_spec *b)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		for (uint32_t k = 0; a[i].kind == MX_SLOT_IRQ && k < MX_SLOTS; k++)
			if (b[k].kind == MX_SLOT_IRQ && a[i].depth == b[k].depth)
				return true;
	return false;
}

/* A device has one owner; it is shared only while that one lives. */
static bool device_allowed(struct domain *d, const struct mx_spawn *q)
{
	bool shares = q->share.pages, owned = false;

	for (struct child *c = d->children; c; c = c->next) {
		if (!has_device(c, q->device))
			continue;
		if (!shares || vectors_meet(c->slots, q->slots))
			return false;
		owned |= !c->shares;
	}
	return owned == shares;
}

/* The owner's start lets the device reach memory, and no other's does: see struct mx_share. */
static bool start_allowed(struct domain *d, const struct child *c)
{
	for (struct child *o = d->children; c->shares && o; o = o->next)
		if (has_device(o, c->device) && !o->shares && o->started)
			return true;
	return !c->shares;
}

static int request_allowed(struct domain *d, const struct mx_spawn *q)
{
	bool root = d->flags & MX_SPAWN_ROOT;

	if (q->core >= machine.cores ||
	    q->flags & ~(MX_SPAWN_WINDOW | MX_SPAWN_UART | MX_SPAWN_PARENT))
		return MX_EINVAL;
	if (!root && (q->flags & (MX_SPAWN_UART | MX_SPAWN_PARENT) || q->device >= 0))
		return MX_EPERM;
	return q->device < 0 || device_allowed(d, q) ? MX_OK : MX_EPERM;
}

static struct child *left(struct domain *d, uint32_t handle)
{
	struct child *c = find(d, handle);

	return c && c->life == LEFT ? c : NULL;
}

static int heir_allowed(struct domain *d, const struct mx_spawn *q)
{
	const struct child *c = left(d, q->keep.heir);

	if (!q->keep.heir)
		return MX_OK;
	return c && c->place.core == q->core && c->image == q->image &&
	                       c->keep.first == q->keep.first && c->keep.pages == q->keep.pages
	               ? MX_OK
	               : MX_EINVAL;
}

/* The request travels in a frame, which the executive of the target core returns. */
static int64_t ask_create(struct domain *d, uint64_t argument)
{
	uint32_t frame = frame_take();
	struct mx_spawn *q = frame == MX_NOFRAME ? NULL : direct(frame_phys(frame));
	struct child *c = fresh(d);
	struct remote r = {.kind = REMOTE_CREATE};
	int error = !q || !c ? MX_ENOMEM : MX_OK;

	if (!error && !domain_read(d, q, argument, sizeof *q))
		error = MX_EINVAL;
	if (!error)
		error = request_allowed(d, q);
	if (!error)
		error = heir_allowed(d, q);
	if (error) {
		if (q)
			frame_return(frame);
		return error;
	}
	*c = (struct child){.next = c->next,
	                    .handle = ++last_handle,
	                    .life = ASKED,
	                    .device = q->device,
	                    .shares = q->share.pages,
	                    .keep = q->keep,
	                    .image = q->image};
	memcpy(c->slots, q->slots, sizeof c->slots);
	r.from = domain_place(d);
	r.child = c->handle;
	r.value = frame;
	d->asking = 1;
	check(remote_send(q->core, &r));
	return ask(d);
}

/* One end of a binding. */
struct joint {
	struct place place;
	struct mx_slot_spec *spec;
	uint64_t ring;
	uint32_t slot;
};

static bool joint_of(struct domain *d, uint32_t handle, uint32_t slot, struct joint *j)
{
	struct child *c = find(d, handle);

	if (!c || c->life != ALIVE || slot >= MX_SLOTS)
		return false;
	*j = (struct joint){c->place, &c->slots[slot], c->rings, slot};
	for (uint32_t i = 0; i < slot; i++)
		j->ring += (uint64_t)ring_pages(&c->slots[i]) * MX_PAGE;
	return true;
}

/* The parent's own slot takes the shape of the child's, or must have it already. */
static int joint_self(struct domain *d, uint32_t slot, struct mx_slot_spec *spec, struct joint *j)
{
	struct slot *s;

	if (slot >= MX_SLOTS)
		return MX_EINVAL;
	s = &d->slots[slot];
	if (s->kind == MX_SLOT_NONE) {
		int error = bind_adopt(d, slot, spec, 0);

		if (error)
			return error;
	}
	if (s->kind != spec->kind || s->type != spec->type || s->depth != spec->depth ||
	    s->size != spec->size)
		return MX_EINVAL;
	*j = (struct joint){domain_place(d), spec, s->ring, slot};
	return MX_OK;
}

/* To end `side` of the bind under way. */
static void tell_end(struct domain *d, uint32_t kind, uint32_t side, uint32_t value, uint64_t ring)
{
	const struct binding *b = &d->binding;
	struct place asker = domain_place(d);
	struct remote r = {.kind = (uint8_t)kind,
	                   .domain = b->place[side].domain,
	                   .slot = b->slot[side],
	                   .from_slot = b->slot[!side],
	                   .key = b->key};

	r.from = b->place[!side];
	r.ring = ring;
	r.value = value;
	memcpy(&r.words[0], &asker, sizeof asker);
	r.words[1] = b->place[side].generation;
	r.words[2] = side;
	if (kind == REMOTE_GONE)
		r.from = (struct place){
		        .core = (uint8_t)self}; /* nobody awaits the acknowledgement */
	check(remote_send(b->place[side].core, &r));
}

/* Both ends have answered: open them, or let the one go that was bound to nobody. */
static void joined(struct domain *d)
{
	const struct binding *b = &d->binding;

	if (b->bound[0] && b->bound[1]) {
		d->asking = 2;
		tell_end(d, REMOTE_OPEN, 0, b->lent[1], 0);
		tell_end(d, REMOTE_OPEN, 1, b->lent[0], 0);
		return;
	}
	for (uint32_t side = 0; side < 2; side++)
		if (b->bound[side])
			tell_end(d, REMOTE_GONE, side, 0, 0);
}

static int64_t ask_bind(struct domain *d, uint64_t argument)
{
	struct mx_bind q;
	struct joint a, b;
	int error = MX_OK;

	if (!domain_read(d, &q, argument, sizeof q) || !joint_of(d, q.a, q.a_slot, &a))
		return MX_EINVAL;
	if (a.spec->kind != MX_SLOT_PLAIN && a.spec->kind != MX_SLOT_OWNING)
		return MX_EINVAL;
	if (q.b == MX_SELF)
		error = joint_self(d, q.b_slot, a.spec, &b);
	else if (!joint_of(d, q.b, q.b_slot, &b))
		error = MX_EINVAL;
	if (error)
		return error;
	if (a.spec == b.spec && q.b != MX_SELF) /* a slot is nobody's peer to itself */
		return MX_EINVAL;
	if (a.spec->kind != b.spec->kind || a.spec->type != b.spec->type ||
	    a.spec->depth != b.spec->depth || a.spec->size != b.spec->size)
		return MX_EINVAL;
	d->binding = (struct binding){.place = {a.place, b.place},
	                              .slot = {(uint8_t)a.slot, (uint8_t)b.slot},
	                              .key = (++last_key << 4 | self) & 0x7fffffff};
	d->asking = 2;
	d->result = MX_OK;
	tell_end(d, REMOTE_CONNECT, 0, 0, b.ring);
	tell_end(d, REMOTE_CONNECT, 1, 0, a.ring);
	return ask(d);
}

static int64_t ask_life(struct domain *d, uint32_t kind, uint32_t handle)
{
	struct child *c = find(d, handle);
	struct remote r = {.kind = (uint8_t)kind};

	if (!c || c->life != ALIVE)
		return MX_EINVAL;
	if (kind == REMOTE_START && !start_allowed(d, c))
		return MX_EPERM;
	c->started |= kind == REMOTE_START;
	r.domain = c->place.domain;
	r.key = c->place.generation;
	r.from = domain_place(d);
	d->asking = 1;
	check(remote_send(c->place.core, &r));
	return ask(d);
}

static struct remote forget(struct domain *d, struct child *c)
{
	struct remote r = {.kind = REMOTE_FORGET};

	r.from = domain_place(d);
	r.child = c->handle;
	return r;
}

static int64_t ask_forget(struct domain *d, uint32_t handle)
{
	struct child *c = left(d, handle);
	struct remote r;

	if (!c)
		return MX_EINVAL;
	r = forget(d, c);
	c->life = FREE;
	d->asking = 1;
	check(remote_send(c->place.core, &r));
	return ask(d);
}

static int64_t ask_stat(struct domain *d, uint64_t argument)
{
	struct remote r = {.kind = REMOTE_STAT};
	struct mx_stat q;
	struct child *c = NULL;

	if (!domain_read(d, &q, argument, sizeof q) || q.core >= machine.cores)
		return MX_EINVAL;
	if (q.child && (!(c = find(d, q.child)) || c->life != ALIVE))
		return MX_EINVAL;
	if (c) {
		r.domain = c->place.domain;
		r.key = c->place.generation;
		q.core = c->place.core;
	}
	r.from = domain_place(d);
	d->asking = 1;
	d->ask_address = argument;
	check(remote_send(q.core, &r));
	return ask(d);
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
		memcpy(in[n++].body, &c->cause, sizeof c->cause);
		c->life = c->keep.pages ? LEFT : FREE;
		d->child_events--;
	}
	return n;
}

/* Those that end later leave to nobody: see child_ended. */
bool children_kill(struct domain *d)
{
	for (struct child *c = d->children; c; c = c->next) {
		struct remote r = {.kind = REMOTE_KILL};

		if (c->life != ALIVE && !(c->keep.pages && (c->life == ENDED || c->life == LEFT)))
			continue;
		r.domain = c->place.domain;
		r.key = c->place.generation;
		r.from = domain_place(d);
		if (c->life != ALIVE)
			r = forget(d, c);
		if (!remote_try(c->place.core, &r))
			return false;
		c->life = FREE;
	}
	return true;
}

/* --- news from the executives of the children --- */

/* Its parent ended while it was made. */
static void end_orphan(struct place place)
{
	struct remote r = {.kind = REMOTE_KILL, .domain = place.domain, .key = place.generation};

	r.from = (struct place){.core = (uint8_t)self}; /* nobody hears the reply */
	check(remote_send(place.core, &r));
}

static void reply_came(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct child *c;

	if (!d && r->value == REMOTE_CREATE && r->status == 0)
		end_orphan(r->from);
	if (!d || !d->asking)
		return;
	if (r->status < 0)
		d->result = r->status;
	if (r->value == REMOTE_CREATE && (c = find(d, r->child))) {
		struct child *before = left(d, c->keep.heir);

		if (before && r->status == 0)
			before->life = FREE;
		c->life = r->status < 0 ? FREE : ALIVE;
		c->place = r->from;
		c->rings = r->ring;
		d->result = r->status < 0 ? r->status : (int64_t)r->child;
	}
	if (d->ask_address && r->status == 0) {
		struct mx_stat s;

		if (domain_read(d, &s, d->ask_address, sizeof s)) {
			remote_unpack(r, &s);
			domain_write(d, d->ask_address, &s, sizeof s);
		}
	}
	if (r->value == REMOTE_CONNECT) {
		d->binding.bound[r->child & 1] = r->status == 0;
		d->binding.lent[r->child & 1] = (uint32_t)r->ring;
	}
	if (--d->asking == 0 && r->value == REMOTE_CONNECT)
		joined(d);
	if (d->asking == 0 && d->state == ASKING)
		domain_ready(d);
}

static void child_ended(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct remote reply = {.kind = REMOTE_FORGET};
	struct mx_child cause;
	struct child *c;

	memcpy(&cause, r->msg.body, sizeof cause);
	if (!d && r->from_slot) {
		reply.from = (struct place){(uint8_t)self, r->domain, (uint16_t)r->key};
		reply.child = cause.child;
		check(remote_send(r->from_slot - 1u, &reply));
	}
	if (!d || !(c = find(d, cause.child)))
		return;
	c->cause = cause;
	c->life = ENDED;
	d->child_events++;
	exchange_wake(d);
}

COLD void children_handle(const struct remote *r)
{
	struct domain *d;
	struct remote reply = {.value = r->kind};

	if (r->kind == REMOTE_REPLY) {
		reply_came(r);
		return;
	}
	if (r->kind == REMOTE_ENDED) {
		child_ended(r);
		return;
	}
	d = domain_at(r->domain, r->key);
	if (r->kind == REMOTE_STAT) {
		if (r->domain && !d) {
			remote_reply(r->from, &reply, MX_EPEER);
			return;
		}
		remote_pack(&reply, d);
		remote_reply(r->from, &reply, MX_OK);
		return;
	}
	if (d && r->kind == REMOTE_START)
		domain_start(d);
	if (d && r->kind == REMOTE_KILL)
		domain_end(d, MX_CAUSE_KILLED, 0, 0, 0);
	remote_reply(r->from, &reply, d ? MX_OK : MX_EPEER);
}
