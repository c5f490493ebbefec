/*
 * The rate of answers that a flood could ask for without end: ICMP errors (RFC 1812 4.3.2.8,
 * RFC 4443 2.4 (f)) and resets of segments that belong to no connection.
 *
 * Interface: see limit.h.
 * Rules: a token bucket for each, kept as the time at which it will be full again. What a
 * connection has to say, and answers to echo requests, are never limited.
 */
#include <moxie/domain.h>
#include "lwip/opt.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "limit.h"

struct bucket {
	uint64_t gap; /* between two when all is asked for */
	uint32_t burst;
	uint64_t due;
};
static struct bucket icmp = {.gap = 10 * MX_MS, .burst = 20}; /* as the router's */
static struct bucket resets = {.gap = 5 * MX_MS, .burst = 50};
static uint32_t expected; /* resets for which we asked */
uint64_t limit_held;

static bool take(struct bucket *b)
{
	uint64_t now = mx_now(), from = b->due > now ? b->due : now;

	if (from - now > (b->burst - 1) * b->gap) {
		limit_held++;
		return false;
	}
	b->due = from + b->gap;
	return true;
}

static bool is_error(const uint8_t *ip, uint32_t n)
{
	uint32_t head = (ip[0] & 15) * 4u;

	if (ip[0] >> 4 == 4)
		return n > head && ip[9] == IP_PROTO_ICMP &&
		       (ip[head] == 3 || ip[head] == 11 || ip[head] == 12);
	/* Informational messages start at 128, RFC 4443 2.1. */
	return ip[0] >> 4 == 6 && n > IP6_HLEN && ip[6] == IP6_NEXTH_ICMP6 &&
	       ip[IP6_HLEN] < ICMP6_TYPE_EREQ;
}

bool limit_icmp(const uint8_t *ip, uint32_t n)
{
	return n < IP_HLEN || !is_error(ip, n) || take(&icmp);
}

void limit_expect(void)
{
	expected++;
}

bool limit_reset(void)
{
	if (expected) {
		expected--;
		return true;
	}
	return take(&resets);
}
