/* What a parent may have made or started: see children.h. */
#include "executive/children.h"
#include "executive/core.h"
#include "executive/lost.h"

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
bool permit_start(struct domain *d, const struct child *c)
{
	for (struct child *o = d->children; c->shares && o; o = o->next)
		if (has_device(o, c->device) && !o->shares && o->started)
			return true;
	return !c->shares;
}

/* The child that leaves it memory is as it says: the same image, core and pages. */
static bool heir_allowed(struct domain *d, const struct mx_spawn *q)
{
	const struct child *c = child_left(d, q->keep.heir);

	if (!q->keep.heir)
		return true;
	return c && c->place.core == q->core && c->image == q->image &&
	       c->keep.first == q->keep.first && c->keep.pages == q->keep.pages;
}

int permit_create(struct domain *d, const struct mx_spawn *q)
{
	bool root = d->flags & MX_SPAWN_ROOT;

	if (q->core < machine.cores && lost_is(q->core))
		return MX_EPEER;
	if (q->core >= machine.cores ||
	    q->flags & ~(MX_SPAWN_WINDOW | MX_SPAWN_UART | MX_SPAWN_PARENT))
		return MX_EINVAL;
	if (!root && (q->flags & (MX_SPAWN_UART | MX_SPAWN_PARENT) || q->device >= 0))
		return MX_EPERM;
	if (q->device >= 0 && !device_allowed(d, q))
		return MX_EPERM;
	return heir_allowed(d, q) ? MX_OK : MX_EINVAL;
}
