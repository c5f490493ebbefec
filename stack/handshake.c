/*
 * Handshakes with a listener that has many half-open connections: without state, by cookies.
 *
 * From half of the backlog on a SYN is answered by a cookie and forgotten. The acknowledgement of
 * one shows that somebody is there: then lwIP is given the SYN once more, as far as cookie and
 * timestamp tell of it, without a word of its answer, and the acknowledgement after it. So lwIP
 * opens connections in the one way it has, and a flood of SYNs costs no pcb.
 * Rules: called in the middle of tcp_input, before it has looked at the segment for a listener; it
 * does nothing more with a segment that is refused, so it can be entered once more meanwhile.
 */
#include <string.h>
#include <moxie/kept.h>
#include "lwip/opt.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "cookie.h"
#include "handshake.h"
#include "hooks.h"

#define OPT_END   0
#define OPT_NOP   1
#define OPT_MSS   2
#define OPT_SCALE 3
#define OPT_SACK  4
#define OPT_STAMP 8

/* Kept in the low bits of our timestamp, which the peer sends back (as Linux does). */
#define STAMP_SCALE   15u /* the peer's window scale; NO_SCALE: it has none */
#define STAMP_SACK    16u
#define STAMP_KEPT    31u
#define NO_SCALE      15u
#define OPTIONS_MOST  24u
#define REPLAY_WINDOW 65535u

/* What a cookie can keep of the peer's MSS: the largest that is not above it. */
static const uint16_t sizes[8] = {216, 536, 1200, 1360, 1400, 1440, 1452, 1460};

/* What an end says of itself in its SYN, as far as we keep it. */
struct offer {
	uint16_t mss;
	uint8_t scale;
	bool sack, stamps;
	uint32_t stamp, echo;
};

static bool replaying;
static uint32_t replay_isn;
uint64_t handshake_cookies MX_KEPT;
uint64_t handshake_redeemed MX_KEPT;
uint64_t handshake_refused MX_KEPT;

bool handshake_replays(uint32_t *isn)
{
	*isn = replay_isn;
	return replaying;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint8_t *put32(uint8_t *at, uint32_t v)
{
	v = lwip_htonl(v);
	memcpy(at, &v, sizeof(v));
	return at + sizeof(v);
}

static void read_option(struct offer *o, const uint8_t *at)
{
	if (at[0] == OPT_MSS && at[1] == 4) {
		o->mss = (uint16_t)(at[2] << 8 | at[3]);
	} else if (at[0] == OPT_SCALE && at[1] == 3) {
		o->scale = at[2] < NO_SCALE ? at[2] : NO_SCALE - 1; /* RFC 7323 2.3 */
	} else if (at[0] == OPT_SACK && at[1] == 2) {
		o->sack = true;
	} else if (at[0] == OPT_STAMP && at[1] == 10) {
		o->stamps = true;
		o->stamp = get32(at + 2);
		o->echo = get32(at + 6);
	}
}

/* What makes no sense ends the list, as in lwIP. */
static struct offer read_options(const uint8_t *at, uint32_t n)
{
	struct offer o = {.mss = 536, .scale = NO_SCALE}; /* RFC 9293 3.7.1 */

	while (n && at[0] != OPT_END) {
		uint32_t size = 1;

		if (at[0] != OPT_NOP) {
			if (n < 2 || at[1] < 2 || at[1] > n)
				break;
			size = at[1];
			read_option(&o, at);
		}
		at += size;
		n -= size;
	}
	return o;
}

static uint32_t write_options(uint8_t *at, const struct offer *o)
{
	uint8_t *start = at;

	at = put32(at, (uint32_t)OPT_MSS << 24 | 4 << 16 | o->mss);
	if (o->scale != NO_SCALE)
		at = put32(at, (uint32_t)OPT_NOP << 24 | OPT_SCALE << 16 | 3 << 8 | o->scale);
	if (o->sack)
		at = put32(at, (uint32_t)OPT_NOP << 24 | OPT_NOP << 16 | OPT_SACK << 8 | 2);
	if (o->stamps) {
		at = put32(at, (uint32_t)OPT_NOP << 24 | OPT_NOP << 16 | OPT_STAMP << 8 | 10);
		at = put32(put32(at, o->stamp), o->echo);
	}
	return (uint32_t)(at - start);
}

/* A segment without data, its checksum still 0. Ports are in host order. */
static struct pbuf *segment(uint16_t from, uint16_t to, uint32_t seq, uint32_t ack, uint8_t flags,
                            const struct offer *o)
{
	uint8_t options[OPTIONS_MOST];
	uint32_t n = write_options(options, o);
	struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)(TCP_HLEN + n), PBUF_RAM);
	struct tcp_hdr *h;

	if (!p)
		return NULL;
	h = p->payload;
	memset(h, 0, sizeof(*h));
	h->src = lwip_htons(from);
	h->dest = lwip_htons(to);
	h->seqno = lwip_htonl(seq);
	h->ackno = lwip_htonl(ack);
	h->wnd = lwip_htons(REPLAY_WINDOW);
	TCPH_HDRLEN_FLAGS_SET(h, (TCP_HLEN + n) / 4, flags);
	memcpy(h + 1, options, n);
	return p;
}

static struct cookie_key key_of(const struct tcp_hdr *hdr, uint32_t irs)
{
	return (struct cookie_key){.local = ip_current_dest_addr(),
	                           .remote = ip_current_src_addr(),
	                           .local_port = hdr->dest,
	                           .remote_port = hdr->src,
	                           .irs = irs};
}

/* Our side of what was offered. */
static struct offer answer_to(const struct offer *o)
{
	struct offer a = {.scale = NO_SCALE, .sack = o->sack && o->stamps, .stamps = o->stamps};

	a.mss = tcp_eff_send_mss(TCP_MSS, ip_current_dest_addr(), ip_current_src_addr());
	a.echo = o->stamp;
	if (!o->stamps) /* nothing to keep the rest in */
		return a;
	a.stamp = (sys_now() & ~STAMP_KEPT) | o->scale | (o->sack ? STAMP_SACK : 0);
	if (a.stamp > sys_now()) /* what we say next must not seem older: RFC 7323 5.3 */
		a.stamp -= STAMP_KEPT + 1;
	if (o->scale != NO_SCALE)
		a.scale = TCP_RCV_SCALE;
	return a;
}

static void give_cookie(const struct tcp_hdr *hdr, const struct offer *o)
{
	const ip_addr_t *from = ip_current_dest_addr(), *to = ip_current_src_addr();
	struct netif *netif = ip_route(from, to);
	struct cookie_key key = key_of(hdr, hdr->seqno);
	struct offer a = answer_to(o);
	uint32_t size = LWIP_ARRAYSIZE(sizes) - 1;
	struct pbuf *p;

	while (size && sizes[size] > o->mss)
		size--;
	if (!netif || o->mss < sizes[0])
		return;
	p = segment(hdr->dest, hdr->src, cookie_make(&key, size), hdr->seqno + 1, TCP_SYN | TCP_ACK,
	            &a);
	if (!p)
		return;
	IF__NETIF_CHECKSUM_ENABLED(netif, NETIF_CHECKSUM_GEN_TCP)
	((struct tcp_hdr *)p->payload)->chksum =
	        ip_chksum_pseudo(p, IP_PROTO_TCP, p->tot_len, from, to);
	ip_output_if(p, from, to, TCP_TTL, 0, IP_PROTO_TCP, netif);
	pbuf_free(p);
	handshake_cookies++;
}

/* As it came in: its header before it, and in network order. False: its options lie elsewhere. */
static bool restore(struct tcp_hdr *hdr, struct pbuf *p)
{
	if (pbuf_add_header_force(p, TCPH_HDRLEN_BYTES(hdr)))
		return false;
	hdr->src = lwip_htons(hdr->src);
	hdr->dest = lwip_htons(hdr->dest);
	hdr->seqno = lwip_htonl(hdr->seqno);
	hdr->ackno = lwip_htonl(hdr->ackno);
	hdr->wnd = lwip_htons(hdr->wnd);
	return true;
}

/* Its checksum was verified, and that of the SYN nobody has to. */
static void replay(struct pbuf *syn, struct pbuf *p)
{
	struct netif *netif = ip_current_input_netif();
	uint16_t checks = netif->chksum_flags;

	NETIF_SET_CHECKSUM_CTRL(netif, checks & ~NETIF_CHECKSUM_CHECK_TCP);
	replaying = true;
	tcp_input(syn, netif);
	replaying = false;
	pbuf_ref(p); /* who called us frees it, too */
	tcp_input(p, netif);
	NETIF_SET_CHECKSUM_CTRL(netif, checks);
}

static err_t redeem(struct tcp_hdr *hdr, const struct offer *o, struct pbuf *p)
{
	struct cookie_key key = key_of(hdr, hdr->seqno - 1);
	struct offer theirs = {.scale = NO_SCALE, .stamps = o->stamps, .stamp = o->stamp};
	uint32_t size;
	struct pbuf *syn;

	if (!cookie_check(&key, hdr->ackno - 1, &size)) {
		handshake_refused++;
		return ERR_OK; /* lwIP resets it */
	}
	theirs.mss = sizes[size];
	if (o->stamps) {
		theirs.scale = o->echo & STAMP_SCALE;
		theirs.sack = o->echo & STAMP_SACK;
	}
	syn = segment(hdr->src, hdr->dest, hdr->seqno - 1, 0, TCP_SYN, &theirs);
	if (!syn)
		return ERR_MEM; /* what is lost is sent again */
	if (!restore(hdr, p)) {
		pbuf_free(syn);
		return ERR_MEM;
	}
	handshake_redeemed++;
	replay_isn = lwip_ntohl(hdr->ackno) - 1;
	replay(syn, p);
	return ERR_MEM; /* done */
}

/* Of a segment to a listener; not ERR_OK: nothing is left to do with it. */
err_t stack_listen(const struct tcp_pcb_listen *listener, struct tcp_hdr *hdr, uint32_t options,
                   uint32_t inside, struct pbuf *p)
{
	static bool redeeming;
	uint8_t flags = TCPH_FLAGS(hdr) & (TCP_SYN | TCP_ACK | TCP_RST);
	struct offer o;
	err_t err;

	if (redeeming) /* what lwIP had no room for, it does not take, nor reset */
		return replaying ? ERR_OK : ERR_MEM;
	if (options != inside || (flags != TCP_SYN && flags != TCP_ACK))
		return ERR_OK;
	o = read_options((const uint8_t *)(hdr + 1), options);
	if (flags == TCP_SYN) {
		if (listener->accepts_pending < (listener->backlog + 1) / 2)
			return ERR_OK;
		give_cookie(hdr, &o);
		return ERR_MEM;
	}
	redeeming = true;
	err = redeem(hdr, &o, p);
	redeeming = false;
	return err;
}
