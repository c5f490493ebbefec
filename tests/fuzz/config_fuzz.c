/*
 * config/ on any text: it is accepted with facts inside their limits, or each error is told.
 */
#include <stdlib.h>
#include <string.h>
#include "config/config.h"
#include "tests/fuzz/fuzz.h"

#define ROUTES 64u

static struct appliance_config config;
static struct config_route routes[ROUTES];
static uint32_t lines;

static void say(const char *text)
{
	fuzz_assert(strncmp(text, "config:", 7) == 0 && strlen(text) < 1024);
	fuzz_assert(!strchr(text, '\n') && !strchr(text, '\033')); /* nothing steers the terminal */
	lines++;
}

static void check_port(const struct config_port *p)
{
	fuzz_assert(p->addresses_n <= CONFIG_ADDRESSES);
	fuzz_assert(memchr(p->description, 0, sizeof(p->description)));
	for (uint32_t i = 0; i < p->addresses_n; i++) {
		const struct config_net *net = &p->addresses[i].net;

		fuzz_assert((net->family == 4 && net->prefix <= 32) ||
		            (net->family == 6 && net->prefix <= 128));
	}
}

static void check(void)
{
	fuzz_assert(memchr(config.host_name, 0, sizeof(config.host_name)));
	for (uint32_t i = 0; i < MX_PORTS; i++)
		check_port(&config.ports[i]);
	fuzz_assert(config.routes_n <= ROUTES);
	for (uint32_t i = 0; i < config.routes_n; i++) {
		const struct config_route *r = &routes[i];

		fuzz_assert(config_covers(&r->to, r->to.family, r->to.addr));
		fuzz_assert(r->blackhole || r->port < MX_PORTS || r->port == CONFIG_NO_PORT);
	}
	fuzz_assert(!config.http || config.http_port);
	fuzz_assert(!config.iperf3 || config.iperf3_port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n ? n : 1);
	uint32_t errors;

	memcpy(text, data, n);
	lines = 0;
	config.routes = routes;
	config.routes_max = ROUTES;
	errors = config_parse(&config, "config", text, (uint32_t)n, say);
	fuzz_assert(errors ? lines > 0 && lines <= CONFIG_ERRORS + 1 : lines == 0);
	fuzz_assert(config_lines(text, (uint32_t)n) <= n + 1);
	if (!errors)
		check();
	free(text);
	return 0;
}
