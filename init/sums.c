/*
 * The counters of the router's replicas, summed: to a reader they are one router.
 *
 * Rules: a counter is known by its port and name; whoever reports first gives the order. The sums
 * are printed, as far as the console has room, once the last replica has reported.
 */
#include <string.h>
#include "init/init.h"

#define SUMS 1024u

static struct mx_control sums[SUMS];
static uint32_t sums_n, printed;

void sums_clear(void)
{
	sums_n = printed = 0;
}

static bool same(const struct mx_control *a, const struct mx_control *b)
{
	return a->port == b->port && memcmp(a->name, b->name, sizeof a->name) == 0;
}

void sums_add(const struct mx_control *m)
{
	static uint32_t guess; /* replicas report in the same order */

	for (uint32_t i = 0; i < sums_n; i++) {
		uint32_t at = (guess + i) % sums_n;

		if (!same(&sums[at], m))
			continue;
		sums[at].value += m->value;
		guess = at + 1;
		return;
	}
	if (sums_n < SUMS)
		sums[sums_n++] = *m;
}

const struct mx_control *sums_next(void)
{
	return printed < sums_n ? &sums[printed++] : NULL;
}

bool sums_left(void)
{
	return printed < sums_n;
}
