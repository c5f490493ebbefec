/* Frame numbers and bus addresses, by the pools in the boot page. */
#include <moxie/domain.h>

uint64_t mx_bus(uint32_t frame)
{
	for (uint32_t i = 0; i <= mx_boot->cores; i++) {
		const struct mx_pool *p = &mx_boot->pools[i];

		if (frame - p->first < p->count)
			return p->dma + (uint64_t)(frame - p->first) * MX_PAGE;
	}
	return 0;
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
