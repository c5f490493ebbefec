/*
 * Packets: gathering received buffers, freeing chains, completing checksums (moxie/packet.h).
 *
 * The header in front of a received packet was written by the device, and the messages by a
 * driver domain: both are untrusted here. The header is copied once, then judged.
 */
#include <stddef.h>
#include <string.h>
#include <linux/virtio_net.h>
#include <moxie/packet.h>

_Static_assert(sizeof(struct virtio_net_hdr_v1) == MX_VNET, "the header that drivers leave");

#define ETHER_HEADER 14u

void mx_free_chain(const struct mx_msg *chain, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (chain[i].frame != MX_NOFRAME)
			mx_free(chain[i].frame);
}

void mx_gather_reset(struct mx_gather *g)
{
	mx_free_chain(g->chain, g->have);
	g->have = 0;
	g->need = 0;
}

uint16_t mx_needs(const struct mx_packet *p)
{
	static const uint16_t needed[] = {
	        [MX_GSO_TCP4] = MX_TX_TSO4 | MX_TX_CSUM,
	        [MX_GSO_TCP6] = MX_TX_TSO6 | MX_TX_CSUM,
	        [MX_GSO_UDP] = MX_TX_USO | MX_TX_CSUM,
	};
	uint32_t type = p->gso & (uint8_t)~MX_GSO_ECN;
	bool partial = p->flags & MX_CSUM_PARTIAL;

	if (partial && (uint32_t)p->csum_start + p->csum_offset + 2 > p->length)
		return MX_TX_NEVER;
	if (p->gso == MX_GSO_NONE)
		return partial ? MX_TX_CSUM : 0;
	/* A packet to be segmented always has a partial checksum; only TCP has ECN. */
	if (type >= sizeof(needed) / sizeof(needed[0]) || !needed[type] || !partial ||
	    p->gso_size == 0 || p->hdr_len > p->length || p->gso == (MX_GSO_UDP | MX_GSO_ECN))
		return MX_TX_NEVER;
	return needed[type] | (p->gso & MX_GSO_ECN ? MX_TX_ECN : 0);
}

/* Header facts to packet facts; false when they cannot be (virtio 1.x 5.1.6.4). */
static bool read_facts(const struct virtio_net_hdr_v1 *h, struct mx_packet *p)
{
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		p->flags |= MX_CSUM_PARTIAL;
		p->csum_start = h->csum_start;
		p->csum_offset = h->csum_offset;
	}
	if (h->flags & VIRTIO_NET_HDR_F_DATA_VALID)
		p->flags |= MX_CSUM_VALID;
	if (h->gso_type != MX_GSO_NONE) {
		p->gso = h->gso_type;
		p->gso_size = h->gso_size;
		p->hdr_len = h->hdr_len;
	}
	return mx_needs(p) != MX_TX_NEVER;
}

static bool to_ether(struct mx_gather *g, uint8_t port)
{
	struct mx_packet p = {.port = port};
	struct virtio_net_hdr_v1 h;
	struct mx_msg *first = &g->chain[0];

	if (first->length < MX_VNET + ETHER_HEADER)
		return false;
	memcpy(&h, (uint8_t *)mx_frame(first->frame) + first->offset, sizeof(h));
	first->offset += MX_VNET;
	first->length -= MX_VNET;
	for (uint32_t i = 0; i < g->have; i++) {
		if (g->chain[i].length == 0)
			return false;
		p.length += g->chain[i].length;
		g->chain[i].kind = MX_ETHER;
		g->chain[i].flags = i + 1 < g->have ? MX_MORE : 0;
	}
	if (!read_facts(&h, &p))
		return false;
	memcpy(first->body, &p, sizeof(p));
	return true;
}

/* Buffers of the packet that starts with m; 0 when that cannot be. */
static uint32_t buffers_of(const struct mx_msg *m)
{
	struct virtio_net_hdr_v1 h;

	if (m->length < MX_VNET)
		return 0;
	memcpy(&h, (uint8_t *)mx_frame(m->frame) + m->offset, sizeof(h));
	return h.num_buffers <= MX_CHAIN_MAX ? h.num_buffers : 0;
}

/*
 * Most packets lie in one buffer and have no offload facts: two loads tell. False: it is none of
 * these, or wrong.
 */
static bool gather_plain(struct mx_gather *g, const struct mx_msg *raw, uint8_t port)
{
	const uint8_t *at = (uint8_t *)mx_frame(raw->frame) + raw->offset;
	struct mx_packet p = {.port = port};
	uint16_t first, buffers;

	if (raw->length < MX_VNET + ETHER_HEADER)
		return false;
	memcpy(&first, at, sizeof(first)); /* flags, gso_type */
	memcpy(&buffers, at + offsetof(struct virtio_net_hdr_v1, num_buffers), sizeof(buffers));
	if (first != 0 || buffers != 1)
		return false;
	p.length = raw->length - MX_VNET;
	g->chain[0] = (struct mx_msg){.frame = raw->frame,
	                              .offset = (uint16_t)(raw->offset + MX_VNET),
	                              .length = (uint16_t)p.length,
	                              .kind = MX_ETHER};
	memcpy(g->chain[0].body, &p, sizeof(p));
	return true;
}

uint32_t mx_gather(struct mx_gather *g, const struct mx_msg *raw, uint8_t port)
{
	uint32_t n;

	/* No device writes to a frozen frame, and who gathers may write to what comes out. */
	if (raw->frame == MX_NOFRAME || mx_is_frozen(raw->frame)) {
		g->bad++;
		return 0;
	}
	if (g->have == 0) {
		if (gather_plain(g, raw, port))
			return 1;
		g->need = buffers_of(raw);
		if (g->need == 0) {
			g->bad++;
			mx_free(raw->frame);
			return 0;
		}
	}
	g->chain[g->have++] = *raw;
	if (g->have < g->need)
		return 0;
	n = g->have;
	if (!to_ether(g, port)) {
		g->bad++;
		mx_gather_reset(g);
		return 0;
	}
	g->have = 0; /* the chain is the caller's now */
	return n;
}

/* 5.1.6.2. num_buffers is 0 and DATA_VALID never set on transmit. */
bool mx_seal(struct mx_msg *chain, uint32_t n)
{
	const struct mx_packet *p = mx_packet(chain);
	struct virtio_net_hdr_v1 h = {0};

	if (chain->offset < MX_VNET || mx_is_frozen(chain->frame))
		return false;
	if (p->flags & MX_CSUM_PARTIAL) {
		h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h.csum_start = p->csum_start;
		h.csum_offset = p->csum_offset;
	}
	if (p->gso != MX_GSO_NONE) {
		h.gso_type = p->gso;
		h.gso_size = p->gso_size;
		h.hdr_len = p->hdr_len;
	}
	chain->offset -= MX_VNET;
	chain->length += MX_VNET;
	memcpy((uint8_t *)mx_frame(chain->frame) + chain->offset, &h, sizeof(h));
	for (uint32_t i = 0; i < n; i++)
		chain[i].kind = MX_RAW;
	return true;
}

/* The byte at `at` of the packet; NULL outside it, or when it may not be written. */
static uint8_t *byte_at(const struct mx_msg *chain, uint32_t n, uint32_t at)
{
	for (uint32_t i = 0; i < n; at -= chain[i++].length)
		if (at < chain[i].length)
			return mx_is_frozen(chain[i].frame)
			               ? NULL
			               : (uint8_t *)mx_frame(chain[i].frame) + chain[i].offset + at;
	return NULL;
}

bool mx_complete_csum(struct mx_msg *chain, uint32_t n)
{
	struct mx_packet *p = mx_packet(&chain[0]);
	uint32_t field = (uint32_t)p->csum_start + p->csum_offset;
	uint8_t *high, *low, value[2];
	uint16_t sum;

	if (!(p->flags & MX_CSUM_PARTIAL))
		return true;
	if (p->gso != MX_GSO_NONE || field + 2 > p->length)
		return false;
	high = byte_at(chain, n, field);
	low = byte_at(chain, n, field + 1);
	if (!high || !low)
		return false;
	/* The field holds the pseudo header's sum, so summing over it adds that. */
	sum = (uint16_t)~mx_fold(mx_sum_chain(chain, n, p->csum_start, p->length, 0));
	if (sum == 0)
		sum = 0xffff; /* the same number; 0 would say "no checksum" in UDP (RFC 768) */
	memcpy(value, &sum, sizeof(value));
	*high = value[0];
	*low = value[1];
	p->flags &= (uint8_t)~MX_CSUM_PARTIAL;
	return true;
}
