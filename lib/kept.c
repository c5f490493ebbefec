/* The predecessor's copies of variables: see moxie/kept.h. Both had the same image. */
#include <stddef.h>
#include <moxie/domain.h>
#include <moxie/kept.h>

extern const uint8_t __ehdr_start[] __attribute__((visibility("hidden")));

const void *mx_left(const void *own, uint64_t size)
{
	const struct mx_kept *kept = &mx_boot->kept;
	uint64_t at = (uint64_t)own - (uint64_t)__ehdr_start - kept->from;

	if (size > kept->pages.size || at > kept->pages.size - size)
		return NULL;
	return (const uint8_t *)kept->pages.base + at;
}

void mx_left_counts(uint64_t *own, uint32_t n)
{
	const uint64_t *left = mx_left(own, n * sizeof *own);

	for (uint32_t i = 0; left && i < n; i++)
		own[i] += left[i];
}
