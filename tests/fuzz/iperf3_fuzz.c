/*
 * The iperf3 server, all of it, with clients and a stack that may do anything.
 *
 * It keeps to its send credit; a client that falls silent is given up, and in the end every frame
 * is home. Beside the events of apps.h: a cookie, and JSON behind its length.
 */
#include <string.h>
#include <moxie/control.h>
#include <moxie/slots.h>
#include <moxie/socket.h>
#include "tests/fuzz/apps.h"
#include "tests/fuzz/machine.h"

#define DEPTH  128u
#define QUOTA  320u
#define COOKIE 37u

enum { GREET = APP_EVENTS, JSON, KINDS };

static void start(void)
{
	struct mx_control service = {.op = MX_CTL_SERVICE, .value = 5201, .name = "iperf3"};
	struct mx_control go = {.op = MX_CTL_GO};

	machine_begin("iperf3", QUOTA, true);
	app_reset();
	machine_plain(MX_PARENT, &mx_control_spec, false);
	machine_plain(MX_CONSOLE, &mx_line_spec, true);
	machine_owning(MX_APP_STACK, DEPTH, false);
	fuzz_assert(machine_plain_send(MX_PARENT, &service) && machine_plain_send(MX_PARENT, &go));
}

static void say(uint32_t conn, const void *bytes, uint32_t n)
{
	uint32_t body[5] = {conn};

	machine_packet(MX_APP_STACK, MX_SK_DATA, body, bytes, n, 64, MX_PAGE - 64);
}

void side_event(uint32_t what, struct event *e)
{
	uint8_t text[MX_PAGE - 64] = {0};
	uint32_t conn, n;

	what %= KINDS;
	if (app_event(what, e))
		return;
	conn = event_take(e, 1) % APP_CONNS;
	n = e->n < sizeof(text) - 4 ? e->n : sizeof(text) - 4;
	if (what == GREET) {
		memset(text, 'c', COOKIE);
		say(conn, text, COOKIE);
	} else {
		text[2] = (uint8_t)(n >> 8);
		text[3] = (uint8_t)n;
		memcpy(text + 4, e->data, n);
		say(conn, text, n + 4);
	}
}

void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n)
{
	fuzz_assert(slot == MX_APP_STACK);
	app_sent(chain, n);
}

/* Nobody says anything any more, longer than it waits for anybody; then the stack goes. */
bool side_end(uint32_t step)
{
	if (step == 3)
		machine_peer_gone(MX_APP_STACK);
	machine_pass(200 * MX_S);
	if (step < 4)
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
