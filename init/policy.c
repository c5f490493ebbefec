/* When a domain that has ended comes back: see policy.h. */
#include "init/policy.h"

void policy_ready(struct policy *p, uint64_t now)
{
	p->ready_at = now;
}

/* Before restart `row` of those in a row; the first does not wait. */
static uint64_t wait_of(uint32_t row)
{
	uint64_t wait = POLICY_FIRST;

	if (row == 0)
		return 0;
	while (--row && wait < POLICY_MOST)
		wait *= 2;
	return wait < POLICY_MOST ? wait : POLICY_MOST;
}

uint64_t policy_ended(struct policy *p, uint64_t now, bool asked)
{
	uint64_t wait;

	if (p->ready_at && now - p->ready_at >= POLICY_WORKED)
		p->row = 0;
	p->ready_at = 0;
	if (p->never)
		return POLICY_NEVER;
	if (asked)
		return now;
	if (p->row >= p->limit)
		return POLICY_NEVER;
	wait = wait_of(p->row++);
	return now + wait;
}
