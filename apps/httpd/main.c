/*
 * The web server domain: control from init, messages from the stack.
 *
 * Start: the site is indexed in slices between other work; then, when init has said GO, the server
 * listens, and reports READY when the stack does.
 */
#include <moxie/control.h>
#include <moxie/counters.h>
#include <moxie/domain.h>
#include <moxie/service.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "conn.h"
#include "serve.h"
#include "site.h"
#include "stats.h"

#define RESERVE 32u /* frames at hand for answers that find no used one */

static struct mx_control_end parent;
static struct mx_service service;
static bool built; /* the site is indexed */

#define COUNTER(name_, field)                                                                      \
	{                                                                                          \
		.name = name_, .value = &stats.field, .port = MX_CTL_NO_PORT                       \
	}
static const struct mx_counter counters[] = {
        COUNTER("http.connections", connections), COUNTER("http.open", open),
        COUNTER("http.requests", requests),       COUNTER("http.2xx", status[2]),
        COUNTER("http.3xx", status[3]),           COUNTER("http.4xx", status[4]),
        COUNTER("http.5xx", status[5]),           COUNTER("http.bytes", bytes),
        COUNTER("http.timeouts", timeouts),       COUNTER("http.malformed", malformed),
        COUNTER("http.flooded", flooded),         COUNTER("http.crowded", crowded),
        COUNTER("http.evicted", evicted),         COUNTER("http.unknown", unknown),
};

/* http-parser's assertions; musl's own would drag in stdio. */
_Noreturn void __assert_fail(const char *expression, const char *file, int line,
                             const char *function);
_Noreturn void __assert_fail(const char *expression, const char *file, int line,
                             const char *function)
{
	mx_panic("%s:%d: %s: %s", file, line, function, expression);
}

static void open_site(void)
{
	const struct mx_pool *frozen = &mx_boot->pools[mx_boot->cores];
	uint64_t size = 0;

	if (mx_boot->args_len >= sizeof(size))
		memcpy(&size, mx_boot->args, sizeof(size));
	if (size > (uint64_t)frozen->count * MX_PAGE) {
		mx_log("site: the bundle is larger than the frozen frames, nothing is served");
		size = 0;
	}
	site_open(mx_frame(frozen->first), size);
}

void domain_start(void)
{
	service = (struct mx_service){.name = "http"};
	built = false;
	memset(&stats, 0, sizeof(stats));
	if (!mx_control_open(&parent, mx_boot, MX_PARENT))
		mx_panic("no control channel");
	mx_counters_init(counters, sizeof(counters) / sizeof(counters[0]));
	mx_counters_inherit(counters, sizeof(counters) / sizeof(counters[0]));
	stats.open = 0;
	if (!conn_init())
		mx_panic("no memory for connections: raise the domain's memory");
	open_site();
	mx_reserve(RESERVE);
	mx_again();
}

/* The steps to service, one after the other. */
static void advance(void)
{
	if (!built) {
		built = site_build();
		if (!built) {
			mx_again();
			return;
		}
		mx_log("%u files, %u requests at a time", site_files(), serve_grow());
	}
	mx_service_turn(&service, &parent);
}

/* Another stack knows neither our listener nor our connections. */
static void take_event(const struct mx_msg *m)
{
	if (m->slot != MX_APP_STACK)
		return;
	conn_reset();
	mx_service_lost(&service);
}

static void take(const struct mx_msg *m)
{
	switch (m->kind) {
	case MX_SK_DATA:
		conn_data(m);
		return;
	case MX_SK_SENT:
		conn_sent(mx_conn(m), m->body[1]);
		break;
	case MX_SK_ACCEPT:
		conn_accept(mx_conn(m));
		break;
	case MX_SK_FIN:
		conn_fin(mx_conn(m));
		break;
	case MX_SK_CLOSED:
		conn_closed(mx_conn(m));
		break;
	case MX_SK_LISTENING:
		mx_service_listening(&service, m);
		break;
	default:
		if (m->kind >= MX_EVENT)
			take_event(m);
		else
			stats.unknown++;
	}
	if (m->frame != MX_NOFRAME)
		mx_free(m->frame);
}

void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	conn_begin(mx_now());
	for (uint32_t i = 0; i < n; i++)
		take(&in[i]);
	conn_pump();
	if (pending & 1ull << MX_PARENT)
		mx_service_control(&service, &parent);
	advance();
	mx_counters_turn(&parent);
}
