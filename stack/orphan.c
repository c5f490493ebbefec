/*
 * Connections whose stack has ended: their peers may wait for ever for words that nobody will say.
 *
 * Interface: see orphan.h.
 * Rules: each peer is sent one bare segment with numbers that mean nothing. It answers with its own
 * (RFC 9293, 3.10.7.4), no connection here knows them, and lwIP resets it (3.5.1, half-open
 * connections): its application hears at once. A peer that has forgotten, too, resets us, which
 * does nothing. What the predecessor left is a list of at most MX_CONNS, gone through ROUNDS times,
 * since segments get lost; of an entry that is garbage come as many segments from an own address.
 */
#include <string.h>
#include <moxie/domain.h>
#include <moxie/kept.h>
#include <moxie/socket.h>
#include "lwip/opt.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/prot/tcp.h"
#include "limit.h"
#include "orphan.h"
#include "own.h"

#define BATCH    32u         /* in one turn: all of them are a flood */
#define PATIENCE (1 * MX_S)  /* until addresses and links are there */
#define RETRY    (5 * MX_MS) /* short of frames or credit */
#define ROUNDS   3u
#define PAUSE    (600 * MX_MS) /* between rounds: Linux answers such segments twice a second */
#define TTL      255

struct orphan {
	uint32_t remote[4];
	uint16_t remote_port, local_port;
	uint16_t own;   /* number of the own address */
	uint8_t family; /* 4 or 6; 0: none */
};

static struct orphan table[MX_CONNS] MX_KEPT;
static const struct orphan *left; /* the predecessor's; NULL: none, or all are asked */
static uint32_t next, rounds;
static uint64_t due, patience;
uint64_t orphan_asked;

void orphan_note(uint32_t number, const struct tcp_pcb *pcb)
{
	struct orphan *o = &table[number];
	struct netif *n;

	*o = (struct orphan){.remote_port = pcb->remote_port, .local_port = pcb->local_port};
	NETIF_FOREACH(n)
	if (!o->own)
		o->own = (uint16_t)own_number(n, &pcb->local_ip);
	if (IP_IS_V6(&pcb->remote_ip))
		memcpy(o->remote, ip_2_ip6(&pcb->remote_ip)->addr, sizeof(o->remote));
	else
		o->remote[0] = ip4_addr_get_u32(ip_2_ip4(&pcb->remote_ip));
	o->family = IP_IS_V6(&pcb->remote_ip) ? 6 : 4;
}

void orphan_drop(uint32_t number)
{
	table[number].family = 0;
}

void orphan_start(void)
{
	left = mx_left(table, sizeof(table));
	next = rounds = 0;
	due = 0;
	patience = mx_now() + PATIENCE;
}

static void remote_of(const struct orphan *o, struct netif *n, ip_addr_t *remote)
{
	if (o->family == 4) {
		ip_addr_set_ip4_u32(remote, o->remote[0]);
		return;
	}
	IP_ADDR6(remote, o->remote[0], o->remote[1], o->remote[2], o->remote[3]);
	ip6_addr_assign_zone(ip_2_ip6(remote), IP6_UNICAST, n);
}

static err_t ask(const struct orphan *o, struct netif *n, const ip_addr_t *local)
{
	struct pbuf *p = pbuf_alloc(PBUF_IP, TCP_HLEN, PBUF_RAM);
	struct tcp_hdr *h;
	ip_addr_t remote;
	err_t error;

	if (!p)
		return ERR_MEM;
	remote_of(o, n, &remote);
	h = p->payload;
	memset(h, 0, sizeof(*h));
	h->src = lwip_htons(o->local_port);
	h->dest = lwip_htons(o->remote_port);
	h->seqno = LWIP_RAND();
	h->ackno = LWIP_RAND();
	TCPH_HDRLEN_FLAGS_SET(h, TCP_HLEN / 4, TCP_ACK);
	IF__NETIF_CHECKSUM_ENABLED(n, NETIF_CHECKSUM_GEN_TCP)
	{
		h->chksum = ip_chksum_pseudo(p, IP_PROTO_TCP, p->tot_len, local, &remote);
	}
	error = ip_output_if(p, local, &remote, TTL, 0, IP_PROTO_TCP, n);
	pbuf_free(p);
	return error;
}

/* False: not now. */
static bool settle(const struct orphan *o)
{
	bool late = mx_now() >= patience;
	struct netif *n;
	ip_addr_t local;

	if (o->family != 4 && o->family != 6)
		return true;
	n = own_address(o->own, o->family == 6, &local);
	if (!n || !netif_is_link_up(n)) {
		mx_wake_at(patience);
		return late;
	}
	if (ask(o, n, &local) == ERR_OK) {
		orphan_asked++;
		limit_expect();
		return true;
	}
	mx_wake_at(mx_now() + RETRY);
	return late;
}

/* The list is at its end: once more, or never again. */
static void round_over(void)
{
	next = 0;
	due = mx_now() + PAUSE;
	if (++rounds == ROUNDS)
		left = NULL;
}

void orphan_turn(void)
{
	for (uint32_t i = 0; left && mx_now() >= due && i < BATCH; i++) {
		while (next < MX_CONNS && !left[next].family)
			next++;
		if (next == MX_CONNS)
			round_over();
		else if (settle(&left[next]))
			next++;
		else
			return;
	}
	if (left)
		mx_wake_at(due); /* which may be now */
}
