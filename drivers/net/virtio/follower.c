/*
 * A follower; see follower.h.
 */
#include <string.h>
#include <moxie/pair.h>
#include <moxie/slots.h>
#include "follower.h"
#include "rings.h"

static struct mx_driver_args args;
static struct mx_pair_end lead;
static struct mx_pair answer; /* op 0: nothing was offered yet */
static bool answer_due, works;

void follower_start(const struct mx_driver_args *a)
{
	args = *a;
	if (args.bar.bar >= MX_BARS || !mx_pair_open(&lead, mx_boot, MX_DRIVER_LEAD))
		driver_fail("no channel to the driver that has the device");
}

static void *bell(uint32_t offset)
{
	uint64_t from = (uint64_t)args.bar.first * MX_PAGE;

	if (offset % 2 || offset < from ||
	    offset + 2ull > from + (uint64_t)args.bar.pages * MX_PAGE)
		driver_fail("a doorbell lies outside the pages given");
	return (uint8_t *)mx_boot->bars[args.bar.bar].base + offset;
}

static struct mx_pair_ring take(struct queue *q, const struct mx_pair *m,
                                const struct mx_pair_queue *offered)
{
	q->number = offered->number;
	q->notify = bell(offered->bell);
	q->event_idx = m->event_idx;
	queue_disarm(q);
	return (struct mx_pair_ring){q->bus, queue_avail_bus(q), queue_used_bus(q)};
}

static void hear_offer(const struct mx_pair *m)
{
	const char *error;

	if (m->idle) {
		port_ready();
		return;
	}
	error = rings_lay_out(&args, &mx_boot->dma, m->rx.size, m->tx.size);
	if (error)
		driver_fail(error);
	answer.rx_ring = take(&rx.q, m, &m->rx);
	answer.tx_ring = take(&tx.q, m, &m->tx);
	answer.rx.size = rx.q.size;
	answer.tx.size = tx.q.size;
	answer.op = MX_PAIR_RINGS;
	answer_due = true;
}

static void hear_link(const struct mx_pair *m)
{
	device.link = m->link;
	driver_link();
	if (works)
		return;
	works = true;
	driver_works();
	port_ready();
}

void follower_turn(void)
{
	struct mx_pair m;

	while (mx_pair_recv(&lead, &m)) {
		if (m.op == MX_PAIR_OFFER && !answer.op)
			hear_offer(&m);
		else if (m.op == MX_PAIR_LINK && answer.op && !answer_due)
			hear_link(&m);
	}
	if (answer_due)
		answer_due = !mx_pair_try_send(&lead, &answer);
}
