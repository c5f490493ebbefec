/*
 * Which slot is what, by domain: the convention between init, which binds, and the domains.
 */
#ifndef MOXIE_SLOTS_H
#define MOXIE_SLOTS_H

enum {
	MX_PARENT = 0,  /* plain, mx_control: to init */
	MX_CONSOLE = 1, /* plain, mx_line: to the console */

	MX_DRIVER_PEER = 2, /* owning: to the router or the stack */
	MX_DRIVER_LEAD = 3, /* plain, mx_pair: of a follower, to the domain that has the device */
	MX_DRIVER_IRQ = 4,  /* irq: 4 the device's configuration (its owner only), 5 receive,
	                       6 transmit; pair k has MSI-X vectors 1 + 2 k and 2 + 2 k */
	MX_DRIVER_PAIR = 8, /* plain, mx_pair: 8 + k is the follower with pair k */

	MX_ROUTER_STACK = 2,    /* owning, mapped */
	MX_ROUTER_PORT = 8,     /* owning, mapped: 8 + port is its driver */
	MX_ROUTER_SIBLING = 32, /* plain, mx_neighbour: 32 + k is replica k */

	MX_STACK_ROUTER = 2,   /* owning, mapped; unbound when there is no router */
	MX_STACK_PORT = 8,     /* owning, mapped: 8 + port is its driver when there is no router */
	MX_STACK_REPLICA = 24, /* owning, mapped: 24 + k is replica k > 0 of the router; packets
	                          only come by it */
	MX_STACK_APP = 32,     /* owning, mapped: 32 + n is application n */

	MX_APP_STACK = 2, /* owning, mapped */

	MX_CONSOLE_IRQ = 2, /* irq: the UART */
	MX_CONSOLE_LOG = 8, /* plain, mx_line: 8 + n is the log of domain n; 8 is init's, and
	                       typed lines go back by it */
};

#endif
