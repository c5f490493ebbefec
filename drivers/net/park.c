/*
 * See park.h.
 */
#include "drivers/net/park.h"

static struct mx_msg *entry(struct park *p, uint32_t i)
{
	return &p->entries[(p->first + i) % MX_DRIVER_PARKED];
}

bool park_add(struct park *p, const struct mx_msg *chain, uint32_t n)
{
	if (p->waiting + n > MX_DRIVER_PARKED)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		*entry(p, p->waiting) = chain[i];
		entry(p, p->waiting++)->flags = i + 1 < n ? MX_MORE : 0;
	}
	return true;
}

uint32_t park_peek(const struct park *p, struct mx_msg chain[MX_CHAIN_MAX])
{
	uint32_t n = 0;

	if (!p->waiting)
		return 0;
	do
		chain[n] = p->entries[(p->first + n) % MX_DRIVER_PARKED];
	while (chain[n++].flags & MX_MORE);
	return n;
}

void park_take(struct park *p, uint32_t n)
{
	p->first += n;
	p->waiting -= n;
}

void park_forget(struct park *p)
{
	for (; p->waiting > 0; park_take(p, 1))
		mx_free(entry(p, 0)->frame);
}
