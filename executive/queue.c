/* The domains that are ready, in order of arrival: see queue.h. */
#include "executive/queue.h"
#include "executive/core.h"

#define POLL_PATIENCE 100000u /* ns: a few switches; nobody is kept from polling for longer */

HOT_DATA static uint32_t ready_first, ready_last; /* by index, 0: empty */

HOT void domain_ready(struct domain *d)
{
	d->polls = false; /* it keeps its place in the queue */
	if (d->state == READY || d->state == RUNNING || d->state == ENDING)
		return;
	if (d->frozen) {
		d->thaws = true;
		return;
	}
	d->state = READY;
	d->next = 0;
	if (ready_last)
		domains[ready_last]->next = d->index;
	else
		ready_first = d->index;
	ready_last = d->index;
}

bool queue_empty(void)
{
	return !ready_first;
}

bool domain_others_ready(void)
{
	return ready_first || core_leaving;
}

/* Its record may be gone, and its index in use again, before its turn would come. */
void domain_unready(struct domain *d)
{
	uint32_t before = 0, at = d->state == READY ? ready_first : 0;

	while (at && at != d->index) {
		before = at;
		at = domains[at]->next;
	}
	if (!at)
		return;
	if (before)
		domains[before]->next = d->next;
	else
		ready_first = d->next;
	if (ready_last == at)
		ready_last = before;
}

HOT void domain_poll(struct domain *d, uint64_t now)
{
	domain_ready(d);
	d->polls = true;
	d->polls_since = now;
}

/* The first; but one that polls lets the first pass that does not, while its patience lasts. */
HOT struct domain *queue_take(uint64_t now)
{
	struct domain *d = ready_first ? domains[ready_first] : NULL;

	if (d && d->polls && now < d->polls_since + POLL_PATIENCE)
		for (uint32_t i = d->next; i; i = domains[i]->next)
			if (!domains[i]->polls) {
				d = domains[i];
				break;
			}
	if (!d)
		return NULL;
	domain_unready(d);
	d->polls = false;
	return d;
}
