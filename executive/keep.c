/* What a domain leaves: see keep.h. */
#include <string.h>
#include "executive/keep.h"
#include "executive/region.h"
#include "executive/remote.h"

#define KEEPS     DOMAINS
#define PROMISED  1u  /* in place of an address */
#define KEEP_STEP 32u /* pages copied in one step: some 30 us */

/* Owners of regions are the domains' indices below, and OWNER_EXECUTIVE. */
#define OWNER_KEEP(k) (DOMAINS + (uint32_t)((k)-keeps) + 1)

static struct keep {
	uint64_t at; /* physical; 0: the record is free */
	uint32_t pages;
	struct place parent;
	uint32_t handle; /* of the domain that has it, or had it last */
	uint32_t before; /* and of the one before, whose it is again if the domain cannot be made */
	bool held;       /* by a domain that is not gone yet */
	bool lent;       /* it went with its domain to another core, and only the memory is here */
	uint8_t core, record; /* whose memory it is, and its record there */
} keeps[KEEPS];

static struct keep *find(struct place parent, uint32_t handle)
{
	for (struct keep *k = keeps; k < keeps + KEEPS; k++)
		if (k->at && !k->lent && k->handle == handle &&
		    !memcmp(&k->parent, &parent, sizeof parent))
			return k;
	return NULL;
}

static struct keep *unused(void)
{
	for (struct keep *k = keeps; k < keeps + KEEPS; k++)
		if (!k->at)
			return k;
	return NULL;
}

static struct keep *fresh(const struct domain *d, uint32_t pages)
{
	struct keep *k = unused();

	if (!k)
		return NULL;
	*k = (struct keep){.pages = pages, .parent = d->parent, .core = (uint8_t)self};
	k->record = (uint8_t)(k - keeps);
	k->at = region_reserve(pages, OWNER_KEEP(k));
	return k->at ? k : NULL;
}

/* Its memory goes back to the core that it is of. */
static void drop(struct keep *k)
{
	struct remote r = {.kind = REMOTE_RETURN, .slot = k->record};

	k->at = 0;
	remote_send(k->core, &r);
}

struct mx_kept keep_seen(const struct domain *d)
{
	const struct keep *k = d->keep;

	if (!k || !k->before)
		return (struct mx_kept){0};
	return (struct mx_kept){(uint64_t)d->keep_at * MX_PAGE,
	                        {space_at(&d->space, AT_KEPT), (uint64_t)k->pages * MX_PAGE, 0}};
}

int keep_make(struct domain *d, const struct mx_keep *q)
{
	struct keep *k;

	if (!q->pages)
		return q->heir ? MX_EINVAL : MX_OK;
	k = q->heir ? find(d->parent, q->heir) : fresh(d, q->pages);
	if (!k)
		return q->heir ? MX_EINVAL : MX_ENOMEM;
	if (k->held || k->pages != q->pages)
		return MX_EINVAL;
	k->before = k->handle;
	k->handle = d->handle;
	k->held = true;
	d->keep = k;
	d->keep_at = q->first;
	/* Without a predecessor there is nothing to see; it is cleared for one that comes later. */
	d->making.areas[AREA_KEPT] = (struct area){k->before ? AT_KEPT : 0, k->at, k->pages, READ};
	return MX_OK;
}

void keep_unmake(struct domain *d)
{
	struct keep *k = d->keep;

	d->keep = NULL;
	if (!k)
		return;
	k->handle = k->before;
	k->held = false;
	if (!k->handle)
		drop(k);
}

/* One that never ran has nothing to leave but what it was to have. */
bool keep_step(struct domain *d)
{
	struct keep *k = d->keep;
	uint32_t end = d->kept_n + KEEP_STEP;

	if (!k || !d->begun)
		return true;
	for (; d->kept_n < k->pages && d->kept_n < end; d->kept_n++)
		memcpy((uint8_t *)direct(k->at) + (uint64_t)d->kept_n * MX_PAGE,
		       (uint8_t *)direct(d->image) + (uint64_t)(d->keep_at + d->kept_n) * MX_PAGE,
		       MX_PAGE);
	return d->kept_n == k->pages;
}

void keep_leave(struct domain *d)
{
	if (d->keep)
		d->keep->held = false;
}

COLD void keep_returned(const struct remote *r)
{
	struct keep *k = &keeps[r->slot];

	k->at = 0;
	k->lent = false;
	region_free_owner(OWNER_KEEP(k));
}

/* Found by nobody: it is held by the domain that comes, and lent like memory that is elsewhere. */
bool keep_promise(uint32_t index)
{
	struct keep *k = unused();

	if (k)
		*k = (struct keep){
		        .at = PROMISED, .held = true, .lent = true, .record = (uint8_t)index};
	return k;
}

static struct keep *promised(uint32_t index)
{
	for (struct keep *k = keeps; k < keeps + KEEPS; k++)
		if (k->at == PROMISED && k->record == index)
			return k;
	return NULL;
}

COLD void keep_break(uint32_t index)
{
	struct keep *k = promised(index);

	if (k)
		k->at = 0;
}

COLD void keep_pack(struct domain *d)
{
	struct keep *k = d->keep;

	d->bag = (struct bag){0};
	if (!k)
		return;
	d->bag = (struct bag){k->at, k->pages, k->handle, k->before, k->core, k->record};
	if (k->core == self)
		k->lent = true;
	else
		k->at = 0;
}

COLD void keep_unpack(struct domain *d)
{
	const struct bag *b = &d->bag;
	struct keep *k = promised(d->index);

	if (b->core == self) {
		keep_break(d->index);
		k = &keeps[b->record];
	}
	d->keep = b->at ? k : NULL;
	if (b->at)
		*k = (struct keep){.at = b->at,
		                   .pages = b->pages,
		                   .parent = d->parent,
		                   .handle = b->handle,
		                   .before = b->before,
		                   .held = true,
		                   .core = b->core,
		                   .record = b->record};
}

COLD void keep_forget(const struct remote *r)
{
	struct keep *k = find(r->from, r->child);
	struct remote reply = {.value = REMOTE_FORGET};

	if (k && !k->held)
		drop(k);
	remote_reply(r->from, &reply, MX_OK);
}

struct mx_keep keep_asked(const struct domain *d)
{
	return (struct mx_keep){d->keep_at, d->keep ? d->keep->pages : 0, 0};
}

COLD void keep_orphans(struct place parent, struct place next)
{
	for (struct keep *k = keeps; k < keeps + KEEPS; k++) {
		if (!k->at || memcmp(&k->parent, &parent, sizeof parent) != 0)
			continue;
		if (k->held)
			k->parent = next;
		else
			drop(k);
	}
}

COLD void keep_lost(uint32_t core)
{
	for (struct keep *k = keeps; k < keeps + KEEPS; k++)
		if (k->at && !k->held && k->parent.core == core)
			drop(k);
}
