/*
 * The router domain: takes batches of messages apart and hands packets on. See router.h.
 */
#include <moxie/counters.h>
#include <moxie/parent.h>
#include <moxie/slots.h>
#include "neighbour.h"
#include "egress.h"
#include "replica.h"
#include "router.h"

#define RESERVE 64u /* frames at hand for what the router itself says, on a large machine */

static struct mx_gather gather[MX_PORTS];
static struct mx_control_end parent;
static struct mx_counter counters[(MX_PORTS + 1) * PORT_COUNTS_N + REPLICA_COUNTS];
static bool ready_owed; /* READY did not fit the ring yet */

void domain_start(void)
{
	now = mx_now();
	port_init();
	neighbour_inherit();
	replica_open();
	mx_reserve(mx_boot->quota / 8 < RESERVE ? mx_boot->quota / 8 : RESERVE);
	if (!mx_control_open(&parent, mx_boot, MX_PARENT))
		mx_panic("no channel to init");
}

static void port_event(struct port *p, const struct mx_msg *m)
{
	struct mx_gather *g = &gather[p->index];
	struct mx_link link;
	uint32_t n;

	switch (m->kind) {
	case MX_RAW:
		n = mx_gather(g, m, p->index);
		if (n)
			ether_input(p, g->chain, n);
		break;
	case MX_LINK:
		memcpy(&link, m->body, sizeof(link));
		port_link(p, &link);
		mx_free_chain(m, 1); /* it has no frame, unless the driver is up to no good */
		break;
	case MX_EVENT_GONE:
	case MX_EVENT_RESET:
		port_absent(p);
		mx_gather_reset(g);
		break;
	default:
		mx_free_chain(m, 1);
	}
}

/* A packet of the stack: its entries stand together in the batch. The entries it took. */
static uint32_t stack_event(const struct mx_msg *in, uint32_t left)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n = 0;

	if (in->kind != MX_IP) {
		if (in->kind == MX_EVENT_RESET || in->kind == MX_EVENT_GONE)
			egress_forget(&ports[SELF], DROP_STACK);
		if (in->kind == MX_EVENT_RESET)
			port_stack_reset();
		mx_free_chain(in, 1);
		return 1;
	}
	while (n < left && n < MX_CHAIN_MAX) {
		chain[n] = in[n];
		if (!(in[n++].flags & MX_MORE))
			break;
	}
	stack_input(chain, n);
	return n;
}

static void set_counters(void)
{
	uint32_t n = replica_counters(counters);

	n += port_counters(counters + n, sizeof(counters) / sizeof(*counters) - n);
	mx_counters_init(counters, n);
}

static void control_event(void)
{
	struct mx_control m;

	while (mx_parent_recv(&parent, &m)) {
		if (control_input(&m))
			ready_owed = true;
		if (m.op == MX_CTL_PORT)
			set_counters();
	}
}

static void answer_parent(void)
{
	struct mx_control ready = {.op = MX_CTL_READY};

	if (ready_owed && mx_control_try_send(&parent, &ready))
		ready_owed = false;
	mx_counters_turn(&parent);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	now = mx_now();
	egress_turn();
	if (pending & 1ull << MX_PARENT)
		control_event();
	if (pending & replica_slots())
		replica_turn();
	for (uint32_t i = 0; i < n;) {
		uint32_t port = in[i].slot - MX_ROUTER_PORT;

		if (in[i].slot == MX_ROUTER_STACK) {
			i += stack_event(in + i, n - i);
		} else {
			if (port < MX_PORTS) {
				port_event(&ports[port], &in[i]);
			} else {
				replica_event(&in[i]);
				mx_free_chain(&in[i], 1);
			}
			i++;
		}
	}
	port_tell_stack();
	neighbour_turn();
	announce_turn();
	answer_parent();
	egress_turn();
}
