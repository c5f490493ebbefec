/*
 * From lwIP to the router or the drivers: checksums and segmenting are left to them where the
 * port offers it.
 *
 * Interface: see output.h.
 * Rules: a segment longer than a packet (large.c) leaves as it is, with the facts to cut it. Short
 * of credit or frames a packet is refused, not dropped: lwIP leaves the segment in its queue, and
 * output_turn tries again.
 */
#include <moxie/kept.h>
#include "lwip/opt.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/nd6.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ethernet.h"
#include "build.h"
#include "handshake.h"
#include "hooks.h"
#include "large.h"
#include "limit.h"
#include "output.h"
#include "segment.h"

/* What lwIP is about to send: the connection's unit belongs to the segment with this header. */
static struct {
	const struct tcp_hdr *hdr;
	uint32_t unit;
} sending;
static uint64_t refused_slots; /* where a packet was refused since the last turn */
uint64_t output_packets MX_KEPT;
uint64_t output_large MX_KEPT;
uint64_t output_refused MX_KEPT;

/* lwIP's checksum: not complemented, in memory order. */
uint16_t stack_checksum(const void *data, int length)
{
	return length > 0 ? mx_fold(mx_sum(data, (uint32_t)length, 0)) : 0;
}

uint32_t *stack_sending(const struct tcp_pcb *pcb, const struct tcp_hdr *hdr, uint32_t *options)
{
	sending.hdr = hdr;
	/* lwIP resets in the name of a listener, whose pcb is shorter. */
	sending.unit = pcb && pcb->state != LISTEN ? large_unit(pcb) : 0;
	return options;
}

static bool is_sending(const struct segment *s)
{
	return (const void *)(s->data + s->tcp) == sending.hdr;
}

/* lwIP would cut the packet p into fragments: not what the port cuts into segments. */
static bool left_whole(const struct netif *netif, const struct pbuf *p, uint32_t mtu)
{
	struct segment s;

	if (segment_read(&s, p->payload, p->len, p->tot_len, false) != SEGMENT_TCP ||
	    !is_sending(&s) || s.payload >= mtu ||
	    !port_can_segment(netif->state, s.data[0] >> 4 == 6))
		return false;
	if (sending.unit > mtu - s.payload) /* the MTU was lowered after the handshake */
		sending.unit = mtu - s.payload;
	return true;
}

/*
 * The same bytes by other pbufs. lwIP moves the pointers of what it cuts along and leaves them so:
 * a segment that TCP sends again, or a datagram that finds no room and waits, would be torn, and
 * the next time lwIP would run over its end.
 */
static struct pbuf *refer(const struct pbuf *p)
{
	struct pbuf *head = NULL;

	for (; p; p = p->next) {
		struct pbuf *r = pbuf_alloc_reference(p->payload, p->len, PBUF_REF);

		if (!r) {
			if (head)
				pbuf_free(head);
			return NULL;
		}
		if (head)
			pbuf_cat(head, r);
		else
			head = r;
	}
	return head;
}

/* The names in brackets are lwIP's functions, not the macros of hooks.h. */
err_t stack_long4(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
	struct pbuf *r;
	err_t err;

	if (left_whole(netif, p, netif->mtu))
		return netif->output(netif, p, dest);
	r = refer(p);
	if (!r)
		return ERR_MEM;
	err = (ip4_frag)(r, netif, dest);
	pbuf_free(r);
	return err;
}

err_t stack_long6(struct pbuf *p, struct netif *netif, const ip6_addr_t *dest)
{
	struct pbuf *r;
	err_t err;

	if (left_whole(netif, p, nd6_get_destination_mtu(dest, netif)))
		return netif->output_ip6(netif, p, dest);
	r = refer(p);
	if (!r)
		return ERR_MEM;
	err = (ip6_frag)(r, netif, dest);
	pbuf_free(r);
	return err;
}

static uint8_t *headers(const struct build *b)
{
	return (uint8_t *)mx_frame(b->chain[0].frame) + b->chain[0].offset;
}

static err_t refuse(const struct port *port)
{
	output_refused++;
	refused_slots |= 1ull << port->slot;
	return ERR_MEM;
}

/* s: NULL for what is no TCP segment. */
static err_t send(const struct port *port, struct build *b, const struct segment *s)
{
	struct mx_packet *facts = mx_packet(&b->chain[0]);

	facts->port = port->number;
	facts->length = b->length;
	if (s && (port->offload & MX_TX_CSUM))
		segment_leave(s, headers(b), is_sending(s) ? sending.unit : s->length, facts);
	output_large += facts->gso != MX_GSO_NONE;
	if (port->ethernet)
		mx_assert(mx_seal(b->chain, b->n)); /* build left the headroom */
	else
		for (uint32_t i = 0; i < b->n; i++)
			b->chain[i].kind = MX_IP;
	if (mx_send(port->slot, b->chain, b->n) != MX_OK) {
		build_drop(b);
		return refuse(port);
	}
	output_packets++;
	return ERR_OK;
}

/* Answers to what belongs to nobody go at a limited rate. A reset for a connection has its unit. */
static bool may_leave(const struct port *port, const struct pbuf *p, const struct segment *s)
{
	uint32_t link = port->ethernet ? SIZEOF_ETH_HDR : 0;

	if (s)
		return !is_sending(s) || sending.unit || limit_reset();
	return p->len < link || limit_icmp((const uint8_t *)p->payload + link, p->len - link);
}

/*
 * A copy of a large segment that waited for its neighbour: nobody knows any more how to cut it.
 * lwIP resends it.
 */
static bool lost_its_unit(const struct port *port, const struct segment *s)
{
	return s->payload + s->length - s->ip > port->netif.mtu && !is_sending(s);
}

/* s: what p is, NULL when that is no segment. */
static err_t leave(struct port *port, const struct pbuf *p, const struct segment *s)
{
	struct build b;

	if (!may_leave(port, p, s))
		return ERR_OK;
	if ((s && lost_its_unit(port, s)) || !build(&b, p, mx_credit(port->slot), MX_HEADROOM))
		return refuse(port);
	return send(port, &b, s);
}

err_t output_packet(struct port *port, const struct pbuf *p)
{
	enum segment_kind kind;
	struct segment s;
	uint32_t isn;
	err_t error;

	if (handshake_replays(&isn))
		return ERR_OK; /* said long ago */
	kind = segment_read(&s, p->payload, p->len, p->tot_len, port->ethernet);
	if (kind == SEGMENT_FRAGMENT)
		port_compute(port);
	error = leave(port, p, kind == SEGMENT_TCP ? &s : NULL);
	if (kind == SEGMENT_TCP && is_sending(&s))
		sending.hdr = NULL; /* the next packet may lie at the same place */
	return error;
}

/* A segment that was refused is marked by lwIP with TF_NAGLEMEMERR and stays in unsent. */
static void send_again(void)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb && !refused_slots; pcb = pcb->next)
		if (pcb->unsent && (pcb->flags & TF_NAGLEMEMERR))
			tcp_output(pcb);
}

void output_turn(void)
{
	static bool again;

	if (again && !refused_slots)
		send_again();
	again = refused_slots != 0;
	for (uint32_t slot = 0; slot < MX_SLOTS && refused_slots >> slot; slot++)
		if (refused_slots >> slot & 1)
			mx_thirst(slot);
	if (again)
		mx_wake_at(mx_now() + 2 * MX_MS); /* frames come back without a notice */
	refused_slots = 0;
}
