/*
 * What each branch is ordered by.
 */
#include "iskra/store.h"

static uint64_t pair(uint64_t high, uint32_t low)
{
	return high << 32 | low;
}

struct iskra_key key_of(const struct mx_record *r, enum iskra_branch b, uint32_t index)
{
	switch (b) {
	case ISKRA_BY_KIND:
		return (struct iskra_key){pair(r->kind, r->id), index};
	case ISKRA_BY_PLACE:
		return (struct iskra_key){
		        r->place,
		        pair((uint64_t)(MX_LEVEL_MACHINE - r->level) << 8 | r->kind, index)};
	case ISKRA_BY_COST:
		return (struct iskra_key){pair(r->kind, r->cost), index};
	default: /* ISKRA_BY_OWNER */
		return (struct iskra_key){(uint64_t)r->owner << 8 | r->kind, pair(r->cost, index)};
	}
}
