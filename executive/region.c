/* The memory of this core: see region.h. A sorted array of records; neighbours that are free merge.
 */
#include <string.h>
#include "executive/arch.h"
#include "executive/region.h"

#define RECORDS 512u

static struct record {
	uint64_t base, size;
	uint32_t owner;
} records[RECORDS];
static uint32_t n;

static void insert(uint32_t at, struct record r)
{
	check(n < RECORDS);
	memmove(&records[at + 1], &records[at], (n - at) * sizeof r);
	records[at] = r;
	n++;
}

static void drop(uint32_t at)
{
	n--;
	memmove(&records[at], &records[at + 1], (n - at) * sizeof *records);
}

void region_give(uint64_t base, uint64_t size)
{
	uint32_t at = 0;

	while (at < n && records[at].base < base)
		at++;
	insert(at, (struct record){base, size, 0});
}

uint64_t region_alloc(uint32_t pages, uint32_t owner)
{
	uint64_t size = (uint64_t)pages * MX_PAGE;

	for (uint32_t i = 0; i < n && size; i++) {
		struct record *r = &records[i];

		if (r->owner || r->size < size)
			continue;
		/* Splitting needs a record; without one the memory counts as used up. */
		if (r->size > size) {
			if (n == RECORDS)
				return 0;
			insert(i + 1, (struct record){r->base + size, r->size - size, 0});
			r->size = size;
		}
		r->owner = owner;
		memset(direct(r->base), 0, size);
		return r->base;
	}
	return 0;
}

/* Merge record i with its right neighbour when both are free and touch. */
static void merge(uint32_t i)
{
	if (i + 1 < n && !records[i].owner && !records[i + 1].owner &&
	    records[i].base + records[i].size == records[i + 1].base) {
		records[i].size += records[i + 1].size;
		drop(i + 1);
	}
}

void region_free_owner(uint32_t owner)
{
	for (uint32_t i = n; i-- > 0;) {
		if (records[i].owner != owner)
			continue;
		records[i].owner = 0;
		merge(i);
		if (i)
			merge(i - 1);
	}
}

uint64_t region_total(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += records[i].size;
	return sum;
}

uint64_t region_free(void)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += records[i].owner ? 0 : records[i].size;
	return sum;
}
