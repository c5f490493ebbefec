/*
 * Ports: the network devices of the machine, and ports of the host, in the order of their
 * addresses.
 *
 * A port works when the machine has it and the configuration names it and does not disable it.
 * What is configured for a port that is not there is told and left out: the others still work.
 */
#include "init/init.h"

/* virtio 1.x, 4.1.2: network device, modern, and transitional with the modern capabilities. */
#define VIRTIO             0x1af4
#define VIRTIO_NET         0x1041
#define VIRTIO_NET_TRANSIT 0x1000

static bool is_port(const struct mx_device *d)
{
	return device_is_host(d) || (d->vendor == VIRTIO &&
	                             (d->device == VIRTIO_NET || d->device == VIRTIO_NET_TRANSIT));
}

/* The device with the lowest address above `after`, or -1. */
static int32_t next_device(int32_t after)
{
	int32_t best = -1;

	for (uint32_t i = 0; i < machine()->devices_n && i < MX_DEVICES; i++) {
		const struct mx_device *d = &machine()->devices[i];

		if (is_port(d) && d->address > after &&
		    (best < 0 || d->address < machine()->devices[best].address))
			best = (int32_t)i;
	}
	return best;
}

void ports_find(void)
{
	int32_t after = -1;

	for (uint32_t p = 0; p < MX_PORTS; p++) {
		int32_t device = next_device(after);

		init.device[p] = device;
		if (device < 0)
			continue;
		after = machine()->devices[device].address;
		init.present = p + 1;
	}
}

void ports_choose(void)
{
	for (uint32_t p = 0; p < MX_PORTS; p++) {
		const struct config_port *port = &init.config.ports[p];

		if (p >= init.present && port->line)
			output_line("%s:%u: 'eth%u': the machine has no such port, it is left out",
			            init.text_name, port->line, p);
		else if (p < init.present && !port->line)
			output_line("moxie: eth%u is not configured and stays off", p);
		else if (port->line && !port->disabled)
			init.active |= 1u << p;
	}
	init.routing = init.config.composition == CONFIG_BY_PORTS
	                       ? init.present >= 2
	                       : init.config.composition == CONFIG_AS_ROUTER;
}
