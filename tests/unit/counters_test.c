/*
 * The report of counters through a control ring that is smaller than the report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <moxie/counters.h>
#include <moxie/domain.h>
#include <moxie/kept.h>

#define N 150u

uint64_t mx_notify_mask;
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;

static _Alignas(64) uint8_t there[MX_RING_BYTES], back[MX_RING_BYTES];
static struct mx_control_end domain, init;
static struct mx_counter table[N];
static uint64_t values[N];

static int setup(void **state)
{
	(void)state;
	memset(there, 0, sizeof(there));
	memset(back, 0, sizeof(back));
	boot.slots[0] = (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
	                                      .depth = mx_control_depth,
	                                      .type = mx_control_type,
	                                      .key = 1,
	                                      .rx = (void *)back,
	                                      .tx = (void *)there};
	boot.slots[1] = boot.slots[0];
	boot.slots[1].rx = (void *)there;
	boot.slots[1].tx = (void *)back;
	assert_true(mx_control_open(&domain, &boot, 0));
	assert_true(mx_control_open(&init, &boot, 1));
	for (uint32_t i = 0; i < N; i++) {
		values[i] = i * 3;
		table[i] = (struct mx_counter){"a.name.that.is.longer.than.the.field.of.a.message",
		                               &values[i], (uint16_t)i};
	}
	mx_counters_init(table, N);
	return 0;
}

static void test_report(void **state)
{
	struct mx_control m;
	uint32_t n = 0;

	(void)state;
	mx_counters_turn(&domain); /* not asked */
	assert_false(mx_control_recv(&init, &m));
	mx_counters_ask(99);
	for (uint32_t turn = 0; turn < 4; turn++) {
		mx_counters_turn(&domain);
		for (; mx_control_recv(&init, &m); n++) {
			if (n == N)
				break;
			assert_int_equal(m.op, MX_CTL_COUNTER);
			assert_int_equal(m.port, n);
			assert_int_equal(m.value, n * 3);
			assert_string_equal(m.name, "a.name.that.is.longer.than.the.");
		}
	}
	assert_int_equal(n, N);
	assert_int_equal(m.op, MX_CTL_COUNTERS_END);
	assert_int_equal(m.value, 99);
	mx_counters_turn(&domain);
	assert_false(mx_control_recv(&init, &m));
}

/* Asked again meanwhile: it starts anew, and ends once, with the newer ticket. */
static void test_asked_again(void **state)
{
	struct mx_control m;
	uint32_t ends = 0;

	(void)state;
	mx_counters_ask(1);
	mx_counters_turn(&domain);
	mx_counters_ask(2);
	for (uint32_t turn = 0; turn < 6; turn++) {
		while (mx_control_recv(&init, &m))
			ends += m.op == MX_CTL_COUNTERS_END && m.value == 2;
		mx_counters_turn(&domain);
	}
	assert_int_equal(ends, 1);
}

static uint64_t kept[2] MX_KEPT, gauge;

extern uint8_t __start_mx_kept[], __stop_mx_kept[];
extern const uint8_t __ehdr_start[];

/* Whole pages are left, with what happens to stand beside the section. */
static void test_inherit(void **state)
{
	static const struct mx_counter counted[] = {
	        {"a", &kept[0], 1}, {"b", &kept[1], 1}, {"now", &gauge, 1}};
	uint64_t first = (uint64_t)__start_mx_kept & -(uint64_t)MX_PAGE, size = 64 * MX_PAGE;
	uint8_t *left = malloc(size);

	(void)state;
	memset(left, 0x11, size);
	boot.kept.from = first - (uint64_t)__ehdr_start;
	boot.kept.pages = (struct mx_region){.base = left, .size = size};
	kept[0] = 1;
	gauge = 5;
	mx_counters_inherit(counted, 3);
	assert_int_equal(kept[0], 0x1111111111111112);
	assert_int_equal(kept[1], 0x1111111111111111);
	assert_int_equal(gauge, 5);
	boot.kept.pages.size =
	        (uint64_t)&kept[1] - first; /* and what was not left is not looked at */
	assert_non_null(mx_left(&kept[0], 8));
	assert_null(mx_left(&kept[1], 8));
	assert_null(mx_left(kept, 16));
	assert_null(mx_left(kept, UINT64_MAX));
	boot.kept.pages.size = 0;
	assert_null(mx_left(&kept[0], 8));
	free(left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_inherit),
	        cmocka_unit_test_setup(test_report, setup),
	        cmocka_unit_test_setup(test_asked_again, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
