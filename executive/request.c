/* Spawn requests: see request.h. */
#include <string.h>
#include "executive/elf.h"
#include "executive/request.h"

uint32_t ring_pages(const struct mx_slot_spec *s)
{
	uint64_t stride = (s->size + 63u) & ~63u;
	uint64_t bytes = sizeof(struct mx_ring) + stride * s->depth;

	return s->kind == MX_SLOT_PLAIN ? (uint32_t)((bytes + MX_PAGE - 1) / MX_PAGE) : 0;
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

bool device_hidden(const struct device *device, uint64_t page)
{
	const struct range *h = device->msix_hidden;

	return page - h[0].base < h[0].size || page - h[1].base < h[1].size;
}

bool bar_fits(const struct range *bar)
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
		if (device_hidden(device, bar->base + first * MX_PAGE))
			return MX_EPERM;
	return MX_OK;
}

static int slots_ok(const struct mx_spawn *q)
{
	uint32_t depths = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++) {
		if (!spec_ok(q, &q->slots[i]))
			return MX_EINVAL;
		depths += q->slots[i].kind == MX_SLOT_OWNING ? q->slots[i].depth : 0;
	}
	return depths <= q->quota ? MX_OK : MX_EINVAL;
}

/* It is printed: see words.c. */
static bool name_ok(const char name[MX_NAME])
{
	for (uint32_t i = 0; i < MX_NAME; i++) {
		if (!name[i])
			return true;
		if (name[i] <= ' ' || name[i] > '~')
			return false;
	}
	return false;
}

int request_ok(const struct mx_spawn *q)
{
	const uint8_t *bundle = direct(machine.bundle.base);
	uint32_t image_n;
	int error;

	if (!name_ok(q->name) || q->stack == 0 || q->stack > STACK_MAX || q->heap > HEAP_MAX ||
	    q->dma > DMA_MAX || q->args_len > MX_ARGS || q->quota > 0xffff ||
	    q->device >= (int32_t)machine.devices_n || (q->share.pages && q->device < 0) ||
	    q->keep.pages > MX_KEEP_MAX)
		return MX_EINVAL;
	error = q->share.pages ? share_ok(q) : MX_OK;
	if (error)
		return error;
	if (q->image > machine.bundle_len || q->image_len > machine.bundle_len - q->image)
		return MX_EIMAGE;
	error = slots_ok(q);
	if (error)
		return error;
	image_n = elf_size(bundle + q->image, q->image_len);
	if (!image_n)
		return MX_EIMAGE;
	return q->keep.first <= image_n && q->keep.pages <= image_n - q->keep.first ? MX_OK
	                                                                            : MX_EINVAL;
}
