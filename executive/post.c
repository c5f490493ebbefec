/* Control entries that found a FIFO full: see post.h. */
#include "executive/arch.h"
#include "executive/post.h"

static struct {
	uint32_t core;
	struct remote r;
} waiting[POST_MOST];
static uint32_t waiting_n;
static uint32_t full; /* set of cores that something waits for: nothing may pass it */

static bool pushed(uint32_t core, const struct remote *r)
{
	if (!(full >> core & 1) && fifo_push(core, r, MOST_CONTROL))
		return true;
	full |= 1u << core;
	return false;
}

bool post(uint32_t core, const struct remote *r)
{
	if (pushed(core, r))
		return true;
	check(waiting_n < POST_MOST);
	waiting[waiting_n].core = core;
	waiting[waiting_n++].r = *r;
	return false;
}

bool post_waits(uint32_t core)
{
	return full >> core & 1;
}

bool post_again(void)
{
	uint32_t n = waiting_n;

	full = waiting_n = 0;
	for (uint32_t i = 0; i < n; i++)
		if (!pushed(waiting[i].core, &waiting[i].r))
			waiting[waiting_n++] = waiting[i];
	return !waiting_n;
}
