/*
 * The control channel: what init tells every domain, and what it hears back.
 *
 * Init -> domain: its parsed part of the configuration, one struct mx_control a fact, ended by
 * MX_CTL_GO; later MX_CTL_COUNTERS. Domain -> init: MX_CTL_READY once it works, and counters.
 * Rules: addresses are 16 bytes; IPv4 stands in the first four. A domain ignores an op it does
 * not know and counts nothing: init sends only what concerns it.
 * Init may begin anew while the others live on (MX_EVENT_RESET on the slot): then all is told again
 * from the first line, and it is the same. A domain takes it as such, changes nothing, and says
 * again what it had said: READY after GO, a driver what its device has.
 */
#ifndef MOXIE_CONTROL_H
#define MOXIE_CONTROL_H

#include <moxie/channel.h>

enum mx_control_op {
	/* init -> domain */
	MX_CTL_PORT = 1, /* port exists; name: "eth0"; value: MTU, 0 for the link's own */
	MX_CTL_ADDRESS,  /* port, family, prefix, addr: an address of the appliance on port */
	MX_CTL_ROUTE,    /* family, prefix, addr/prefix -> gateway `via` (0: on link), port 0xffff:
	                    by the gateway's connected net; flags MX_ROUTE_* */
	MX_CTL_SERVICE,  /* name: "http" or "iperf3"; value: its port */
	MX_CTL_GO,       /* the configuration is complete */
	MX_CTL_PAIRS,    /* driver that owns a device: value: queue pairs to use */
	MX_CTL_ALIVE,    /* both ways: value: a ticket, returned; see moxie/parent.h */
	MX_CTL_COUNTERS, /* report all counters now; value: a ticket, returned in COUNTERS_END */
	/* domain -> init */
	MX_CTL_READY = 64,   /* it does its job now */
	MX_CTL_COUNTER,      /* name, value; port, or MX_CTL_NO_PORT */
	MX_CTL_COUNTERS_END, /* value: the ticket */
	MX_CTL_PAIRS_HAD,    /* port; value: queue pairs the device can have */
};

#define MX_CTL_NO_PORT     0xffffu
#define MX_ROUTE_BLACKHOLE 1u

struct mx_control {
	uint16_t op;
	uint16_t port;
	uint8_t family; /* 4 or 6 */
	uint8_t prefix; /* bits */
	uint16_t flags;
	uint64_t value;
	uint8_t addr[16];
	union {
		uint8_t via[16];
		char name[32];
	};
};
_Static_assert(sizeof(struct mx_control) == 64, "one slot");
MX_CHANNEL(mx_control, 1, struct mx_control, 64);

/* A piece of console text: the log of a domain, and typed lines from the console to init. */
struct mx_line {
	uint8_t length; /* bytes in text */
	uint8_t reserved;
	char text[62]; /* no NUL; a line ends with '\n', which may come in a later piece */
};
MX_CHANNEL(mx_line, 2, struct mx_line, 64);

#endif
