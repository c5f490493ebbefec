/*
 * What the stack counts, for the report to init. lwIP's counters have 32 bits and places of
 * their own: they are read when a report is asked for. After a restart they go on from the last
 * report: what lwIP counted between that and the end is not in them.
 */
#include <moxie/counters.h>
#include <moxie/kept.h>
#include "lwip/opt.h"
#include "lwip/memp.h"
#include "lwip/stats.h"
#include "connection.h"
#include "counters.h"
#include "datagram.h"
#include "frame.h"
#include "handshake.h"
#include "input.h"
#include "limit.h"
#include "orphan.h"
#include "output.h"
#include "piece.h"
#include "socket.h"

static struct {
	uint64_t tcp_in, tcp_out, tcp_drop, tcp_checksum, tcp_length, tcp_memory, tcp_protocol;
	uint64_t ip4_drop, ip4_error, ip6_drop, ip6_error, fragment_in, fragment_drop;
	uint64_t icmp_in, icmp6_in, arp_in, nd_in, memory_error;
} lwip MX_KEPT, before;                /* as reported; what earlier ones counted */
static uint64_t pcbs, segments, pbufs; /* now */

#define OURS(name, place)                                                                          \
	{                                                                                          \
		name, &(place), MX_CTL_NO_PORT                                                     \
	}

static const struct mx_counter table[] = {
        OURS("in.packets", input_packets),
        OURS("in.bad", input_bad),
        OURS("in.no_pbuf", frame_short),
        OURS("out.packets", output_packets),
        OURS("out.large", output_large),
        OURS("out.refused", output_refused),
        OURS("out.limited", limit_held),
        OURS("frames.received", frame_used),
        OURS("frames.unsent", piece_used),
        OURS("connections", conn_used),
        OURS("connections.opened", conn_opened),
        OURS("connections.overrun", conn_overrun),
        OURS("connections.no_memory", conn_nomemory),
        OURS("connections.orphaned", orphan_asked),
        OURS("socket.bad", socket_bad),
        OURS("udp.received", datagram_received),
        OURS("udp.dropped", datagram_dropped),
        OURS("udp.sent", datagram_sent),
        OURS("udp.bad", datagram_bad),
        OURS("cookies.given", handshake_cookies),
        OURS("cookies.redeemed", handshake_redeemed),
        OURS("cookies.refused", handshake_refused),
        OURS("tcp.in", lwip.tcp_in),
        OURS("tcp.out", lwip.tcp_out),
        OURS("tcp.drop", lwip.tcp_drop),
        OURS("tcp.checksum", lwip.tcp_checksum),
        OURS("tcp.length", lwip.tcp_length),
        OURS("tcp.memory", lwip.tcp_memory),
        OURS("tcp.protocol", lwip.tcp_protocol),
        OURS("ip4.drop", lwip.ip4_drop),
        OURS("ip4.error", lwip.ip4_error),
        OURS("ip6.drop", lwip.ip6_drop),
        OURS("ip6.error", lwip.ip6_error),
        OURS("fragments.in", lwip.fragment_in),
        OURS("fragments.drop", lwip.fragment_drop),
        OURS("icmp.in", lwip.icmp_in),
        OURS("icmp6.in", lwip.icmp6_in),
        OURS("arp.in", lwip.arp_in),
        OURS("nd.in", lwip.nd_in),
        OURS("tcp.pcbs", pcbs),
        OURS("tcp.segments", segments),
        OURS("pbufs", pbufs),
        OURS("memory.errors", lwip.memory_error),
};

void counters_start(void)
{
	mx_counters_init(table, sizeof(table) / sizeof(table[0]));
	mx_counters_inherit(table, sizeof(table) / sizeof(table[0]));
	before = lwip;
}

static uint64_t errors(const struct stats_proto *p)
{
	return (uint64_t)p->chkerr + p->lenerr + p->memerr + p->rterr + p->proterr + p->opterr +
	       p->err;
}

void counters_refresh(void)
{
	const struct stats_ *s = &lwip_stats;

	lwip.tcp_in = before.tcp_in + s->tcp.recv;
	lwip.tcp_out = before.tcp_out + s->tcp.xmit;
	lwip.tcp_drop = before.tcp_drop + s->tcp.drop;
	lwip.tcp_checksum = before.tcp_checksum + s->tcp.chkerr;
	lwip.tcp_length = before.tcp_length + s->tcp.lenerr;
	lwip.tcp_memory = before.tcp_memory + s->tcp.memerr;
	lwip.tcp_protocol = before.tcp_protocol + s->tcp.proterr;
	lwip.ip4_drop = before.ip4_drop + s->ip.drop;
	lwip.ip4_error = before.ip4_error + errors(&s->ip);
	lwip.ip6_drop = before.ip6_drop + s->ip6.drop;
	lwip.ip6_error = before.ip6_error + errors(&s->ip6);
	lwip.fragment_in = before.fragment_in + s->ip_frag.recv + s->ip6_frag.recv;
	lwip.fragment_drop = before.fragment_drop + s->ip_frag.drop + s->ip6_frag.drop;
	lwip.icmp_in = before.icmp_in + s->icmp.recv;
	lwip.icmp6_in = before.icmp6_in + s->icmp6.recv;
	lwip.arp_in = before.arp_in + s->etharp.recv;
	lwip.nd_in = before.nd_in + s->nd6.recv;
	pcbs = s->memp[MEMP_TCP_PCB]->used;
	segments = s->memp[MEMP_TCP_SEG]->used;
	pbufs = s->memp[MEMP_PBUF]->used;
	lwip.memory_error = before.memory_error;
	for (int i = 0; i < MEMP_MAX; i++)
		lwip.memory_error += s->memp[i]->err;
}
