/*
 * UDP through the stack domain: what an application is told of a datagram, what becomes of its own,
 * and that nobody's misuse keeps a frame.
 */
#include <errno.h>
#include <string.h>
#include "tests/unit/stack_harness.h"

#define SOCKET 3u
#define UDP    17u
#define DEPTH  64u

static const uint8_t me[4] = {10, 0, 0, 1}, second[4] = {10, 9, 0, 1}, other[4] = {10, 0, 0, 2};

static struct mx_msg expect(uint32_t slot, uint8_t kind)
{
	struct mx_msg m;

	assert_true(pop_msg(slot, &m));
	assert_int_equal(m.kind, kind);
	return m;
}

static void say(uint32_t slot, uint8_t kind, uint16_t socket, uint16_t port)
{
	struct mx_msg m = {.frame = MX_NOFRAME,
	                   .slot = (uint8_t)slot,
	                   .kind = kind,
	                   .offset = socket,
	                   .length = port};

	give(&m, 1);
}

static uint32_t bind(uint32_t slot, uint16_t socket, uint16_t port)
{
	struct mx_msg m;

	say(slot, MX_SK_BIND, socket, port);
	m = expect(slot, MX_SK_BOUND);
	assert_int_equal(m.offset, socket);
	return m.body[1];
}

static int begin(void **state)
{
	(void)state;
	assert_int_equal(bind(APP, SOCKET, 5201), 0);
	return 0;
}

static int finish(void **state)
{
	struct mx_msg m = {.frame = MX_NOFRAME, .kind = MX_EVENT_GONE};

	(void)state;
	for (m.slot = APP; m.slot <= APP + 1; m.slot++)
		give(&m, 1);
	pass(20 * MX_S);
	drop_all();
	assert_int_equal(frames_out(), 0);
	return 0;
}

/* A datagram of n bytes from the other host; an IP packet without UDP checksum. */
static uint32_t make_packet(uint8_t *p, const uint8_t to[4], uint16_t port, uint32_t n)
{
	uint32_t udp = 8 + n, length = 20 + udp;
	uint16_t sum;

	memset(p, 0, 28);
	p[0] = 0x45;
	p[2] = (uint8_t)(length >> 8);
	p[3] = (uint8_t)length;
	p[8] = 64;
	p[9] = UDP;
	memcpy(p + 12, other, 4);
	memcpy(p + 16, to, 4);
	p[20] = 7; /* from port 7 * 256 + 1 */
	p[21] = 1;
	p[22] = (uint8_t)(port >> 8);
	p[23] = (uint8_t)port;
	p[24] = (uint8_t)(udp >> 8);
	p[25] = (uint8_t)udp;
	for (uint32_t i = 0; i < n; i++)
		p[28 + i] = (uint8_t)(i + n);
	sum = (uint16_t)~mx_fold(mx_sum(p, 20, 0));
	memcpy(p + 10, &sum, 2);
	return length;
}

static void receive(const uint8_t to[4], uint16_t port, uint32_t n)
{
	uint8_t p[2048];

	send_packet(MX_IP, MX_STACK_ROUTER, 0, p, make_packet(p, to, port, n));
}

/* The application has the datagram of n bytes; its frame goes home. */
static struct mx_datagram take(uint32_t n)
{
	struct mx_msg m = expect(APP, MX_SK_DATAGRAM);
	struct mx_datagram from;

	assert_int_equal(m.length, n);
	assert_int_equal(m.flags, 0);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(((uint8_t *)frame_data(m.frame))[m.offset + i], (uint8_t)(i + n));
	drop_frame(m.frame);
	memcpy(&from, m.body, sizeof(from));
	return from;
}

/* A datagram of n frames of so many bytes, the last one frozen when there are more. */
static void transmit(struct mx_datagram to, uint32_t n, uint16_t bytes)
{
	struct mx_msg chain[MX_CHAIN_MAX + 1];

	for (uint32_t i = 0; i < n; i++) {
		bool frozen = n > 1 && i + 1 == n;

		chain[i] = (struct mx_msg){.frame = frozen ? FRAMES : take_frame(),
		                           .length = bytes,
		                           .slot = APP,
		                           .kind = MX_SK_DATAGRAM,
		                           .flags = i + 1 < n ? MX_MORE : 0};
		if (!frozen)
			memset(frame_data(chain[i].frame), (int)i, bytes);
	}
	memcpy(chain[0].body, &to, sizeof(to));
	give(chain, n);
}

static uint32_t left(void)
{
	struct mx_msg m = expect(APP, MX_SK_LEFT);

	assert_int_equal(m.offset, SOCKET);
	return m.body[1];
}

static void test_there_and_back(void **state)
{
	struct mx_datagram from;
	struct mx_packet facts;
	uint8_t p[65536];
	uint32_t frozen = 0;

	(void)state;
	receive(me, 5201, 1000);
	from = take(1000);
	assert_int_equal(from.socket, SOCKET);
	assert_int_equal(from.port, 7 * 256 + 1);
	assert_memory_equal(from.address, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x02", 16);
	transmit(from, 3, 400);
	assert_int_equal(pop_packet(MX_STACK_ROUTER, p, &facts, &frozen), 28 + 1200);
	assert_int_equal(facts.port, 0);
	assert_int_equal(frozen, 1);
	assert_memory_equal(p + 12, me, 4);
	assert_memory_equal(p + 16, other, 4);
	assert_memory_equal(p + 20, "\x14\x51\x07\x01", 4);
	/* The checksum over pseudo header, UDP header and all of the chain. */
	assert_int_equal(mx_fold(mx_sum(p + 20, 8 + 1200, mx_sum(p + 12, 8, UDP + 8 + 1200))),
	                 0xffff);
	assert_int_equal(p[28 + 400], 1);
	assert_int_equal(left(), 3);
}

/* The answer comes from the address that was asked, not from the one the route would choose. */
static void test_own_address(void **state)
{
	struct mx_datagram from;
	struct mx_packet facts;
	uint8_t p[2048];
	uint32_t frozen = 0;

	(void)state;
	receive(second, 5201, 10);
	from = take(10);
	transmit(from, 1, 100);
	assert_int_equal(pop_packet(MX_STACK_ROUTER, p, &facts, &frozen), 128);
	assert_memory_equal(p + 12, second, 4);
	for (uint32_t own = 0; own < 4096; own += 5) { /* made up ones do no harm */
		from.own = own & 0xfffu;
		transmit(from, 1, 100);
		left();
	}
}

static void test_sizes(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 1400; n += 93) {
		receive(me, 5201, n);
		take(n);
	}
	receive(me, 5202, 10); /* nobody is there */
	assert_int_equal(outbox[APP].n, 0);
}

/* An application without room loses datagrams, before connections lose their quarter. */
static void test_no_room(void **state)
{
	(void)state;
	credit[APP] = 2 + DEPTH / 4;
	for (uint32_t i = 0; i < 5; i++)
		receive(me, 5201, 100);
	assert_int_equal(outbox[APP].n, 2);
	take(100);
	take(100);
	credit[APP] = 4096;
	receive(me, 5201, 50);
	take(50);
}

/* The port has no room: the datagrams wait, in order, and the sender's credit with them. */
static void test_port_full(void **state)
{
	struct mx_datagram to;
	struct mx_packet facts;
	uint8_t p[2048];
	uint32_t frozen = 0;

	(void)state;
	receive(me, 5201, 10);
	to = take(10);
	credit[MX_STACK_ROUTER] = 0;
	for (uint16_t i = 0; i < 5; i++)
		transmit(to, 1, 100 + i);
	assert_int_equal(outbox[APP].n, 0);
	assert_true(thirsty >> MX_STACK_ROUTER & 1);
	credit[MX_STACK_ROUTER] = 4096;
	run(0);
	for (uint16_t i = 0; i < 5; i++)
		assert_int_equal(pop_packet(MX_STACK_ROUTER, p, &facts, &frozen), 128u + i);
	assert_int_equal(left(), 5);
	credit[MX_STACK_ROUTER] = 0; /* and for good: it is dropped in the end */
	transmit(to, 1, 100);
	pass(2 * MX_S);
	assert_int_equal(left(), 1);
}

/* Beyond the credit, too long, of no socket, without frames: dropped, and the credit comes back. */
static void test_misuse(void **state)
{
	struct mx_datagram to;
	struct mx_msg chain[3];

	(void)state;
	receive(me, 5201, 10);
	to = take(10);
	credit[MX_STACK_ROUTER] = 0;
	for (uint32_t i = 0; i < MX_SK_FRAMES; i++)
		transmit(to, 1, 10);
	assert_int_equal(outbox[APP].n, 0);
	transmit(to, 2, 10);
	assert_int_equal(left(), 2);
	credit[MX_STACK_ROUTER] = 4096;
	run(0);
	assert_int_equal(left(), MX_SK_FRAMES);
	transmit(to, MX_CHAIN_MAX + 1, 10);
	assert_int_equal(left(), MX_CHAIN_MAX + 1);
	to.socket = 9;
	transmit(to, 2, 10);
	for (uint32_t i = 0; i < 3; i++)
		chain[i] = (struct mx_msg){.frame = i == 1 ? MX_NOFRAME : take_frame(),
		                           .slot = APP,
		                           .kind = MX_SK_DATAGRAM,
		                           .flags = i < 2 ? MX_MORE : 0};
	give(chain, 3);
	assert_int_equal(outbox[APP].n, 0);
}

static void test_bind(void **state)
{
	(void)state;
	assert_int_equal(bind(APP + 1, 0, 5201), EADDRINUSE);
	assert_int_equal(bind(APP + 1, 0, 0), EINVAL);
	say(APP, MX_SK_BIND, SOCKET, 77); /* its number is taken */
	say(APP, MX_SK_BIND, MX_SOCKETS, 77);
	say(APP, MX_SK_UNBIND, 5, 0);
	assert_int_equal(outbox[APP].n, 0);
	say(APP, MX_SK_UNBIND, SOCKET, 0);
	assert_int_equal(expect(APP, MX_SK_UNBOUND).offset, SOCKET);
	receive(me, 5201, 100);
	assert_int_equal(outbox[APP].n, 0);
	assert_int_equal(bind(APP + 1, 0, 5201), 0);
}

/* What waits for the port when its socket or its application ends goes home. */
static void test_end_with_waiting(void **state)
{
	struct mx_datagram to;

	(void)state;
	receive(me, 5201, 10);
	to = take(10);
	credit[MX_STACK_ROUTER] = 0;
	transmit(to, 3, 100);
	say(APP, MX_SK_UNBIND, SOCKET, 0);
	assert_int_equal(left(), 3);
	expect(APP, MX_SK_UNBOUND);
	assert_int_equal(bind(APP, SOCKET, 5201), 0);
	transmit(to, 3, 100);
}

static int start(void **state)
{
	(void)state;
	harness_port(state);
	((struct mx_boot *)mx_boot)->slots[APP].depth = DEPTH; /* it is the harness' own */
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(test_there_and_back), CASE(test_own_address),      CASE(test_sizes),
	        CASE(test_no_room),        CASE(test_port_full),        CASE(test_misuse),
	        CASE(test_bind),           CASE(test_end_with_waiting),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
