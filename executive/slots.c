/* Slots come to be: see slots.h. */
#include "executive/core.h"
#include "executive/region.h"
#include "executive/request.h"
#include "executive/slots.h"

static void fill_slot(struct domain *d, uint32_t i, const struct mx_slot_spec *spec, uint64_t ring)
{
	struct slot *s = &d->slots[i];
	uint64_t at = AT_RINGS + 2ull * i * MX_RING_BYTES;

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
	d->boot->slots[i].rx = space_ring(&d->space, at, ring);
	space_map(&d->space, at, ring, ring_pages(spec), READ);
}

static bool take_irq(struct domain *d, uint32_t i)
{
	uint32_t irq = d->device ? arch_irq_msix(d->device, d->slots[i].depth) : arch_irq_uart();

	d->slots[i].irq = irq;
	if (irq)
		core_irqs[irq] = (struct irq_owner){d->index, (uint8_t)i};
	return irq;
}

bool slots_set(struct domain *d, uint32_t i, const struct mx_slot_spec *spec, uint64_t ring)
{
	fill_slot(d, i, spec, ring_pages(spec) ? ring : 0);
	if (spec->kind != MX_SLOT_IRQ)
		return true;
	return take_irq(d, i);
}

/* Those it had elsewhere, of which there were as many left here. */
void slots_take(struct domain *d)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (d->slots[i].kind == MX_SLOT_IRQ)
			take_irq(d, i);
}

void slots_release(struct domain *d)
{
	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		if (!d->slots[i].irq)
			continue;
		core_irqs[d->slots[i].irq].domain = 0;
		arch_irq_release(d->slots[i].irq);
		d->slots[i].irq = 0;
	}
}

int bind_adopt(struct domain *d, uint32_t i, const struct mx_slot_spec *spec)
{
	struct mx_slot_spec own = *spec;
	uint32_t pages = ring_pages(spec), depths = 0;
	uint64_t ring;

	for (uint32_t k = 0; k < MX_SLOTS; k++)
		depths += d->slots[k].kind == MX_SLOT_OWNING ? d->slots[k].depth : 0;
	if (spec->kind == MX_SLOT_OWNING &&
	    (depths + spec->depth > d->quota || depths + spec->depth > d->inbox_mask + 1))
		return MX_ENOMEM;
	if (!d->space.window) /* the child may have one, its parent may not */
		own.flags &= (uint8_t)~MX_SLOT_MAPPED;
	ring = pages ? region_alloc(pages, d->index) : 0;
	if (pages && !ring)
		return MX_ENOMEM;
	fill_slot(d, i, &own, ring);
	return MX_OK;
}
