/*
 * Initial sequence numbers (RFC 6528 section 3): a clock of 4 µs plus a keyed hash of the
 * connection's four-tuple, the key drawn at the first use.
 */
#include <string.h>
#include <moxie/domain.h>
#include "lwip/opt.h"
#include "handshake.h"
#include "hooks.h"
#include "random.h"
#include "siphash.h"

static void put_address(uint64_t out[2], const ip_addr_t *a)
{
	if (IP_IS_V6(a))
		memcpy(out, ip_2_ip6(a)->addr, 16);
	else
		out[0] = ip4_addr_get_u32(ip_2_ip4(a));
}

uint32_t stack_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote,
                   uint16_t remote_port)
{
	static uint64_t key[2];
	uint64_t words[5] = {0};
	uint32_t replayed;

	if (handshake_replays(&replayed))
		return replayed;
	if (!(key[0] | key[1]))
		random_key(key);
	put_address(words, local);
	put_address(words + 2, remote);
	words[4] = (uint64_t)local_port << 16 | remote_port;
	return (uint32_t)siphash(key, words, 5) + (uint32_t)(mx_now() / (4 * MX_US));
}
