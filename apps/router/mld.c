/*
 * MLDv2, the listener's side (RFC 3810): tells snooping switches and queriers which groups we are
 * in. Those are the solicited-node groups of our addresses; all-nodes is never reported, and
 * all-routers is (6).
 */
#include "router.h"

#define MLD_MODE_EXCLUDE   2             /* MODE_IS_EXCLUDE, 5.2.12: the answer to a query */
#define MLD_TO_EXCLUDE     4             /* CHANGE_TO_EXCLUDE_MODE: at link up */
#define MLD_RECORD         20u           /* bytes of a record without sources */
#define MLD_QUERY          24u           /* bytes of an MLDv1 query, and the least of a v2 one */
#define MLD_OPTIONS        8u            /* hop-by-hop header with the router alert, RFC 2711 */
#define MLD_RESPONSE_DELAY (100 * MX_MS) /* within any sane maximum response delay */

static const struct ip all_mld_routers = {0xff02ull << 48, 0x16};
static const struct ip all_routers = {0xff02ull << 48, 2};

static void add_record(uint8_t *at, uint32_t *n, uint8_t kind, struct ip group)
{
	uint8_t *record = at + *n * MLD_RECORD;

	for (uint32_t i = 0; i < *n; i++) { /* addresses often share their solicited-node group */
		if (ip_same(ip_load(at + i * MLD_RECORD + 4, 6), group))
			return;
	}
	memset(record, 0, MLD_RECORD);
	record[0] = kind;
	ip_store6(record + 4, group);
	++*n;
}

static uint32_t add_groups(const struct port *p, uint8_t *at)
{
	uint8_t kind = p->report_due ? MLD_MODE_EXCLUDE : MLD_TO_EXCLUDE;
	uint32_t n = 0;

	add_record(at, &n, kind, all_routers);
	for (uint32_t i = 0; i < p->own_n; i++) {
		if (p->own[i].family == 6)
			add_record(at, &n, kind, ip6_solicited(p->own[i].ip));
	}
	return n;
}

void mld_report(struct port *p)
{
	static const uint8_t mac[6] = {0x33, 0x33, 0, 0, 0, 0x16};
	static const uint8_t alert[MLD_OPTIONS] = {PROTO_ICMP6, 0, 5, 2, 0, 0, 1, 0};
	uint32_t at = IP6_HEADER + MLD_OPTIONS, most = at + ICMP_HEADER, n;
	struct packet k;
	struct mx_msg m;
	struct ip6 *ip;
	struct icmp *icmp;

	if (!packet_new(&k, &m, most + (PORT_ADDRESSES + 1) * MLD_RECORD))
		return;
	ip = (struct ip6 *)k.ip;
	icmp = (struct icmp *)(k.ip + at);
	*ip = (struct ip6){.ver_class = {0x60}, .next = PROTO_HOPOPTS, .hops = 1};
	ip_store6(ip->src, p->own[0].ip); /* 5.2.13: always the link-local address */
	ip_store6(ip->dst, all_mld_routers);
	memcpy(ip + 1, alert, MLD_OPTIONS);
	*icmp = (struct icmp){.type = ICMP6_REPORT2};
	n = add_groups(p, (uint8_t *)(icmp + 1));
	store16(icmp->info + 2, (uint16_t)n);
	packet_trim(&k, most + n * MLD_RECORD);
	store16(ip->payload, (uint16_t)(k.size - IP6_HEADER));
	store16(icmp->csum, icmp6_csum(&k, at));
	ether_send(&k, p, mac, ETH_IP6);
}

/* Queries from a link-local address with hop limit 1 are believed (6.2); the rest is not for us. */
void mld_input(struct packet *k, uint32_t at)
{
	const struct ip6 *ip = (const struct ip6 *)k->ip;

	if (k->ip[at] == ICMP6_QUERY) {
		if (k->size < at + MLD_QUERY || ip->hops != 1 ||
		    !ip6_link_local(ip_load(ip->src, 6))) {
			packet_drop(k, DROP_MLD);
			return;
		}
		if (!k->in->report_due)
			k->in->report_due = now + MLD_RESPONSE_DELAY;
	}
	k->in->count[MLD_IN]++;
	mx_free_chain(k->chain, k->n);
}
