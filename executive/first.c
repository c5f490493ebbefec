/*
 * The first domain: found in the bundle, told of the machine; see first.h.
 *
 * Rules: it is a domain like any other but for MX_SPAWN_ROOT. When it cannot be had, the machine
 * says why on the serial line and stops; nothing is forwarded.
 */
#include <string.h>
#include <moxie/cpio.h>
#include "executive/core.h"
#include "executive/create.h"
#include "executive/first.h"
#include "executive/frame.h"
#include "executive/lattice.h"
#include "executive/lost.h"
#include "executive/orphan.h"
#include "executive/region.h"
#include "executive/remote.h"

#define FIRST_IMAGE "domains/init.elf"
#define WORKED      5000000000ull /* ns: who ends later than that did not fail at its start */
#define CONFIG_MAX  0x80000u      /* of address space, see AT_CONFIG */

struct place first_place;

static void tell_machine(struct domain *d)
{
	uint32_t pages = (sizeof(struct mx_machine) + MX_PAGE - 1) / MX_PAGE;
	uint64_t at = region_alloc(pages, d->index);
	struct mx_machine *m = direct(at);

	if (!at)
		panic("no memory for the description of the machine");
	m->memory = machine.memory;
	m->console = machine.console;
	m->screen = machine.screen;
	m->devices_n = machine.devices_n;
	for (uint32_t i = 0; i < machine.devices_n; i++)
		m->devices[i] = machine.devices[i].info;
	m->config_len = machine.config_len < UINT32_MAX ? (uint32_t)machine.config_len : UINT32_MAX;
	if (machine.config_len && machine.config.size <= CONFIG_MAX) { /* else init refuses it */
		m->config = space_at(&d->space, AT_CONFIG);
		space_map(&d->space, AT_CONFIG, machine.config.base,
		          (uint32_t)(machine.config.size / MX_PAGE), READ);
	}
	space_map(&d->space, AT_MACHINE, at, pages, READ);
	d->boot->machine = (struct mx_region){space_at(&d->space, AT_MACHINE), sizeof *m, 0};
	d->boot->bundle =
	        (struct mx_region){(void *)(space_window(&d->space) +
	                                    (uint64_t)machine.pools[machine.cores].first * MX_PAGE),
	                           machine.bundle_len, 0};
}

/* The whole archive is walked: one that was cut short is refused, whatever it still holds. */
static void find_image(struct mx_cpio_entry *e)
{
	const void *bundle = direct(machine.bundle.base);
	uint64_t at = 0;

	if (!machine.bundle_len)
		panic("no bundle: give one to the loader (qemu: -initrd build/bundle.cpio)");
	while (mx_cpio_next(bundle, machine.bundle_len, &at, e))
		;
	if (at == MX_CPIO_BAD)
		panic("the bundle is truncated or not a cpio newc archive (%lu bytes)",
		      machine.bundle_len);
	if (!mx_cpio_find(bundle, machine.bundle_len, FIRST_IMAGE, e))
		panic("the bundle has no %s", FIRST_IMAGE);
}

static bool successor; /* there was one before */
static bool again;     /* there is to be one after */
static bool coming;    /* one is being made */

static int spawn(void)
{
	static struct mx_spawn q; /* it is looked at until all is made */
	struct mx_cpio_entry e;
	struct domain *d;

	find_image(&e);
	q = (struct mx_spawn){.name = "init",
	                      .core = self,
	                      .flags = MX_SPAWN_ROOT | MX_SPAWN_PARENT | MX_SPAWN_WINDOW,
	                      .image = e.offset,
	                      .image_len = e.size,
	                      .stack = 16,
	                      .heap = 128 + lattice_pages,
	                      .quota = 64,
	                      .budget = 5000, /* it parses a whole configuration in one go */
	                      .misuse = UINT32_MAX,
	                      .device = -1};
	return create(&q, (struct place){(uint8_t)self, 0, 0}, 0, &d);
}

void first_spawn(void)
{
	int error = spawn();

	if (error == MX_EIMAGE)
		panic("%s in the bundle is not an image of a domain", FIRST_IMAGE);
	if (error)
		panic("not enough memory for the first domain: %lu KiB in all",
		      machine.memory / 1024);
}

/* Somebody else's turn: `without` had no room. */
static void pass_on(uint32_t without)
{
	struct remote r = {.kind = REMOTE_SUCCEED};
	uint32_t left = lost_living() & ~without;

	r.value = without;
	if (left)
		remote_send((uint32_t)__builtin_ctz(left), &r);
	else
		print("moxie: core %u: no core has memory for a first domain, what runs goes on "
		      "without one\n",
		      self);
}

static void succeed(uint32_t without)
{
	successor = true;
	coming = spawn() == MX_OK;
	if (coming)
		print("moxie: core %u: first domain again here\n", self);
	else
		pass_on(without | 1u << self);
}

COLD void first_asked(const struct remote *r)
{
	bool here =
	        first_place.core == self && domain_at(first_place.domain, first_place.generation);

	if (!coming && !here) /* a core may ask again before it has heard of it */
		succeed(r->value);
}

COLD void first_core_lost(void)
{
	uint32_t living = lost_living();

	if (lost_is(first_place.core) && !coming && (uint32_t)__builtin_ctz(living) == self)
		succeed(0);
	orphan_core_lost();
}

void first_made(struct domain *d)
{
	coming = false;
	tell_machine(d);
	orphan_ask(d);
}

/*
 * Only who looks for children of a predecessor can have a successor. One that ended by its own
 * wish, or after it had worked, leaves the next one no reason to end at once.
 */
static bool deserves_another(const struct domain *d, uint32_t cause, uint32_t status)
{
	return d->heir &&
	       ((cause == MX_CAUSE_EXIT && status == 0) || arch_now() - d->born >= WORKED);
}

void first_ended(const struct domain *d, uint32_t cause, uint32_t status, uint64_t rip,
                 uint64_t address)
{
	again = deserves_another(d, cause, status);
	if (!again && !successor)
		panic("the first domain ended: cause %u status %u code %x rip %lx address %lx",
		      cause, status, d->end.code, rip, address);
	print("moxie: core %u: the first domain ended: cause %u status %u code %x rip %lx address "
	      "%lx%s\n",
	      self, cause, status, d->end.code, rip, address,
	      again ? "" : ", what runs goes on without one");
}

void first_reaped(void)
{
	if (again)
		succeed(0);
}
