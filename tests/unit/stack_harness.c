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
uint32_t harness_logs;

void mx_log(const char *format, ...)
{
	(void)format;
	harness_logs++;
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
	                                .key = 1,
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

void drain(uint32_t slot)
{
	struct mx_msg m;

	while (pop_msg(slot, &m))
		if (m.frame != MX_NOFRAME)
			drop_frame(m.frame);
	credit[slot] = 4096;
}

void drop_all(void)
{
	for (uint32_t slot = 0; slot < MX_SLOTS; slot++)
		drain(slot);
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

int harness_port(void **state)
{
	(void)state;
	harness_start();
	set_port(0, "\x0a\0\0\x01", "\x0a\x09\0\x01");
	set_link(0, 1500, 0);
	return 0;
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
