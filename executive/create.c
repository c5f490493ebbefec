/* A domain comes to be: see create.h. The request comes from a parent and is checked field by
 * field. */
#include <string.h>
#include "executive/core.h"
#include "executive/create.h"
#include "executive/device.h"
#include "executive/elf.h"
#include "executive/frame.h"
#include "executive/keep.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/trace.h"

#define EXCHANGE_PAGES (sizeof(struct mx_exchange) / MX_PAGE)

static uint16_t generations[DOMAINS];

static uint32_t pages_of(uint64_t bytes)
{
	return (uint32_t)((bytes + MX_PAGE - 1) / MX_PAGE);
}

uint32_t ring_pages(const struct mx_slot_spec *s)
{
	uint64_t stride = (s->size + 63u) & ~63u;

	return s->kind == MX_SLOT_PLAIN ? pages_of(sizeof(struct mx_ring) + stride * s->depth) : 0;
}

static bool spec_ok(const struct mx_spawn *q, const struct mx_slot_spec *s)
{
	bool depth_ok = s->depth && s->depth <= 1024 && !(s->depth & (s->depth - 1));

	switch (s->kind) {
	case MX_SLOT_NONE:
		return true;
	case MX_SLOT_PLAIN:
		return depth_ok && s->size && s->size <= 1024 &&
		       ring_pages(s) * MX_PAGE <= MX_RING_BYTES;
	case MX_SLOT_OWNING:
		return depth_ok && !(s->flags & ~MX_SLOT_MAPPED) &&
		       (!(s->flags & MX_SLOT_MAPPED) || q->flags & MX_SPAWN_WINDOW);
	case MX_SLOT_IRQ:
		return q->device >= 0 ? s->depth < machine.devices[q->device].info.vectors
		                      : q->flags & MX_SPAWN_UART;
	default:
		return false;
	}
}

/* Who can write the MSI-X table can write anywhere. */
static bool hidden(const struct device *device, uint64_t page)
{
	const struct range *h = device->msix_hidden;

	return page - h[0].base < h[0].size || page - h[1].base < h[1].size;
}

static bool bar_fits(const struct range *bar)
{
	return bar->size && bar->size <= AT_BAR_SIZE && bar->base % MX_PAGE == 0;
}

static int share_ok(const struct mx_spawn *q)
{
	const struct device *device = &machine.devices[q->device];
	const struct range *bar = &device->bar[q->share.bar % MX_BARS];
	uint64_t first = q->share.first, end = first + q->share.pages;

	if (q->share.bar >= MX_BARS || !bar_fits(bar) || end > bar->size / MX_PAGE)
		return MX_EINVAL;
	for (; first < end; first++)
		if (hidden(device, bar->base + first * MX_PAGE))
			return MX_EPERM;
	return MX_OK;
}

static int request_ok(const struct mx_spawn *q)
{
	uint32_t depths = 0;

	if (!memchr(q->name, 0, MX_NAME) || q->stack == 0 || q->stack > STACK_MAX ||
	    q->heap > HEAP_MAX || q->dma > DMA_MAX || q->args_len > MX_ARGS || q->quota > 0xffff ||
	    q->device >= (int32_t)machine.devices_n || (q->share.pages && q->device < 0) ||
	    q->keep.pages > MX_KEEP_MAX)
		return MX_EINVAL;
	if (q->share.pages && share_ok(q) != MX_OK)
		return share_ok(q);
	if (q->image > machine.bundle_len || q->image_len > machine.bundle_len - q->image)
		return MX_EIMAGE;
	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		if (!spec_ok(q, &q->slots[i]))
			return MX_EINVAL;
		depths += q->slots[i].kind == MX_SLOT_OWNING ? q->slots[i].depth : 0;
	}
	return depths <= q->quota ? MX_OK : MX_EINVAL;
}

/* Memory, mapped at `address` for life; 0 pages are fine. False: the core has no more. */
static bool place_memory(struct domain *d, uint64_t address, uint32_t pages, uint32_t access,
                         uint64_t *at)
{
	*at = pages ? region_alloc(pages, d->index) : 0;
	return !pages || (*at && space_map(&d->space, address, *at, pages, access));
}

static uint32_t bar_pages(const struct device *device)
{
	uint64_t n = 0;

	for (uint32_t i = 0; device && i < MX_BARS; i++)
		n += device->bar[i].size <= AT_BAR_SIZE ? device->bar[i].size / MX_PAGE : 0;
	return (uint32_t)n;
}

/* Pages [from, to) of a BAR, without those of the MSI-X table. */
static bool map_bar(struct domain *d, uint32_t i, uint64_t from, uint64_t to)
{
	const struct range *bar = &d->device->bar[i];
	uint64_t at = AT_BARS + i * AT_BAR_SIZE;

	d->boot->bars[i] = (struct mx_region){space_at(&d->space, at), bar->size, bar->base};
	for (uint64_t off = from * MX_PAGE; off < to * MX_PAGE; off += MX_PAGE)
		if (!hidden(d->device, bar->base + off) &&
		    !space_map(&d->space, at + off, bar->base + off, 1, WRITE | DEVICE))
			return false;
	return true;
}

static bool map_bars(struct domain *d, const struct mx_share *share)
{
	if (d->shares)
		return map_bar(d, share->bar, share->first, share->first + share->pages);
	for (uint32_t i = 0; d->device && i < MX_BARS; i++)
		if (bar_fits(&d->device->bar[i]) &&
		    !map_bar(d, i, 0, (d->device->bar[i].size + MX_PAGE - 1) / MX_PAGE))
			return false;
	return true;
}

static void fill_slot(struct domain *d, uint32_t i, const struct mx_slot_spec *spec, uint64_t ring)
{
	struct slot *s = &d->slots[i];

	*s = (struct slot){.kind = spec->kind,
	                   .flags = spec->flags,
	                   .type = spec->type,
	                   .depth = spec->depth,
	                   .size = spec->size,
	                   .ring = ring};
	d->boot->slots[i] = (struct mx_slot_info){
	        .kind = s->kind, .flags = s->flags, .depth = s->depth, .type = s->type};
	if (!ring)
		return;
	d->boot->slots[i].rx = space_at(&d->space, AT_RINGS + 2ull * i * MX_RING_BYTES);
	space_map(&d->space, AT_RINGS + 2ull * i * MX_RING_BYTES, ring, ring_pages(spec), READ);
}

int bind_adopt(struct domain *d, uint32_t i, const struct mx_slot_spec *spec, uint64_t ring)
{
	struct mx_slot_spec own = *spec;
	uint32_t pages = ring_pages(spec), depths = 0;

	for (uint32_t k = 0; k < MX_SLOTS; k++)
		depths += d->slots[k].kind == MX_SLOT_OWNING ? d->slots[k].depth : 0;
	if (spec->kind == MX_SLOT_OWNING &&
	    (depths + spec->depth > d->quota || depths + spec->depth > d->inbox_mask + 1))
		return MX_ENOMEM;
	if (!d->space.window) /* the child may have one, its parent may not */
		own.flags &= (uint8_t)~MX_SLOT_MAPPED;
	if (pages && !ring)
		ring = region_alloc(pages, d->index);
	if (pages && !ring)
		return MX_ENOMEM;
	fill_slot(d, i, &own, ring);
	return MX_OK;
}

static bool set_slots(struct domain *d, const struct mx_spawn *q, uint64_t rings)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		const struct mx_slot_spec *spec = &q->slots[i];
		uint32_t irq;

		fill_slot(d, i, spec, ring_pages(spec) ? rings : 0);
		rings += (uint64_t)ring_pages(spec) * MX_PAGE;
		if (spec->kind != MX_SLOT_IRQ)
			continue;
		irq = d->device ? arch_irq_msix(d->device, spec->depth) : arch_irq_uart();
		if (!irq)
			return false;
		d->slots[i].irq = irq;
		core_irqs[irq] = (struct irq_owner){d->index, (uint8_t)i};
	}
	return true;
}

static void fill_boot(struct domain *d, const struct mx_spawn *q, uint64_t dma)
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
	b->window = (void *)AT_WINDOW;
	b->gate = arch_gate;
	b->heap = (struct mx_region){space_at(&d->space, AT_HEAP), (uint64_t)q->heap * MX_PAGE, 0};
	b->dma = (struct mx_region){space_at(&d->space, AT_DMA), (uint64_t)q->dma * MX_PAGE, dma};
	memcpy(b->pools, machine.pools, sizeof b->pools);
	device_boot(d);
	b->args_len = q->args_len;
	memcpy(b->args, q->args, q->args_len);
}

/* All memory of d, mapped. False: there is not enough; the caller frees what was taken. */
static bool furnish(struct domain *d, const struct mx_spawn *q, uint64_t *rings)
{
	const uint8_t *image = (const uint8_t *)direct(machine.bundle.base) + q->image;
	uint32_t image_n = elf_size(image, q->image_len), ring_n = 0, depths = 0;
	uint32_t inbox_n = MX_PAGE / sizeof(struct mx_msg); /* room for slots a parent adopts */
	bool window = q->flags & MX_SPAWN_WINDOW;
	uint32_t tables_n =
	        space_pages(image_n, q->heap, q->dma, bar_pages(d->device), q->keep.pages, window);
	uint64_t tables = region_alloc(tables_n, d->index), at, boot, x, tls, dma, inbox;

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		ring_n += ring_pages(&q->slots[i]);
		depths += q->slots[i].kind == MX_SLOT_OWNING ? q->slots[i].depth : 0;
	}
	while (inbox_n < depths)
		inbox_n *= 2;
	inbox = region_alloc(pages_of(inbox_n * sizeof(struct mx_msg)), d->index);
	*rings = ring_n ? region_alloc(ring_n, d->index) : 0;
	if (!tables || !inbox || (ring_n && !*rings))
		return false;
	space_create(&d->space, d->index, tables, tables_n, window);
	d->inbox = direct(inbox);
	d->inbox_mask = inbox_n - 1;
	if (!place_memory(d, AT_BOOT, 1, READ, &boot) ||
	    !place_memory(d, AT_EXCHANGE, EXCHANGE_PAGES, WRITE, &x) ||
	    !place_memory(d, AT_TLS, 1, WRITE, &tls) ||
	    !place_memory(d, AT_STACK - q->stack * MX_PAGE, q->stack, WRITE, &at) ||
	    !place_memory(d, AT_HEAP, q->heap, WRITE, &at) ||
	    !place_memory(d, AT_DMA, q->dma, WRITE, &dma) || !device_furnish(d, q->dma, dma, &dma))
		return false;
	d->boot = direct(boot);
	d->x = direct(x);
	/* %fs:0 points to itself (System V TLS, variant II). */
	*(void **)direct(tls) = space_at(&d->space, AT_TLS);
	d->image = region_alloc(image_n, d->index);
	if (!d->image)
		return false;
	d->context = (struct context){.rbx = (uint64_t)space_at(&d->space, AT_BOOT),
	                              .rsp = (uint64_t)space_at(&d->space, AT_STACK)};
	d->context.rip = elf_load(&d->space, image, d->image);
	fill_boot(d, q, dma);
	return map_bars(d, &q->share) && set_slots(d, q, *rings);
}

static uint32_t free_index(void)
{
	uint32_t i = 1;

	while (i < DOMAINS && domains[i])
		i++;
	return i < DOMAINS ? i : 0;
}

static void unmake(struct domain *d)
{
	uint32_t index = d->index;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].irq) {
			core_irqs[d->slots[i].irq].domain = 0;
			arch_irq_release(d->slots[i].irq);
		}
	keep_unmake(d);
	domains[index] = NULL;
	region_free_owner(index);
}

int create(const struct mx_spawn *q, struct place parent, uint32_t handle, struct domain **made,
           uint64_t *rings)
{
	uint32_t index = free_index();
	int error = request_ok(q);
	struct domain *d;
	uint64_t at;
	uint32_t image_n;

	if (error)
		return error;
	image_n = elf_size((const uint8_t *)direct(machine.bundle.base) + q->image, q->image_len);
	if (!image_n)
		return MX_EIMAGE;
	if (q->keep.first > image_n || q->keep.pages > image_n - q->keep.first)
		return MX_EINVAL;
	at = index ? region_alloc(pages_of(sizeof *d), index) : 0;
	if (!at)
		return MX_ENOMEM;
	d = direct(at);
	d->index = (uint8_t)index;
	d->generation = ++generations[index];
	d->flags = (uint16_t)q->flags;
	d->state = CREATED;
	d->parent = parent;
	d->handle = handle;
	d->quota = q->quota;
	d->deadline = UINT64_MAX;
	d->budget = (q->budget ? q->budget : 100) * 1000000ull;
	d->device = q->device >= 0 ? &machine.devices[q->device] : NULL;
	d->shares = q->share.pages != 0;
	memcpy(d->name, q->name, MX_NAME);
	domains[index] = d;
	trace(TRACE_CREATE, index, d->generation);
	if (d->device && !d->shares)
		arch_device_open(d->device);
	error = furnish(d, q, rings) ? keep_make(d, &q->keep) : MX_ENOMEM;
	if (error) {
		unmake(d);
		return error;
	}
	*made = d;
	return MX_OK;
}

COLD void create_handle(const struct remote *r)
{
	struct remote reply = {.value = REMOTE_CREATE, .child = r->child};
	struct domain *d = NULL;
	uint64_t rings = 0;
	int error = create(direct(frame_phys(r->value)), r->from, r->child, &d, &rings);

	frame_return(r->value);
	if (!error) {
		reply.from = domain_place(d);
		reply.ring = rings;
	}
	remote_reply(r->from, &reply, error);
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
