/*
 * The driver for ports of the host over real sockets: packets come and go whole and in order,
 * nothing polls that has nothing to do, and every frame comes home.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/virtio_net.h>
#include <moxie/slots.h>
#include "drivers/net/linux/driver.h"
#include "tests/unit/frames.h"

#define SMALL   (MX_VNET + 60u)
#define LARGEST (MX_VNET + 18u + 65535u) /* Ethernet with a VLAN tag, 64 KiB of IP */

struct device device;
struct receiver rx;
struct transmitter tx;
static int ends[2]; /* the driver's, the host's */
static uint32_t links;
static struct mx_link last_link;
static uint8_t bytes[80000], got[80000];

void port_link(const struct mx_link *state)
{
	links++;
	last_link = *state;
}

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	assert_int_equal(nr, MX_TRAP_DEVICE);
	return MX_OK;
}

static void open_device(enum mx_host_kind kind)
{
	struct mx_host_port port = {.kind = (uint8_t)kind,
	                            .queues = 1,
	                            .mac = {2},
	                            .mtu = 1400,
	                            .features = MX_TX_CSUM};
	struct mx_driver_args args = {.port = 5, .pairs = 1};

	port.fd[0] = ends[0];
	memcpy(args.config, &port, sizeof(port));
	memset(&device, 0, sizeof(device));
	assert_null(device_open(&device, &args));
}

static void reset(void)
{
	frames_reset();
	frames_bus = (uint64_t)frames_boot.window;
	memset(&rx, 0, sizeof(rx));
	memset(&tx, 0, sizeof(tx));
	receive_init(&rx, 5);
	links = 0;
	for (uint32_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	memset(bytes, 0, MX_VNET);
}

static int setup_pair(int type, enum mx_host_kind kind)
{
	reset();
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ends), 0);
	open_device(kind);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_pair(SOCK_DGRAM, MX_HOST_TAP);
}

static int setup_seqpacket(void **state)
{
	(void)state;
	return setup_pair(SOCK_SEQPACKET, MX_HOST_TAP);
}

static int setup_packet(void **state)
{
	(void)state;
	return setup_pair(SOCK_DGRAM, MX_HOST_PACKET);
}

/* Local sockets hold some ten packets; these hold many small ones. */
static int setup_long(void **state)
{
	struct sockaddr_in at[2] = {{.sin_family = AF_INET}, {.sin_family = AF_INET}};
	socklen_t n = sizeof(at[0]);

	(void)state;
	reset();
	for (int i = 0; i < 2; i++) {
		at[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		ends[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		assert_int_equal(bind(ends[i], (struct sockaddr *)&at[i], n), 0);
		assert_int_equal(getsockname(ends[i], (struct sockaddr *)&at[i], &n), 0);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(connect(ends[i], (struct sockaddr *)&at[1 - i], n), 0);
	open_device(MX_HOST_TAP);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* --- receiving --- */

static void turn(void)
{
	frames_again = frames_thirst = 0;
	frames_wake = 0;
	receive_turn(&rx, true);
}

static void turn_after_interrupt(void)
{
	receive_interrupt(&rx);
	turn();
}

static void host_sends(uint32_t length)
{
	assert_int_equal(write(ends[1], bytes, length), length);
}

static const uint8_t *data_of(const struct mx_msg *m)
{
	return (const uint8_t *)mx_frame(m->frame) + m->offset;
}

static uint16_t buffers_of(const struct mx_msg *m)
{
	struct virtio_net_hdr_v1 h;

	memcpy(&h, data_of(m), sizeof(h));
	return h.num_buffers;
}

static void test_receive(void **state)
{
	(void)state;
	host_sends(SMALL);
	host_sends(SMALL + 1);
	turn();
	assert_int_equal(frames_sent_n, 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct mx_msg *m = &frames_sent[i];

		assert_int_equal(m->kind, MX_RAW);
		assert_int_equal(m->slot, MX_DRIVER_PEER);
		assert_int_equal(m->length, SMALL + i);
		assert_int_equal(m->body[0], 5);
		assert_int_equal(buffers_of(m), 1);
		assert_memory_equal(data_of(m) + MX_VNET, bytes + MX_VNET, m->length - MX_VNET);
		mx_free(m->frame);
	}
	assert_int_equal(frames_out(), RECEIVE_FRAMES);
	assert_true(rx.armed);
	assert_int_equal(frames_again, 0);
	assert_int_equal(frames_wake, 0);
}

/* What came is gathered as what a device left: one packet, every byte of it. */
static void check_chain(const struct mx_msg *raw, uint32_t n, uint32_t header, uint32_t length)
{
	static struct mx_gather g;
	uint32_t at = header;

	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(mx_gather(&g, &raw[i], 5), i + 1 < n ? 0 : n);
	assert_int_equal(mx_packet(g.chain)->length, length - header);
	for (uint32_t i = 0; i < n; at += g.chain[i++].length)
		assert_memory_equal(data_of(&g.chain[i]), bytes + at, g.chain[i].length);
	assert_int_equal(at, length);
	mx_free_chain(g.chain, n);
}

static void test_large(void **state)
{
	(void)state;
	host_sends(LARGEST);
	host_sends(2 * MX_PAGE);
	turn();
	assert_int_equal(frames_sent_n, 17 + 2);
	assert_int_equal(buffers_of(&frames_sent[0]), 17);
	assert_int_equal(frames_sent[16].length, LARGEST - 16 * MX_PAGE);
	check_chain(frames_sent, 17, MX_VNET, LARGEST);
	check_chain(frames_sent + 17, 2, MX_VNET, 2 * MX_PAGE);
	assert_int_equal(frames_out(), RECEIVE_FRAMES);
}

/* A packet socket writes 10 bytes of header; the frame has 12, so the largest ends 2 later. */
static void test_packet_socket(void **state)
{
	(void)state;
	host_sends(SMALL - 2);
	host_sends(LARGEST - 2);
	host_sends(MX_PAGE - 2);
	host_sends(MX_PAGE - 1);
	turn();
	assert_int_equal(frames_sent_n, 1 + 17 + 1 + 2);
	assert_int_equal(frames_sent[0].length, SMALL);
	check_chain(frames_sent, 1, MX_VNET - 2, SMALL - 2);
	check_chain(frames_sent + 1, 17, MX_VNET - 2, LARGEST - 2);
	check_chain(frames_sent + 18, 1, MX_VNET - 2, MX_PAGE - 2);
	check_chain(frames_sent + 19, 2, MX_VNET - 2, MX_PAGE - 1);
}

/* More than one turn takes: the others run, then the rest comes, without an interrupt. */
static void test_turns(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		host_sends(SMALL + i);
	turn();
	assert_in_range(frames_sent_n, 1, 99);
	assert_int_equal(frames_again, 1);
	assert_false(rx.armed);
	turn();
	assert_int_equal(frames_sent_n, 100);
	assert_int_equal(frames_sent[99].length, SMALL + 99);
	assert_true(rx.armed);
}

/* Once there was nothing, only the interrupt makes it look again. */
static void test_interrupt(void **state)
{
	(void)state;
	turn();
	assert_true(rx.armed);
	host_sends(SMALL);
	turn();
	assert_int_equal(frames_sent_n, 0);
	turn_after_interrupt();
	assert_int_equal(frames_sent_n, 1);
}

/* Without credit the packet stays in the host, nothing polls, and thirst is announced. */
static void test_starved(void **state)
{
	(void)state;
	frames_credit = 0;
	host_sends(SMALL);
	turn();
	turn();
	assert_int_equal(frames_sent_n, 0);
	assert_int_equal(frames_again, 0);
	assert_int_equal(frames_thirst, 1);
	assert_int_equal(rx.starved, 2);
	assert_int_equal(recv(ends[0], got, sizeof(got), MSG_PEEK), SMALL);
	frames_credit = 10;
	turn();
	assert_int_equal(frames_sent_n, 1);
}

/* A packet that the peer takes in parts: the rest waits, and comes before the next packet. */
static void test_starved_within(void **state)
{
	(void)state;
	host_sends(4 * MX_PAGE);
	host_sends(SMALL);
	frames_credit = 3;
	turn();
	assert_int_equal(frames_sent_n, 3);
	assert_true(frames_thirst > 0);
	frames_credit = 10;
	turn();
	assert_int_equal(frames_sent_n, 5);
	assert_int_equal(frames_sent[3].length, MX_PAGE);
	assert_int_equal(frames_sent[4].length, SMALL);
	assert_int_equal(frames_out(), 5 + RECEIVE_FRAMES);
}

/* The next reader starts with a whole packet. */
static void test_discard(void **state)
{
	(void)state;
	host_sends(4 * MX_PAGE);
	host_sends(SMALL);
	frames_credit = 3;
	turn();
	receive_discard(&rx);
	assert_int_equal(rx.stale, 1);
	frames_credit = 10;
	turn();
	assert_int_equal(frames_sent_n, 4);
	assert_int_equal(frames_sent[3].length, SMALL);
	assert_int_equal(frames_out(), 4 + RECEIVE_FRAMES);
}

static void test_bad_lengths(void **state)
{
	(void)state;
	host_sends(MX_VNET + 13);
	host_sends(1);
	host_sends(RECEIVE_FRAMES * MX_PAGE); /* it may have been longer */
	host_sends(RECEIVE_FRAMES * MX_PAGE + 1);
	host_sends(MX_VNET + 14);
	turn();
	assert_int_equal(rx.bad, 4);
	assert_int_equal(frames_sent_n, 1);
	assert_int_equal(frames_out(), 1 + RECEIVE_FRAMES);
}

/* Fewer frames than the largest packet needs: nothing is read and lost, and it looks again. */
static void test_empty_pool(void **state)
{
	uint32_t held[FRAMES], n = 0;

	(void)state;
	for (; n < FRAMES - RECEIVE_FRAMES + 1; n++)
		held[n] = mx_alloc();
	host_sends(SMALL);
	turn();
	assert_int_equal(frames_sent_n, 0);
	assert_true(frames_wake != 0);
	assert_int_equal(frames_again, 0);
	mx_free(held[0]);
	turn();
	assert_int_equal(frames_sent_n, 1);
	for (uint32_t i = 1; i < n; i++)
		mx_free(held[i]);
}

/* An empty packet looks like an end, and is none. */
static void test_empty_packet(void **state)
{
	(void)state;
	host_sends(0);
	host_sends(SMALL);
	turn();
	assert_int_equal(rx.errors, 1);
	assert_int_equal(links, 0);
	assert_true(rx.armed || frames_wake != 0);
	turn();
	assert_int_equal(frames_sent_n, 1);
	assert_int_equal(links, 0);
}

/* The other side is gone: the link is down, told once, and nothing polls. */
static void test_end_of_peer(void **state)
{
	(void)state;
	host_sends(SMALL);
	close(ends[1]);
	turn();
	for (uint32_t i = 0; i < 3; i++) {
		turn();
		assert_int_equal(frames_again, 0);
		assert_int_equal(frames_wake, 0);
	}
	assert_int_equal(frames_sent_n, 1);
	assert_int_equal(links, 1);
	assert_int_equal(last_link.up, 0);
	turn_after_interrupt();
	assert_int_equal(links, 1);
	ends[1] = -1;
}

static void test_closed(void **state)
{
	(void)state;
	close(ends[0]);
	turn();
	turn();
	assert_int_equal(links, 1);
	assert_int_equal(last_link.up, 0);
	assert_int_equal(frames_again, 0);
	assert_int_equal(frames_wake, 0);
	ends[0] = -1;
}

/* What is read again after all: the link is up. */
static void test_link_returns(void **state)
{
	(void)state;
	device.fd = 1000; /* closed */
	turn();
	assert_int_equal(last_link.up, 0);
	device.fd = ends[0];
	host_sends(SMALL);
	turn_after_interrupt();
	assert_int_equal(frames_sent_n, 1);
	assert_int_equal(links, 2);
	assert_int_equal(last_link.up, 1);
	assert_int_equal(last_link.mtu, 1400);
}

/* --- sending --- */

static struct mx_msg packet(uint16_t length)
{
	struct mx_msg m = {.frame = mx_alloc(), .offset = 8, .length = length, .kind = MX_RAW};

	memcpy((uint8_t *)mx_frame(m.frame) + m.offset, bytes, length);
	return m;
}

static void send_packet(uint32_t n, uint16_t length)
{
	struct mx_msg chain[MX_CHAIN_MAX];

	for (uint32_t i = 0; i < n; i++) {
		chain[i] = packet(length);
		chain[i].flags = i + 1 < n ? MX_MORE : 0;
	}
	transmit(&tx, chain, n);
}

static void host_reads(uint32_t length)
{
	assert_int_equal(recv(ends[1], got, sizeof(got), 0), length);
}

static void test_transmit(void **state)
{
	(void)state;
	send_packet(1, 100);
	send_packet(2, 1000);
	host_reads(100);
	assert_memory_equal(got, bytes, 100);
	host_reads(2000);
	assert_memory_equal(got, bytes, 1000);
	assert_memory_equal(got + 1000, bytes, 1000);
	assert_int_equal(tx.packets, 2);
	assert_int_equal(frames_out(), 0);
	transmit_wait(&tx);
	assert_int_equal(frames_wake, 0);
}

static void test_transmit_packet_socket(void **state)
{
	(void)state;
	send_packet(2, 1000);
	host_reads(1998);
	assert_memory_equal(got, bytes, 10);
	assert_memory_equal(got + 10, bytes + 12, 988);
	assert_memory_equal(got + 998, bytes, 1000);
	assert_int_equal(tx.packets, 1);
}

static uint32_t fill(void)
{
	uint32_t n = 0;

	while (!tx.park.waiting)
		send_packet(1, (uint16_t)(100 + n++));
	return n;
}

/* The host has no room: what waits goes first, in order, and a look is due. */
static void test_full(void **state)
{
	uint32_t n = fill();

	(void)state;
	send_packet(2, 50);
	assert_int_equal(tx.park.waiting, 3);
	assert_int_equal(tx.packets, n - 1);
	transmit_parked(&tx);
	assert_int_equal(tx.park.waiting, 3);
	transmit_wait(&tx);
	assert_true(frames_wake != 0);
	for (uint32_t i = 0; i < n; i++) {
		host_reads(100 + i);
		transmit_parked(&tx);
	}
	host_reads(100);
	assert_int_equal(tx.packets, n + 1);
	assert_int_equal(frames_out(), 0);
}

static void test_overfull(void **state)
{
	(void)state;
	fill();
	while (tx.park.waiting < MX_DRIVER_PARKED)
		send_packet(1, 100);
	assert_int_equal(tx.full, 0);
	send_packet(1, 100);
	assert_int_equal(tx.full, 1);
	assert_int_equal(frames_out(), MX_DRIVER_PARKED);
	transmit_forget(&tx);
	assert_int_equal(frames_out(), 0);
}

/* Nobody is there: packets are counted and their frames are free. */
static void test_refused_by_host(void **state)
{
	(void)state;
	close(ends[1]);
	send_packet(1, 100);
	send_packet(2, 100);
	assert_int_equal(tx.errors, 2);
	assert_int_equal(tx.packets, 0);
	assert_int_equal(frames_out(), 0);
	ends[1] = -1;
}

static void test_frozen(void **state)
{
	struct mx_msg chain[2] = {packet(66), {.frame = FROZEN, .length = 4096, .kind = MX_RAW}};

	(void)state;
	chain[0].flags = MX_MORE;
	transmit(&tx, chain, 2);
	host_reads(66 + 4096);
	assert_int_equal(frames_out(), 0);
}

static void refuse(struct mx_msg m)
{
	uint64_t bad = tx.bad;

	transmit(&tx, &m, 1);
	assert_int_equal(tx.bad, bad + 1);
	assert_int_equal(frames_out(), 0);
}

static void test_refused(void **state)
{
	struct mx_msg m, chain[MX_CHAIN_MAX + 1];

	(void)state;
	refuse(packet(25)); /* no whole Ethernet header */
	refuse((struct mx_msg){.frame = MX_NOFRAME, .kind = MX_RAW});
	refuse((struct mx_msg){.frame = FRAMES + 9, .length = 60, .kind = MX_RAW});
	m = packet(60);
	m.kind = MX_IP;
	refuse(m);
	m = packet(60);
	m.offset = 4040;
	refuse(m);
	chain[0] = packet(11); /* the header in one piece: a gap may be in it */
	chain[1] = packet(60);
	transmit(&tx, chain, 2);
	for (uint32_t i = 0; i <= MX_CHAIN_MAX; i++)
		chain[i] = packet(60);
	transmit(&tx, chain, MX_CHAIN_MAX + 1);
	assert_int_equal(frames_out(), 0);
	assert_int_equal(tx.packets, 0);
}

/* --- what init hands over --- */

static const char *opened(struct mx_host_port port, uint32_t pair)
{
	struct mx_driver_args args = {.port = 5, .pair = pair, .pairs = 8};

	memcpy(args.config, &port, sizeof(port));
	return device_open(&device, &args);
}

static void test_open(void **state)
{
	struct mx_host_port port = {.kind = MX_HOST_TAP, .queues = 2, .mtu = 1500, .fd = {7, 9}};

	(void)state;
	assert_null(opened(port, 1));
	assert_int_equal(device.fd, 9);
	assert_string_equal(opened(port, 2), "the port has no such queue");
	port.queues = 255;
	assert_string_equal(opened(port, 0), "the port has no such queue");
	port.queues = 0;
	assert_string_equal(opened(port, 0), "the port has no such queue");
	port.queues = 1;
	port.fd[0] = -1;
	assert_string_equal(opened(port, 0), "the port has no such queue");
	port.fd[0] = 7;
	port.kind = 3;
	assert_string_equal(opened(port, 0), "the port is of no kind that is known");
	port.kind = MX_HOST_PACKET;
	port.mtu = 67;
	assert_string_equal(opened(port, 0), "the port's MTU is too small");
}

#define PAIR(test)      cmocka_unit_test_setup_teardown(test, setup, teardown)
#define SEQPACKET(test) cmocka_unit_test_setup_teardown(test, setup_seqpacket, teardown)
#define PACKET(test)    cmocka_unit_test_setup_teardown(test, setup_packet, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        PAIR(test_receive),
	        SEQPACKET(test_large),
	        PACKET(test_packet_socket),
	        cmocka_unit_test_setup_teardown(test_turns, setup_long, teardown),
	        PAIR(test_interrupt),
	        PAIR(test_starved),
	        PAIR(test_starved_within),
	        PAIR(test_discard),
	        PAIR(test_bad_lengths),
	        PAIR(test_empty_pool),
	        PAIR(test_empty_packet),
	        SEQPACKET(test_end_of_peer),
	        PAIR(test_closed),
	        PAIR(test_link_returns),
	        PAIR(test_transmit),
	        PACKET(test_transmit_packet_socket),
	        PAIR(test_full),
	        PAIR(test_overfull),
	        PAIR(test_refused_by_host),
	        PAIR(test_frozen),
	        PAIR(test_refused),
	        cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
