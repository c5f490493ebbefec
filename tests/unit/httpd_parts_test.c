/*
 * The pure parts of the web server, by tables: paths, ranges, encodings, dates, types, timers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "apps/httpd/accept.h"
#include "apps/httpd/date.h"
#include "apps/httpd/path.h"
#include "apps/httpd/range.h"
#include "apps/httpd/timer.h"
#include "apps/httpd/types.h"
#include "httpd_host.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void cleans_paths(void **state)
{
	static const struct {
		const char *target, *path; /* NULL: malformed */
	} cases[] = {
	        {"/", ""},
	        {"/index.html", "index.html"},
	        {"/a/b/", "a/b/"},
	        {"/a//b", "a/b"},
	        {"//evil.example/x", "evil.example/x"},
	        {"/./a/./b/.", "a/b/"},
	        {"/a/../b", "b"},
	        {"/a/b/..", "a/"},
	        {"/a/b/../", "a/"},
	        {"/..", ""},
	        {"/../../../etc/passwd", "etc/passwd"},
	        {"/a/../../../b", "b"},
	        {"/%2e%2e/%2e%2e/etc/passwd", "etc/passwd"},
	        {"/a/%2E%2E%2Fb", "b"},
	        {"/..%2f..%2fconfig/appliance.conf", "config/appliance.conf"},
	        {"/%252e%252e/x", "%2e%2e/x"},
	        {"/...", "..."},
	        {"/..a/.b", "..a/.b"},
	        {"/a%20b", "a b"},
	        {"/%c3%a9", "\xc3\xa9"},
	        {"/a+b", "a+b"},
	        {"/a\\..\\b", "a\\..\\b"},
	        {"http://host/x/y", "x/y"},
	        {"HTTP://host:80", ""},
	        {"https://h/../x", "x"},
	        {"/%", NULL},
	        {"/%4", NULL},
	        {"/%zz", NULL},
	        {"/%4g", NULL},
	        {"/a%00b", NULL},
	        {"*", NULL},
	        {"host:80", NULL},
	        {"ftp://host/x", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char target[64];
		int n;

		snprintf(target, sizeof(target), "%s", cases[i].target);
		n = path_clean(target);
		if (!cases[i].path) {
			assert_int_equal(n, -1);
			continue;
		}
		assert_int_equal(n, strlen(cases[i].path));
		assert_string_equal(target, cases[i].path);
	}
}

static void encodes_paths(void **state)
{
	char out[64] = {0};
	struct text t = {.at = out, .end = out + sizeof(out)};

	(void)state;
	path_encode(&t, "a b/\xc3\xa9?\r\n", 9);
	assert_string_equal(out, "a%20b/%c3%a9%3f%0d%0a");
}

static void parses_ranges(void **state)
{
	static const struct {
		const char *field;
		uint32_t size;
		enum range result;
		uint32_t from, to;
	} cases[] = {
	        {"bytes=0-0", 10, RANGE_PART, 0, 1},
	        {"bytes=0-9", 10, RANGE_PART, 0, 10},
	        {"bytes=2-4", 10, RANGE_PART, 2, 5},
	        {"bytes=9-", 10, RANGE_PART, 9, 10},
	        {"bytes=0-", 10, RANGE_PART, 0, 10},
	        {"bytes=5-100", 10, RANGE_PART, 5, 10},
	        {"bytes=5-99999999999999999999", 10, RANGE_PART, 5, 10},
	        {"bytes=-3", 10, RANGE_PART, 7, 10},
	        {"bytes=-10", 10, RANGE_PART, 0, 10},
	        {"bytes=-11", 10, RANGE_PART, 0, 10},
	        {"Bytes= 2-4 ", 10, RANGE_PART, 2, 5},
	        {"bytes=10-", 10, RANGE_BEYOND, 0, 0},
	        {"bytes=10-20", 10, RANGE_BEYOND, 0, 0},
	        {"bytes=99999999999999999999-", 10, RANGE_BEYOND, 0, 0},
	        {"bytes=-0", 10, RANGE_BEYOND, 0, 0},
	        {"bytes=0-", 0, RANGE_BEYOND, 0, 0},
	        {"bytes=-5", 0, RANGE_BEYOND, 0, 0},
	        {"bytes=4-2", 10, RANGE_NONE, 0, 0},
	        {"bytes=0-1,3-4", 10, RANGE_NONE, 0, 0},
	        {"bytes=-1,0-0", 10, RANGE_NONE, 0, 0},
	        {"bytes=", 10, RANGE_NONE, 0, 0},
	        {"bytes=-", 10, RANGE_NONE, 0, 0},
	        {"bytes=a-b", 10, RANGE_NONE, 0, 0},
	        {"bytes=1 - 2", 10, RANGE_NONE, 0, 0},
	        {"bytes=1--2", 10, RANGE_NONE, 0, 0},
	        {"lines=0-1", 10, RANGE_NONE, 0, 0},
	        {"", 10, RANGE_NONE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint32_t from = 0, to = 0;

		assert_int_equal(range_parse(cases[i].field, cases[i].size, &from, &to),
		                 cases[i].result);
		assert_int_equal(from, cases[i].from);
		assert_int_equal(to, cases[i].to);
	}
}

static void weighs_encodings(void **state)
{
	static const struct {
		const char *field;
		bool gzip;
	} cases[] = {
	        {"gzip", true},
	        {"GZIP", true},
	        {"x-gzip", true},
	        {"gzip, deflate, br", true},
	        {"deflate, gzip;q=1.0, *;q=0.5", true},
	        {"br;q=1.0, gzip;q=0.001", true},
	        {"*", true},
	        {"*;q=0.1", true},
	        {"gzip ; q=0.5", true},
	        {"identity;q=0.5, gzip;q=0.5", true},
	        {"", false},
	        {"identity", false},
	        {"deflate, br", false},
	        {"gzip;q=0", false},
	        {"gzip;q=0.000", false},
	        {"*, gzip;q=0", false},
	        {"*;q=0", false},
	        {"identity, gzip;q=0.9", false},
	        {"gzip;q=1.1", false},
	        {"gzip;q=2", false},
	        {"gzip;x=1", false},
	        {"gzip;q=", false},
	        {"gzipped", false},
	        {",,,", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(accept_gzip(cases[i].field), cases[i].gzip);
}

static void reads_dates(void **state)
{
	static const char *const good[] = {
	        "Sun, 06 Nov 1994 08:49:37 GMT",
	        "Sunday, 06-Nov-94 08:49:37 GMT",
	        "Sun Nov  6 08:49:37 1994",
	};
	static const char *const bad[] = {
	        "",
	        "x",
	        "Sun, 06 Nov 1994 08:49:37",
	        "Sun, 06 Nov 1994 24:49:37 GMT",
	        "Sun, 6 Nov 1994 08:49:37 GMT",
	        "Sun, 00 Nov 1994 08:49:37 GMT",
	        "Sun, 06 Foo 1994 08:49:37 GMT",
	        "Sun, 06 Nov 1969 08:49:37 GMT",
	        "Sun, 06 Nov 1994 08:49:37 GMTx",
	        "Sun, 06 Nov 1994 08:60:37 GMT",
	        "784111777",
	};
	uint32_t seconds;
	char text[DATE_LENGTH + 1] = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_true(date_parse(good[i], &seconds));
		assert_int_equal(seconds, 784111777);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(date_parse(bad[i], &seconds));
	date_format(784111777, text);
	assert_string_equal(text, good[0]);
}

static void writes_every_day(void **state)
{
	char text[DATE_LENGTH + 1] = {0};

	(void)state;
	for (uint64_t t = 0; t < UINT32_MAX; t += 86399) {
		uint32_t back;

		date_format((uint32_t)t, text);
		assert_true(date_parse(text, &back));
		assert_int_equal(back, t);
	}
	date_format(951782400, text); /* a leap day in a year divisible by 400 */
	assert_string_equal(text, "Tue, 29 Feb 2000 00:00:00 GMT");
}

static void knows_types(void **state)
{
	static const struct {
		const char *path, *type;
	} cases[] = {
	        {"index.html", "text/html; charset=utf-8"},
	        {"a/b.PNG", "image/png"},
	        {"a.tar.gz", "application/gzip"},
	        {"noextension", "application/octet-stream"},
	        {"dir.html/file", "application/octet-stream"},
	        {".html", "text/html; charset=utf-8"},
	        {"a.", "application/octet-stream"},
	        {"a.averyveryverylongextension", "application/octet-stream"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(type_of(cases[i].path, (uint32_t)strlen(cases[i].path)),
		                    cases[i].type);
}

static struct timer timers[3];
static uint32_t expired[3];

static struct timer *timer_at(uint32_t n)
{
	return &timers[n];
}

static void count_expiry(uint32_t n)
{
	expired[n]++;
}

static void keeps_time(void **state)
{
	uint64_t now = 100 * MX_S + 5;

	(void)state;
	host_now = now;
	memset(expired, 0, sizeof(expired));
	timer_init(3, timer_at);
	assert_true(timer_next() == MX_FOREVER);
	timer_set(0, now, 10);
	timer_set(1, now, 10);
	timer_set(2, now, 30);
	timer_set(2, now, 5);             /* nearer: it moves at once */
	timer_set(1, now + 3 * MX_S, 10); /* farther: it is put on when its bucket comes */
	timer_run(now + 5 * MX_S - 1, count_expiry);
	assert_int_equal(expired[2], 0);
	timer_run(timer_next(), count_expiry);
	assert_int_equal(expired[2], 1);
	timer_run(now + 11 * MX_S, count_expiry);
	assert_int_equal(expired[0], 1);
	assert_int_equal(expired[1], 0);
	assert_true(timer_next() >= now + 13 * MX_S && timer_next() <= now + 14 * MX_S);
	timer_clear(1);
	timer_run(now + 20 * MX_S, count_expiry);
	assert_int_equal(expired[1], 0);
	assert_true(timer_next() == MX_FOREVER);
	timer_set(0, now + 20 * MX_S, TIMER_SPAN);
	timer_run(now + 2000 * MX_S, count_expiry); /* a long pause loses none */
	assert_int_equal(expired[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cleans_paths),  cmocka_unit_test(encodes_paths),
	        cmocka_unit_test(parses_ranges), cmocka_unit_test(weighs_encodings),
	        cmocka_unit_test(reads_dates),   cmocka_unit_test(writes_every_day),
	        cmocka_unit_test(knows_types),   cmocka_unit_test(keeps_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
