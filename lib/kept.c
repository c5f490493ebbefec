/* The predecessor's copies of variables: see moxie/kept.h. Both had the same image. */
#include <stddef.h>
#include <moxie/domain.h>
#include <moxie/kept.h>

#define LINKER                                                                                     \
	__attribute__((visibility("hidden"),                                                       \
	               weak)) /* it makes them; or none, without the section */
extern const uint8_t __ehdr_start[] LINKER, __start_mx_kept[] LINKER, __stop_mx_kept[] LINKER;

const void *mx_left(const void *own, uint64_t size)
{
	const struct mx_kept *kept = &mx_boot->kept;
	uint64_t at = (uint64_t)own - (uint64_t)__ehdr_start - kept->from;

	/* Whole pages are left, but only what the section holds was meant to be. */
	if ((uint64_t)own < (uint64_t)__start_mx_kept ||
	    (uint64_t)own + size > (uint64_t)__stop_mx_kept)
		return NULL;
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
