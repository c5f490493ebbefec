/* The map trap, and a domain's memory by its own addresses. */
#include <string.h>
#include "executive/core.h"
#include "executive/frame.h"

COLD int64_t map_frame(struct domain *d, uint64_t frame, uint64_t on)
{
	if (!d->space.window)
		return MX_EPERM;
	if (frame >= frame_total || (frame_state[frame] & ~FRAME_MAPPED) != d->index)
		return MX_EOWNER;
	if (on) {
		frame_map(d, (uint32_t)frame);
	} else if (frame_state[frame] & FRAME_MAPPED) {
		frame_state[frame] &= ~FRAME_MAPPED;
		if (space_frame_unmap(&d->space, (uint32_t)frame))
			space_flush(AT_WINDOW + frame * MX_PAGE);
	}
	return MX_OK;
}

/* The piece of [address, address + length) within one page. */
static void *piece(const struct domain *d, uint64_t address, uint32_t length, uint32_t access,
                   uint32_t *size)
{
	uint64_t at = space_lookup(&d->space, address, access);

	*size = MX_PAGE - (uint32_t)(address & (MX_PAGE - 1));
	if (*size > length)
		*size = length;
	return at ? direct(at) : NULL;
}

bool domain_read(const struct domain *d, void *to, uint64_t from, uint32_t length)
{
	uint32_t size;

	for (uint32_t done = 0; done < length; done += size) {
		const void *p = piece(d, from + done, length - done, READ, &size);

		if (!p)
			return false;
		memcpy((uint8_t *)to + done, p, size);
	}
	return true;
}

bool domain_write(const struct domain *d, uint64_t to, const void *from, uint32_t length)
{
	uint32_t size;

	for (uint32_t done = 0; done < length; done += size) {
		void *p = piece(d, to + done, length - done, WRITE, &size);

		if (!p)
			return false;
		memcpy(p, (const uint8_t *)from + done, size);
	}
	return true;
}
