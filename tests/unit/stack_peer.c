/*
 * See stack_peer.h.
 */
#include <string.h>
#include "tests/unit/stack_peer.h"

static void put16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}
static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v >> 16);
	put16(at + 2, v);
}
static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t sum16(const uint8_t *data, uint32_t length, uint32_t sum)
{
	for (uint32_t i = 0; i < length; i++)
		sum += i & 1 ? data[i] : (uint32_t)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static uint32_t pseudo(const struct peer *p, const uint8_t *ip, uint32_t length)
{
	return p->ip6 ? sum16(ip + 8, 32, 6 + length) : sum16(ip + 12, 8, 6 + length);
}

static uint32_t put_ip(const struct peer *p, uint8_t *ip, uint32_t length)
{
	static const uint8_t ends[8] = {10, 0, 0, 2, 10, 0, 0, 1};

	memset(ip, 0, 40);
	if (p->ip6) {
		ip[0] = 0x60;
		put16(ip + 4, length);
		ip[6] = 6;
		ip[7] = 64;
		ip[8] = ip[24] = 0xfd;
		ip[23] = 2;
		ip[39] = 1;
		return 40;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + length);
	ip[8] = 64;
	ip[9] = 6;
	memcpy(ip + 12, ends, 8);
	put16(ip + 10, ~sum16(ip, 20, 0));
	return 20;
}

void peer_send(struct peer *p, uint8_t flags, uint32_t at, const void *data, uint32_t length)
{
	static uint8_t ip[65536];
	uint32_t stamps = p->stamps ? 12 : 0;
	uint32_t options = (flags & SYN ? 8 : 0) + stamps;
	uint32_t total = 20 + options + length;
	uint32_t head = put_ip(p, ip, total);
	uint8_t *tcp = ip + head;

	memset(tcp, 0, 20);
	put16(tcp, p->port);
	put16(tcp + 2, 80);
	put32(tcp + 4, at);
	put32(tcp + 8, p->ack);
	tcp[12] = (uint8_t)((20 + options) << 2);
	tcp[13] = flags;
	put16(tcp + 14, 0xffff);
	if (flags & SYN) /* MSS 1460; window scale 7 */
		memcpy(tcp + 20, (uint8_t[]){2, 4, 5, 0xb4, 3, 3, 7, 1}, 8);
	if (stamps) {
		memcpy(tcp + 20 + options - stamps, (uint8_t[]){1, 1, 8, 10}, 4);
		put32(tcp + 20 + options - 8, (uint32_t)(clock_now / MX_MS));
		put32(tcp + 20 + options - 4, p->stamp);
	}
	if (length)
		memcpy(tcp + 20 + options, data, length);
	if (p->facts.flags & MX_CSUM_PARTIAL)
		put16(tcp + 16, pseudo(p, ip, total));
	else
		put16(tcp + 16, ~sum16(tcp, total, pseudo(p, ip, total)));
	p->facts.length = head + total;
	send_facts(p->facts, ip, head + total);
}

/* PAWS: a timestamp never goes back (RFC 7323 5.3). */
static void check_stamp(struct peer *p, const uint8_t *tcp, uint32_t head)
{
	uint32_t at = 20;

	while (at + 10 <= head && tcp[at] != 8)
		at += tcp[at] > 1 ? tcp[at + 1] : 1;
	assert_true(at + 10 <= head);
	assert_true((int32_t)(get32(tcp + at + 2) - p->stamp) >= 0);
	p->stamp = get32(tcp + at + 2);
}

/* One segment as it would be on the wire. */
static void segment(struct peer *p, const uint8_t *ip, uint32_t length)
{
	uint32_t start = p->ip6 ? 40 : 20;
	const uint8_t *tcp = ip + start;
	uint32_t head = (tcp[12] >> 4) * 4u;
	uint32_t n = length - start - head;
	uint32_t seq = get32(tcp + 4);

	assert_in_range(length, 40, 1500);
	if (!p->ip6)
		assert_int_equal(sum16(ip, 20, 0), 0xffff);
	assert_int_equal(sum16(tcp, length - start, pseudo(p, ip, length - start)), 0xffff);
	p->flags = tcp[13];
	if (p->stamps && !(p->flags & RST))
		check_stamp(p, tcp, head);
	if (p->flags & ACK)
		p->sacked = get32(tcp + 8);
	p->window = (uint32_t)tcp[14] << 8 | tcp[15];
	if (p->flags & SYN)
		p->ack = seq + 1;
	if (p->flags & (SYN | RST) || seq != p->ack)
		return;
	assert_true(p->length + n <= sizeof(p->data));
	memcpy(p->data + p->length, tcp + head, n);
	p->length += n;
	p->ack += n + (p->flags & FIN ? 1 : 0);
	if (n)
		p->sizes[p->sizes_n++ % 4096] = n;
}

/* What the device does with a partial checksum (virtio 1.x 5.1.6.2). */
static void sum_up(const struct peer *p, uint8_t *ip, uint32_t length, uint32_t start)
{
	uint32_t field = start + 16;

	assert_int_equal(get32(ip + field) >> 16, pseudo(p, ip, length - start));
	put16(ip + field, ~sum16(ip + start, length - start, 0));
}

/* Segmenting as naively as can be: headers copied, lengths and sums made anew. */
static void cut(struct peer *p, const uint8_t *ip, uint32_t length, const struct mx_packet *f)
{
	uint32_t start = p->ip6 ? 40 : 20;
	uint32_t head = start + (ip[start + 12] >> 4) * 4u;
	uint8_t one[1500];

	assert_int_equal(f->gso, p->ip6 ? MX_GSO_TCP6 : MX_GSO_TCP4);
	assert_int_equal(f->hdr_len, head);
	assert_true(length > head + f->gso_size);
	assert_true(f->flags & MX_CSUM_PARTIAL);
	if (!p->ip6)
		assert_int_equal(sum16(ip, 20, 0), 0xffff);
	assert_int_equal(get32(ip + start + 16) >> 16, pseudo(p, ip, length - start));
	for (uint32_t at = head, i = 0; at < length; at += f->gso_size, i++) {
		uint32_t n = length - at < f->gso_size ? length - at : f->gso_size;
		bool last = at + n == length;

		memcpy(one, ip, head);
		memcpy(one + head, ip + at, n);
		if (p->ip6) {
			put16(one + 4, head + n - 40);
		} else {
			put16(one + 2, head + n);
			put16(one + 4, (get32(ip + 4) >> 16) + i);
			put16(one + 10, 0);
			put16(one + 10, ~sum16(one, 20, 0));
		}
		put32(one + start + 4, get32(ip + start + 4) + at - head);
		if (!last)
			one[start + 13] &= (uint8_t) ~(FIN | 8u);
		put16(one + start + 16, pseudo(p, one, head + n - start));
		sum_up(p, one, head + n, start);
		segment(p, one, head + n);
	}
	p->merged++;
	if (length > p->longest)
		p->longest = length;
}

static void take(struct peer *p, uint8_t *ip, uint32_t length, const struct mx_packet *f)
{
	uint32_t start = p->ip6 ? 40 : 20;

	if (f->flags & MX_CSUM_PARTIAL) {
		assert_int_equal(f->csum_start, start);
		assert_int_equal(f->csum_offset, 16);
		p->partial++;
	}
	if (f->gso) {
		cut(p, ip, length, f);
		return;
	}
	if (f->flags & MX_CSUM_PARTIAL)
		sum_up(p, ip, length, start);
	segment(p, ip, length);
}

uint32_t peer_take(struct peer *p)
{
	uint32_t start = p->ip6 ? 40 : 20, length, n = 0;
	static uint8_t data[65536];
	struct mx_packet packet;

	while ((length = pop_packet(MX_STACK_ROUTER, data, &packet, &p->frozen))) {
		assert_true(length >= 40);
		if (data[p->ip6 ? 6 : 9] != 6 || get32(data + start) >> 16 != 80 ||
		    (get32(data + start) & 0xffff) != p->port)
			continue;
		take(p, data, length, &packet);
		n++;
	}
	return n;
}

static void shake_hands(struct peer *p, uint16_t port)
{
	p->port = port;
	p->seq = 1000u + port;
	peer_send(p, SYN, p->seq++, NULL, 0);
	assert_int_equal(peer_take(p), 1);
	assert_int_equal(p->flags, SYN | ACK);
	assert_int_equal(p->sacked, p->seq);
	peer_send(p, ACK, p->seq, NULL, 0);
}

void peer_open(struct peer *p, uint16_t port)
{
	memset(p, 0, sizeof(*p));
	shake_hands(p, port);
}

void peer_open6(struct peer *p, uint16_t port)
{
	memset(p, 0, sizeof(*p));
	p->ip6 = true;
	shake_hands(p, port);
}
