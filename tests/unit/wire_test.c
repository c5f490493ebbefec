/*
 * Capture files and the wire that feeds them, with a played appliance of one core.
 *
 * Each run of the wire is a process of its own, as in the program: it ends by host_power.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/virtio_net.h>
#include "executive/linux/host/capture.h"
#include "executive/linux/host/boot.h"
#include "executive/linux/host/wire.h"

#define HEADER ((int)sizeof(struct virtio_net_hdr_v1))

static char folder[] = "/tmp/moxie-wire-XXXXXX";
static char names[8][64];

static const char *file(int n)
{
	snprintf(names[n], sizeof names[n], "%s/%d.pcap", folder, n);
	return names[n];
}

/* --- the played appliance --- */

static atomic_bool asleep;
static atomic_ulong sleeps;

static uint64_t all_asleep(const struct machine *m)
{
	(void)m;
	return asleep ? sleeps : 0;
}
static const struct core_entry entry = {.asleep = all_asleep};
const struct core_entry *const host_entries[HOST_CORES] = {&entry};
struct machine host_machine;

_Noreturn void host_power(uint32_t how)
{
	_exit(how == MX_POWER_OFF ? 0 : 3);
}

void host_write(const char *text, uint32_t length)
{
	(void)text;
	(void)length;
	_exit(42); /* with linger: the inputs have ended */
}

static void answer(int from, int other)
{
	uint8_t data[2048];
	ssize_t n;

	while ((n = read(from, data, sizeof data)) > 0) {
		struct virtio_net_hdr_v1 head = {.num_buffers = 1};

		assert_int_equal(memcmp(data, &head, sizeof head), 0);
		if (data[HEADER] == 'd') /* dropped */
			continue;
		if (data[HEADER] == 'o') /* an offload that was not offered */
			data[0] = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		data[HEADER + 1]++;
		assert_int_equal(write(other, data, (size_t)n), n);
		if (data[HEADER] == 't') /* two come of one */
			assert_int_equal(write(from, data, (size_t)n), n);
	}
}

static _Noreturn void appliance(const int fds[2])
{
	for (;;) {
		struct pollfd wanted[2] = {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}};

		sleeps++;
		asleep = true;
		poll(wanted, 2, -1);
		asleep = false;
		answer(fds[0], fds[1]);
		answer(fds[1], fds[0]);
	}
}

/* The exit status of the program with two ports. */
static int run_wire(const char *first, const char *second, bool linger)
{
	pid_t child = fork();
	int fds[2], status;

	if (child == 0) {
		if (wire_add(first, &fds[0]) || wire_add(second, &fds[1]))
			_exit(2);
		wire_start(linger);
		appliance(fds);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- files --- */

static void put(const char *path, const char *const packets[], const uint64_t times[], int n)
{
	struct capture c;

	assert_null(capture_create(&c, path));
	for (int i = 0; i < n; i++) {
		struct record r = {times[i], (uint32_t)strlen(packets[i]),
		                   (const uint8_t *)packets[i]};

		capture_add(&c, &r);
	}
	assert_true(capture_flush(&c));
	capture_close(&c);
}

static void expect(const char *path, const char *const packets[], const uint64_t times[], int n)
{
	struct capture c;
	struct record r;

	assert_null(capture_open(&c, path));
	for (int i = 0; i < n; i++) {
		assert_true(capture_next(&c, &r));
		assert_int_equal(r.length, strlen(packets[i]));
		assert_memory_equal(r.data, packets[i], r.length);
		assert_int_equal(r.time, times[i]);
	}
	assert_false(capture_next(&c, &r));
	capture_close(&c);
}

static const char *join(const char *in, const char *out)
{
	static char specs[4][160];
	static int n;
	char *spec = specs[n++ % 4];

	snprintf(spec, sizeof specs[0], "%s:%s", in, out);
	return spec;
}

/* --- tests --- */

static void test_order(void **state)
{
	const char *lan[] = {"f0 first", "f0 third", "t0 fourth"},
	           *wan[] = {"f0 second", "d0 none"};
	const uint64_t lan_at[] = {1000000001, 3000000000, 4999999999};
	const uint64_t wan_at[] = {2000000000, 6000000000};
	const char *to_wan[] = {"f1 first", "f1 third", "t1 fourth"};
	const char *to_lan[] = {"f1 second", "t1 fourth"};
	const uint64_t to_lan_at[] = {2000000000, 4999999999};

	(void)state;
	put(file(0), lan, lan_at, 3);
	put(file(1), wan, wan_at, 2);
	assert_int_equal(run_wire(join(file(0), file(2)), join(file(1), file(3)), false), 0);
	expect(file(2), to_lan, to_lan_at, 2);
	expect(file(3), to_wan, lan_at, 3);
}

/* What one packet caused is there before the next goes in, even if it takes its time. */
static void test_many(void **state)
{
	static char text[200][16];
	static const char *in[200], *out[200];
	static uint64_t at[200];

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(text[i], sizeof text[i], "f%c %d", '1', i);
		out[i] = text[i];
		at[i] = 1000000000ull + (uint64_t)i;
	}
	for (int i = 0; i < 200; i++) {
		in[i] = strdup(text[i]);
		((char *)in[i])[1] = '0';
	}
	put(file(0), in, at, 200);
	assert_int_equal(run_wire(join(file(0), ""), join("", file(2)), false), 0);
	expect(file(2), out, at, 200);
	for (int i = 0; i < 200; i++)
		free((void *)in[i]);
}

static void test_offload_is_not_kept(void **state)
{
	const char *in[] = {"o0", "f0"}, *out[] = {"f1"};
	const uint64_t at[] = {1, 2};

	(void)state;
	put(file(0), in, at, 2);
	assert_int_equal(run_wire(join(file(0), ""), join("", file(2)), false), 0);
	expect(file(2), out, &at[1], 1);
}

static void test_linger(void **state)
{
	const char *in[] = {"f0"};
	const uint64_t at[] = {1};

	(void)state;
	put(file(0), in, at, 1);
	assert_int_equal(run_wire(join(file(0), ""), join("", ""), true), 42);
}

/* A classic header and one packet of 4 bytes, as another machine may have written it. */
static void foreign(const char *path, bool swap, bool nano, uint32_t link, uint32_t full)
{
	uint32_t w[] = {
	        nano ? 0xa1b23c4du : 0xa1b2c3d4u, 2u | 4u << 16, 0, 0, 65535, link, 7, 8, 4, full};
	FILE *f = fopen(path, "wb");

	if (swap) {
		for (uint32_t i = 0; i < sizeof w / sizeof w[0]; i++)
			w[i] = i == 1 ? 0x04000200u : __builtin_bswap32(w[i]);
	}
	assert_int_equal(fwrite(w, sizeof w, 1, f), 1);
	assert_int_equal(fwrite("data", 4, 1, f), 1);
	fclose(f);
}

static void test_kinds(void **state)
{
	const char *packets[] = {"data"};

	(void)state;
	for (int kind = 0; kind < 4; kind++) {
		uint64_t at = 7000000000ull + (kind & 2 ? 8 : 8000);

		foreign(file(0), kind & 1, kind & 2, 1, 4);
		expect(file(0), packets, &at, 1);
	}
}

static void refused(const char *path, const char *reason)
{
	struct capture c;
	const char *why = capture_open(&c, path);

	assert_non_null(why);
	assert_memory_equal(why, path, strlen(path));
	assert_non_null(strstr(why, reason));
}

static void test_refused(void **state)
{
	int fd;

	(void)state;
	refused("/nowhere/at.pcap", "No such file");
	refused(folder, "not a file");
	foreign(file(4), false, false, 1, 4);
	assert_int_equal(truncate(file(4), 42), 0);
	refused(file(4), "truncated");
	assert_int_equal(truncate(file(4), 0), 0);
	refused(file(4), "truncated");
	foreign(file(4), false, false, 113, 4);
	refused(file(4), "Ethernet");
	foreign(file(4), false, false, 1, 60);
	refused(file(4), "only 4 of its 60 bytes");
	foreign(file(4), false, false, 1, 4);
	assert_non_null(strstr(wire_add(join(file(4), file(4)), &fd), "overwrite"));
	assert_non_null(wire_add(join(file(4), "/nowhere/at.pcap"), &fd));
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++)
		unlink(file(i));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_order),  cmocka_unit_test(test_many),
	        cmocka_unit_test(test_linger), cmocka_unit_test(test_offload_is_not_kept),
	        cmocka_unit_test(test_kinds),  cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
