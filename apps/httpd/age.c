/*
 * Ages: see age.h. A list in both directions; who is not in it names itself as its neighbours.
 */
#include <stdbool.h>
#include "age.h"

static struct age *(*age_of)(uint32_t n);
static uint16_t oldest, youngest;

void age_init(uint32_t count, struct age *(*of)(uint32_t n))
{
	age_of = of;
	oldest = youngest = AGE_NONE;
	for (uint32_t n = 0; n < count; n++)
		*of(n) = (struct age){(uint16_t)n, (uint16_t)n};
}

static bool is_in(uint32_t n)
{
	return age_of(n)->older != n;
}

void age_leave(uint32_t n)
{
	struct age *a = age_of(n);

	if (!is_in(n))
		return;
	if (a->older == AGE_NONE)
		oldest = a->younger;
	else
		age_of(a->older)->younger = a->younger;
	if (a->younger == AGE_NONE)
		youngest = a->older;
	else
		age_of(a->younger)->older = a->older;
	a->older = a->younger = (uint16_t)n;
}

void age_renew(uint32_t n)
{
	struct age *a = age_of(n);

	if (youngest == n)
		return;
	age_leave(n);
	a->older = youngest;
	a->younger = AGE_NONE;
	if (youngest == AGE_NONE)
		oldest = (uint16_t)n;
	else
		age_of(youngest)->younger = (uint16_t)n;
	youngest = (uint16_t)n;
}

uint32_t age_oldest(void)
{
	return oldest;
}
