/*
 * The driver of a port of the host, where the executive is a Linux process: one queue of a tap, a
 * socket or a packet socket.
 *
 * The host reads and writes frames by their bus addresses, as a device does, in system calls of
 * this domain: it has no window. Start: check what init handed over; then events do the rest.
 */
#include <moxie/domain.h>
#include <moxie/kept.h>
#include <moxie/slots.h>
#include "driver.h"
#include "pairs.h"

struct device device;
struct receiver rx MX_KEPT;
struct transmitter tx MX_KEPT;
static uint64_t interrupts[3] MX_KEPT; /* by vector; there is no VECTOR_CONFIG */

struct mx_counter driver_counters[] = {
        {"rx.buffers", &rx.buffers, 0},
        {"rx.bad", &rx.bad, 0},
        {"rx.stale", &rx.stale, 0},
        {"rx.starved", &rx.starved, 0},
        {"rx.errors", &rx.errors, 0},
        {"rx.interrupts", &interrupts[VECTOR_RECEIVE], 0},
        {"tx.packets", &tx.packets, 0},
        {"tx.bad", &tx.bad, 0},
        {"tx.full", &tx.full, 0},
        {"tx.errors", &tx.errors, 0},
        {"tx.interrupts", &interrupts[VECTOR_TRANSMIT], 0},
};
const uint32_t driver_counters_n = sizeof(driver_counters) / sizeof(driver_counters[0]);

/* Frames at hand for one turn's packets, within what init reckons a driver to hold. */
static void reserve(const struct mx_driver_args *args)
{
	mx_reserve(args->rx_size < MX_BATCH ? args->rx_size : MX_BATCH);
}

void driver_works(void)
{
	port_link(&device.link);
	port_works();
}

void driver_start(const struct mx_driver_args *args)
{
	receive_init(&rx, args->port);
	reserve(args);
	pairs_start(args);
}

void driver_hear(uint64_t pending)
{
	for (uint32_t v = 0; v < 3; v++)
		interrupts[v] += pending >> (MX_DRIVER_IRQ + v) & 1;
	if (pending >> (MX_DRIVER_IRQ + VECTOR_RECEIVE) & 1)
		receive_interrupt(&rx);
	pairs_turn();
}

void driver_pairs(uint64_t n)
{
	pairs_use(n);
}

void driver_parent(void)
{
	pairs_parent();
}

void driver_reclaim(void)
{
	transmit_parked(&tx);
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
