/* What a parent asks for: two slots are to be joined. See children.h; bind.c has the ends. */
#include <string.h>
#include "executive/children.h"
#include "executive/lost.h"
#include "executive/remote.h"
#include "executive/request.h"
#include "executive/slots.h"

static uint32_t last_key;

/* One end of a binding. */
struct joint {
	struct place place;
	struct mx_slot_spec *spec;
	uint64_t ring;
	uint32_t slot;
};

static bool joint_of(struct domain *d, uint32_t handle, uint32_t slot, struct joint *j)
{
	struct child *c = child_find(d, handle);

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
		int error = bind_adopt(d, slot, spec);

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
	if (kind == REMOTE_GONE)
		remote_send(b->place[side].core, &r);
	else
		ask_send(d, b->place[side].core, &r);
}

/* One may have been lost since it answered. */
static bool end_bound(struct domain *d, uint32_t side)
{
	if (lost_is(d->binding.place[side].core)) {
		d->result = MX_EPEER;
		return false;
	}
	return d->binding.bound[side];
}

void join_answered(struct domain *d)
{
	const bool bound[2] = {end_bound(d, 0), end_bound(d, 1)};
	const struct binding *b = &d->binding;

	if (bound[0] && bound[1]) {
		ask_begin(d, REMOTE_OPEN);
		d->asking = 2;
		tell_end(d, REMOTE_OPEN, 0, b->lent[1], 0);
		tell_end(d, REMOTE_OPEN, 1, b->lent[0], 0);
		return;
	}
	for (uint32_t side = 0; side < 2; side++)
		if (bound[side])
			tell_end(d, REMOTE_GONE, side, 0, 0);
}

/* Of this core alone; it comes round after 2^27 binds, when nobody remembers. 0 means unbound. */
static uint32_t fresh_key(void)
{
	last_key = (last_key + 1) & 0x7ffffff;
	if (!last_key)
		last_key++;
	return last_key << 4 | self;
}

int64_t ask_bind(struct domain *d, uint64_t argument)
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
	if (lost_is(a.place.core) || lost_is(b.place.core))
		return MX_EPEER;
	d->binding = (struct binding){.place = {a.place, b.place},
	                              .slot = {(uint8_t)a.slot, (uint8_t)b.slot},
	                              .key = fresh_key()};
	ask_begin(d, REMOTE_CONNECT);
	d->asking = 2;
	d->result = MX_OK;
	tell_end(d, REMOTE_CONNECT, 0, 0, b.ring);
	tell_end(d, REMOTE_CONNECT, 1, 0, a.ring);
	return ask_wait(d);
}
