/*
 * The domain of a NIC driver; see port.h.
 *
 * It has no mapping of any frame: it knows numbers, bus addresses and lengths, so a fault here
 * can neither read nor change a packet. It makes MX_RAW and MX_LINK for its peer (the router,
 * or the stack) and takes MX_RAW; init hears MX_CTL_READY and counters.
 */
#include <moxie/domain.h>
#include <moxie/pair.h>
#include <moxie/parent.h>
#include <moxie/slots.h>
#include <string.h>
#include "drivers/net/port.h"

struct mx_control_end parent;
static uint32_t port, pair, pairs;
static struct mx_link link;
static bool working;          /* packets may come and go */
static bool link_due = true;  /* the peer does not know the link's present state */
static bool link_told;        /* it has been told since it was bound: packets may follow */
static bool ready, ready_due; /* READY can be said, and has to be */

_Noreturn void port_fail(const char *reason)
{
	mx_log("port %u: %s", (unsigned)port, reason);
	mx_flush(); /* the console is to hear of it */
	mx_exit(1);
}

void port_works(void)
{
	working = true;
	mx_again(); /* the first event posts the first frames */
}

void port_ready(void)
{
	ready = ready_due = true;
}

void port_link(const struct mx_link *state)
{
	link = *state;
	link.port = (uint8_t)port;
	link_due = true;
}

void domain_start(void)
{
	struct mx_driver_args args;

	mx_control_open(&parent, mx_boot, MX_PARENT);
	if (mx_boot->args_len != sizeof(args))
		port_fail("the arguments have a wrong size");
	memcpy(&args, mx_boot->args, sizeof(args));
	if (args.port >= MX_PORTS)
		port_fail("the port's number is too large");
	if (args.pairs > MX_PAIRS || args.pair >= MX_PAIRS || args.bar.bar >= MX_BARS)
		port_fail("the queue pairs are too many");
	port = args.port;
	pair = args.pair;
	pairs = args.pairs;
	for (uint32_t i = 0; i < driver_counters_n; i++)
		driver_counters[i].port = (uint16_t)port;
	mx_counters_init(driver_counters, driver_counters_n);
	mx_counters_inherit(driver_counters, driver_counters_n);
	driver_start(&args);
}

static void tell_link(void)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_LINK};

	memcpy(m.body, &link, sizeof(link));
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
	if (working)
		driver_forget();
}

/* Init is another one now, and knows nothing of us. */
static void tell_parent(void)
{
	ready_due = ready;
	driver_parent();
}

static void handle_event(const struct mx_msg *m)
{
	if (m->kind != MX_EVENT_RESET && m->kind != MX_EVENT_GONE)
		return;
	if (m->slot == MX_DRIVER_PEER)
		forget_peer();
	else if (m->slot == MX_PARENT && m->kind == MX_EVENT_RESET)
		tell_parent();
	else if (m->slot == MX_DRIVER_LEAD || m->slot > MX_DRIVER_PAIR)
		port_fail("a driver of another queue pair has ended"); /* and the device with it */
}

static void handle_messages(const struct mx_msg *in, uint32_t n)
{
	for (uint32_t i = 0, k; i < n; i += k) {
		for (k = 1; i + k < n && in[i + k - 1].flags & MX_MORE; k++)
			;
		if (in[i].kind >= MX_EVENT)
			handle_event(&in[i]);
		else if (working)
			driver_send(&in[i], k);
		else
			mx_free_chain(&in[i], k);
	}
}

static void handle_control(void)
{
	struct mx_control m;

	while (mx_parent_recv(&parent, &m))
		if (m.op == MX_CTL_COUNTERS)
			mx_counters_ask(m.value);
		else if (m.op == MX_CTL_PAIRS && pair == 0 && pairs > 1)
			driver_pairs(m.value);
	if (ready_due) {
		struct mx_control m_ready = {.op = MX_CTL_READY, .port = (uint16_t)port};

		ready_due = !mx_control_try_send(&parent, &m_ready);
	}
	mx_counters_turn(&parent);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	driver_hear(pending);
	if (!working) {
		handle_messages(in, n);
		handle_control();
		return;
	}
	driver_reclaim();
	handle_messages(in, n);
	driver_sent();
	if (link_due)
		tell_link();
	driver_receive(link_told);
	handle_control();
}
