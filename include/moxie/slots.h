/*
 * Which slot is what, by domain: the convention between init, which binds, and the domains.
 */
#ifndef MOXIE_SLOTS_H
#define MOXIE_SLOTS_H

enum {
	MX_PARENT = 0,  /* plain, mx_control: to init */
	MX_CONSOLE = 1, /* plain, mx_line: to the console */

	MX_DRIVER_PEER = 2, /* owning: to the router or the stack */
	MX_DRIVER_IRQ = 4,  /* irq: slot 4 + v is MSI-X vector v: 0 config, 1 receive, 2 transmit */

	MX_ROUTER_STACK = 2, /* owning, mapped */
	MX_ROUTER_PORT = 8,  /* owning, mapped: 8 + port is its driver */

	MX_STACK_ROUTER = 2, /* owning, mapped; unbound when there is no router */
	MX_STACK_PORT = 8,   /* owning, mapped: 8 + port is its driver when there is no router */
	MX_STACK_APP = 32,   /* owning, mapped: 32 + n is application n */

	MX_APP_STACK = 2, /* owning, mapped */

	MX_CONSOLE_IRQ = 2, /* irq: the UART */
	MX_CONSOLE_LOG = 8, /* plain, mx_line: 8 + n is the log of domain n; 8 is init's, and
	                       typed lines go back by it */
};

#endif
