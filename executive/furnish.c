/* The memory of a domain in the making: see furnish.h. */
#include <string.h>
#include "executive/elf.h"
#include "executive/frame.h"
#include "executive/furnish.h"
#include "executive/region.h"
#include "executive/request.h"

#define EXCHANGE_PAGES (sizeof(struct mx_exchange) / MX_PAGE)

static uint32_t pages_of(uint64_t bytes)
{
	return (uint32_t)((bytes + MX_PAGE - 1) / MX_PAGE);
}

static const uint8_t *image_of(const struct mx_spawn *q)
{
	return (const uint8_t *)direct(machine.bundle.base) + q->image;
}

/* Room for all that credit lets in, and for slots that a parent adopts. */
static uint32_t inbox_entries(const struct mx_spawn *q)
{
	uint32_t n = MX_PAGE / sizeof(struct mx_msg), depths = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		depths += q->slots[i].kind == MX_SLOT_OWNING ? q->slots[i].depth : 0;
	while (n < depths)
		n *= 2;
	return n;
}

static uint32_t rings_pages(const struct mx_spawn *q)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		n += ring_pages(&q->slots[i]);
	return n;
}

/* The framebuffer stands where the first BAR of a device would. */
static void plan_screen(struct area *area)
{
	if (bar_fits(&machine.framebuffer))
		*area = (struct area){AT_BARS, machine.framebuffer.base,
		                      pages_of(machine.framebuffer.size), WRITE | COMBINE};
}

/* Registers are no memory of this core: they are only mapped. */
static void plan_bars(const struct mx_spawn *q, struct area *area)
{
	const struct device *device = q->device >= 0 ? &machine.devices[q->device] : NULL;

	if (!device && q->flags & MX_SPAWN_UART)
		plan_screen(area);
	for (uint32_t i = 0; device && i < MX_BARS; i++) {
		const struct range *bar = &device->bar[i];
		uint64_t first = 0, pages = (bar->size + MX_PAGE - 1) / MX_PAGE;

		if (q->share.pages) {
			first = q->share.first;
			pages = i == q->share.bar ? q->share.pages : 0;
		}
		if (bar_fits(bar))
			area[i] = (struct area){AT_BARS + i * AT_BAR_SIZE + first * MX_PAGE,
			                        bar->base + first * MX_PAGE, (uint32_t)pages,
			                        WRITE | DEVICE};
	}
}

static void plan_areas(const struct mx_spawn *q, struct area area[AREAS])
{
	uint32_t image_n = elf_size(image_of(q), q->image_len), bars = 0;
	uint32_t stack_n = space_stack(q->stack);
	bool window = q->flags & MX_SPAWN_WINDOW;
	const struct device *device = q->device >= 0 ? &machine.devices[q->device] : NULL;

	memset(area, 0, AREAS * sizeof *area);
	area[AREA_BOOT] = (struct area){AT_BOOT, 0, 1, READ};
	area[AREA_EXCHANGE] = (struct area){AT_EXCHANGE, 0, EXCHANGE_PAGES, WRITE};
	area[AREA_TLS] = (struct area){AT_TLS, 0, 1, WRITE};
	area[AREA_INBOX].pages = pages_of(inbox_entries(q) * sizeof(struct mx_msg));
	area[AREA_RINGS].pages = rings_pages(q);
	area[AREA_STACK] = (struct area){AT_STACK - stack_n * MX_PAGE, 0, stack_n, WRITE};
	area[AREA_IMAGE] = (struct area){AT_IMAGE, 0, image_n, EXECUTE};
	area[AREA_HEAP] = (struct area){AT_HEAP, 0, q->heap, WRITE};
	area[AREA_DMA] = (struct area){AT_DMA, 0, q->dma, WRITE};
	area[AREA_REACH].pages = arch_reach_pages(device, q->dma);
	plan_bars(q, &area[AREA_BAR]);
	for (uint32_t i = 0; i < MX_BARS; i++)
		bars += area[AREA_BAR + i].pages;
	area[AREA_TABLES].pages =
	        space_pages(image_n, q->heap, q->dma, bars, q->keep.pages, window);
}

struct domain *furnish_plan(const struct mx_spawn *q, uint32_t index)
{
	struct area areas[AREAS];
	uint32_t pages = RECORD_PAGES;
	struct domain *d;
	uint64_t at;

	plan_areas(q, areas);
	for (uint32_t i = 0; i < AREA_KEPT; i++)
		pages += areas[i].pages;
	at = region_reserve(pages, index);
	if (!at)
		return NULL;
	d = direct(at);
	memset(d, 0, sizeof *d);
	at += RECORD_PAGES * MX_PAGE;
	for (uint32_t i = 0; i < AREA_KEPT; i++) {
		areas[i].at = at;
		at += (uint64_t)areas[i].pages * MX_PAGE;
	}
	memcpy(d->making.areas, areas, sizeof areas);
	d->making.request = q;
	d->image = areas[AREA_IMAGE].at;
	return d;
}

/* --- steps --- */

static void image_page(struct domain *d, const struct area *a, uint32_t page)
{
	uint64_t at = a->at + (uint64_t)page * MX_PAGE;
	int access = elf_page(image_of(d->making.request), page, direct(at));

	if (access >= 0)
		space_map(&d->space, a->address + (uint64_t)page * MX_PAGE, at, 1,
		          (uint32_t)access);
}

static void bar_page(struct domain *d, const struct area *a, uint32_t page)
{
	uint64_t offset = (uint64_t)page * MX_PAGE;

	if (!d->device || !device_hidden(d->device, a->at + offset))
		space_map(&d->space, a->address + offset, a->at + offset, 1, a->access);
}

static void memory_pages(struct domain *d, const struct area *a, uint32_t page, uint32_t n)
{
	uint64_t offset = (uint64_t)page * MX_PAGE;

	memset(direct(a->at + offset), 0, (uint64_t)n * MX_PAGE);
	if (a->address)
		space_map(&d->space, a->address + offset, a->at + offset, n, a->access);
}

/* Some pages of area i. */
static void do_pages(struct domain *d, uint32_t i, uint32_t page, uint32_t n)
{
	const struct area *a = &d->making.areas[i];

	if (i == AREA_KEPT && a->address) { /* what its predecessor left */
		space_map(&d->space, a->address + (uint64_t)page * MX_PAGE,
		          a->at + (uint64_t)page * MX_PAGE, n, a->access);
		return;
	}
	if (i != AREA_IMAGE && i < AREA_BAR) {
		memory_pages(d, a, page, n);
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		if (i == AREA_IMAGE)
			image_page(d, a, page + k);
		else
			bar_page(d, a, page + k);
	}
}

/* The tables are clear: there can be a space from now on. */
static void open_space(struct domain *d)
{
	const struct mx_spawn *q = d->making.request;
	const struct area *tables = &d->making.areas[AREA_TABLES];

	space_create(&d->space, d->index, tables->at, tables->pages, q->flags & MX_SPAWN_WINDOW);
	d->making.window_n = d->space.window ? frame_total : 0;
}

bool furnish_step(struct domain *d)
{
	struct making *m = &d->making;
	uint32_t n, most = m->area == AREA_IMAGE ? STEP_IMAGE : STEP_PAGES;

	if (m->window < m->window_n) {
		n = m->window_n - m->window < STEP_ENTRIES ? m->window_n - m->window : STEP_ENTRIES;
		space_window_fill(&d->space, m->window, n);
		m->window += n;
		return true;
	}
	while (m->area < AREAS && m->page == m->areas[m->area].pages) {
		if (m->area == AREA_TABLES)
			open_space(d);
		m->area++;
		m->page = 0;
	}
	if (m->area == AREAS)
		return false;
	n = m->areas[m->area].pages - m->page;
	n = n < most ? n : most;
	do_pages(d, m->area, m->page, n);
	m->page += n;
	return true;
}
