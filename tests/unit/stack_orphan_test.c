/*
 * What an ended stack's peers hear of its successor. Both are the same domain here: what it has
 * kept is copied, and it starts to look at the copy.
 */
#include <stdlib.h>
#include <string.h>
#include <moxie/kept.h>
#include "tests/unit/stack_peer.h"
#include "stack/orphan.h"

#define WAIT (700 * MX_MS) /* longer than the pause between two rounds */

extern uint8_t __start_mx_kept[], __stop_mx_kept[]; /* the linker's: of the section */
extern const uint8_t __ehdr_start[];

static struct peer peer;

/* What is in the section now is the predecessor's from here on. */
static void succeed(void)
{
	static uint8_t *copy;
	size_t size = (size_t)(__stop_mx_kept - __start_mx_kept);
	struct mx_boot *boot = (struct mx_boot *)(uintptr_t)mx_boot;

	free(copy);
	copy = malloc(size);
	memcpy(copy, __start_mx_kept, size);
	boot->kept = (struct mx_kept){.from = (uint64_t)(__start_mx_kept - __ehdr_start),
	                              .pages = {copy, size, 0}};
	orphan_start();
}

static uint16_t port_at(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

/* Bare acknowledgements from port 80 to `port` that wait to be taken. */
static uint32_t asked(uint16_t port)
{
	static uint8_t data[65536];
	struct mx_packet packet;
	uint32_t frozen, length, n = 0;

	while ((length = pop_packet(MX_STACK_ROUTER, data, &packet, &frozen))) {
		uint32_t tcp = data[0] >> 4 == 6 ? 40 : 20;

		n += length == tcp + 20 && port_at(data + tcp) == 80 &&
		     port_at(data + tcp + 2) == port && data[tcp + 13] == ACK;
	}
	return n;
}

static uint32_t accepted(void)
{
	struct mx_msg m;

	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, MX_SK_ACCEPT);
	return mx_conn(&m);
}

static void abort_conn(uint32_t conn)
{
	struct mx_msg m;

	app_say(APP, MX_SK_ABORT, conn, 0);
	assert_true(pop_msg(APP, &m));
	assert_int_equal(m.kind, MX_SK_CLOSED);
}

/* Asked in every round, and its answer is refused in words it must believe. */
static void check_peer(void (*open)(struct peer *, uint16_t), uint16_t port)
{
	uint32_t conn;

	open(&peer, port);
	conn = accepted();
	succeed();
	abort_conn(conn); /* of this life: the successor has no such connection */
	assert_int_equal(asked(port), 1);
	peer_send(&peer, ACK, peer.seq, NULL, 0);
	assert_int_equal(peer_take(&peer), 1);
	assert_true(peer.flags & RST);
	for (uint32_t round = 1; round < 3; round++) {
		pass(WAIT);
		assert_int_equal(asked(port), 1);
	}
	pass(WAIT);
	assert_int_equal(asked(port), 0);
}

static void test_peers(void **state)
{
	(void)state;
	check_peer(peer_open, 4001);
	check_peer(peer_open6, 4002);
}

static void test_closed(void **state)
{
	(void)state;
	peer_open(&peer, 4003);
	abort_conn(accepted());
	succeed();
	asked(4003);
	run(0);
	pass(WAIT);
	assert_int_equal(asked(4003), 0);
}

static void test_no_predecessor(void **state)
{
	struct mx_boot *boot = (struct mx_boot *)(uintptr_t)mx_boot;

	(void)state;
	peer_open(&peer, 4004);
	boot->kept = (struct mx_kept){0};
	orphan_start();
	run(0);
	pass(WAIT);
	assert_int_equal(asked(4004), 0);
	abort_conn(accepted());
}

/* A predecessor that has gone mad: anything may stand there. */
static void test_garbage(void **state)
{
	uint8_t *copy;

	(void)state;
	succeed();
	copy = mx_boot->kept.pages.base;
	for (uint32_t seed = 1; seed <= 20; seed++) {
		srand(seed);
		for (uint64_t i = 0; i < mx_boot->kept.pages.size; i++)
			copy[i] = (uint8_t)rand();
		orphan_start();
		for (uint32_t i = 0; i < 20; i++) {
			pass(WAIT / 4);
			asked(0);
			credit[MX_STACK_ROUTER] = 4096;
		}
	}
	assert_int_equal(frames_out(), 0);
}

static int start(void **state)
{
	struct mx_msg m;

	(void)state;
	harness_start();
	set_port(0, "\x0a\0\0\x01", NULL);
	set_link(0, 1500, 0);
	control((struct mx_control){.op = MX_CTL_GO});
	app_listen(APP, 3, 80);
	assert_true(pop_msg(APP, &m));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_peers),
	        cmocka_unit_test(test_closed),
	        cmocka_unit_test(test_no_predecessor),
	        cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
