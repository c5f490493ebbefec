/*
 * apps/iperf3: what a client may ask for, in JSON that it or anybody else wrote, and our results.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "apps/iperf3/control.h"
#include "apps/iperf3/json.h"
#include "apps/iperf3/params.h"
#include "apps/iperf3/results.h"
#include "apps/iperf3/stream.h"
#include "apps/iperf3/test.h"

struct test test;
struct streams streams;
static struct params p;

void mx_panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	abort();
}

/* The text ends where its memory does: the address sanitizer sees who reads on. */
static uint32_t read_params(const char *text)
{
	size_t n = strlen(text);
	char *exact = malloc(n);
	uint32_t wrong;

	memcpy(exact, text, n);
	wrong = params_read(&p, exact, (uint32_t)n);
	free(exact);
	return wrong;
}

static void test_real_client(void **state)
{
	(void)state;
	assert_int_equal(
	        read_params("{\"tcp\":true,\"omit\":1,\"time\":10,\"num\":0,\"blockcount\":0,"
	                    "\"parallel\":8,\"reverse\":true,\"len\":131072,"
	                    "\"pacing_timer\":1000,\"client_version\":\"3.12\"}"),
	        0);
	assert_false(p.udp || p.both || p.wide || p.output);
	assert_true(p.reverse);
	assert_int_equal(p.omit, 1);
	assert_int_equal(p.seconds, 10);
	assert_int_equal(p.parallel, 8);
	assert_int_equal(p.block, 131072);
	assert_int_equal(p.rate, 0);
	assert_int_equal(read_params("{ \"udp\" : true , \"omit\":0,\"time\":0,\"num\":1048576,"
	                             "\"blockcount\":0,\"parallel\":1,\"bidirectional\":true,"
	                             "\"len\":1448,\"bandwidth\":1e+10,\"burst\":10,"
	                             "\"title\":\"udp\",\"get_server_output\":1,"
	                             "\"udp_counters_64bit\":1}"),
	                 0);
	assert_true(p.udp && p.both && p.wide && p.output);
	assert_false(p.reverse);
	assert_int_equal(p.most, 1048576);
	assert_int_equal(p.rate, 10000000000);
	assert_int_equal(p.burst, 10);
}

static void test_defaults(void **state)
{
	(void)state;
	assert_int_equal(read_params("{\"tcp\":true}"), 0);
	assert_int_equal(p.parallel, 1);
	assert_int_equal(p.block, 131072);
	assert_int_equal(read_params("{\"udp\":true,\"blockcount\":7}"), 0);
	assert_int_equal(p.block, 1460);
	assert_int_equal(p.most, 7 * 1460);
}

/* A member counts only where it stands, and with its own name. */
static void test_names(void **state)
{
	(void)state;
	assert_int_equal(read_params("{\"x\":\"time\",\"tcp\":true,\"a\":{\"time\":5},"
	                             "\"b\":[\"time\",6],\"times\":7,\"tim\":8}"),
	                 0);
	assert_int_equal(p.seconds, 0);
	assert_int_equal(read_params("{\"tcp\":true,\"title\":\"\\\"time\\\":9\",\"time\":3}"), 0);
	assert_int_equal(p.seconds, 3);
	assert_int_equal(read_params("{\"a\":\"tcp\"}"), 114);
	assert_int_equal(read_params("{\"tcp\":false}"), 114);
	assert_int_equal(read_params("{\"tcp\":\"true\"}"), 114);
	assert_int_equal(read_params("{\"tcp\":true,\"time\":\"5\",\"len\":true,\"num\":{}}"), 0);
	assert_int_equal(p.seconds, 0);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		uint32_t wrong;
	} cases[] = {
	        {"", 114},
	        {"{", 114},
	        {"[]", 114},
	        {"{}", 114},
	        {"\"tcp\"", 114},
	        {"{\"tcp\":true", 114},
	        {"{\"tcp\"}", 114},
	        {"{\"sctp\":true}", 18},
	        {"{\"tcp\":true,\"time\":86401}", 5},
	        {"{\"tcp\":true,\"parallel\":0}", 6},
	        {"{\"tcp\":true,\"parallel\":-3}", 6},
	        {"{\"tcp\":true,\"parallel\":129}", 6},
	        {"{\"tcp\":true,\"parallel\":4294967297}", 6},
	        {"{\"tcp\":true,\"len\":1048577}", 7},
	        {"{\"tcp\":true,\"len\":4294967296}", 7},
	        {"{\"tcp\":true,\"omit\":601}", 12},
	        {"{\"tcp\":true,\"burst\":1001}", 15},
	        {"{\"udp\":true,\"len\":15}", 20},
	        {"{\"udp\":true,\"len\":65508}", 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(read_params(cases[i].text), cases[i].wrong);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} cases[] = {
	        {"0", 0},
	        {"7", 7},
	        {"18446744073709551615", UINT64_MAX},
	        {"18446744073709551616", UINT64_MAX},
	        {"99999999999999999999999", UINT64_MAX},
	        {"-5", 0},
	        {"1.9", 1},
	        {"1.5e1", 15},
	        {"1e+15", 1000000000000000},
	        {"1e300", UINT64_MAX},
	        {"1e99999999999999999999", UINT64_MAX},
	        {"0e99999999999999999999", 0},
	        {"25e-1", 2},
	        {"25e-999999999999999999", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[80];
		uint64_t value = 1;

		sprintf(text, "{\"n\":%s}", cases[i].text);
		assert_true(json_read(text, (uint32_t)strlen(text)));
		assert_true(json_number("n", &value));
		assert_true(value == cases[i].value);
	}
}

/* Pseudo-random changes of a good text: nothing is read beyond it, and limits hold. */
static void test_noise(void **state)
{
	static const char good[] = "{\"tcp\":true,\"time\":10,\"parallel\":2,\"len\":1000,"
	                           "\"title\":\"a\\u0041\",\"x\":[1,{\"y\":null}]}";
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[sizeof good];

		memcpy(text, good, sizeof good);
		for (int i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			text[(seed >> 8) % (sizeof good - 1)] =
			        "{}[]\",:\\0a9e.-t"[(seed >> 24) % 15];
		}
		if (read_params(text) == 0)
			assert_true(p.parallel >= 1 && p.parallel <= 128 && p.block <= 1 << 20 &&
			            p.seconds <= 86400);
	}
}

/* The results of n streams, read back as their reader would. */
static const char *results(uint32_t n, uint32_t *length)
{
	static char text[CONTROL_OUT - 64]; /* the states and lengths around it */

	memset(text, 'x', sizeof text);
	streams.n = n;
	*length = results_write(text, sizeof text - 1);
	assert_int_equal(text[*length], 0);
	assert_int_equal(strlen(text), *length);
	return text;
}

static void test_results(void **state)
{
	uint32_t length;
	uint64_t value;
	const char *text;

	(void)state;
	memset(&test, 0, sizeof test);
	memset(&streams, 0, sizeof streams);
	test.counted = 5 * MX_S;
	test.ended = 7 * MX_S + 5;
	test.work_from = MX_S;
	test.work = MX_S + MX_S / 2;
	streams.at[0].bytes = 1ull << 40;
	streams.at[1] = (struct stream){
	        .sender = true, .packets = 9, .lost = 2, .jitter = 1234567, .omitted_packets = 3};
	text = results(2, &length);
	assert_string_equal(
	        text, "{\"cpu_util_total\":24.999,\"cpu_util_user\":24.999,\"cpu_util_system\":0,"
	              "\"sender_has_retransmits\":-1,\"congestion_used\":\"reno\",\"streams\":["
	              "{\"id\":1,\"bytes\":1099511627776,\"retransmits\":-1,\"jitter\":0.000000000,"
	              "\"errors\":0,\"omitted_errors\":0,\"packets\":0,\"omitted_packets\":0,"
	              "\"start_time\":0,\"end_time\":2.000000005},"
	              "{\"id\":3,\"bytes\":0,\"retransmits\":-1,\"jitter\":0.001234567,"
	              "\"errors\":2,\"omitted_errors\":0,\"packets\":9,\"omitted_packets\":3,"
	              "\"start_time\":0,\"end_time\":2.000000005}]}");
	test.params.reverse = true;
	assert_true(json_read(results(2, &length), length));
	assert_true(json_number("sender_has_retransmits", &value));
	assert_int_equal(value, 0);
}

/* As many streams as there can be, with numbers as long as they can be, and the text. */
static void test_most_results(void **state)
{
	uint32_t length, at = 0;
	const char *text;

	(void)state;
	memset(&test, 0, sizeof test);
	test.params = (struct params){.udp = true, .both = true, .output = true};
	test.counted = 1;
	test.ended = UINT64_MAX;
	for (uint32_t i = 0; i < 256; i++)
		streams.at[i] = (struct stream){.bytes = UINT64_MAX,
		                                .packets = UINT64_MAX,
		                                .lost = UINT64_MAX,
		                                .disordered = UINT64_MAX,
		                                .omitted_packets = UINT64_MAX,
		                                .omitted_lost = UINT64_MAX,
		                                .jitter = INT64_MAX};
	text = results(256, &length);
	for (const char *s = text; (s = strstr(s, "\"id\":")); s++)
		at++;
	assert_int_equal(at, 256);
	assert_non_null(strstr(text, "\"server_output_text\":\"Moxie, UDP, 256 streams, "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_real_client), cmocka_unit_test(test_defaults),
	        cmocka_unit_test(test_names),       cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_noise),
	        cmocka_unit_test(test_results),     cmocka_unit_test(test_most_results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
