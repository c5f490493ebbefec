/*
 * The lead of a port with several queue pairs; see lead.h.
 */
#include <string.h>
#include <moxie/pair.h>
#include <moxie/slots.h>
#include "command.h"
#include "lead.h"
#include "rings.h"

#define ANSWER_LIMIT (1 * MX_S)   /* of the control queue: a busy host takes its time */
#define ANSWER_LOOK  (10 * MX_MS) /* should its interrupt not come */

static struct mx_driver_args args;
static struct mx_pair_end followers[MX_PAIRS]; /* [0] is the lead itself */
static struct mx_pair rings[MX_PAIRS];         /* what the followers said; op 0: nothing yet */
static uint32_t pairs;                         /* in use; 0: init has not decided */
static uint32_t offers_due, links_due;         /* followers that are to hear so, as sets */
static bool had_due = true;
static uint64_t answer_due; /* when the command must be done; 0: none is under way */
static bool works;

void lead_start(const struct mx_driver_args *a)
{
	const char *error;

	args = *a;
	device.many = true;
	error = device_open(&device, args.config, mx_boot->bars);
	if (error)
		driver_fail(error);
	for (uint32_t k = 1; k < args.pairs; k++)
		if (!mx_pair_open(&followers[k], mx_boot, MX_DRIVER_PAIR + k))
			driver_fail("no channel to a follower");
	mx_again();
}

static void tell_had(void)
{
	uint32_t most = device_pairs(&device);
	struct mx_control m = {.op = MX_CTL_PAIRS_HAD,
	                       .port = (uint16_t)args.port,
	                       .value = most < args.pairs ? most : args.pairs};

	had_due = !mx_control_try_send(&parent, &m);
}

void lead_pairs(uint64_t n)
{
	if (pairs || n == 0 || n > args.pairs || n > device_pairs(&device))
		return;
	pairs = (uint32_t)n;
	offers_due = (1u << args.pairs) - 2;
	mx_again();
}

void lead_parent(void)
{
	had_due = true;
	mx_again();
}

/* A doorbell as an offset in the BAR that followers have pages of. */
static uint32_t bell_of(uint16_t number)
{
	uint8_t *base = mx_boot->bars[args.bar.bar].base, *at;
	const char *error = device_bell(&device, number, &at);
	uint64_t bell = error ? 0 : (uint64_t)(at - base);

	if (error)
		driver_fail(error);
	if (bell < args.bar.first * (uint64_t)MX_PAGE ||
	    bell + 2 > (args.bar.first + (uint64_t)args.bar.pages) * MX_PAGE)
		driver_fail("a queue's doorbell lies where followers have no page");
	return (uint32_t)bell;
}

static struct mx_pair_queue queue_of(uint32_t number)
{
	return (struct mx_pair_queue){.number = (uint16_t)number,
	                              .size = (uint16_t)device_queue_max(&device, (uint16_t)number),
	                              .bell = bell_of((uint16_t)number)};
}

static void offer(uint32_t k)
{
	struct mx_pair m = {.op = MX_PAIR_OFFER,
	                    .idle = k >= pairs,
	                    .event_idx = device_has(&device, VIRTIO_RING_F_EVENT_IDX)};

	if (!m.idle) {
		m.rx = queue_of(2 * k + QUEUE_RECEIVE);
		m.tx = queue_of(2 * k + QUEUE_TRANSMIT);
	}
	if (mx_pair_try_send(&followers[k], &m))
		offers_due &= ~(1u << k);
}

static void tell_link(uint32_t k)
{
	struct mx_pair m = {.op = MX_PAIR_LINK};

	m.link = device.link;
	if (mx_pair_try_send(&followers[k], &m))
		links_due &= ~(1u << k);
}

void lead_link(void)
{
	if (works)
		links_due = (1u << pairs) - 2;
}

/* 2.7: alignments, and what this driver's own code could have chosen. */
static bool ring_sane(const struct mx_pair_queue *q, const struct mx_pair_ring *r, uint32_t number)
{
	uint32_t most = device_queue_max(&device, (uint16_t)number);

	return q->size >= MX_DRIVER_RING_MIN && q->size <= most && !(q->size & (q->size - 1)) &&
	       r->desc % 16 == 0 && r->avail % 2 == 0 && r->used % 4 == 0;
}

/* True when all followers have said where their rings lie. */
static bool hear(void)
{
	bool all = true;
	struct mx_pair m;

	for (uint32_t k = 1; k < pairs; k++) {
		while (mx_pair_recv(&followers[k], &m)) {
			if (m.op != MX_PAIR_RINGS || rings[k].op)
				continue;
			if (!ring_sane(&m.rx, &m.rx_ring, 2 * k + QUEUE_RECEIVE) ||
			    !ring_sane(&m.tx, &m.tx_ring, 2 * k + QUEUE_TRANSMIT))
				driver_fail("a follower's rings are none");
			rings[k] = m;
		}
		all &= rings[k].op != 0;
	}
	return all;
}

static const char *set_follower(uint32_t k)
{
	const struct mx_pair *m = &rings[k];
	struct queue_place rx_place = {m->rx.size, m->rx_ring.desc, m->rx_ring.avail,
	                               m->rx_ring.used};
	struct queue_place tx_place = {m->tx.size, m->tx_ring.desc, m->tx_ring.avail,
	                               m->tx_ring.used};
	uint16_t receive = (uint16_t)(2 * k), transmit = (uint16_t)(2 * k + 1);
	const char *error = device_set_queue(&device, receive, receive + VECTOR_RECEIVE, &rx_place);

	return error ? error
	             : device_set_queue(&device, transmit, receive + VECTOR_TRANSMIT, &tx_place);
}

/* The last page of the DMA memory is the control queue's. */
static const char *set_all(void)
{
	struct mx_region dma = mx_boot->dma;
	const char *error;

	dma.size -= COMMAND_BYTES;
	error = rings_lay_out(&args, &dma, device_queue_max(&device, QUEUE_RECEIVE),
	                      device_queue_max(&device, QUEUE_TRANSMIT));
	if (!error)
		error = device_start_queue(&device, &rx.q, QUEUE_RECEIVE, VECTOR_RECEIVE);
	if (!error)
		error = device_start_queue(&device, &tx.q, QUEUE_TRANSMIT, VECTOR_TRANSMIT);
	for (uint32_t k = 1; k < pairs && !error; k++)
		error = set_follower(k);
	if (!error && pairs > 1)
		error = command_start(&device, (uint8_t *)dma.base + dma.size, dma.bus + dma.size);
	return error ? error : device_go(&device);
}

static void begin(void)
{
	works = true;
	answer_due = 0;
	links_due = (1u << pairs) - 2;
	driver_works();
	port_ready();
}

static void set_up(void)
{
	const char *error = set_all();

	if (error)
		driver_fail(error);
	if (pairs == 1) { /* as it is after a reset: 5.1.6.5.6.1 */
		begin();
		return;
	}
	answer_due = mx_now() + ANSWER_LIMIT;
	command_pairs((uint16_t)pairs);
}

static void await_answer(void)
{
	switch (command_poll()) {
	case COMMAND_DONE:
		begin();
		break;
	case COMMAND_REFUSED:
		driver_fail("the device refuses the number of queue pairs");
	case COMMAND_WAITS:
		if (mx_now() > answer_due)
			driver_fail("the device does not answer on its control queue");
		mx_wake_at(mx_now() + ANSWER_LOOK);
	}
}

void lead_turn(void)
{
	if (had_due)
		tell_had();
	for (uint32_t left = offers_due; left; left &= left - 1)
		offer((uint32_t)__builtin_ctz(left));
	if (answer_due)
		await_answer();
	else if (pairs && !works && !offers_due && hear())
		set_up();
	for (uint32_t left = links_due; left; left &= left - 1)
		tell_link((uint32_t)__builtin_ctz(left));
}
