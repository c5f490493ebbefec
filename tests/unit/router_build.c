/*
 * Builders of the frames that the router's tests send: see router_host.h.
 */
#include "router_host.h"

void host_mac(uint8_t mac[6], uint32_t last)
{
	memcpy(mac, (uint8_t[]){2, 0, 0, 0, 0, (uint8_t)last}, 6);
}

struct ip host_ip6(uint64_t hi, uint64_t lo)
{
	return (struct ip){hi, lo};
}

struct ip4 *ip4_of(struct bytes *p)
{
	return (struct ip4 *)(p->b + ETH_HEADER);
}

struct ip6 *ip6_of(struct bytes *p)
{
	return (struct ip6 *)(p->b + ETH_HEADER);
}

static void build_eth(struct bytes *p, uint32_t port, uint32_t src, uint16_t type)
{
	struct eth *eth = (struct eth *)p->b;

	host_mac(eth->dst, 0x10 + port);
	host_mac(eth->src, src);
	store16(eth->type, type);
	p->n = ETH_HEADER;
}

static void pattern(struct bytes *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		p->b[p->n++] = (uint8_t)(i * 7 + (i >> 8));
}

uint16_t naive_csum(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

uint32_t naive_pseudo6(const struct ip6 *ip, uint32_t length, uint8_t proto)
{
	uint32_t sum = length + proto;

	for (uint32_t i = 0; i < 16; i += 2)
		sum += load16(ip->src + i) + load16(ip->dst + i);
	return sum;
}

void seal_ip4(struct bytes *p)
{
	struct ip4 *ip = ip4_of(p);

	store16(ip->csum, 0);
	store16(ip->csum, naive_csum((uint8_t *)ip, (ip->ver_ihl & 15) * 4u, 0));
}

void seal_icmp6(struct bytes *p)
{
	struct ip6 *ip = ip6_of(p);
	struct icmp *icmp = (struct icmp *)(ip + 1);
	uint32_t n = p->n - ETH_HEADER - IP6_HEADER;

	store16(icmp->csum, 0);
	store16(icmp->csum, naive_csum((uint8_t *)icmp, n, naive_pseudo6(ip, n, PROTO_ICMP6)));
}

void build_ip4_options(struct bytes *p, uint32_t port, uint32_t src, uint32_t dst, uint32_t payload,
                       const uint8_t *options, uint32_t n)
{
	struct ip4 *ip = ip4_of(p);

	build_eth(p, port, HOST_A, ETH_IP4);
	*ip = (struct ip4){.ver_ihl = (uint8_t)(0x45 + n / 4), .ttl = 64, .proto = 17};
	store16(ip->total, (uint16_t)(20 + n + payload));
	store16(ip->id, 0x1234);
	store32(ip->src, src);
	store32(ip->dst, dst);
	if (n)
		memcpy(ip + 1, options, n);
	p->n += 20 + n;
	pattern(p, payload);
	seal_ip4(p);
}

void build_ip4(struct bytes *p, uint32_t port, uint32_t src, uint32_t dst, uint32_t payload)
{
	build_ip4_options(p, port, src, dst, payload, NULL, 0);
}

void build_ip6(struct bytes *p, uint32_t port, struct ip src, struct ip dst, uint32_t payload)
{
	struct ip6 *ip = ip6_of(p);

	build_eth(p, port, HOST_A, ETH_IP6);
	*ip = (struct ip6){.ver_class = {0x60}, .next = 17, .hops = 64};
	store16(ip->payload, (uint16_t)payload);
	ip_store6(ip->src, src);
	ip_store6(ip->dst, dst);
	p->n += IP6_HEADER;
	pattern(p, payload);
}

void build_arp(struct bytes *p, uint32_t op, uint32_t mac, uint32_t spa, uint32_t tpa)
{
	struct arp *a = (struct arp *)(p->b + ETH_HEADER);

	build_eth(p, 0, mac, ETH_ARP);
	memset(p->b, 0xff, 6);
	*a = (struct arp){
	        .htype = {0, 1}, .ptype = {8, 0}, .hlen = 6, .plen = 4, .op = {0, (uint8_t)op}};
	host_mac(a->sha, mac);
	store32(a->spa, spa);
	store32(a->tpa, tpa);
	p->n += sizeof(*a);
}

void build_nd(struct bytes *p, uint32_t port, uint8_t type, uint8_t flags, struct ip src,
              struct ip dst, struct ip target, uint8_t option, uint32_t mac)
{
	struct ip6 *ip = ip6_of(p);
	struct nd *nd = (struct nd *)(ip + 1);

	build_ip6(p, port, src, dst, sizeof(*nd) + (option ? 8 : 0));
	if (ip6_multicast(dst)) {
		store16(p->b, 0x3333);
		store32(p->b + 2, (uint32_t)dst.lo);
	}
	host_mac(p->b + 6, mac);
	ip->next = PROTO_ICMP6;
	ip->hops = 255;
	*nd = (struct nd){.icmp = {.type = type, .info = {flags}}};
	ip_store6(nd->target, target);
	if (option) {
		uint8_t *o = (uint8_t *)(nd + 1);

		o[0] = option;
		o[1] = 1;
		host_mac(o + 2, mac);
	}
	seal_icmp6(p);
}

void host_meet(void)
{
	static struct bytes p;
	const uint32_t mac[3] = {HOST_A, HOST_B, 0xc3};

	for (uint32_t i = 0; i < 3; i++) {
		uint32_t net = 0x0a000100u + (i << 8);
		struct ip own = {0xfd00000100000000ull + ((uint64_t)i << 32), 1};
		struct ip host = {own.hi, 2};

		build_arp(&p, 1, mac[i], net + 2, net + 1);
		host_in(i, p.b, p.n);
		build_nd(&p, i, ICMP6_NS, 0, host, ip6_solicited(own), own, ND_SOURCE, mac[i]);
		host_in(i, p.b, p.n);
	}
	host_clear();
}
