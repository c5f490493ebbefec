/*
 * The virtio-net driver domain: one queue pair of a port, mostly the only one.
 *
 * It has no mapping of any frame: it knows numbers, bus addresses and lengths, so a fault here
 * can neither read nor change a packet. It makes MX_RAW and MX_LINK for its peer (the router,
 * or the stack) and takes MX_RAW; init hears MX_CTL_READY and counters.
 * Start: reset, features, rings, DRIVER_OK; then events do the rest. Whatever goes wrong at the
 * start, and a device that asks for a reset later, ends the domain: init decides about another.
 */
#include <moxie/control.h>
#include <moxie/counters.h>
#include <moxie/domain.h>
#include <moxie/driver.h>
#include <moxie/kept.h>
#include <moxie/packet.h>
#include <moxie/pair.h>
#include <moxie/parent.h>
#include <moxie/slots.h>
#include <string.h>
#include "driver.h"
#include "follower.h"
#include "lead.h"
#include "rings.h"

struct device device;
struct receiver rx MX_KEPT;
struct transmitter tx MX_KEPT;
struct mx_control_end parent;
static uint32_t pair, pairs;
static bool working;         /* the queues are set up */
static bool link_due = true; /* the peer does not know the link's present state */
static bool link_told;       /* it has been told since it was bound: packets may follow */
static bool ready_due;
static uint64_t interrupts[3] MX_KEPT; /* by vector */

static struct mx_counter counters[] = {
        {"rx.buffers", &rx.buffers, 0},
        {"rx.bad", &rx.q.bad, 0},
        {"rx.stale", &rx.stale, 0},
        {"rx.starved", &rx.starved, 0},
        {"rx.kicks", &rx.q.kicks, 0},
        {"rx.interrupts", &interrupts[VECTOR_RECEIVE], 0},
        {"tx.packets", &tx.packets, 0},
        {"tx.bad", &tx.bad, 0},
        {"tx.full", &tx.full, 0},
        {"tx.lies", &tx.q.bad, 0},
        {"tx.kicks", &tx.q.kicks, 0},
        {"tx.interrupts", &interrupts[VECTOR_TRANSMIT], 0},
        {"link.interrupts", &interrupts[VECTOR_CONFIG], 0},
};
#define COUNTERS (sizeof(counters) / sizeof(counters[0]))

_Noreturn void driver_fail(const char *reason)
{
	mx_log("port %u: %s", (unsigned)rx.port, reason);
	device_fail(&device); /* a follower has none */
	mx_flush();           /* the console is to hear of it */
	mx_exit(1);
}

static const char *start(const struct mx_driver_args *args)
{
	const char *error = device_open(&device, args->config, mx_boot->bars);

	if (!error)
		error = rings_lay_out(args, &mx_boot->dma, device_queue_max(&device, QUEUE_RECEIVE),
		                      device_queue_max(&device, QUEUE_TRANSMIT));
	if (!error)
		error = device_start_queue(&device, &rx.q, QUEUE_RECEIVE, VECTOR_RECEIVE);
	if (!error)
		error = device_start_queue(&device, &tx.q, QUEUE_TRANSMIT, VECTOR_TRANSMIT);
	if (!error)
		error = device_go(&device);
	return error;
}

void driver_works(void)
{
	working = true;
	mx_reserve(MX_DRIVER_RESERVE(rx.q.size));
	mx_again(); /* the first event posts the first frames */
}

void driver_ready(void)
{
	ready_due = true;
}

void driver_link(void)
{
	link_due = true;
}

static void start_alone(const struct mx_driver_args *args)
{
	const char *error = start(args);

	if (error)
		driver_fail(error);
	driver_works();
	driver_ready();
}

void domain_start(void)
{
	struct mx_driver_args args;

	mx_control_open(&parent, mx_boot, MX_PARENT);
	if (mx_boot->args_len != sizeof(args))
		driver_fail("the arguments have a wrong size");
	memcpy(&args, mx_boot->args, sizeof(args));
	if (args.port >= MX_PORTS)
		driver_fail("the port's number is too large");
	if (args.pairs > MX_PAIRS || args.bar.bar >= MX_BARS)
		driver_fail("the queue pairs are too many");
	rx.port = args.port;
	device.link.port = (uint8_t)args.port;
	for (uint32_t i = 0; i < COUNTERS; i++)
		counters[i].port = (uint16_t)args.port;
	mx_counters_init(counters, COUNTERS);
	mx_counters_inherit(counters, COUNTERS);
	pair = args.pair;
	pairs = args.pairs;
	if (pair)
		follower_start(&args);
	else if (pairs > 1)
		lead_start(&args);
	else
		start_alone(&args);
}

static void tell_link(void)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_LINK};

	memcpy(m.body, &device.link, sizeof(device.link));
	if (mx_send(MX_DRIVER_PEER, &m, 1) == MX_OK) {
		link_due = false;
		link_told = true;
	} else {
		mx_thirst(MX_DRIVER_PEER);
	}
}

/* The peer is another one now, or none: it shall hear of the link first, then whole packets. */
static void forget_peer(void)
{
	link_due = true;
	link_told = false;
	if (!working)
		return;
	transmit_forget(&tx);
	receive_discard(&rx);
}

static void handle_event(const struct mx_msg *m)
{
	if (m->kind != MX_EVENT_RESET && m->kind != MX_EVENT_GONE)
		return;
	if (m->slot == MX_DRIVER_PEER)
		forget_peer();
	else if (m->slot == MX_PARENT)
		mx_control_open(&parent, mx_boot, MX_PARENT);
	else if (m->slot == MX_DRIVER_LEAD || m->slot > MX_DRIVER_PAIR)
		driver_fail(
		        "a driver of another queue pair has ended"); /* and the device with it */
}

static void handle_messages(const struct mx_msg *in, uint32_t n)
{
	for (uint32_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && in[i + k - 1].flags & MX_MORE; k++)
			;
		if (in[i].kind >= MX_EVENT)
			handle_event(&in[i]);
		else if (working)
			transmit(&tx, &in[i], k);
		else
			mx_free_chain(&in[i], k);
	}
}

static void handle_interrupts(uint64_t pending)
{
	for (uint32_t v = 0; v < 3; v++)
		interrupts[v] += pending >> (MX_DRIVER_IRQ + v) & 1;
	if (!(pending >> (MX_DRIVER_IRQ + VECTOR_CONFIG) & 1))
		return;
	if (device_broken(&device))
		driver_fail("the device asks for a reset");
	if (device_poll_link(&device)) {
		driver_link();
		lead_link();
	}
}

static void handle_control(void)
{
	struct mx_control m;

	while (mx_parent_recv(&parent, &m))
		if (m.op == MX_CTL_COUNTERS)
			mx_counters_ask(m.value);
		else if (m.op == MX_CTL_PAIRS && pair == 0 && pairs > 1)
			lead_pairs(m.value);
	if (ready_due) {
		struct mx_control ready = {.op = MX_CTL_READY, .port = (uint16_t)rx.port};

		ready_due = !mx_control_try_send(&parent, &ready);
	}
	mx_counters_turn(&parent);
}

static void pairs_turn(void)
{
	if (pair)
		follower_turn();
	else
		lead_turn();
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	handle_interrupts(pending);
	if (pairs > 1)
		pairs_turn();
	if (!working) {
		handle_messages(in, n);
		handle_control();
		return;
	}
	transmit_reclaim(&tx);
	handle_messages(in, n);
	transmit_wait(&tx);
	if (link_due)
		tell_link();
	receive_turn(&rx, link_told);
	handle_control();
}
