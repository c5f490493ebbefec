/*
 * SYN cookies: initial sequence numbers that are their own proof (RFC 4987 3.6).
 *
 * Interface: see cookie.h.
 * Rules: 29 bits of a keyed hash over the four-tuple, the peer's number and the time in epochs,
 * and 3 bits of value. It is good for the epoch it was made in and the next, and only while
 * cookies are given out: at other times nobody can try numbers.
 */
#include <moxie/domain.h>
#include "cookie.h"
#include "random.h"
#include "siphash.h"

#define EPOCH (64 * MX_S)
#define VALUE 7u

static uint64_t last; /* when a cookie was made */
static bool made;

static void put_address(uint64_t out[2], const ip_addr_t *a)
{
	out[0] = out[1] = 0;
	if (IP_IS_V6(a)) {
		out[0] = (uint64_t)ip_2_ip6(a)->addr[0] << 32 | ip_2_ip6(a)->addr[1];
		out[1] = (uint64_t)ip_2_ip6(a)->addr[2] << 32 | ip_2_ip6(a)->addr[3];
	} else {
		out[0] = ip4_addr_get_u32(ip_2_ip4(a));
	}
}

static uint32_t proof(const struct cookie_key *k, uint64_t epoch, uint32_t value)
{
	static uint64_t key[2];
	uint64_t words[6];

	if (!(key[0] | key[1]))
		random_key(key);
	put_address(words, k->local);
	put_address(words + 2, k->remote);
	words[4] = (uint64_t)k->local_port << 48 | (uint64_t)k->remote_port << 32 | k->irs;
	words[5] = epoch << 3 | value;
	return (uint32_t)siphash(key, words, 6) & ~VALUE;
}

uint32_t cookie_make(const struct cookie_key *k, uint32_t value)
{
	made = true;
	last = mx_now();
	return proof(k, last / EPOCH, value & VALUE) | (value & VALUE);
}

bool cookie_check(const struct cookie_key *k, uint32_t cookie, uint32_t *value)
{
	uint64_t epoch = mx_now() / EPOCH, oldest = epoch ? epoch - 1 : 0;

	if (!made || last / EPOCH < oldest)
		return false;
	*value = cookie & VALUE;
	cookie &= ~VALUE;
	return cookie == proof(k, epoch, *value) || cookie == proof(k, oldest, *value);
}
