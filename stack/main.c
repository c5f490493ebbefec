/*
 * The stack: lwIP in one domain, between the router (or the drivers) and the applications.
 *
 * Every event goes the same way: what came in, lwIP's timers, then the work that both left behind:
 * write and send (conn_turn, datagram_turn), tell the applications (socket_turn), send again
 * (output_turn). docs/stack.md tells the whole.
 */
#include <moxie/domain.h>
#include <moxie/packet.h>
#include <moxie/slots.h>
#include "lwip/init.h"
#include "build.h"
#include "config.h"
#include "connection.h"
#include "counters.h"
#include "datagram.h"
#include "frame.h"
#include "input.h"
#include "orphan.h"
#include "output.h"
#include "piece.h"
#include "port.h"
#include "random.h"
#include "socket.h"
#include "timer.h"

void domain_start(void)
{
	random_start(); /* before lwIP draws its first port */
	frame_start();
	piece_start();
	build_start();
	port_start();
	lwip_init();
	conn_start();
	orphan_start();
	counters_start();
	config_start();
	mx_reserve(MX_BATCH);
}

/* An event of a packet slot: what of its packets is half here is void. */
static void peer_event(const struct mx_msg *m)
{
	if (m->kind == MX_EVENT_RESET || m->kind == MX_EVENT_GONE)
		port_reset(m->slot);
}

/* One message, or one chain, at in[0]; returns how many messages it was. */
static uint32_t dispatch(const struct mx_msg *in, uint32_t n)
{
	uint32_t length = 1;

	if (in->slot >= MX_STACK_APP) {
		return socket_message(in, n);
	}
	if (in->kind >= MX_EVENT) {
		peer_event(in);
		return 1;
	}
	while (length < n && (in[length - 1].flags & MX_MORE))
		length++;
	input_chain(in, length);
	return length;
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	timer_read();
	if (pending & 1ull << MX_PARENT)
		config_event();
	for (uint32_t i = 0; i < n;)
		i += dispatch(in + i, n - i);
	timer_run();
	conn_turn();
	datagram_turn();
	orphan_turn();
	socket_turn();
	output_turn();
	config_turn();
}
