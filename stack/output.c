/*
 * From lwIP to the router or the drivers: checksums and segmenting are left to them where the
 * port offers it.
 *
 * Interface: see output.h.
 * Rules: on a port with TSO one TCP packet is held back until something else is sent or the turn
 * ends, so that the segments behind it can join it. Short of credit or frames a packet is refused,
 * not dropped: lwIP leaves the segment in its queue, and output_turn tries again. What was taken
 * has its credit: nobody else sends by the slot before it leaves.
 */
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "build.h"
#include "output.h"
#include "segment.h"

static struct {
	struct build b; /* b.n == 0: none is held back */
	struct run run;
	struct port *port;
} held;
static uint64_t refused_slots; /* where a packet was refused since the last turn */
uint64_t output_packets;
uint64_t output_merged;
uint64_t output_refused;

/* lwIP's checksum: not complemented, in memory order. */
uint16_t stack_checksum(const void *data, int length)
{
	return length > 0 ? mx_fold(mx_sum(data, (uint32_t)length, 0)) : 0;
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

/* run: NULL for what is no TCP segment. */
static err_t send(const struct port *port, struct build *b, const struct run *run)
{
	struct mx_packet *facts = mx_packet(&b->chain[0]);

	facts->port = port->number;
	facts->length = b->length;
	if (run && (port->offload & MX_TX_CSUM))
		run_finish(run, headers(b), b->length, facts);
	for (uint32_t i = 0; i < b->n; i++)
		b->chain[i].kind = port->ethernet ? MX_ETHER : MX_IP;
	if (mx_send(port->slot, b->chain, b->n) != MX_OK) {
		build_drop(b);
		return refuse(port);
	}
	b->n = 0;
	output_packets++;
	return ERR_OK;
}

static void flush(void)
{
	if (held.b.n)
		send(held.port, &held.b, &held.run);
}

/* The segment becomes a part of the packet that is held back; false: it has to go on its own. */
static bool join(const struct port *port, const struct segment *s, const struct pbuf *p)
{
	struct build *b = &held.b;

	if (!b->n || port != held.port || !run_takes(&held.run, s) || !build_add(b, p, s->payload))
		return false;
	run_add(&held.run, s);
	output_merged++;
	return true;
}

static bool build(struct build *b, const struct port *port, const struct pbuf *p)
{
	if (!build_open(b, mx_credit(port->slot), port->ethernet ? 0 : MX_HEADROOM))
		return false;
	if (build_add(b, p, 0))
		return true;
	build_drop(b);
	return false;
}

static bool may_hold(const struct port *port, const struct segment *s)
{
	uint16_t tso = s->data[s->ip] >> 4 == 6 ? MX_TX_TSO6 : MX_TX_TSO4;

	return (port->offload & (tso | MX_TX_CSUM)) == (tso | MX_TX_CSUM);
}

err_t output_packet(struct port *port, const struct pbuf *p)
{
	enum segment_kind kind;
	struct segment s;

	kind = segment_read(&s, p->payload, p->len, p->tot_len, port->ethernet);
	if (kind == SEGMENT_TCP && join(port, &s, p))
		return ERR_OK;
	flush();
	if (kind == SEGMENT_FRAGMENT)
		port_compute(port);
	if (!build(&held.b, port, p))
		return refuse(port);
	if (kind != SEGMENT_TCP)
		return send(port, &held.b, NULL);
	run_start(&held.run, &s, headers(&held.b));
	held.port = port;
	if (held.run.open && may_hold(port, &s))
		return ERR_OK;
	return send(port, &held.b, &held.run);
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
	flush();
	again = refused_slots != 0;
	for (uint32_t slot = 0; slot < MX_SLOTS && refused_slots >> slot; slot++)
		if (refused_slots >> slot & 1)
			mx_thirst(slot);
	if (again)
		mx_wake_at(mx_now() + 2 * MX_MS); /* frames come back without a notice */
	refused_slots = 0;
}
