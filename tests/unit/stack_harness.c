/*
 * See stack_harness.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <arpa/inet.h>
#include <sanitizer/asan_interface.h>
#include "tests/unit/stack_harness.h"
#include "tests/unit/seal.h"

enum owner { HOME, STACK, TEST };

static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
uint64_t mx_notify_mask;
struct outbox outbox[MX_SLOTS];
uint32_t credit[MX_SLOTS];
uint64_t thirsty;
uint64_t clock_now = 5 * MX_S, wake;
static enum owner owner[FRAMES];
static uint32_t out;
static _Alignas(64) uint8_t ring_down[MX_RING_BYTES], ring_up[MX_RING_BYTES];
static struct mx_control_end init_end;

static void own(uint32_t frame, enum owner who)
{
	uint8_t *page = boot.window + (uint64_t)frame * MX_PAGE;

	assert_true(frame < FRAMES);
	out += (who != HOME) - (owner[frame] != HOME);
	owner[frame] = who;
	if (who == STACK)
		ASAN_UNPOISON_MEMORY_REGION(page, MX_PAGE);
	else
		ASAN_POISON_MEMORY_REGION(page, MX_PAGE);
}

uint32_t frames_out(void)
{
	return out;
}

static uint32_t home(enum owner who)
{
	static uint32_t next;

	for (uint32_t i = 0; i < FRAMES; i++) {
		next = (next + 1) % FRAMES;
		if (owner[next] == HOME) {
			own(next, who);
			return next;
		}
	}
	return MX_NOFRAME;
}

/* The domain's side of the library. */
uint64_t mx_now(void)
{
	return clock_now;
}
void mx_wake_at(uint64_t ns)
{
	if (ns < wake)
		wake = ns;
}
void mx_thirst(uint32_t slot)
{
	thirsty |= 1ull << slot;
}
void mx_reserve(uint32_t level)
{
	(void)level;
}
uint32_t mx_alloc(void)
{
	return home(STACK);
}
bool mx_is_frozen(uint32_t frame)
{
	return frame - FRAMES < FROZEN;
}
void mx_free(uint32_t frame)
{
	if (mx_is_frozen(frame))
		return;
	assert_true(frame < FRAMES);
	assert_int_equal(owner[frame], STACK);
	own(frame, HOME);
}
uint32_t mx_credit(uint32_t slot)
{
	return credit[slot];
}
int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n)
{
	struct outbox *o = &outbox[slot];

	if (n > credit[slot])
		return MX_ECREDIT;
	credit[slot] -= n;
	assert_in_range(n, 1, MX_CHAIN_MAX);
	for (uint32_t i = 0; i < n; i++) {
		struct mx_msg m = chain[i];

		m.flags = i + 1 < n ? MX_MORE : 0;
		if (mx_is_frozen(m.frame))
			assert_true(mx_is_frozen(m.frame + (m.offset + m.length - 1) / MX_PAGE));
		else
			assert_true(m.offset + m.length <= MX_PAGE || m.frame == MX_NOFRAME);
		if (m.frame != MX_NOFRAME && !mx_is_frozen(m.frame)) {
			assert_int_equal(owner[m.frame], STACK);
			own(m.frame, TEST);
		}
		assert_true(o->n < sizeof(o->msg) / sizeof(o->msg[0]));
		o->msg[(o->head + o->n++) % 8192] = m;
	}
	return MX_OK;
}
void mx_log(const char *format, ...)
{
	(void)format;
}
void mx_panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	abort();
}

void harness_start(void)
{
	struct mx_slot_info *parent = &boot.slots[MX_PARENT];
	static struct mx_boot mirror; /* an end keeps looking at it */

	boot.window = mmap(NULL, (FRAMES + FROZEN) * (size_t)MX_PAGE, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(boot.window, MAP_FAILED);
	ASAN_POISON_MEMORY_REGION(boot.window, FRAMES * (size_t)MX_PAGE);
	for (uint32_t i = 0; i < FROZEN * MX_PAGE; i++)
		boot.window[FRAMES * (size_t)MX_PAGE + i] = (uint8_t)(i * 7 + i / 251);
	boot.cores = 1;
	boot.quota = 1024;
	boot.pools[0].count = FRAMES;
	boot.pools[1] = (struct mx_pool){.first = FRAMES, .count = FROZEN};
	*parent = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                                .depth = mx_control_depth,
	                                .type = mx_control_type,
	                                .rx = (struct mx_ring *)ring_down,
	                                .tx = (struct mx_ring *)ring_up};
	boot.slots[MX_STACK_ROUTER].kind = MX_SLOT_OWNING;
	boot.slots[MX_STACK_PORT + 1].kind = MX_SLOT_OWNING; /* port 1 has no router */
	mirror = boot;
	mirror.slots[MX_PARENT].rx = parent->tx;
	mirror.slots[MX_PARENT].tx = parent->rx;
	assert_true(mx_control_open(&init_end, &mirror, MX_PARENT));
	for (uint32_t i = 0; i < MX_SLOTS; i++)
		credit[i] = 4096;
	domain_start();
}

uint32_t take_frame(void)
{
	uint32_t f = home(TEST);

	assert_int_not_equal(f, MX_NOFRAME);
	return f;
}

/* The test writes and reads its own frames, which are poisoned only against the stack. */
void *frame_data(uint32_t frame)
{
	uint8_t *page = boot.window + (uint64_t)frame * MX_PAGE;

	if (!mx_is_frozen(frame)) {
		assert_int_equal(owner[frame], TEST);
		ASAN_UNPOISON_MEMORY_REGION(page, MX_PAGE);
	}
	return page;
}

void drop_frame(uint32_t frame)
{
	if (mx_is_frozen(frame))
		return;
	assert_int_equal(owner[frame], TEST);
	own(frame, HOME);
}

static void event(const struct mx_msg *m, uint32_t n, uint64_t pending)
{
	thirsty = 0;
	wake = UINT64_MAX;
	domain_event(m, n, pending);
}

void give(struct mx_msg *m, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (m[i].frame != MX_NOFRAME && !mx_is_frozen(m[i].frame)) {
			assert_int_equal(owner[m[i].frame], TEST);
			own(m[i].frame, STACK);
		}
	event(m, n, 0);
}

void run(uint64_t pending)
{
	event(NULL, 0, pending);
}

void pass(uint64_t ns)
{
	uint64_t until = clock_now + ns;

	while (wake <= until) {
		clock_now = wake > clock_now ? wake : clock_now;
		run(0);
	}
	clock_now = until;
}

void control(struct mx_control m)
{
	assert_true(mx_control_try_send(&init_end, &m));
	run(1ull << MX_PARENT);
	while (mx_control_recv(&init_end, &m))
		continue;
}

bool pop_msg(uint32_t slot, struct mx_msg *m)
{
	struct outbox *o = &outbox[slot];

	if (!o->n)
		return false;
	*m = o->msg[o->head];
	o->head = (o->head + 1) % 8192;
	o->n--;
	return true;
}

uint32_t pop_packet(uint32_t slot, uint8_t *data, struct mx_packet *packet, uint32_t *frozen)
{
	uint32_t length = 0;
	struct mx_msg m;

	if (!pop_msg(slot, &m))
		return 0;
	memcpy(packet, m.body, sizeof(*packet));
	for (;;) {
		memcpy(data + length, (uint8_t *)frame_data(m.frame) + m.offset, m.length);
		length += m.length;
		if (mx_is_frozen(m.frame))
			++*frozen;
		drop_frame(m.frame);
		if (!(m.flags & MX_MORE))
			break;
		assert_true(pop_msg(slot, &m));
	}
	if (m.kind == MX_RAW) {
		seal_check(packet, data);
		length -= MX_VNET;
		memmove(data, data + MX_VNET, length);
	}
	assert_int_equal(length, packet->length);
	return length;
}

void send_packet(uint8_t kind, uint32_t slot, uint8_t port, const void *data, uint32_t length)
{
	uint32_t offset = kind == MX_IP ? 14 : MX_VNET;
	struct mx_msg m = {.frame = take_frame(), .slot = (uint8_t)slot, .kind = kind};
	uint8_t *page = frame_data(m.frame);

	assert_true(length + offset <= MX_PAGE);
	memset(page, 0, offset);
	memcpy(page + offset, data, length);
	if (kind == MX_IP) {
		m.offset = (uint16_t)offset;
		m.length = (uint16_t)length;
		mx_packet(&m)->port = port;
		mx_packet(&m)->length = length;
	} else { /* raw: whole, with a virtio header of one buffer */
		page[10] = 1;
		m.length = (uint16_t)(length + offset);
		m.body[0] = port;
	}
	give(&m, 1);
}

void send_facts(struct mx_packet facts, const void *data, uint32_t length)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t n = 0;

	for (uint32_t at = 0; at < length; n++) {
		uint32_t offset = n ? 0 : 14;
		uint32_t part = length - at < MX_PAGE - offset ? length - at : MX_PAGE - offset;

		assert_true(n < MX_CHAIN_MAX);
		chain[n] = (struct mx_msg){.frame = take_frame(),
		                           .offset = (uint16_t)offset,
		                           .length = (uint16_t)part,
		                           .slot = MX_STACK_ROUTER,
		                           .kind = MX_IP,
		                           .flags = at + part < length ? MX_MORE : 0};
		memcpy((uint8_t *)frame_data(chain[n].frame) + offset, (const uint8_t *)data + at,
		       part);
		at += part;
	}
	memcpy(chain[0].body, &facts, sizeof(facts));
	give(chain, n);
}

void set_port(uint8_t port, const char *addr4, const char *second)
{
	struct mx_control m = {.op = MX_CTL_PORT, .port = port};

	control(m);
	m = (struct mx_control){.op = MX_CTL_ADDRESS, .port = port, .family = 4, .prefix = 24};
	memcpy(m.addr, addr4, 4);
	control(m);
	if (second) {
		memcpy(m.addr, second, 4);
		control(m);
	}
	m = (struct mx_control){.op = MX_CTL_ADDRESS, .port = port, .family = 6, .prefix = 64};
	m.addr[0] = 0xfd;
	m.addr[5] = (uint8_t)port;
	m.addr[15] = 1;
	control(m);
}

void set_link(uint8_t port, uint16_t mtu, uint16_t features)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = MX_STACK_ROUTER, .kind = MX_LINK};
	struct mx_link link = {.port = port,
	                       .up = 1,
	                       .mtu = mtu,
	                       .features = features,
	                       .mac = {0x52, 0x54, 0, 0, 0, port}};

	if (port)
		m.slot = (uint8_t)(MX_STACK_PORT + port);
	memcpy(m.body, &link, sizeof(link));
	give(&m, 1);
}

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

void app_say(uint32_t slot, uint8_t kind, uint32_t conn, uint32_t value)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = (uint8_t)slot, .kind = kind};

	m.body[0] = conn;
	m.body[1] = value;
	give(&m, 1);
}

void app_data(uint32_t slot, uint32_t conn, const void *data, uint32_t length)
{
	struct mx_msg m = {.frame = take_frame(), .slot = (uint8_t)slot, .kind = MX_SK_DATA};

	m.offset = 64;
	m.length = (uint16_t)length;
	m.body[0] = conn;
	memcpy((uint8_t *)frame_data(m.frame) + 64, data, length);
	give(&m, 1);
}

void app_listen(uint32_t slot, uint16_t id, uint16_t port)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .slot = (uint8_t)slot, .kind = MX_SK_LISTEN};

	m.offset = id;
	m.length = port;
	m.body[1] = 255;
	give(&m, 1);
}
