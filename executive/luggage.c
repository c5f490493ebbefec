/* The frames that a domain takes along: see luggage.h. */
#include <string.h>
#include "executive/core.h"
#include "executive/frame.h"
#include "executive/luggage.h"

uint32_t luggage_pages(const struct domain *d)
{
	return (uint32_t)((d->quota * sizeof(struct luggage) + MX_PAGE - 1) / MX_PAGE) + 1;
}

/* Four states at a time: most frames are others'. */
static bool none_here(uint32_t frame, uint32_t owner)
{
	uint64_t four, ones = 0x0001000100010001ull;

	memcpy(&four, &frame_state[frame], sizeof four);
	four = (four & ones * FRAME_OWNER) ^ ones * owner;
	return !((four - ones) & ~four & ones << 15);
}

static uint32_t pack(struct domain *d, uint32_t first, uint32_t count, struct luggage *l,
                     uint32_t n)
{
	for (uint32_t f = first; f < first + count && n < d->held;) {
		if (f + 4 <= first + count && none_here(f, d->index)) {
			f += 4;
			continue;
		}
		if ((frame_state[f] & FRAME_OWNER) == d->index) {
			l[n++] = (struct luggage){f, frame_state[f] & (uint16_t)~FRAME_OWNER, 0};
			frame_state[f] = 0;
		}
		f++;
	}
	return n;
}

/* Those of the own pool first: most are. */
uint32_t luggage_pack(struct domain *d, struct luggage *l)
{
	const struct mx_pool *own = &machine.pools[self];
	uint32_t n = pack(d, own->first, own->count, l, 0);

	n = pack(d, 0, frame_total, l, n);
	check(n == d->held);
	return n;
}

void luggage_unpack(struct domain *d, const struct luggage *l, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		frame_state[l[i].frame] = d->index | l[i].state;
}
