/*
 * What the console's `show machine` prints: every record of the lattice, a line each, from the
 * outside of the machine to its inside. tools/lattice draws it.
 */
#include <stdio.h>
#include <string.h>
#include "init/init.h"
#include "iskra/iskra.h"

#define SET 64u /* bytes of a set of cores in words */

static const struct iskra *l;

static const struct mx_record *get(uint32_t index)
{
	return iskra_get(l, index);
}

static uint32_t count(enum mx_kind kind)
{
	struct iskra_walk w;
	uint32_t n = 0;

	iskra_walk_kind(&w, l, kind);
	while (iskra_step(&w) != MX_NOTHING)
		n++;
	return n;
}

/* " node 1", or nothing where it is not known, or anywhere. */
static const char *node_of(const struct mx_record *r)
{
	static char text[16];

	text[0] = 0;
	if (r->level != MX_LEVEL_MACHINE)
		snprintf(text, sizeof text, " node %u", mx_place_node(r->place));
	return text;
}

/* " cores 0-3,6": those at the place of r. */
static const char *cores_at(const struct mx_record *r)
{
	static char text[SET];
	uint32_t n = 0, i, from = MX_NOTHING;
	struct iskra_walk w;
	bool here[MX_CORES_MAX + 1] = {false};

	iskra_walk_kind(&w, l, MX_KIND_CORE);
	while ((i = iskra_step(&w)) != MX_NOTHING)
		if (get(i)->id < MX_CORES_MAX)
			here[get(i)->id] =
			        ((get(i)->place ^ r->place) & ~mx_place_inside(r->level)) == 0;
	text[0] = 0;
	for (i = 0; i <= MX_CORES_MAX && n < SET - 12; i++) {
		if (here[i] && from == MX_NOTHING)
			from = i;
		if (here[i] || from == MX_NOTHING)
			continue;
		n += (uint32_t)snprintf(text + n, SET - n, n ? ",%u" : " cores %u", from);
		if (i - 1 > from)
			n += (uint32_t)snprintf(text + n, SET - n, "-%u", i - 1);
		from = MX_NOTHING;
	}
	return text;
}

static void say_node(const struct mx_record *r)
{
	output_line("node %u domain %u memory %lu%s", r->id, r->u.node.domain, r->u.node.size,
	            cores_at(r));
}

static void say_package(const struct mx_record *r)
{
	output_line("package %u%s%s", r->id, node_of(r), cores_at(r));
}

static void say_cache(const struct mx_record *r)
{
	static const char *const types[] = {"", "data", "instructions", "unified", "memory-side"};

	output_line("cache %u L%u %s size %lu line %u ways %u shared %u%s%s", r->id,
	            r->u.cache.depth, types[r->u.cache.type < 5 ? r->u.cache.type : 0],
	            r->u.cache.size, r->u.cache.line, r->u.cache.ways, r->u.cache.shared,
	            node_of(r), cores_at(r));
}

static void say_physical(const struct mx_record *r)
{
	output_line("physical %u%s%s", r->id, node_of(r), cores_at(r));
}

static void say_core(const struct mx_record *r)
{
	output_line("core %u%s package %u hardware %u memory %lu free %lu load %u%s", r->id,
	            node_of(r), r->u.core.package, r->u.core.hardware_id, r->u.core.total,
	            r->u.core.free, r->u.core.load, r->flags & MX_RECORD_LOST ? " lost" : "");
}

/* What a core owns is a part of a range of its node. */
static void say_memory(const struct mx_record *r)
{
	const struct mx_record *core = get(r->owner);
	char of[24] = "";

	if (core)
		snprintf(of, sizeof of, " of core %u", core->id);
	output_line("memory %u from %#lx size %lu%s%s%s", r->id, r->u.memory.base, r->u.memory.size,
	            node_of(r), of, r->flags & MX_RECORD_LOST ? " lost" : "");
}

static void say_pci(const struct mx_record *r)
{
	const struct mx_record *driver = get(r->owner);

	output_line("pci %02x:%02x.%u id %04x:%04x class %06x vectors %u%s%s%s", r->id >> 8 & 255,
	            r->id >> 3 & 31, r->id & 7, r->u.pci.vendor, r->u.pci.device, r->u.pci.class,
	            r->u.pci.vectors, node_of(r), driver ? " driver " : "",
	            driver ? driver->u.domain.name : "");
}

static void say_interrupt(const struct mx_record *r)
{
	const struct mx_record *f = get(r->parent), *core = get(r->owner);
	char to[24] = "";

	if (core)
		snprintf(to, sizeof to, " to core %u", core->id);
	output_line("interrupts %u %s of pci %02x:%02x.%u%s", r->u.interrupt.count,
	            r->u.interrupt.msi ? "messages" : "lines", f ? f->id >> 8 & 255 : 0,
	            f ? f->id >> 3 & 31 : 0, f ? f->id & 7 : 0, to);
}

static void say_path(const struct mx_record *r)
{
	if (r->u.path.of == MX_PATH_NODES)
		output_line("distance %u %u is %u latency %u ps bandwidth %u MB/s", r->u.path.from,
		            r->u.path.to, r->cost, r->u.path.latency, r->u.path.bandwidth);
	else if (r->u.path.of == MX_PATH_LEVEL)
		output_line("message within a core costs %u ns assumed", r->cost);
	else
		output_line("message %u %u costs %u ns %s", r->u.path.from, r->u.path.to, r->cost,
		            r->flags & MX_RECORD_MEASURED ? "measured" : "assumed");
}

static void say_domain(const struct mx_record *r)
{
	const struct mx_record *core = get(r->owner);

	output_line("domain %.*s on core %u", (int)MX_NAME, r->u.domain.name, core ? core->id : 0);
}

static void say(const struct mx_record *r)
{
	static void (*const how[MX_KINDS])(const struct mx_record *) = {
	        [MX_KIND_NODE] = say_node,   [MX_KIND_PACKAGE] = say_package,
	        [MX_KIND_CACHE] = say_cache, [MX_KIND_PHYSICAL] = say_physical,
	        [MX_KIND_CORE] = say_core,   [MX_KIND_MEMORY] = say_memory,
	        [MX_KIND_PCI] = say_pci,     [MX_KIND_INTERRUPT] = say_interrupt,
	        [MX_KIND_PATH] = say_path,   [MX_KIND_DOMAIN] = say_domain,
	};

	if (how[r->kind])
		how[r->kind](r);
}

static bool begin(void)
{
	lattice_refresh();
	l = lattice();
	if (l)
		output_line(
		        "machine nodes %u packages %u physical %u cores %u caches %u records %u of "
		        "%u version %lu",
		        count(MX_KIND_NODE), count(MX_KIND_PACKAGE), count(MX_KIND_PHYSICAL),
		        count(MX_KIND_CORE), count(MX_KIND_CACHE), iskra_records(l), iskra_most(l),
		        iskra_version(l));
	return l != NULL;
}

/* The line after the first *at of all, in order of kind: a change in between may cost one. */
enum progress show_machine(uint32_t *at)
{
	struct iskra_walk w;
	uint32_t i = MX_NOTHING;

	if (*at == 0 ? !begin() : !(l = lattice())) {
		output_line("moxie: the executive shows no lattice");
		return DONE;
	}
	iskra_walk_all(&w, l, ISKRA_BY_KIND);
	for (uint32_t n = 0; n <= *at; n++)
		i = iskra_step(&w);
	(*at)++;
	if (i == MX_NOTHING) {
		output_line("machine end");
		return DONE;
	}
	say(get(i));
	return MORE;
}
