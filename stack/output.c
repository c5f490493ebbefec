/*
 * From lwIP's pbufs to chains of frames.
 *
 * Rules: TCP keeps its segments until they are acknowledged, so everything is copied into
 * fresh frames, except content in frozen frames, which is sent as it is, a page a message.
 * Short of credit or frames a packet is refused, not dropped: lwIP leaves the segment in its
 * queue, and output_turn tries again.
 */
#include <string.h>
#include "lwip/opt.h"
#include "lwip/priv/tcp_priv.h"
#include "output.h"

/* Below this a frozen piece is copied: cheaper than an entry of its own all the way to the NIC. */
#define FROZEN_MIN 256u

struct builder {
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n;
	uint32_t room; /* bytes left in the last entry; 0 when it is frozen */
};

static uintptr_t frozen_from, frozen_to;
static uint64_t refused_slots; /* where a packet was refused since the last turn */
uint64_t output_packets;
uint64_t output_refused;

void output_start(void)
{
	const struct mx_pool *pool = &mx_boot->pools[mx_boot->cores];

	frozen_from = (uintptr_t)mx_boot->window + (uintptr_t)pool->first * MX_PAGE;
	frozen_to = frozen_from + (uintptr_t)pool->count * MX_PAGE;
}

/* lwIP's checksum: not complemented, in memory order. */
uint16_t stack_checksum(const void *data, int length)
{
	return length > 0 ? mx_fold(mx_sum(data, (uint32_t)length, 0)) : 0;
}

static bool open_frame(struct builder *b, uint32_t offset)
{
	uint32_t frame;

	if (b->n == MX_CHAIN_MAX)
		return false;
	frame = mx_alloc();
	if (frame == MX_NOFRAME)
		return false;
	b->chain[b->n++] = (struct mx_msg){.frame = frame, .offset = (uint16_t)offset};
	b->room = MX_PAGE - offset;
	return true;
}

static bool add_copy(struct builder *b, const uint8_t *data, uint32_t length)
{
	while (length) {
		struct mx_msg *m;
		uint32_t n;

		if (!b->room && !open_frame(b, 0))
			return false;
		m = &b->chain[b->n - 1];
		n = length < b->room ? length : b->room;
		memcpy((uint8_t *)mx_frame(m->frame) + m->offset + m->length, data, n);
		m->length = (uint16_t)(m->length + n);
		b->room -= n;
		data += n;
		length -= n;
	}
	return true;
}

static bool add_frozen(struct builder *b, uintptr_t at, uint32_t length)
{
	while (length) {
		uint32_t offset = at & (MX_PAGE - 1);
		uint32_t n = length < MX_PAGE - offset ? length : MX_PAGE - offset;

		if (b->n == MX_CHAIN_MAX)
			return false;
		b->chain[b->n++] = (struct mx_msg){
		        .frame = (uint32_t)((at - (uintptr_t)mx_boot->window) / MX_PAGE),
		        .offset = (uint16_t)offset,
		        .length = (uint16_t)n};
		at += n;
		length -= n;
	}
	b->room = 0;
	return true;
}

static bool add(struct builder *b, const void *data, uint32_t length)
{
	uintptr_t at = (uintptr_t)data;

	if (length >= FROZEN_MIN && at >= frozen_from && at < frozen_to)
		return add_frozen(b, at, length);
	return add_copy(b, data, length);
}

static bool build(struct builder *b, uint8_t kind, const struct pbuf *p)
{
	if (!open_frame(b, kind == MX_IP ? MX_HEADROOM : 0))
		return false;
	for (const struct pbuf *q = p; q; q = q->next)
		if (!add(b, q->payload, q->len))
			return false;
	return true;
}

err_t output_packet(uint32_t slot, uint8_t kind, uint8_t port, const struct pbuf *p)
{
	struct builder b;
	struct mx_packet *packet;

	b.n = b.room = 0;
	if (build(&b, kind, p)) {
		packet = mx_packet(&b.chain[0]);
		packet->port = port;
		packet->length = p->tot_len;
		for (uint32_t i = 0; i < b.n; i++)
			b.chain[i].kind = kind;
		if (mx_send(slot, b.chain, b.n) == MX_OK) {
			output_packets++;
			return ERR_OK;
		}
	}
	mx_free_chain(b.chain, b.n); /* the frozen ones are ignored */
	output_refused++;
	refused_slots |= 1ull << slot;
	return ERR_MEM;
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
