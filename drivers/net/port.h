/*
 * A queue pair of a port as its peer and init see it, whatever the device: mostly the port's only
 * one.
 *
 * Interface: main.c is the domain; it tells the peer (the router, or the stack) of the link first
 * and then hands packets both ways, says READY and counters to init, and hears of ends. The driver
 * of a device writes the driver_* functions, and says port_works when packets may come and go.
 * Whatever goes wrong at the start, and a device that asks for a reset later, ends the domain:
 * init decides about another.
 */
#ifndef NET_PORT_H
#define NET_PORT_H

#include <moxie/control.h>
#include <moxie/counters.h>
#include <moxie/driver.h>
#include <moxie/packet.h>

enum { VECTOR_CONFIG = 0, VECTOR_RECEIVE = 1, VECTOR_TRANSMIT = 2 }; /* moxie/slots.h */

/* Written by the driver. */
extern struct mx_counter driver_counters[];
extern const uint32_t driver_counters_n;
void driver_start(const struct mx_driver_args *args); /* port, pairs and BAR are in range */
void driver_hear(uint64_t pending); /* first in each event: interrupts, the port's other drivers */
void driver_pairs(uint64_t pairs);  /* init has decided: to pair 0 of several */
void driver_parent(void);           /* init began anew: it is to hear again what the device has */
/* Once it works, in this order in each event: */
void driver_reclaim(void);                                /* what is sent comes back */
void driver_send(const struct mx_msg *chain, uint32_t n); /* for each chain of the peer's */
void driver_sent(void);                                   /* that was all */
void driver_receive(bool open);                           /* open: the peer takes packets */
/* The peer was replaced: forget what waits for it, and what it had not sent whole. */
void driver_forget(void);

/* Provided by main.c. */
extern struct mx_control_end parent;
_Noreturn void port_fail(const char *reason);
void port_works(void);
void port_ready(void);                       /* init is to hear READY */
void port_link(const struct mx_link *state); /* the peer is to hear of it */

#endif
