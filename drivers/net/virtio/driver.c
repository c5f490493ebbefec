/*
 * The virtio-net driver: one queue pair of a port, mostly the only one.
 *
 * Start: reset, features, rings, DRIVER_OK; then events do the rest. The device alone reads and
 * writes frames.
 */
#include <moxie/domain.h>
#include <moxie/kept.h>
#include <moxie/slots.h>
#include "driver.h"
#include "follower.h"
#include "lead.h"
#include "rings.h"

struct device device;
struct receiver rx MX_KEPT;
struct transmitter tx MX_KEPT;
static uint32_t pair, pairs;
static uint64_t interrupts[3] MX_KEPT; /* by vector */

struct mx_counter driver_counters[] = {
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
const uint32_t driver_counters_n = sizeof(driver_counters) / sizeof(driver_counters[0]);

_Noreturn void driver_fail(const char *reason)
{
	device_fail(&device); /* a follower has none */
	port_fail(reason);
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

void driver_link(void)
{
	port_link(&device.link);
}

void driver_works(void)
{
	mx_reserve(MX_DRIVER_RESERVE(rx.q.size));
	driver_link();
	port_works();
}

static void start_alone(const struct mx_driver_args *args)
{
	const char *error = start(args);

	if (error)
		driver_fail(error);
	driver_works();
	port_ready();
}

void driver_start(const struct mx_driver_args *args)
{
	rx.port = args->port;
	pair = args->pair;
	pairs = args->pairs;
	if (pair)
		follower_start(args);
	else if (pairs > 1)
		lead_start(args);
	else
		start_alone(args);
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

void driver_hear(uint64_t pending)
{
	handle_interrupts(pending);
	if (pair)
		follower_turn();
	else if (pairs > 1)
		lead_turn();
}

void driver_pairs(uint64_t n)
{
	lead_pairs(n);
}

void driver_parent(void)
{
	if (!pair && pairs > 1)
		lead_parent();
}

void driver_reclaim(void)
{
	transmit_reclaim(&tx);
}

void driver_send(const struct mx_msg *chain, uint32_t n)
{
	transmit(&tx, chain, n);
}

void driver_sent(void)
{
	transmit_wait(&tx);
}

void driver_receive(bool open)
{
	receive_turn(&rx, open);
}

void driver_forget(void)
{
	transmit_forget(&tx);
	receive_discard(&rx);
}
