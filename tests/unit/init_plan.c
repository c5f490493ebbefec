/* The executive is a few lines here: see init_plan.h. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <moxie/driver.h>
#include <moxie/slots.h>
#include "tests/unit/init_plan.h"

struct init init;
uint64_t mx_notify_mask;
struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
struct mx_machine hardware;
static uint8_t bundle[1]; /* of nothing */
static uint64_t memory_free, now;
uint64_t forgotten;
uint32_t lost;
char said[1 << 16];

int64_t mx_trap(int64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	(void)c;
	if (nr == MX_TRAP_SPAWN && a == MX_SPAWN_FORGET)
		forgotten = b;
	if (nr == MX_TRAP_SPAWN && a == MX_SPAWN_STAT) {
		struct mx_stat *stat = (struct mx_stat *)(uintptr_t)b;

		if (lost >> stat->core & 1)
			return MX_EPEER;
		stat->memory_free = memory_free;
	}
	return 0;
}

void output_line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(said + strlen(said), sizeof said - strlen(said) - 2, format, args);
	va_end(args);
	strcat(said, "\n");
}

bool output_takes(uint32_t length)
{
	(void)length;
	return true;
}

void report_ready(void)
{
}

void restart_ready(struct child *c)
{
	(void)c;
}

void restart_fail(struct child *c)
{
	(void)c;
}

uint64_t mx_now(void)
{
	return now;
}

void mx_wake_at(uint64_t ns)
{
	(void)ns;
}

void mx_again(void)
{
}

void watchdog_hear(struct child *c, uint64_t ticket)
{
	(void)c;
	(void)ticket;
}

struct iskra *replica;

const struct iskra *lattice(void)
{
	return replica;
}

bool lattice_refresh(void)
{
	return replica != NULL;
}

void know(uint32_t nodes, uint32_t each)
{
	static _Alignas(64) uint8_t memory[1 << 16];
	struct mx_record r;

	replica = iskra_start(memory, sizeof memory);
	for (uint32_t n = 0; n < nodes; n++) {
		r = mx_record(MX_KIND_NODE, n, MX_LEVEL_NODE, mx_place(n, 0, 0, 0, 0, 0));
		assert_true(iskra_insert(replica, &r) >= 0);
	}
	for (uint32_t core = 0; core < nodes * each; core++) {
		r = mx_record(MX_KIND_CORE, core, MX_LEVEL_CORE,
		              mx_place(core / each, 0, 0, 0, core % each, 0));
		assert_true(iskra_insert(replica, &r) >= 0);
	}
}

void know_path(enum mx_path_of of, uint32_t from, uint32_t to, uint32_t cost)
{
	struct mx_record r = mx_path(of, from, to, cost);

	assert_true(iskra_insert(replica, &r) >= 0);
}

void know_device(uint32_t address, uint32_t node)
{
	struct mx_record r =
	        mx_record(MX_KIND_PCI, address, MX_LEVEL_NODE, mx_place(node, 0, 0, 0, 0, 0));

	assert_true(iskra_insert(replica, &r) >= 0);
}

static void config_said(const char *text)
{
	output_line("%s", text);
}

void make(uint32_t cores, uint32_t ports, uint32_t frames, uint32_t kib)
{
	memset(&init, 0, sizeof init);
	memset(&boot, 0, sizeof boot);
	memset(&hardware, 0, sizeof hardware);
	said[0] = 0;
	lost = 0;
	boot.cores = cores;
	boot.machine.base = &hardware;
	boot.bundle.base = bundle;
	for (uint32_t i = 0; i < cores; i++)
		boot.pools[i].count = frames;
	memory_free = (uint64_t)kib * 1024;
	for (uint32_t i = 0; i < ports; i++) /* against the order of addresses */
		hardware.devices[i] = (struct mx_device){.address = (uint16_t)(0x100 - 8 * i),
		                                         .vendor = 0x1af4,
		                                         .device = i % 2 ? 0x1000 : 0x1041,
		                                         .vectors = 3};
	hardware.devices[ports] = (struct mx_device){.vendor = 0x8086, .device = 0x1041};
	hardware.devices_n = ports + 1;
	ports_find();
}

void configure(const char *text)
{
	static struct config_route routes[16];

	init.config.routes = routes;
	init.config.routes_max = 16;
	init.text_name = "config";
	assert_int_equal(
	        config_parse(&init.config, "config", text, (uint32_t)strlen(text), config_said), 0);
	ports_choose();
	pairs_choose();
}

void configure_all(uint32_t ports)
{
	char text[2048] = "set service http\n";

	for (uint32_t i = 0; i < ports; i++)
		sprintf(text + strlen(text), "set interfaces ethernet eth%u address 10.0.%u.1/24\n",
		        i, i);
	configure(text);
}

void plan_cores(void)
{
	wishes_grant();
	cores_choose();
}

static uint32_t own_depths(const struct mx_spawn *q)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (q->slots[i].kind == MX_SLOT_OWNING) {
			assert_true(q->slots[i].depth >= MX_CHAIN_MAX);
			assert_int_equal(q->slots[i].depth & (q->slots[i].depth - 1), 0);
			sum += q->slots[i].depth;
		}
	return sum;
}

void check_plan(uint32_t frames)
{
	uint32_t quotas = 64;

	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];
		const struct mx_spawn *q = &c->request;
		struct mx_driver_args args;

		assert_true(own_depths(q) <= q->quota);
		assert_true(q->core < boot.cores);
		quotas += q->quota;
		memcpy(&args, q->args, sizeof args);
		for (uint32_t s = 0; s < MX_SLOTS; s++)
			if (q->slots[s].kind == MX_SLOT_OWNING)
				assert_int_equal(q->slots[s].flags,
				                 c->role == ROLE_DRIVER || c->role == ROLE_IPERF3
				                         ? 0
				                         : MX_SLOT_MAPPED);
		if (c->role == ROLE_DRIVER)
			assert_true(q->quota >=
			            MX_DRIVER_FRAMES(args.rx_size, args.tx_size) + own_depths(q));
	}
	assert_true(quotas <= frames);
	for (uint32_t i = 0; i < init.joints_n; i++) {
		const struct joint *j = &init.joints[i];
		const struct mx_slot_spec *a = &init.children[j->a].request.slots[j->a_slot];
		const struct mx_slot_spec *b = &init.children[j->b].request.slots[j->b_slot];

		assert_int_equal(a->kind, b->kind);
		assert_int_equal(a->depth, b->depth);
		assert_int_equal(a->type, b->type);
		assert_true(a->kind != MX_SLOT_NONE);
	}
}
