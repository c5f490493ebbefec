/*
 * Own addresses as numbers: a netif has one IPv4 address and LWIP_IPV6_NUM_ADDRESSES others, so
 * netif and index say which; the family is known to whoever asks.
 */
#include <stdbool.h>
#include "lwip/opt.h"
#include "own.h"

_Static_assert(LWIP_IPV6_NUM_ADDRESSES == 8, "three bits");

uint32_t own_number(struct netif *n, const ip_addr_t *addr)
{
	s8_t index = 0;

	if (!n)
		return 0;
	if (IP_IS_V6(addr))
		index = netif_get_ip6_addr_match(n, ip_2_ip6(addr));
	else if (!ip4_addr_cmp(ip_2_ip4(addr), netif_ip4_addr(n)))
		index = -1;
	return index < 0 ? 0 : 1u + n->num * 8u + (uint32_t)index;
}

struct netif *own_address(uint32_t number, bool ip6, ip_addr_t *addr)
{
	struct netif *n = number ? netif_get_by_index((u8_t)((number - 1) / 8 + 1)) : NULL;
	s8_t index = (s8_t)((number - 1) % 8);

	if (!n || number > 8 * UINT8_MAX)
		return NULL;
	if (ip6) {
		ip_addr_copy_from_ip6(*addr, *netif_ip6_addr(n, index));
		return ip6_addr_isvalid(netif_ip6_addr_state(n, index)) ? n : NULL;
	}
	ip_addr_copy_from_ip4(*addr, *netif_ip4_addr(n));
	return ip4_addr_isany_val(*netif_ip4_addr(n)) ? NULL : n;
}
