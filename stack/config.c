/*
 * The control channel: init tells ports, addresses and routes; we say READY, and counters when
 * asked.
 */
#include <moxie/control.h>
#include <moxie/counters.h>
#include <moxie/parent.h>
#include <moxie/slots.h>
#include "config.h"
#include "counters.h"
#include "port.h"
#include "route.h"

static struct mx_control_end parent;
static bool ready_due;

void config_start(void)
{
	if (!mx_control_open(&parent, mx_boot, MX_PARENT))
		mx_panic("slot %u is no control channel", MX_PARENT);
}

static void handle(const struct mx_control *m)
{
	switch (m->op) {
	case MX_CTL_PORT:
		port_add(m);
		break;
	case MX_CTL_ADDRESS:
		port_address(m);
		break;
	case MX_CTL_ROUTE:
		if (!route_add(m))
			mx_log("a static route was ignored: the table is full");
		break;
	case MX_CTL_GO:
		ready_due = true;
		break;
	case MX_CTL_COUNTERS:
		counters_refresh();
		mx_counters_ask(m->value);
		break;
	default: /* not for us, see control.h */
		break;
	}
}

void config_event(void)
{
	struct mx_control m;

	while (mx_parent_recv(&parent, &m))
		handle(&m);
}

void config_turn(void)
{
	const struct mx_control ready = {.op = MX_CTL_READY, .port = MX_CTL_NO_PORT};

	if (ready_due && mx_control_try_send(&parent, &ready))
		ready_due = false;
	mx_counters_turn(&parent);
}
