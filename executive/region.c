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

void region_give(uint64_t base, uint64_t size)
{
	uint32_t at = 0;

	while (at < n && records[at].base < base)
		at++;
	insert(at, (struct record){base, size, 0});
}

/*
 * The smallest free run that will do: what an ended domain had stays whole for its successor, while
 * there is anything else to take a single page of.
 */
static uint32_t best(uint64_t size)
{
	uint32_t found = n;

	for (uint32_t i = 0; i < n; i++)
		if (!records[i].owner && records[i].size >= size &&
		    (found == n || records[i].size < records[found].size))
			found = i;
	return found;
}

uint64_t region_reserve(uint32_t pages, uint32_t owner)
{
	uint64_t size = (uint64_t)pages * MX_PAGE;
	uint32_t i = best(size);
	struct record *r = &records[i];

	if (!size || i == n)
		return 0;
	/* Splitting needs a record; without one the memory counts as used up. */
	if (r->size > size) {
		if (n == RECORDS)
			return 0;
		insert(i + 1, (struct record){r->base + size, r->size - size, 0});
		r->size = size;
	}
	r->owner = owner;
	return r->base;
}

uint64_t region_alloc(uint32_t pages, uint32_t owner)
{
	uint64_t at = region_reserve(pages, owner);

	if (at)
		memset(direct(at), 0, (uint64_t)pages * MX_PAGE);
	return at;
}

/* Record i is free: it becomes part of the one before where they touch, else the next. */
static void keep(uint32_t i, uint32_t *kept)
{
	struct record *before = *kept ? &records[*kept - 1] : NULL;

	if (before && !before->owner && !records[i].owner &&
	    before->base + before->size == records[i].base)
		before->size += records[i].size;
	else
		records[(*kept)++] = records[i];
}

/* One pass, whatever there is to free. */
static void release(uint64_t base, uint32_t owner)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (owner ? records[i].owner == owner : records[i].base == base)
			records[i].owner = 0;
		keep(i, &kept);
	}
	n = kept;
}

void region_return(uint64_t base)
{
	release(base, 0);
}

void region_free_owner(uint32_t owner)
{
	release(0, owner);
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
