/*
 * What lwIP calls in us; included by lwIP's own files through LWIP_HOOK_FILENAME.
 */
#ifndef STACK_HOOKS_H
#define STACK_HOOKS_H

#include <stdbool.h>
#include "lwip/ip_addr.h"
#include "lwip/err.h"

struct netif;
struct pbuf;
struct tcp_hdr;
struct tcp_pcb;
struct tcp_pcb_listen;

/* route.c: the way of a packet, and the gateway on it. */
struct netif *stack_route4(const ip4_addr_t *src, const ip4_addr_t *dest);
struct netif *stack_route6(const ip6_addr_t *src, const ip6_addr_t *dest);
const ip4_addr_t *stack_gateway4(struct netif *netif, const ip4_addr_t *dest);
const ip6_addr_t *stack_gateway6(struct netif *netif, const ip6_addr_t *dest);
#define LWIP_HOOK_IP6_ROUTE(src, dest)       stack_route6(src, dest)
#define LWIP_HOOK_ETHARP_GET_GW(netif, dest) stack_gateway4(netif, dest)
#define LWIP_HOOK_ND6_GET_GW(netif, dest)    stack_gateway6(netif, dest)

/* isn.c: initial sequence numbers, RFC 6528. */
uint32_t stack_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote,
                   uint16_t remote_port);
#define LWIP_HOOK_TCP_ISN(local, lport, remote, rport) stack_isn(local, lport, remote, rport)

/* time_wait.c: a new SYN ends an old TIME-WAIT. */
err_t stack_time_wait(struct tcp_pcb *pcb, const struct tcp_hdr *hdr);
/* guard.c: segments that would end the domain. */
err_t stack_guard(struct tcp_pcb *pcb, const struct tcp_hdr *hdr, const struct pbuf *p);
/* handshake.c: SYNs beyond half of the backlog, and the acknowledgements of their answers. */
err_t stack_listen(const struct tcp_pcb_listen *listener, struct tcp_hdr *hdr, uint32_t options,
                   uint32_t inside, struct pbuf *p);
/* guard.c: options that reach the end of their frame. */
bool stack_at_edge(const struct tcp_hdr *hdr, uint32_t options, uint32_t inside,
                   const uint8_t *rest);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p)                             \
	(stack_at_edge(hdr, optlen, opt1len, opt2) ? ERR_VAL                                       \
	 : (pcb)->state == LISTEN                                                                  \
	         ? stack_listen((struct tcp_pcb_listen *)(pcb), hdr, optlen, opt1len, p)           \
	 : (pcb)->state == TIME_WAIT ? stack_time_wait(pcb, hdr)                                   \
	                             : stack_guard(pcb, hdr, p))

/* output.c: what is about to be sent belongs to pcb; a packet longer than the MTU may be so. */
uint32_t *stack_sending(const struct tcp_pcb *pcb, const struct tcp_hdr *hdr, uint32_t *options);
err_t stack_long4(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest);
err_t stack_long6(struct pbuf *p, struct netif *netif, const ip6_addr_t *dest);
#define LWIP_HOOK_TCP_OUT_ADD_TCPOPTS(p, hdr, pcb, opts) stack_sending(pcb, hdr, opts)
#define ip4_frag(p, netif, dest)                         stack_long4(p, netif, dest)
#define ip6_frag(p, netif, dest)                         stack_long6(p, netif, dest)

/* frame.c: frames one connection may hold back. */
uint16_t stack_frame_share(void);

#endif
