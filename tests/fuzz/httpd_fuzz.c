/*
 * The web server, all of it, over a small site, with clients and a stack that may do anything.
 *
 * What it answers begins as HTTP does; it keeps to its send credit; when nobody says anything more
 * all connections end by themselves, and in the end every frame is home.
 */
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "tests/fuzz/apps.h"
#include "tests/fuzz/archive.h"
#include "tests/fuzz/machine.h"

#define DEPTH 128u
#define QUOTA 256u

static char site[MACHINE_FROZEN * MX_PAGE];
static uint64_t site_n;

static void build(void)
{
	if (site_n)
		return;
	archive_add(site, &site_n, "www/index.html", NULL, 1500);
	archive_add(site, &site_n, "www/small.txt", NULL, 90);
	archive_add(site, &site_n, "www/small.txt.gz", NULL, 40);
	archive_add(site, &site_n, "www/big.bin", NULL, 40000);
	archive_add(site, &site_n, "www/d/index.html", NULL, 5000);
	archive_add(site, &site_n, "www/empty", NULL, 0);
	archive_end(site, &site_n);
	machine_frozen(site, (uint32_t)site_n);
}

static void start(void)
{
	struct mx_control service = {.op = MX_CTL_SERVICE, .value = 80, .name = "http"};
	struct mx_control go = {.op = MX_CTL_GO};

	machine_begin("httpd", QUOTA, true);
	build();
	app_reset();
	machine_args(&site_n, sizeof(site_n));
	machine_plain(MX_PARENT, &mx_control_spec, false);
	machine_plain(MX_CONSOLE, &mx_line_spec, true);
	machine_owning(MX_APP_STACK, DEPTH, true);
	fuzz_assert(machine_plain_send(MX_PARENT, &service) && machine_plain_send(MX_PARENT, &go));
}

void side_event(uint32_t what, struct event *e)
{
	app_event(what % APP_EVENTS, e);
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	uint32_t conn = mx_conn(chain);

	fuzz_assert(slot == MX_APP_STACK && chain->kind != MX_SK_DATAGRAM);
	app_sent(chain, n);
	if (chain->kind == MX_SK_DATA && conn < APP_CONNS && app_conns[conn].messages == 1 &&
	    !app_conns[conn].strange)
		fuzz_assert(chain->length > 16 &&
		            memcmp((char *)mx_frame(chain->frame) + chain->offset, "HTTP/1.", 7) ==
		                    0);
}

/* All time-outs pass, then the stack goes. */
bool side_end(uint32_t step)
{
	for (uint32_t i = 0; i < APP_CONNS && step == 2; i++)
		fuzz_assert(!app_open(i));
	if (step == 2)
		machine_peer_gone(MX_APP_STACK);
	machine_pass(60 * MX_S);
	if (step < 3)
		return true;
	fuzz_assert(machine_kept() == 0);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	start();
	machine_run(data, n);
	return 0;
}
