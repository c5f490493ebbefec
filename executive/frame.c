/* Frames of this core: see frame.h. */
#include "executive/frame.h"
#include "executive/exchange.h"
#include "executive/lost.h"
#include "executive/region.h"

HOT_DATA uint16_t *frame_state;
HOT_DATA uint32_t frame_total;
HOT_DATA uint32_t frame_free_n;
HOT_DATA static uint32_t *free_frames; /* the pool: a stack, so that warm frames go out first */
HOT_DATA static uint32_t *away[MX_CORES_MAX]; /* frames on their way to another core's pool */
HOT_DATA static uint32_t away_n[MX_CORES_MAX];

#define AWAY_BATCH (2 * HOME_MAX)

static void *take_pages(uint64_t bytes)
{
	uint64_t at = region_alloc((uint32_t)((bytes + MX_PAGE - 1) / MX_PAGE), OWNER_EXECUTIVE);

	if (!at)
		panic("core %u: no memory for the frame table", self);
	return direct(at);
}

void frame_init(void)
{
	const struct mx_pool *own = &machine.pools[self];

	for (uint32_t core = 0; core < machine.cores; core++)
		frame_total += machine.pools[core].count;
	frame_state = take_pages(frame_total * sizeof *frame_state);
	free_frames = take_pages(own->count * sizeof *free_frames);
	for (uint32_t core = 0; core < machine.cores; core++)
		if (core != self)
			away[core] = take_pages(machine.pools[core].count * sizeof **away);
	for (uint32_t i = own->count; i-- > 0;)
		free_frames[frame_free_n++] = own->first + i;
	for (uint32_t i = 0; i < own->count; i++)
		frame_watch(own->first + i, NULL);
}

static uint32_t home_of(uint32_t frame)
{
	uint32_t core = 0;

	while (frame - machine.pools[core].first >= machine.pools[core].count)
		core++;
	return core;
}

HOT uint64_t frame_phys(uint32_t frame)
{
	const struct mx_pool *p = &machine.pools[home_of(frame)];

	return p->dma + (uint64_t)(frame - p->first) * MX_PAGE;
}

HOT bool frame_frozen(uint32_t frame)
{
	const struct mx_pool *p = &machine.pools[machine.cores];

	return frame - p->first < p->count;
}

HOT uint32_t frame_take(void)
{
	return frame_free_n ? free_frames[--frame_free_n] : MX_NOFRAME;
}

HOT void frame_home(uint32_t frame)
{
	free_frames[frame_free_n++] = frame;
	if (frame_free_n == 1)
		exchange_frames_came();
}

HOT void frame_return(uint32_t frame)
{
	const struct mx_pool *own = &machine.pools[self];
	uint32_t core;

	if (frame - own->first < own->count) {
		frame_home(frame);
		return;
	}
	core = home_of(frame);
	away[core][away_n[core]++] = frame;
}

/* The home ring holds the whole pool, so nothing is lost while the FIFO is full: it waits here. */
HOT bool frame_send_home(bool all)
{
	bool done = true;

	for (uint32_t core = 0; core < machine.cores; core++) {
		while (away_n[core] >= (all ? 1 : AWAY_BATCH) && !lost_is(core)) {
			struct remote r = {.kind = REMOTE_HOME};

			while (r.slot < HOME_MAX && r.slot < away_n[core]) {
				r.frames[r.slot] = away[core][away_n[core] - 1 - r.slot];
				r.slot++;
			}
			if (!fifo_push(core, &r, MOST_OTHER)) {
				done = false;
				break;
			}
			away_n[core] -= r.slot;
		}
	}
	return done;
}

COLD void frame_idle(void (*see)(uint32_t frame))
{
	for (uint32_t i = 0; i < frame_free_n; i++)
		see(free_frames[i]);
	for (uint32_t core = 0; core < machine.cores; core++)
		for (uint32_t i = 0; i < away_n[core]; i++)
			see(away[core][i]);
}

uint32_t frame_quarantined(void)
{
	uint32_t n = 0;

	for (uint32_t core = 0; core < machine.cores; core++)
		n += lost_is(core) ? away_n[core] : 0;
	return n;
}

uint32_t frame_strange(void)
{
	uint32_t n = 0;

	for (uint32_t core = 0; core < machine.cores; core++) {
		const struct mx_pool *p = &machine.pools[core];

		for (uint32_t i = 0; lost_is(core) && i < p->count; i++)
			n += frame_state[p->first + i] != 0;
	}
	return n;
}
