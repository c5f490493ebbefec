/*
 * Results: see results.h.
 *
 * Rules: numbers are what this side has seen. Retransmissions are not known here, and the client
 * leaves them out when told so. The processor's share is that of this domain, not of stack and
 * drivers.
 */
#include <stdarg.h>
#include <stdio.h>
#include "results.h"
#include "stream.h"
#include "test.h"

static struct {
	char *at, *end;
} out;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out.at, (size_t)(out.end - out.at), format, args);
	va_end(args);
	mx_assert(n >= 0 && n < out.end - out.at);
	out.at += n;
}

static void say_seconds(const char *name, uint64_t ns)
{
	say(",\"%s\":%llu.%09llu", name, ns / MX_S, ns % MX_S);
}

static void say_load(uint64_t span)
{
	uint64_t work = test.work - test.work_from, load = span ? work * 100000 / span : 0;

	say("{\"cpu_util_total\":%lu.%03lu,\"cpu_util_user\":%lu.%03lu,\"cpu_util_system\":0",
	    load / 1000, load % 1000, load / 1000, load % 1000);
}

/* Streams count 1, 3, 4, 5 … in iperf3. */
static uint32_t id_of(uint32_t i)
{
	return i ? i + 2 : 1;
}

static void say_stream(uint32_t i, uint64_t span)
{
	const struct stream *s = &streams.at[i];

	say("%s{\"id\":%u,\"bytes\":%lu,\"retransmits\":-1", i ? "," : "", id_of(i), s->bytes);
	say_seconds("jitter", (uint64_t)s->jitter);
	say(",\"errors\":%lu,\"omitted_errors\":%lu,\"packets\":%lu,\"omitted_packets\":%lu",
	    s->lost, s->omitted_lost, s->packets, s->omitted_packets);
	say(",\"start_time\":0");
	say_seconds("end_time", span);
	say("}");
}

/* A line for each stream, in a JSON string. */
static void say_output(uint64_t span)
{
	say(",\"server_output_text\":\"Moxie, %s, %u stream%s, %llu.%03llu s\\n",
	    test.params.udp ? "UDP" : "TCP", streams.n, streams.n == 1 ? "" : "s", span / MX_S,
	    span % MX_S / MX_MS);
	for (uint32_t i = 0; i < streams.n; i++) {
		const struct stream *s = &streams.at[i];
		uint64_t kbits = span / MX_US ? s->bytes * 8000 / (span / MX_US) : 0;

		say("[%3u] %s %lu bytes, %lu kbit/s", id_of(i), s->sender ? "sent" : "received",
		    s->bytes, kbits);
		if (test.params.udp && !s->sender)
			say(", lost %lu of %lu, %lu out of order, jitter %llu us", s->lost,
			    s->packets, s->disordered, (uint64_t)s->jitter / MX_US);
		say("\\n");
	}
	say("\"");
}

uint32_t results_write(char *text, uint32_t room)
{
	uint64_t span = test.ended - test.counted;

	out.at = text;
	out.end = text + room;
	say_load(span);
	say(",\"sender_has_retransmits\":%d", test.params.reverse || test.params.both ? 0 : -1);
	if (!test.params.udp)
		say(",\"congestion_used\":\"reno\""); /* lwIP's only one */
	if (test.params.output)
		say_output(span);
	say(",\"streams\":[");
	for (uint32_t i = 0; i < streams.n; i++)
		say_stream(i, span);
	say("]}");
	return (uint32_t)(out.at - text);
}
