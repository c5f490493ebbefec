/*
 * Unsolicited neighbour advertisements (RFC 4861 7.2.6): neighbours that remember another MAC for
 * our addresses learn the new one when a port comes up. lwIP does this for ARP only.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip6.h"
#include "lwip/nd6.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/nd6.h"
#include "announce.h"

#define HOPS 255 /* or receivers drop it, RFC 4861 7.1.2 */

/* The advertisement with its option (RFC 4861 4.4, 4.6.1). */
struct advert {
	struct na_header na;
	uint8_t option, option_len; /* in units of 8 bytes */
	uint8_t mac[6];
};
_Static_assert(sizeof(struct advert) == 32, "24 bytes and an option of 8");

static void advertise(struct netif *n, const ip6_addr_t *target)
{
	struct pbuf *p = pbuf_alloc(PBUF_IP, sizeof(struct advert), PBUF_RAM);
	struct advert *a;
	ip6_addr_t all;

	if (!p)
		return;
	a = p->payload;
	memset(a, 0, sizeof(*a));
	a->na.type = ICMP6_TYPE_NA;
	a->na.flags = ND6_FLAG_OVERRIDE;
	ip6_addr_copy_to_packed(a->na.target_address, *target);
	a->option = ND6_OPTION_TYPE_TARGET_LLADDR;
	a->option_len = 1;
	memcpy(a->mac, n->hwaddr, sizeof(a->mac));
	ip6_addr_set_allnodes_linklocal(&all);
	ip6_addr_assign_zone(&all, IP6_MULTICAST, n);
	a->na.chksum = ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len, target, &all);
	ip6_output_if(p, target, &all, HOPS, 0, IP6_NEXTH_ICMP6, n);
	pbuf_free(p);
}

void announce_ip6(struct netif *n)
{
	if (!(n->flags & NETIF_FLAG_ETHERNET))
		return;
	for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(n, i)))
			advertise(n, netif_ip6_addr(n, i));
}
