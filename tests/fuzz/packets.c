/* Packets under a fuzzer: see packets.h. */
#include <linux/virtio_net.h>
#include <string.h>
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/packets.h"

#define ETHER 14u

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58 };

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

uint32_t packet_sum(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Where the checksum of a protocol stands in its header; 0: it has none that is known here. */
static uint32_t sum_at(uint32_t protocol)
{
	return protocol == TCP                         ? 16
	       : protocol == UDP                       ? 6
	       : protocol == ICMP || protocol == ICMP6 ? 2
	                                               : 0;
}

static void fix_transport(uint8_t *p, uint32_t n, uint32_t protocol, uint32_t pseudo)
{
	uint32_t at = sum_at(protocol);

	if (!at || n < at + 2)
		return;
	put16(p + at, 0);
	put16(p + at, ~packet_sum(p, n, protocol == ICMP ? 0 : pseudo + protocol + n));
}

void packet_fix_sum(uint8_t *ip, uint32_t n)
{
	uint32_t header = (ip[0] & 15) * 4u, next = n > 6 ? ip[6] : 0, at = 40;

	if (n > 20 && ip[0] >> 4 == 4 && header >= 20 && header < n) {
		fix_transport(ip + header, n - header, ip[9], packet_sum(ip + 12, 8, 0));
	} else if (n > 40 && ip[0] >> 4 == 6) {
		while ((next == 0 || next == 60) &&
		       n > at + 8) { /* hop-by-hop, destination options */
			next = ip[at];
			at += (ip[at + 1] + 1u) * 8;
		}
		if (at < n)
			fix_transport(ip + at, n - at, next, packet_sum(ip + 8, 32, 0));
	}
}

static void fix4(uint8_t *ip, uint32_t n, uint32_t what)
{
	uint32_t header;

	if (what & FIX_HEADER && (ip[0] & 15) < 5)
		ip[0] = 0x45;
	header = (ip[0] & 15) * 4u;
	if (what & FIX_LENGTH)
		put16(ip + 2, n);
	if (what & FIX_LENGTH && ip[9] == UDP && n >= header + 8)
		put16(ip + header + 4, n - header);
	if (what & FIX_SUM)
		packet_fix_sum(ip, n);
	if (what & FIX_HEADER && header <= n) {
		put16(ip + 10, 0);
		put16(ip + 10, ~packet_sum(ip, header, 0));
	}
}

void packet_fix(uint8_t *ip, uint32_t n, uint32_t what)
{
	if (n >= 20 && ip[0] >> 4 == 4) {
		fix4(ip, n, what);
	} else if (n >= 40 && ip[0] >> 4 == 6) {
		if (what & FIX_LENGTH)
			put16(ip + 4, n - 40);
		if (what & FIX_LENGTH && ip[6] == UDP && n >= 48)
			put16(ip + 44, n - 40);
		if (what & FIX_SUM)
			packet_fix_sum(ip, n);
	}
}

uint32_t packet_bytes(const struct mx_msg *chain, uint32_t n, uint8_t *to)
{
	uint32_t have = 0;

	for (uint32_t i = 0; i < n; i++) {
		fuzz_assert(chain[i].frame != MX_NOFRAME && have + chain[i].length <= PACKET_MOST);
		memcpy(to + have, (uint8_t *)mx_frame(chain[i].frame) + chain[i].offset,
		       chain[i].length);
		have += chain[i].length;
	}
	return have;
}

const uint8_t *packet_check_raw(const struct mx_msg *chain, uint32_t n, uint32_t features,
                                uint32_t *length, uint16_t *type)
{
	static uint8_t bytes[PACKET_MOST];
	uint32_t have = packet_bytes(chain, n, bytes);
	struct virtio_net_hdr_v1 h;
	struct mx_packet p = {0};

	fuzz_assert(have >= MX_VNET + ETHER);
	memcpy(&h, bytes, sizeof(h));
	memcpy(&p, chain->body, sizeof(p));
	fuzz_assert(p.length == have - MX_VNET && h.num_buffers == 0);
	fuzz_assert(h.flags == (p.flags & MX_CSUM_PARTIAL ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0));
	fuzz_assert(!h.flags || (h.csum_start == p.csum_start && h.csum_offset == p.csum_offset));
	fuzz_assert(h.gso_type == p.gso && (!p.gso || h.gso_size == p.gso_size));
	fuzz_assert((mx_needs(&p) & ~features) == 0);
	for (uint32_t i = 0; i < n; i++)
		fuzz_assert(chain[i].kind == MX_RAW && chain[i].length);
	*type = (uint16_t)get16(bytes + MX_VNET + 12);
	*length = have - MX_VNET - ETHER;
	return bytes + MX_VNET + ETHER;
}

void packet_check_ip(const uint8_t *ip, uint32_t n, uint32_t mtu, bool gso, bool trusted)
{
	if (n && ip[0] >> 4 == 4) {
		fuzz_assert(n >= 20 && (ip[0] & 15) >= 5 && get16(ip + 2) == n);
		fuzz_assert(!trusted || ip[8]);
		fuzz_assert(!trusted || packet_sum(ip, (ip[0] & 15) * 4u, 0) == 0xffff);
	} else {
		fuzz_assert(n >= 40 && ip[0] >> 4 == 6 && get16(ip + 4) == n - 40 &&
		            (!trusted || ip[7]));
	}
	fuzz_assert(gso || n <= mtu);
}
