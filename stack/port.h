#ifndef STACK_PORT_H
#define STACK_PORT_H

#include <moxie/control.h>
#include <moxie/packet.h>
#include "lwip/netif.h"

void port_start(void);
void port_add(const struct mx_control *m);             /* MX_CTL_PORT */
void port_address(const struct mx_control *m);         /* MX_CTL_ADDRESS */
bool port_link(uint32_t slot, const struct mx_msg *m); /* MX_LINK; false: not of that slot */
bool port_is_ethernet(const struct netif *n);

/* The port a packet from slot belongs to, or NULL; input.c. */
struct port {
	bool configured; /* init said it exists */
	bool ethernet;   /* its driver is our peer; else the router is */
	bool linked;     /* link holds what the peer said */
	uint8_t number;
	uint16_t mtu; /* by configuration; 0: the link's own */
	uint32_t slot;
	bool fragments;     /* TCP was cut into fragments here: no more offloads */
	uint16_t offload;   /* MX_TX_*: what is left to the port */
	uint16_t checksums; /* NETIF_CHECKSUM_*: what is left to lwIP */
	struct mx_link link;
	struct netif netif;
	struct mx_gather gather;
};
struct port *port_find(uint32_t slot, uint32_t number);
/* The netif that an Ethernet frame is for: an ARP request may be for an additional address. */
struct netif *port_netif(struct port *port, const struct pbuf *p);
bool port_can_segment(const struct port *port, bool ip6); /* TCP, by TSO */
void port_reset(uint32_t slot); /* the driver of slot started anew or ended */
/* lwIP cuts TCP into fragments here, which leave no checksum to the port: it computes them all. */
void port_compute(struct port *port);

#endif
