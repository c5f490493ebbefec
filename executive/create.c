/* A domain comes to be: see create.h. */
#include <string.h>
#include "executive/core.h"
#include "executive/changes.h"
#include "executive/create.h"
#include "executive/device.h"
#include "executive/elf.h"
#include "executive/first.h"
#include "executive/furnish.h"
#include "executive/keep.h"
#include "executive/lost.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/request.h"
#include "executive/slots.h"
#include "executive/trace.h"

#define MISUSE 1000u /* what a request that names none allows */

static const uint8_t *image_of(const struct mx_spawn *q)
{
	return (const uint8_t *)direct(machine.bundle.base) + q->image;
}

static void fill_regions(struct domain *d, const struct mx_spawn *q, struct mx_boot *b)
{
	const struct area *areas = d->making.areas;

	b->heap = (struct mx_region){space_at(&d->space, AT_HEAP), (uint64_t)q->heap * MX_PAGE, 0};
	b->dma = (struct mx_region){space_at(&d->space, AT_DMA), (uint64_t)q->dma * MX_PAGE,
	                            device_furnish(d)};
	for (uint32_t i = 0; i < MX_BARS; i++) {
		const struct range *r = d->device ? &d->device->bar[i] : &machine.framebuffer;

		if (areas[AREA_BAR + i].pages)
			b->bars[i] = (struct mx_region){
			        space_at(&d->space, AT_BARS + i * AT_BAR_SIZE), r->size, r->base};
	}
}

static void fill_boot(struct domain *d, const struct mx_spawn *q)
{
	struct mx_boot *b = d->boot;

	b->version = MX_ABI_VERSION;
	b->core = self;
	b->cores = machine.cores;
	b->quota = d->quota;
	memcpy(b->name, d->name, MX_NAME);
	b->tsc_base = machine.tsc_base;
	b->tsc_mult = machine.tsc_mult;
	b->exchange = space_at(&d->space, AT_EXCHANGE);
	b->window = (void *)space_window(&d->space);
	b->gate = arch_gate;
	fill_regions(d, q, b);
	b->kept = keep_seen(d);
	memcpy(b->pools, machine.pools, sizeof b->pools);
	device_boot(d);
	b->args_len = q->args_len;
	memcpy(b->args, q->args, q->args_len);
}

/* Its memory stands: what the executive and the domain itself look for there. */
static void move_in(struct domain *d)
{
	const struct mx_spawn *q = d->making.request;
	const struct area *areas = d->making.areas;

	d->boot = direct(areas[AREA_BOOT].at);
	d->x = direct(areas[AREA_EXCHANGE].at);
	d->inbox = direct(areas[AREA_INBOX].at);
	d->inbox_mask = areas[AREA_INBOX].pages * (uint32_t)(MX_PAGE / sizeof *d->inbox) - 1;
	d->making.ring = areas[AREA_RINGS].at;
	/* %fs:0 points to itself (System V TLS, variant II). */
	*(void **)direct(areas[AREA_TLS].at) = space_at(&d->space, AT_TLS);
	d->context = (struct context){.rbx = (uint64_t)space_at(&d->space, AT_BOOT),
	                              .rsp = (uint64_t)space_at(&d->space, AT_STACK)};
	d->context.rip = (uint64_t)space_at(&d->space, AT_IMAGE) + elf_entry(image_of(q));
	fill_boot(d, q);
	if (d->device && !d->shares)
		arch_device_open(d->device);
}

int create(const struct mx_spawn *q, struct place parent, uint32_t handle, struct domain **made)
{
	uint32_t index = index_free();
	int error = request_ok(q);
	struct domain *d;

	if (error)
		return error;
	d = index ? furnish_plan(q, index) : NULL;
	if (!d)
		return MX_ENOMEM;
	d->index = (uint8_t)index;
	d->generation = index_generation(index);
	d->record = self << 24 | index << 16 | d->generation;
	d->home_core = (uint8_t)self;
	d->home = (uint8_t)index;
	d->flags = (uint16_t)q->flags;
	d->parent = parent;
	d->handle = handle;
	d->quota = q->quota;
	d->deadline = UINT64_MAX;
	d->misuse = !q->misuse ? MISUSE : q->misuse == UINT32_MAX ? UINT64_MAX : q->misuse;
	d->budget = (q->budget ? q->budget : 100) * 1000000ull;
	d->device_n = q->device;
	d->device = q->device >= 0 ? &machine.devices[q->device] : NULL;
	d->shares = q->share.pages != 0;
	d->offset = q->image;
	d->born = arch_now();
	memcpy(d->name, q->name, MX_NAME);
	error = keep_make(d, &q->keep);
	if (error) {
		region_free_owner(index);
		return error;
	}
	domains[index] = d;
	device_came(d);
	core_chores++;
	trace(TRACE_CREATE, index, d->generation);
	*made = d;
	return MX_OK;
}

static void answer(struct place parent, uint32_t child, uint64_t request, const struct domain *d,
                   int error)
{
	struct remote reply = {.value = REMOTE_CREATE, .child = child};

	if (!error) {
		reply.from = domain_place(d);
		reply.ring = d->making.areas[AREA_RINGS].at;
	}
	reply.words[0] = request; /* it is the parent's executive's again */
	remote_reply(parent, &reply, error);
}

/* The last step, whether it has become a domain or not. */
static void made(struct domain *d, int error)
{
	struct place parent = d->parent;
	uint32_t handle = d->handle, index = d->index;
	uint64_t request = d->making.request_at;

	core_chores--;
	d->state = CREATED;
	d->making.request = NULL;
	trace(TRACE_MADE, index, d->generation);
	if (request)
		answer(parent, handle, request, d, error);
	if (!error)
		change_domain(index);
	if (!error && d->flags & MX_SPAWN_ROOT)
		first_made(d);
	if (!error && d->parent.domain && lost_is(parent.core))
		domain_end(d, MX_CAUSE_KILLED, 0, 0, 0);
	if (!error)
		return;
	device_went(d);
	slots_release(d);
	keep_unmake(d);
	domains[index] = NULL;
	region_free_owner(index);
}

bool create_step(struct domain *d)
{
	struct making *m = &d->making;
	const struct mx_slot_spec *spec = &m->request->slots[m->slot];

	if (furnish_step(d))
		return true;
	if (!d->boot)
		move_in(d);
	if (!slots_set(d, m->slot, spec, m->ring)) {
		made(d, MX_ENOMEM);
		return false;
	}
	m->ring += (uint64_t)ring_pages(spec) * MX_PAGE;
	if (++m->slot < MX_SLOTS)
		return true;
	made(d, MX_OK);
	return false;
}

COLD void create_handle(const struct remote *r)
{
	struct domain *d;
	int error = create(direct(r->ring), r->from, r->child, &d);

	if (error)
		answer(r->from, r->child, r->ring, NULL, error);
	else
		d->making.request_at = r->ring;
}

void domain_start(struct domain *d)
{
	if (d->state != CREATED)
		return;
	d->begun = true;
	if (device_open(d))
		domain_ready(d);
	else
		domain_end(d, MX_CAUSE_DEVICE, 0, 0, 0);
}
