/*
 * The web server, driven by scripted messages of the stack over a small site.
 */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <moxie/slots.h>
#include "apps/httpd/conn.h"
#include "apps/httpd/stats.h"
#include "httpd_host.h"

#define FILE_MODE 0100644u
#define MTIME     784111777u
#define DATE      "Sun, 06 Nov 1994 08:49:37 GMT"
#define LARGE     (1000u * 1000u)
#define HOST      "Host: moxie\r\n"

static uint8_t large[LARGE];

static void build_site(void)
{
	static const char index[] = "<p>hello\n";

	for (uint32_t i = 0; i < LARGE; i++)
		large[i] = (uint8_t)('a' + (i * 2654435761u >> 24) % 26); /* text, for strstr */
	host_site();
	host_file("config/appliance.conf", FILE_MODE, 1, "secret", 6);
	host_file("www", 040755, 1, "", 0);
	host_file("www/index.html", FILE_MODE, MTIME, index, sizeof(index) - 1);
	host_file("www/index.html.gz", FILE_MODE, MTIME, "GZIPPED", 7);
	host_file("www/large.bin", FILE_MODE, MTIME, large, LARGE);
	host_file("www/4k.bin", FILE_MODE, MTIME, large, 4096);
	host_file("www/1k.bin", FILE_MODE, MTIME, large, 1024);
	host_file("www/empty.txt", FILE_MODE, MTIME, "", 0);
	host_file("www/a b/index.html", FILE_MODE, MTIME, "folder", 6);
	host_file("www/link", 0120777, MTIME, "index.html", 10);
	host_site_end();
}

static int set_up(void **state)
{
	(void)state;
	build_site();
	host_start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host_end();
	return 0;
}

/* A connection of its own for one request; what came back. */
static const char *ask(const char *request)
{
	static uint32_t n;

	n = (n + 1) % MX_CONNS;
	host_connect(n);
	host_say(n, request);
	return host_got(n);
}

static void expect(const char *request, const char *status_line)
{
	const char *got = ask(request);

	if (strncmp(got, status_line, strlen(status_line)) != 0)
		fail_msg("%.60s\n got %.60s\n not %s", request, got, status_line);
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* The value of a field of the answer, in static memory. */
static const char *field(const char *answer, const char *name)
{
	static char value[128];
	const char *at = strstr(answer, name);

	assert_non_null(at);
	snprintf(value, sizeof(value), "%s", at + strlen(name) + 2);
	value[strcspn(value, "\r")] = 0;
	return value;
}

static void serves_a_file(void **state)
{
	const char *got = ask("GET / HTTP/1.1\r\n" HOST "\r\n");

	(void)state;
	assert_true(has(got, "HTTP/1.1 200 OK\r\n"));
	assert_true(has(got, "Content-Type: text/html; charset=utf-8\r\n"));
	assert_true(has(got, "Content-Length: 9\r\n"));
	assert_true(has(got, "Last-Modified: " DATE "\r\n"));
	assert_true(has(got, "Vary: Accept-Encoding\r\n"));
	assert_true(has(got, "Accept-Ranges: bytes\r\n"));
	assert_true(has(got, "\r\n\r\n<p>hello\n"));
	assert_false(has(got, "Connection:"));
	assert_false(has(got, "Content-Encoding"));
	got = ask("HEAD / HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(got, "Content-Length: 9\r\n"));
	assert_false(has(got, "hello"));
	got = ask("GET /empty.txt HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(got, "Content-Length: 0\r\n"));
}

static void serves_large_files_uncopied(void **state)
{
	const char *body;

	(void)state;
	host_connect(1);
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_true(host_conns[1].frozen);
	assert_in_range(host_conns[1].messages, 1 + LARGE / UINT16_MAX, 3 + LARGE / 32768);
	body = strstr(host_conns[1].got, "\r\n\r\n") + 4;
	assert_int_equal(host_conns[1].got + host_conns[1].got_n - body, LARGE);
	assert_memory_equal(body, large, LARGE);
	host_connect(2);
	host_say(2, "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(host_conns[2].messages, 1);
	assert_false(host_conns[2].frozen);
}

static void answers_by_status(void **state)
{
	static const char *const cases[][2] = {
	        {"GET /1k.bin HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET /?q=1&r=../.. HTTP/1.1\r\nHost:\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET http://moxie/1k.bin HTTP/1.1\r\nHost: moxie\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET http://moxie?x HTTP/1.1\r\nHost: moxie\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 200 OK\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
	         "HTTP/1.1 200 OK\r\n"},
	        {"GET /a%20b HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 301 Moved Permanently\r\n"},
	        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / FTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/x\r\nHost: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nX\x01: a\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n",
	         "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
	         "Transfer-Encoding: chunked\r\n\r\n",
	         "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
	         "HTTP/1.1 400 Bad Request\r\n"},
	        {"\x16\x03\x01\x02", "HTTP/1.1 400 Bad Request\r\n"},
	        {"GET /none HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	        {"GET /link HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	        {"GET /1k.bin/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 Not Found\r\n"},
	        {"GET /../config/appliance.conf HTTP/1.1\r\nHost: a\r\n\r\n",
	         "HTTP/1.1 404 Not Found\r\n"},
	        {"GET /..%2fconfig%2fappliance.conf HTTP/1.1\r\nHost: a\r\n\r\n",
	         "HTTP/1.1 404 Not Found\r\n"},
	        {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
	         "HTTP/1.1 405 Method Not Allowed\r\n"},
	        {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n"},
	        {"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n",
	         "HTTP/1.1 412 Precondition Failed\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nIf-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT"
	         "\r\n\r\n",
	         "HTTP/1.1 412 Precondition Failed\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n",
	         "HTTP/1.1 413 Payload Too Large\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=9-\r\n\r\n",
	         "HTTP/1.1 416 Range Not Satisfiable\r\n"},
	        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n",
	         "HTTP/1.1 417 Expectation Failed\r\n"},
	        {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 501 Not Implemented\r\n"},
	        {"get / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 501 Not Implemented\r\n"},
	        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
	         "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i][0], cases[i][1]);
	assert_true(has(ask("PUT / HTTP/1.1\r\n" HOST "\r\n"), "Allow: GET, HEAD\r\n"));
	assert_true(has(ask("GET /a%20b HTTP/1.1\r\n" HOST "\r\n"), "Location: /a%20b/\r\n"));
	assert_true(has(ask("GET //a%20b HTTP/1.1\r\n" HOST "\r\n"), "Location: /a%20b/\r\n"));
}

static void limits_sizes(void **state)
{
	char *request = malloc(20000);
	uint32_t n;

	(void)state;
	n = (uint32_t)sprintf(request, "GET /");
	memset(request + n, 'a', 4000);
	strcpy(request + n + 4000, " HTTP/1.1\r\n" HOST "\r\n");
	expect(request, "HTTP/1.1 404 ");
	memset(request + n, 'a', 4096);
	strcpy(request + n + 4096, " HTTP/1.1\r\n" HOST "\r\n");
	expect(request, "HTTP/1.1 414 ");
	n = (uint32_t)sprintf(request, "GET / HTTP/1.1\r\n" HOST "X: ");
	memset(request + n, 'a', 8000);
	strcpy(request + n + 8000, "\r\n\r\n");
	expect(request, "HTTP/1.1 200 ");
	memset(request + n, 'a', 9000);
	strcpy(request + n + 9000, "\r\n\r\n");
	expect(request, "HTTP/1.1 431 ");
	n = (uint32_t)sprintf(request, "GET / HTTP/1.1\r\n" HOST "If-None-Match: ");
	memset(request + n, 'a', TEXT_LIMIT);
	strcpy(request + n + TEXT_LIMIT, "\r\n\r\n");
	expect(request, "HTTP/1.1 431 ");
	free(request);
}

/* Content of fields at every length around the limit of what is kept. */
static void limits_kept_fields(void **state)
{
	char request[2200];

	(void)state;
	for (uint32_t length = TEXT_LIMIT - 40; length <= TEXT_LIMIT + 4; length++) {
		uint32_t n = (uint32_t)sprintf(request,
		                               "GET / HTTP/1.1\r\n" HOST "If-Match: *\r\nRange: ");

		memset(request + n, 'a', length);
		strcpy(request + n + length, "\r\nIf-Range: b\r\nIf-Match: c\r\n\r\n");
		ask(request);
	}
}

static void validates(void **state)
{
	char tag[64], request[256];
	const char *got = ask("GET /index.html HTTP/1.1\r\n" HOST "\r\n");

	(void)state;
	snprintf(tag, sizeof(tag), "%s", field(got, "ETag"));
	snprintf(request, sizeof(request),
	         "GET / HTTP/1.1\r\n" HOST "If-None-Match: \"x\", W/%s\r\n\r\n", tag);
	got = ask(request);
	assert_true(has(got, "HTTP/1.1 304 Not Modified\r\n"));
	assert_string_equal(field(got, "ETag"), tag);
	assert_false(has(got, "Content-Length"));
	assert_true(has(got, "\r\n\r\n") && strstr(got, "\r\n\r\n")[4] == 0);
	snprintf(request, sizeof(request),
	         "GET / HTTP/1.1\r\n" HOST "If-None-Match: \"x\"\r\nIf-None-Match: %s\r\n\r\n",
	         tag);
	expect(request, "HTTP/1.1 304");
	snprintf(request, sizeof(request), "GET / HTTP/1.1\r\n" HOST "If-Match: %s\r\n\r\n", tag);
	expect(request, "HTTP/1.1 200");
	snprintf(request, sizeof(request), "GET / HTTP/1.1\r\n" HOST "If-Match: W/%s\r\n\r\n", tag);
	expect(request, "HTTP/1.1 412");
	expect("GET / HTTP/1.1\r\n" HOST "If-None-Match: *\r\n\r\n", "HTTP/1.1 304");
	expect("GET / HTTP/1.1\r\n" HOST "If-None-Match: \"x\"\r\n\r\n", "HTTP/1.1 200");
	expect("GET / HTTP/1.1\r\n" HOST "If-Modified-Since: " DATE "\r\n\r\n", "HTTP/1.1 304");
	expect("GET / HTTP/1.1\r\n" HOST "If-Modified-Since: nonsense\r\n\r\n", "HTTP/1.1 200");
	/* a tag decides alone */
	expect("GET / HTTP/1.1\r\n" HOST "If-None-Match: \"x\"\r\nIf-Modified-Since: " DATE
	       "\r\n\r\n",
	       "HTTP/1.1 200");
	snprintf(request, sizeof(request),
	         "GET / HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\nIf-Range: %s\r\n\r\n", tag);
	expect(request, "HTTP/1.1 206");
	expect("GET / HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n\r\n",
	       "HTTP/1.1 200");
	expect("GET / HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\nIf-Range: " DATE "\r\n\r\n",
	       "HTTP/1.1 206");
}

static void serves_ranges(void **state)
{
	const char *got = ask("GET / HTTP/1.1\r\n" HOST "Range: bytes=1-3\r\n\r\n");

	(void)state;
	assert_true(has(got, "HTTP/1.1 206 Partial Content\r\n"));
	assert_true(has(got, "Content-Range: bytes 1-3/9\r\n"));
	assert_true(has(got, "Content-Length: 3\r\n"));
	assert_true(has(got, "\r\n\r\np>h") && strstr(got, "\r\n\r\n")[7] == 0);
	got = ask("GET / HTTP/1.1\r\n" HOST "Range: bytes=20-\r\n\r\n");
	assert_true(has(got, "Content-Range: bytes */9\r\n"));
	expect("GET / HTTP/1.1\r\n" HOST "Range: bytes=0-1,3-4\r\n\r\n", "HTTP/1.1 200");
	expect("HEAD / HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\n\r\n", "HTTP/1.1 200");
	host_connect(1);
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "Range: bytes=4000-99999\r\n\r\n");
	assert_memory_equal(strstr(host_conns[1].got, "\r\n\r\n") + 4, large + 4000, 96000);
}

static void serves_compressed(void **state)
{
	char tag[64];
	const char *got = ask("GET / HTTP/1.1\r\n" HOST "Accept-Encoding: br, gzip\r\n\r\n");

	(void)state;
	assert_true(has(got, "Content-Encoding: gzip\r\n"));
	assert_true(has(got, "Content-Type: text/html; charset=utf-8\r\n"));
	assert_true(has(got, "Vary: Accept-Encoding\r\n"));
	assert_true(has(got, "Content-Length: 7\r\n"));
	assert_true(has(got, "\r\n\r\nGZIPPED"));
	snprintf(tag, sizeof(tag), "%s", field(got, "ETag"));
	got = ask("GET / HTTP/1.1\r\n" HOST "\r\n");
	assert_string_not_equal(field(got, "ETag"), tag);
	got = ask("GET /index.html.gz HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(got, "Content-Type: application/gzip\r\n"));
	assert_false(has(got, "Content-Encoding"));
}

static void keeps_or_closes(void **state)
{
	(void)state;
	host_connect(1);
	host_say(1, "GET / HTTP/1.1\r\n" HOST "\r\n");
	host_say(1, "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\nGET / HTTP/1.1\r\n");
	assert_true(has(host_got(1), "Connection: close\r\n"));
	assert_true(host_conns[1].closed);
	host_close(1);
	host_connect(1);
	host_say(1, "GET / HTTP/1.0\r\n\r\n");
	assert_true(has(host_got(1), "Connection: close\r\n") && host_conns[1].closed);
	host_connect(2);
	host_say(2, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(has(host_got(2), "Connection: keep-alive\r\n") && !host_conns[2].closed);
	/* half-closed: what was asked is answered, then it ends */
	host_connect(3);
	host_data(3, "GET / HTTP/1.1\r\n" HOST "\r\n", 31);
	host_message(MX_SK_FIN, 3, 0);
	host_run();
	assert_true(has(host_got(3), "200 OK") && host_conns[3].closed);
	/* after an answer that leaves the stream intact the next request counts */
	host_connect(4);
	host_say(4, "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc"
	            "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(host_got(4), "200 OK") && !host_conns[4].closed);
}

static void skips_content(void **state)
{
	const char *got;

	(void)state;
	host_connect(1);
	host_say(1, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	assert_string_equal(host_got(1), "HTTP/1.1 100 Continue\r\n\r\n");
	host_say(1, "he");
	assert_string_equal(host_got(1), "");
	host_say(1, "llo");
	assert_true(has(host_got(1), "200 OK"));
	host_say(1, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	            "3\r\nabc\r\n0\r\nHost: trailer\r\n\r\nGET /none HTTP/1.1\r\n" HOST "\r\n");
	got = host_got(1);
	assert_true(has(got, "200 OK") && has(got, "404"));
	/* told no before its content: nobody knows whether it will still come */
	host_connect(2);
	host_say(2, "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	assert_true(has(host_got(2), "HTTP/1.1 405") && host_conns[2].closed);
	/* chunks without end */
	host_connect(3);
	host_say(3, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 200 && !host_conns[3].closed; i++) {
		char chunk[600];

		snprintf(chunk, sizeof(chunk), "200\r\n%0512d\r\n", 0);
		host_say(3, chunk);
	}
	assert_true(has(host_got(3), "HTTP/1.1 413") && host_conns[3].closed);
	assert_true(host_conns[3].credit > 60000);
}

/* The same requests cut at every byte, and byte by byte, give the same bytes. */
static void does_not_care_where_it_is_cut(void **state)
{
	static const char requests[] =
	        "GET /1k.bin HTTP/1.1\r\n" HOST "Accept-Encoding: gzip;q=0.5\r\n\r\n"
	        "\r\nHEAD /a%20b?x HTTP/1.1\r\n" HOST "Range: bytes=0-1\r\n\r\n"
	        "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
	        "If-Modified-Since: " DATE "\r\n\r\n2;x=y\r\nab\r\n0\r\n\r\n"
	        "POST /x HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody"
	        "GET /4k.bin HTTP/1.1\r\n" HOST "Range: bytes=100-200\r\n\r\n";
	const uint32_t length = sizeof(requests) - 1;
	char *whole;

	(void)state;
	host_connect(1);
	host_say(1, requests);
	whole = strdup(host_got(1));
	assert_true(has(whole, "200 OK") && has(whole, "301 Moved") && has(whole, "304 Not") &&
	            has(whole, "405 Method") && has(whole, "206 Partial"));
	for (uint32_t cut = 1; cut < length; cut++) {
		host_connect(2);
		host_data(2, requests, cut);
		host_run();
		host_data(2, requests + cut, length - cut);
		host_run();
		assert_string_equal(host_got(2), whole);
		host_close(2);
	}
	host_connect(3);
	for (uint32_t i = 0; i < length; i++) {
		host_data(3, requests + i, 1);
		host_run();
	}
	assert_string_equal(host_got(3), whole);
	free(whole);
}

static void pipelines(void **state)
{
	char requests[4096] = "";
	uint32_t answers = 0;

	(void)state;
	for (int i = 0; i < 60; i++)
		strcat(requests, "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	host_connect(1);
	host_say(1, requests);
	for (const char *at = host_conns[1].got; (at = memmem(at, 15, "HTTP/1.1 200 OK", 15));) {
		at = memmem(at, 400, "\r\n\r\n", 4) + 4 + 1024;
		answers++;
		if (at >= host_conns[1].got + host_conns[1].got_n)
			break;
	}
	assert_int_equal(answers, 60);
	assert_true(host_conns[1].messages <= 24); /* several answers share a frame */
}

/* A client that does not read: its window fills, its further requests wait, others go on. */
static void respects_the_window(void **state)
{
	(void)state;
	host_ack = false;
	host_connect(1);
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "\r\nGET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_true(host_conns[1].unacked > MX_SK_WINDOW - MX_PAGE);
	host_say(1, "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(host_held(), 1);
	host_connect(2);
	host_say(2, "GET / HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(host_got(2), "200 OK"));
	host_ack = true;
	host_run();
	host_run();
	assert_true(host_conns[1].got_n > LARGE + 2048);
	assert_int_equal(host_held(), 0);
}

static void cuts_off_a_flood(void **state)
{
	char flood[1400];

	(void)state;
	memset(flood, 'x', sizeof(flood));
	host_ack = false;
	host_connect(1);
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "\r\n");
	for (int i = 0; i < 8; i++)
		host_data(1, flood, sizeof(flood));
	host_run();
	assert_false(host_conns[1].aborted);
	assert_true(host_held() <= HELD_MAX);
	for (int i = 0; i < 4; i++)
		host_data(1, flood, sizeof(flood));
	host_run();
	assert_true(host_conns[1].aborted);
	assert_int_equal(host_held(), 0);
	host_close(1);
	assert_int_equal(stats.open, 0);
}

/* Many blocked clients together may not hold more than a share of the quota. */
static void bounds_what_all_hold(void **state)
{
	uint32_t aborted = 0;

	(void)state;
	host_ack = false;
	for (uint32_t n = 0; n < 150; n++) {
		host_connect(n);
		host_say(n, "GET /large.bin HTTP/1.1\r\n" HOST "\r\nG");
		host_say(n, "ET / HTTP/1.1\r\n");
		aborted += host_conns[n].aborted;
	}
	assert_true(aborted > 0);
	assert_true(host_held() <= 97);
}

/* With any number of entries left in the channel all comes out whole, in the end. */
static void waits_for_credit(void **state)
{
	char *whole;

	(void)state;
	host_connect(1);
	host_say(1, "GET /4k.bin HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST
	            "Connection: close\r\n\r\n");
	whole = malloc(host_conns[1].got_n);
	memcpy(whole, host_conns[1].got, host_conns[1].got_n);
	for (uint32_t first = 0; first < 6; first++) {
		host_credit = first;
		host_connect(2);
		host_say(2, "GET /4k.bin HTTP/1.1\r\n" HOST "\r\nGET / HTTP/1.1\r\n" HOST
		            "Connection: close\r\n\r\n");
		for (int i = 0; i < 10 && !host_conns[2].closed; i++) {
			assert_true(host_thirst & 1ull << MX_APP_STACK);
			host_credit = 1;
			host_run();
		}
		assert_true(host_conns[2].closed);
		assert_int_equal(host_conns[2].got_n, host_conns[1].got_n);
		assert_memory_equal(host_conns[2].got, whole, host_conns[1].got_n);
		host_credit = 0; /* the answer to CLOSED needs none: CLOSE was said */
		host_close(2);
	}
	free(whole);
}

static void waits_for_frames(void **state)
{
	(void)state;
	host_connect(1);
	host_frames = 0;
	host_data(1, "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nGET / HTTP/1.1\r\n", 49);
	host_run();
	assert_string_equal(host_got(1), "");
	host_frames = 1;
	host_sleep(2 * MX_MS);
	assert_true(has(host_got(1), "200 OK"));
}

static void times_out(void **state)
{
	(void)state;
	host_connect(1); /* says nothing */
	host_connect(2);
	host_say(2, "GET / HT"); /* stops in the middle */
	host_connect(3);         /* one byte a second */
	host_connect(4);
	host_say(4, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nab");
	host_ack = false;
	host_connect(5); /* does not read */
	host_say(5, "GET /large.bin HTTP/1.1\r\n" HOST "\r\n");
	for (int i = 0; i < 9; i++) {
		host_say(3, "G\0E\0T\0 \0/\0x\0y\0z\0a" + i * 2);
		host_sleep(MX_S);
	}
	for (uint32_t n = 1; n <= 5; n++)
		assert_false(host_conns[n].closed || host_conns[n].aborted);
	host_sleep(3 * MX_S);
	for (uint32_t n = 2; n <= 4; n++)
		assert_true(host_conns[n].closed &&
		            has(host_got(n), "HTTP/1.1 408 Request Timeout"));
	assert_false(host_conns[1].closed);
	host_sleep(5 * MX_S);
	assert_true(host_conns[1].closed);
	assert_string_equal(host_got(1), "");
	assert_false(host_conns[5].aborted);
	host_sleep(16 * MX_S);
	assert_true(host_conns[5].aborted);
	/* closed, but the client never finishes */
	host_sleep(32 * MX_S);
	assert_true(host_conns[1].aborted);
	for (uint32_t n = 1; n <= 5; n++)
		host_close(n);
	assert_int_equal(stats.open, 0);
}

static void an_idle_server_sleeps(void **state)
{
	(void)state;
	host_connect(1);
	host_say(1, "GET / HTTP/1.1\r\n" HOST "\r\n");
	host_message(MX_SK_FIN, 1, 0);
	host_run();
	host_close(1);
	host_sleep(100 * MX_S); /* fails when it wakes for ever */
	assert_int_equal(host_held(), 0);
}

static void serves_many(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		host_connect(n);
		host_data(n, "GET /1k.bin HT", 14);
		if (n % 50 == 0)
			host_run();
	}
	host_run();
	assert_int_equal(stats.open, 2000);
	for (uint32_t n = 0; n < 2000; n++) {
		host_say(n, "TP/1.1\r\n" HOST "\r\n");
		assert_true(has(host_got(n), "200 OK"));
	}
	/* one more than there may be: the one without progress for longest goes */
	for (uint32_t n = 2000; n < 2500; n++) {
		uint32_t oldest = n - 2000 + (n - 2000 >= 7); /* the 7th is not */

		if (n == 2003)
			host_say(7, "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
		assert_false(host_conns[oldest].aborted);
		host_connect(n);
		host_run();
		assert_true(host_conns[oldest].aborted);
		host_close(oldest);
		assert_int_equal(stats.open, 2000);
	}
	assert_false(host_conns[7].aborted);
	assert_int_equal(stats.evicted, 500);
	host_say(2499, "GET /1k.bin HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(host_got(2499), "200 OK"));
}

/* More at one time than there is memory for requests: told so, not left alone. */
static void tells_a_crowd(void **state)
{
	(void)state;
	host_end();
	host_boot(1u << 20);
	host_control(MX_CTL_SERVICE, "http", 80);
	host_control(MX_CTL_GO, "", 0);
	for (uint32_t n = 0; n < 1000; n++) {
		host_connect(n);
		host_data(n, "GET", 3);
		if (n % 50 == 0)
			host_run();
	}
	host_run();
	assert_true(has(host_got(999), "HTTP/1.1 503"));
	assert_true(host_conns[999].closed);
}

/* A byte now and then is no progress. */
static void cuts_off_crawlers(void **state)
{
	char one[2] = "x";

	(void)state;
	host_ack = false;
	host_connect(1); /* reads 100 bytes a second of an answer */
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "\r\n");
	host_connect(2); /* reads 1000 */
	host_say(2, "GET /large.bin HTTP/1.1\r\n" HOST "\r\n");
	host_connect(3); /* sends a byte of content a second */
	host_say(3, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1000\r\n\r\n");
	for (int i = 0; i < 70; i++) {
		if (i < 25)
			assert_false(host_conns[1].aborted);
		if (!host_conns[1].aborted)
			host_acknowledge(1, 100);
		host_acknowledge(2, 1000);
		if (i < 55)
			assert_false(host_conns[3].closed);
		host_say(3, one);
		host_sleep(MX_S);
	}
	assert_true(host_conns[1].aborted);
	assert_false(host_conns[2].aborted);
	assert_true(host_conns[3].closed);
	assert_true(has(host_got(3), "HTTP/1.1 408"));
}

/* However a connection ends in the middle of a request, the memory of the request comes back. */
static void gives_back_requests(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 9000; i++) {
		host_connect(i % MX_CONNS);
		host_data(i % MX_CONNS, "GET", 3);
		if (i % 3 == 0)
			host_message(MX_SK_FIN, i % MX_CONNS, 0);
		if (i % 3 != 1)
			host_message(MX_SK_CLOSED, i % MX_CONNS, 0);
		else
			host_say(i % MX_CONNS, "\1");
		host_run();
	}
	assert_int_equal(stats.crowded, 0);
	expect("GET / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 200");
}

/* Requests with random damage, in random pieces: nothing worse than a refusal may come of it. */
static void survives_noise(void **state)
{
	static const char request[] =
	        "GET /a%20b/../index.html?x=1 HTTP/1.1\r\n" HOST "Range: bytes=0-3\r\n"
	        "If-None-Match: \"a\", W/\"b\"\r\nAccept-Encoding: gzip;q=0.1, *\r\n"
	        "If-Modified-Since: " DATE
	        "\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc";
	uint32_t seed = 1;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		char text[sizeof(request)];
		uint32_t n = sizeof(request) - 1, cut;

		memcpy(text, request, n);
		for (uint32_t k = 0; k < i % 4; k++) {
			seed = seed * 1664525u + 1013904223u;
			text[(seed >> 8) % n] =
			        k ? (char)(seed >> 24) : "\r\n %/.:;,\"0"[(seed >> 24) % 11];
		}
		cut = 1 + (seed >> 12) % (n - 1);
		host_connect(1);
		host_data(1, text, cut);
		host_data(1, text + cut, n - cut);
		host_run();
		host_close(1);
	}
	assert_int_equal(host_held(), 0);
}

static void refuses_nonsense_of_the_stack(void **state)
{
	uint64_t before = stats.unknown;

	(void)state;
	host_message(MX_SK_ACCEPT, MX_CONNS, 0);
	host_message(MX_SK_SENT, 77, 5);
	host_message(MX_SK_FIN, UINT32_MAX, 0);
	host_message(MX_SK_CLOSED, 77, 0);
	host_message(0x7f, 1, 0);
	host_message(MX_SK_DATA, 77, 0); /* no frame */
	host_data(77, "x", 1);
	host_run();
	assert_int_equal(stats.unknown, before + 7);
	assert_int_equal(host_held(), 0);
	host_connect(1);
	host_run();
	host_message(MX_SK_SENT, 1, 1000);
	host_run();
	assert_int_equal(stats.unknown, before + 8);
}

static void survives_its_stack(void **state)
{
	struct mx_control m;

	(void)state;
	host_ack = false;
	host_connect(1);
	host_say(1, "GET /large.bin HTTP/1.1\r\n" HOST "\r\nGET");
	host_connect(2);
	host_say(2, "GET / HT");
	host_backlog = 0;
	host_conns[1].unacked = 0;
	host_message(MX_EVENT_RESET, 0, 0);
	host_run();
	assert_int_equal(host_held(), 0);
	assert_true(host_backlog > 0); /* it listens again */
	host_connect(1);
	host_say(1, "GET / HTTP/1.1\r\n" HOST "\r\n");
	assert_true(has(host_got(1), "200 OK"));
	host_control(MX_CTL_COUNTERS, "", 7);
	for (int i = 0; i < 3; i++)
		assert_true(host_heard(MX_CTL_COUNTER, &m));
	assert_true(host_heard(MX_CTL_COUNTERS_END, &m) && m.value == 7);
}

static void says_what_is_wrong(void **state)
{
	struct mx_control m;
	struct mx_msg refused = {.frame = MX_NOFRAME,
	                         .slot = MX_APP_STACK,
	                         .kind = MX_SK_LISTENING,
	                         .body = {0, (uint32_t)-7}};

	(void)state;
	host_end();
	build_site();
	host_boot(3u << 20);
	assert_true(has(host_logged, "7 files"));
	host_control(MX_CTL_SERVICE, "http", 8080);
	host_control(MX_CTL_GO, "", 0);
	assert_int_equal(host_port, 8080);
	domain_event(&refused, 1, 0);
	host_run();
	assert_true(has(host_logged, "cannot listen on port 8080: error -7"));
	assert_false(host_heard(MX_CTL_READY, &m));
	host_end();
	host_boot(3u << 20); /* no service: nothing to do, and ready to do it */
	host_control(MX_CTL_GO, "", 0);
	assert_true(host_heard(MX_CTL_READY, &m));
	assert_int_equal(host_port, 0);
}

static void a_large_site_in_little_memory(void **state)
{
	char name[64];

	(void)state;
	host_end();
	host_site();
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "www/%d.txt", i);
		host_file(name, FILE_MODE, MTIME, name, 4);
	}
	host_site_end();
	host_boot(4u << 20);
	assert_true(has(host_logged, "5000 files"));
	host_end();
	host_boot(3u << 19);
	assert_true(has(host_logged, "no memory left, raise the domain's memory"));
	assert_true(has(host_logged, " of 5000 files are served"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(serves_a_file),
	        TEST(serves_large_files_uncopied),
	        TEST(answers_by_status),
	        TEST(limits_sizes),
	        TEST(limits_kept_fields),
	        TEST(validates),
	        TEST(serves_ranges),
	        TEST(serves_compressed),
	        TEST(keeps_or_closes),
	        TEST(skips_content),
	        TEST(does_not_care_where_it_is_cut),
	        TEST(pipelines),
	        TEST(respects_the_window),
	        TEST(cuts_off_a_flood),
	        TEST(bounds_what_all_hold),
	        TEST(waits_for_credit),
	        TEST(waits_for_frames),
	        TEST(times_out),
	        TEST(an_idle_server_sleeps),
	        TEST(serves_many),
	        TEST(tells_a_crowd),
	        TEST(cuts_off_crawlers),
	        TEST(gives_back_requests),
	        TEST(survives_noise),
	        TEST(refuses_nonsense_of_the_stack),
	        TEST(survives_its_stack),
	        TEST(says_what_is_wrong),
	        TEST(a_large_site_in_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
