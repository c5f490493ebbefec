/* Frame numbers and bus addresses, by the pools in the boot page. */
#include <moxie/domain.h>

static const struct mx_pool *find_pool(uint32_t frame)
{
	for (uint32_t i = 0; i <= mx_boot->cores; i++)
		if (frame - mx_boot->pools[i].first < mx_boot->pools[i].count)
			return &mx_boot->pools[i];
	return NULL;
}

/* The next frame is most often of the same pool as the last one. */
uint64_t mx_bus(uint32_t frame)
{
	static struct mx_pool last;

	if (frame - last.first >= last.count) {
		const struct mx_pool *p = find_pool(frame);

		if (!p)
			return 0;
		last = *p;
	}
	return last.dma + (uint64_t)(frame - last.first) * MX_PAGE;
}

bool mx_is_frozen(uint32_t frame)
{
	const struct mx_pool *p = &mx_boot->pools[mx_boot->cores];

	return frame - p->first < p->count;
}

void *mx_heap(uint64_t size)
{
	static uint64_t used;
	uint64_t at = (used + 63) & ~63ull;

	if (size > mx_boot->heap.size || at > mx_boot->heap.size - size)
		return NULL;
	used = at + size;
	return (uint8_t *)mx_boot->heap.base + at;
}
