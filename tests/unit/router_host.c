/*
 * The host under the router's tests: see router_host.h.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <moxie/slots.h>
#include "apps/router/egress.h"
#include "router_host.h"
#include "tests/unit/seal.h"

struct sent host_sent[64];
bool host_held;
uint32_t host_sent_n, host_credit, host_budget, host_used;
uint64_t host_time = 1000 * MX_S, host_wake;
char host_logged[256];
uint64_t mx_notify_mask;

static _Alignas(MX_PAGE) uint8_t memory[HOST_FRAMES * MX_PAGE];
static bool taken[HOST_FRAMES];
static struct mx_boot boot = {.window = memory};
const struct mx_boot *mx_boot = &boot;

static uint32_t take_frame(void)
{
	for (uint32_t i = 0; i < HOST_FRAMES; i++) {
		if (taken[i])
			continue;
		taken[i] = true;
		host_used++;
		ASAN_UNPOISON_MEMORY_REGION(memory + i * MX_PAGE, MX_PAGE);
		memset(memory + i * MX_PAGE, 0xdb, MX_PAGE);
		return i;
	}
	return MX_NOFRAME;
}

uint32_t mx_alloc(void)
{
	if (host_budget == 0)
		return MX_NOFRAME;
	host_budget--;
	return take_frame();
}

void mx_flush(void)
{
}

void mx_free(uint32_t frame)
{
	assert_true(frame < HOST_FRAMES && taken[frame]);
	taken[frame] = false;
	host_used--;
	ASAN_POISON_MEMORY_REGION(memory + frame * MX_PAGE, MX_PAGE);
}

bool mx_is_frozen(uint32_t frame)
{
	(void)frame;
	return false;
}

void *mx_heap(uint64_t size)
{
	return calloc(1, size);
}

uint64_t mx_now(void)
{
	return host_time;
}

void mx_wake_at(uint64_t ns)
{
	if (ns < host_wake)
		host_wake = ns;
}

void mx_hold(void)
{
	host_held = true;
}

uint32_t mx_credit(uint32_t slot)
{
	(void)slot;
	return host_credit;
}

void mx_thirst(uint32_t slot)
{
	(void)slot;
}

void mx_log(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(host_logged, sizeof(host_logged), format, args);
	va_end(args);
}

void mx_panic(const char *format, ...)
{
	fail_msg("mx_panic: %s", format);
	abort();
}

int mx_send(uint32_t slot, struct mx_msg *chain, uint32_t n)
{
	struct sent *s = &host_sent[host_sent_n % 64];

	if (n > host_credit)
		return MX_ECREDIT;
	host_credit -= n;
	host_sent_n++;
	*s = (struct sent){.slot = slot, .kind = chain->kind, .frames = n};
	memcpy(&s->facts, chain->body, sizeof(s->facts));
	memcpy(&s->link, chain->body, sizeof(s->link));
	if (chain->frame == MX_NOFRAME)
		return MX_OK;
	for (uint32_t i = 0; i < n; i++) {
		assert_true(chain[i].offset + chain[i].length <= MX_PAGE);
		assert_int_equal(chain[i].kind, s->kind);
		memcpy(s->bytes + s->n, memory + chain[i].frame * MX_PAGE + chain[i].offset,
		       chain[i].length);
		s->n += chain[i].length;
		mx_free(chain[i].frame);
	}
	if (s->kind == MX_RAW) {
		seal_check(&s->facts, s->bytes);
		s->n -= MX_VNET;
		memmove(s->bytes, s->bytes + MX_VNET, s->n);
	}
	assert_int_equal(s->n, s->facts.length);
	return MX_OK;
}

static void turn(void)
{
	host_wake = UINT64_MAX;
	port_tell_stack();
	neighbour_turn();
	announce_turn();
	egress_turn();
}

void host_pass(uint64_t ns)
{
	uint64_t end = host_time + ns;

	for (turn(); host_wake <= end; turn())
		now = host_time = host_wake > host_time ? host_wake : host_time + 1;
	now = host_time = end;
	turn();
}

void host_clear(void)
{
	host_sent_n = 0;
	host_credit = 1000;
	host_held = false;
	host_budget = 1000;
	host_logged[0] = 0;
	for (uint32_t i = 0; i <= MX_PORTS; i++) {
		memset(ports[i].count, 0, sizeof(ports[i].count));
		ports[i].icmp_due = 0;
		for (uint32_t k = 0; k < PORT_ADDRESSES; k++)
			ports[i].own[k].conflict = false;
	}
}

extern uint8_t __start_mx_kept[], __stop_mx_kept[];
extern const uint8_t __ehdr_start[];

uint8_t *host_leave(uint32_t *size)
{
	host_leave_nothing();
	*size = (uint32_t)(__stop_mx_kept - __start_mx_kept);
	boot.kept.from = (uint64_t)__start_mx_kept - (uint64_t)__ehdr_start;
	boot.kept.pages = (struct mx_region){.base = malloc(*size), .size = *size};
	return memcpy(boot.kept.pages.base, __start_mx_kept, *size);
}

void host_leave_nothing(void)
{
	free(boot.kept.pages.base);
	boot.kept = (struct mx_kept){0};
}

uint64_t host_count(uint32_t port, enum port_count c)
{
	return ports[port].count[c];
}

static void set_link(uint32_t port, bool up)
{
	struct mx_link link = {.port = (uint8_t)port, .up = up, .mtu = 1500};

	host_mac(link.mac, 0x10 + port);
	if (port == 1)
		link.features = MX_TX_CSUM | MX_TX_TSO4 | MX_TX_TSO6;
	port_link(&ports[port], &link);
}

static void control(struct mx_control m, const char *addr, uint32_t n, const char *via)
{
	memcpy(m.addr, addr, n);
	if (via)
		memcpy(m.via, via, n);
	control_input(&m);
}

static void configure(void)
{
	for (uint16_t i = 0; i < 3; i++) {
		char v4[4] = {10, 0, (char)(i + 1), 1}, v6[16] = {(char)0xfd, 0, 0, (char)(i + 1)};

		v6[15] = 1;
		control_input(&(struct mx_control){
		        .op = MX_CTL_PORT, .port = i, .value = i == 2 ? 1280 : 0});
		control(
		        (struct mx_control){
		                .op = MX_CTL_ADDRESS, .port = i, .family = 4, .prefix = 24},
		        v4, 4, NULL);
		control(
		        (struct mx_control){
		                .op = MX_CTL_ADDRESS, .port = i, .family = 6, .prefix = 64},
		        v6, 16, NULL);
	}
	control((struct mx_control){.op = MX_CTL_ROUTE, .port = 0xffff, .family = 4, .prefix = 24},
	        "\xc0\x00\x02\x00", 4, "\x0a\x00\x02\xfe");
	control((struct mx_control){.op = MX_CTL_ROUTE, .port = 0xffff, .family = 6, .prefix = 32},
	        "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16,
	        "\xfd\x00\x00\x02\0\0\0\0\0\0\0\0\0\0\0\xfe");
	control((struct mx_control){.op = MX_CTL_ROUTE,
	                            .port = 0xffff,
	                            .family = 4,
	                            .prefix = 24,
	                            .flags = MX_ROUTE_BLACKHOLE},
	        "\xc6\x33\x64\x00", 4, NULL);
	control((struct mx_control){.op = MX_CTL_ROUTE,
	                            .port = 0xffff,
	                            .family = 6,
	                            .prefix = 48,
	                            .flags = MX_ROUTE_BLACKHOLE},
	        "\x20\x01\x0d\xb8\xde\xad\0\0\0\0\0\0\0\0\0\0", 16, NULL);
}

bool host_configure(void)
{
	configure();
	return control_input(&(struct mx_control){.op = MX_CTL_GO});
}

int host_start(void **state)
{
	(void)state;
	ASAN_POISON_MEMORY_REGION(memory, sizeof(memory));
	host_clear();
	port_init();
	return host_configure() ? 0 : -1;
}

int host_setup(void **state)
{
	(void)state;
	host_clear();
	now = host_time;
	for (uint32_t i = 0; i < 3; i++)
		set_link(i, true);
	host_pass(1000 * MX_S);
	host_clear();
	return 0;
}

int host_teardown(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		set_link(i, false); /* forgets the neighbours and what waits for them */
	assert_int_equal(host_used, 0);
	return 0;
}

uint32_t host_chain(struct mx_msg *chain, const void *bytes, uint32_t n, uint32_t cut,
                    const struct mx_packet *facts)
{
	uint32_t m = 0;

	for (uint32_t at = 0; at < n || m == 0; m++) {
		uint32_t part = n - at < cut ? n - at : cut;

		assert_true(m < MX_CHAIN_MAX);
		chain[m] = (struct mx_msg){.frame = take_frame(),
		                           .offset = 64,
		                           .length = (uint16_t)part,
		                           .flags = at + part < n ? MX_MORE : 0,
		                           .kind = MX_ETHER};
		memcpy(memory + chain[m].frame * MX_PAGE + 64, (const uint8_t *)bytes + at, part);
		at += part;
	}
	if (facts)
		memcpy(chain->body, facts, sizeof(*facts));
	mx_packet(chain)->length = n;
	return m;
}

void host_in_cut(uint32_t port, const void *bytes, uint32_t n, uint32_t cut,
                 const struct mx_packet *facts)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t m = host_chain(chain, bytes, n, cut, facts);

	mx_packet(chain)->port = (uint8_t)port;
	now = host_time;
	ether_input(&ports[port], chain, m);
	turn();
}

void host_in(uint32_t port, const void *bytes, uint32_t n)
{
	host_in_cut(port, bytes, n, 3000, NULL);
}

void host_from_stack(uint32_t port, const void *ip, uint32_t n)
{
	struct mx_packet facts = {.port = (uint8_t)port};
	struct mx_msg chain[MX_CHAIN_MAX];
	uint32_t m = host_chain(chain, ip, n, 3000, &facts);

	for (uint32_t i = 0; i < m; i++)
		chain[i].kind = MX_IP;
	now = host_time;
	stack_input(chain, m);
	turn();
}
