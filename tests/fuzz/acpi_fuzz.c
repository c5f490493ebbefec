/*
 * ACPI's tables, DMAR, SRAT, SLIT and HMAT among them, as a firmware that is wrong or hostile may
 * write them.
 *
 * Each event is a table: its kind says whether length and checksum are put right. The first is the
 * root pointer, at ROOT; the n-th after it stands at n * STEP. Behind a table whose length is right
 * nothing may be read.
 */
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include "executive/arch.h"
#include "executive/x86_64/acpi.h"
#include "executive/x86_64/apic.h"
#include "executive/x86_64/boot.h"
#include "executive/x86_64/config.h"
#include "executive/x86_64/dmar.h"
#include "tests/fuzz/events.h"
#include "tests/fuzz/state.h"

#define ROOT   0x1000u
#define STEP   0x10000u
#define TABLES 16u
#define MEMORY                                                                                     \
	((1ull << 32) + (2u << 20)) /* all that a pointer can name, and a table behind it          \
	                             */
#define BEHIND  64u
#define BRIDGES 0x00020100u /* what any bridge says of its buses */

struct machine machine;
static uint8_t *memory;

void *direct(uint64_t phys)
{
	if (phys % STEP && phys != ROOT) /* inside a table: it has no end of its own */
		ASAN_UNPOISON_MEMORY_REGION(memory, (TABLES + 1) * STEP);
	return phys < MEMORY - (1u << 20) ? memory + phys : (void *)1; /* not to be followed */
}

void print(const char *format, ...)
{
	(void)format;
}

uint32_t apic_id(void)
{
	return 7;
}

uint32_t config_read(uint16_t address, uint32_t at)
{
	(void)address;
	(void)at;
	return BRIDGES;
}

static void seal(uint8_t *p, uint32_t n, uint32_t sum_at)
{
	uint8_t sum = 0;

	p[sum_at] = 0;
	for (uint32_t i = 0; i < n; i++)
		sum = (uint8_t)(sum + p[i]);
	p[sum_at] = (uint8_t)-sum;
}

static void put_root(const struct event *e)
{
	uint8_t *p = memory + ROOT;

	memcpy(p, e->data, e->n < 64 ? e->n : 64);
	if (e->what & 1)
		return;
	memcpy(p, "RSD PTR ", 8);
	seal(p, 20, 8);
	if (p[20] > 32 && p[20] <= 64)
		seal(p, p[20], 32);
}

static void put_table(const struct event *e, uint32_t i)
{
	uint8_t *p = memory + i * STEP;
	uint32_t n = e->n < STEP - BEHIND ? e->n : STEP - BEHIND;

	memcpy(p, e->data, n);
	if (e->what & 1 || n < 36)
		return;
	memcpy(p + 4, &n, sizeof(n));
	seal(p, n, 9);
	ASAN_POISON_MEMORY_REGION(p + n, BEHIND);
}

static void clear(void)
{
	if (!memory) {
		memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
		              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		fuzz_assert(memory != MAP_FAILED);
	}
	ASAN_UNPOISON_MEMORY_REGION(memory, (TABLES + 1) * STEP);
	madvise(memory, MEMORY, MADV_DONTNEED);
	state_reset();
	memset(&machine, 0, sizeof(machine));
}

/* Every number that stands for a node is one. */
static void judge_topology(const struct topology *t)
{
	fuzz_assert(t->nodes_n <= TOPOLOGY_NODES && t->ranges_n <= TOPOLOGY_RANGES &&
	            t->caches_n <= TOPOLOGY_CACHES);
	for (uint32_t i = 0; i < acpi.cores; i++)
		fuzz_assert(!acpi.core_node[i] || acpi.core_node[i] < t->nodes_n);
	for (uint32_t i = 0; i < t->ranges_n; i++)
		fuzz_assert(t->ranges[i].node < t->nodes_n && t->ranges[i].size &&
		            t->ranges[i].base + t->ranges[i].size > t->ranges[i].base);
	for (uint32_t i = 0; i < t->caches_n; i++)
		fuzz_assert(t->caches[i].node < t->nodes_n);
}

static void judge(void)
{
	fuzz_assert(acpi.cores <= MX_CORES_MAX);
	judge_topology(&machine.topology);
	fuzz_assert(dmar.units_n <= DMAR_UNITS && dmar.scopes_n <= DMAR_SCOPES);
	for (uint32_t i = 0; i < dmar.scopes_n; i++)
		fuzz_assert(dmar.scopes[i].hops <= DMAR_HOPS && dmar.scopes[i].unit <= DMAR_UNITS);
	for (uint32_t address = 0; address < 0x300; address += 8) {
		uint32_t unit = dmar_unit_of((uint16_t)address);

		fuzz_assert(unit == DMAR_NONE || unit < dmar.units_n);
		dmar_reserves((uint16_t)address);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct events list = {data, n};
	bool wrong = false;
	struct event e;

	clear();
	for (uint32_t i = 0; i < TABLES && events_next(&list, &e); i++) {
		wrong |= i && (e.what & 1 || e.n < 36);
		if (i == 0)
			put_root(&e);
		else
			put_table(&e, i);
	}
	if (wrong) /* a table may be as long as it likes */
		ASAN_UNPOISON_MEMORY_REGION(memory, (TABLES + 1) * STEP);
	acpi_read(ROOT);
	judge();
	return 0;
}
