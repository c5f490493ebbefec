/*
 * Memory of the domains: their heaps, fitted to what each core has left.
 *
 * A domain costs its image, heap, stack, DMA memory, rings and page tables. When the wanted heaps
 * do not fit a core, its domains' heaps shrink alike, down to a least; a domain that even then
 * does not fit moves to the core with the most memory, unless the configuration placed it. The
 * TCP/IP stack has no heap: lwIP's pools are part of its image.
 */
#include <elf.h>
#include "init/init.h"

#define KIB(n)    ((n)*1024u / MX_PAGE)
#define FIXED     32u   /* pages: boot page, exchange block, thread block, records, tables */
#define ROUTES    4000u /* of the router's heap: routes that a base of 1 MiB is for */
#define CORE_REST 16u   /* pages left to the executive of each core */

static uint32_t free_pages[MX_CORES_MAX];

/* Pages an image takes when it is loaded; 0 when it is no image: spawn will say so. */
static uint32_t image_pages(const struct mx_spawn *q)
{
	const uint8_t *image = (const uint8_t *)mx_boot->bundle.base + q->image;
	uint64_t top = 0;
	Elf64_Ehdr e;
	Elf64_Phdr p;

	if (q->image_len < sizeof e)
		return 0;
	memcpy(&e, image, sizeof e);
	for (uint32_t i = 0; i < e.e_phnum; i++) {
		uint64_t at = e.e_phoff + (uint64_t)i * sizeof p;

		if (at > q->image_len || q->image_len - at < sizeof p)
			return 0;
		memcpy(&p, image + at, sizeof p);
		if (p.p_type == PT_LOAD && p.p_vaddr + p.p_memsz > top)
			top = p.p_vaddr + p.p_memsz;
	}
	return (uint32_t)((top + MX_PAGE - 1) / MX_PAGE);
}

static uint32_t slot_bytes(const struct mx_slot_spec *s)
{
	if (s->kind == MX_SLOT_OWNING)
		return 2 * s->depth * (uint32_t)sizeof(struct mx_msg);
	if (s->kind != MX_SLOT_PLAIN)
		return 0;
	return ((uint32_t)sizeof(struct mx_ring) + s->depth * mx_stride(s->size) + MX_PAGE - 1) /
	       MX_PAGE * MX_PAGE;
}

/* Everything but the heap. */
static uint32_t fixed_pages(const struct mx_spawn *q)
{
	uint32_t bytes = 0, window = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		bytes += slot_bytes(&q->slots[i]);
	if (q->flags & MX_SPAWN_WINDOW) /* one table maps 512 frames */
		for (uint32_t i = 0; i <= mx_boot->cores; i++)
			window += mx_boot->pools[i].count / 512 + 1;
	if (q->flags & MX_SPAWN_UART) /* one table maps 2 MiB of the screen */
		bytes += machine()->screen.pitch * machine()->screen.height / 512;
	return image_pages(q) + q->keep.pages + q->stack + q->dma + window + FIXED +
	       bytes / MX_PAGE + 1;
}

static uint32_t wanted(const struct child *c)
{
	switch (c->role) {
	case ROLE_ROUTER:
		return KIB(1024) * (1 + init.config.routes_n / ROUTES);
	case ROLE_HTTPD:
		return KIB(4096);
	default:
		return 0;
	}
}

static uint32_t least_heap(const struct child *c)
{
	uint32_t heap = wanted(c);

	return c->role == ROLE_HTTPD ? heap / 4 : heap / 2;
}

static void take(uint32_t core, uint32_t pages)
{
	free_pages[core] -= free_pages[core] < pages ? free_pages[core] : pages;
}

/* A core that does not answer has no memory to give. Init's ends of control channels are on its
 * own. */
void memory_ask(void)
{
	for (uint32_t core = 0; core < mx_boot->cores; core++) {
		struct mx_stat stat = {.core = core};

		mx_trap(MX_TRAP_SPAWN, MX_SPAWN_STAT, (uint64_t)&stat, 0);
		free_pages[core] = (uint32_t)(stat.memory_free / MX_PAGE);
		take(core, CORE_REST);
	}
	take(mx_boot->core, init.children_n * slot_bytes(&mx_control_spec) / MX_PAGE);
}

static uint32_t roomiest(void)
{
	uint32_t best = 0;

	for (uint32_t core = 1; core < mx_boot->cores; core++)
		if (free_pages[core] > free_pages[best])
			best = core;
	return best;
}

uint32_t memory_left(uint32_t core)
{
	return free_pages[core];
}

uint32_t memory_need(const struct child *c)
{
	return fixed_pages(&c->request) + (c->heap_set ? c->request.heap : least_heap(c));
}

/* Gives each domain its least; what remains is shared by share_out. */
static bool place(struct child *c)
{
	struct mx_spawn *q = &c->request;
	uint32_t need = memory_need(c);

	if (c->adopted) /* what it has is not free any more */
		return true;
	if (need > free_pages[q->core] && !c->core_set && need <= free_pages[roomiest()]) {
		output_line("moxie: core %u has no memory for %s, it goes to core %u", q->core,
		            q->name, roomiest());
		q->core = roomiest();
	}
	if (need > free_pages[q->core]) {
		output_line("moxie: not enough memory for %s: core %u has %u KiB, %u KiB needed",
		            q->name, q->core, free_pages[q->core] * 4, need * 4);
		return false;
	}
	free_pages[q->core] -= need;
	if (!c->heap_set)
		q->heap = least_heap(c);
	return true;
}

static uint32_t missing(const struct child *c)
{
	return c->heap_set || c->adopted ? 0 : wanted(c) - c->request.heap;
}

static void share_out(uint32_t core)
{
	uint32_t sum = 0, rest = free_pages[core];

	for (uint32_t i = 0; i < init.children_n; i++)
		if (init.children[i].request.core == core)
			sum += missing(&init.children[i]);
	if (!sum)
		return;
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		if (c->request.core == core)
			c->request.heap += rest >= sum
			                           ? missing(c)
			                           : (uint32_t)((uint64_t)missing(c) * rest / sum);
	}
}

uint32_t budget_memory(void)
{
	memory_ask();
	for (uint32_t i = 0; i < init.children_n; i++)
		if (!place(&init.children[i]))
			return i;
	for (uint32_t core = 0; core < mx_boot->cores; core++)
		share_out(core);
	return NO_CHILD;
}
