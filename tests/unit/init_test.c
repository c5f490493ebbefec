/*
 * init/: compositions that fit machines of many sizes, and what each child is told.
 *
 * The executive is a few lines here: memory per core, and nothing else.
 */
#include <elf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include <moxie/driver.h>
#include <moxie/slots.h>
#include "init/init.h"
#include "iskra/iskra.h"

#define ALL (IN(ROLE_STACK) | IN(ROLE_HTTPD) | IN(ROLE_IPERF3))

struct init init;
uint64_t mx_notify_mask;
static struct mx_boot boot;
const struct mx_boot *mx_boot = &boot;
static struct mx_machine hardware;
static uint8_t bundle[1]; /* of nothing */
static uint64_t memory_free, now;
static uint64_t forgotten; /* the child that init let go of */
static uint32_t lost;      /* set of cores */
static char said[1 << 16];

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

/* Cores of so many nodes, each beside its own; NULL: the executive says nothing. */
static struct iskra *replica;

const struct iskra *lattice(void)
{
	return replica;
}

bool lattice_refresh(void)
{
	return replica != NULL;
}

static void know(uint32_t nodes, uint32_t each)
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

static void know_path(enum mx_path_of of, uint32_t from, uint32_t to, uint32_t cost)
{
	struct mx_record r = mx_path(of, from, to, cost);

	assert_true(iskra_insert(replica, &r) >= 0);
}

static void know_device(uint32_t address, uint32_t node)
{
	struct mx_record r =
	        mx_record(MX_KIND_PCI, address, MX_LEVEL_NODE, mx_place(node, 0, 0, 0, 0, 0));

	assert_true(iskra_insert(replica, &r) >= 0);
}

static void config_said(const char *text)
{
	output_line("%s", text);
}

/* A machine of so many cores and ports, with so many frames and KiB on each core. */
static void make(uint32_t cores, uint32_t ports, uint32_t frames, uint32_t kib)
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

static void configure(const char *text)
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

static void configure_all(uint32_t ports)
{
	char text[2048] = "set service http\n";

	for (uint32_t i = 0; i < ports; i++)
		sprintf(text + strlen(text), "set interfaces ethernet eth%u address 10.0.%u.1/24\n",
		        i, i);
	configure(text);
}

static void plan_cores(void)
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

/* What must hold of every plan. */
static void check_plan(uint32_t frames)
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

static void test_plans(void **state)
{
	static const uint32_t frames[] = {1100, 2000, 3500, 8000, 40000};

	(void)state;
	for (uint32_t cores = 1; cores <= 4; cores++)
		for (uint32_t ports = 1; ports <= MX_PORTS; ports++)
			for (size_t f = 0; f < 5; f++) {
				make(cores, ports, frames[f], 65536);
				configure_all(ports);
				compose_all(ALL);
				plan_cores();
				if (!budget_frames()) {
					assert_true(ports > 3 && f < 2);
					continue;
				}
				assert_int_equal(budget_memory(), NO_CHILD);
				check_plan(cores * frames[f]);
			}
}

static void test_ports_in_order_of_address(void **state)
{
	(void)state;
	make(2, 4, 4000, 65536);
	assert_int_equal(init.present, 4);
	assert_int_equal(init.device[0], 3);
	assert_int_equal(init.device[3], 0);
	assert_int_equal(init.device[4], -1);
}

static void test_composition(void **state)
{
	(void)state;
	make(2, 1, 4000, 65536);
	configure_all(2);
	assert_false(init.routing);
	assert_string_equal(said,
	                    "config:3: 'eth1': the machine has no such port, it is left out\n");
	compose_all(ALL);
	assert_int_equal(init.children_n, 5);
	make(2, 2, 4000, 65536);
	configure_all(1);
	assert_true(init.routing);
	assert_string_equal(said, "moxie: eth1 is not configured and stays off\n");
	make(2, 2, 4000, 65536);
	configure("set system composition httpd\nset interfaces ethernet eth1 address 10.0.0.1/8\n"
	          "set interfaces ethernet eth0 disable\n");
	assert_false(init.routing);
	assert_int_equal(init.active, 2);
}

static void test_wishes(void **state)
{
	const struct mx_spawn *router = &init.children[1].request;

	(void)state;
	make(2, 2, 40000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/8\n"
	          "set system domain router core 0\nset system domain router memory 8M\n"
	          "set system domain router frames 5000\nset system domain router budget 7\n"
	          "set system domain eth0 core 5\nset system domain eth0 image other\n");
	compose_all(IN(ROLE_STACK));
	plan_cores();
	cores_tell();
	assert_true(budget_frames());
	assert_int_equal(budget_memory(), NO_CHILD);
	assert_int_equal(router->core, 0);
	assert_int_equal(router->heap, 2048);
	assert_int_equal(router->quota, 5000);
	assert_int_equal(router->budget, 7);
	assert_null(init.children[1].image);
	assert_string_equal(init.children[2].image, "other");
	assert_non_null(
	        strstr(said, "config:6: '5': the machine has 2 cores, eth0 stays on core 0\n"));
}

/* The cores of console, drivers, router, stack, httpd, iperf3, one letter each. */
static const char *cores(void)
{
	static char text[CHILDREN + 1];

	memset(text, 0, sizeof text);
	for (uint32_t role = 0, n = 0; role < ROLES; role++)
		for (uint32_t i = 0; i < init.children_n; i++)
			if (init.children[i].role == role)
				text[n++] = (char)('0' + init.children[i].request.core);
	return text;
}

static const char *placed(uint32_t on, uint32_t ports, const char *composition)
{
	char text[512] = "set service http\nset service iperf3\n";

	make(on, ports, 40000, 65536);
	for (uint32_t i = 0; i < ports; i++)
		sprintf(text + strlen(text), "set interfaces ethernet eth%u address 10.0.%u.1/24\n",
		        i, i);
	sprintf(text + strlen(text), "set system composition %s\n", composition);
	configure(text);
	compose_all(ALL);
	plan_cores();
	return cores();
}

/* What docs/configuration.md tells of machines whose cores are all alike. */
static void test_placements(void **state)
{
	(void)state;
	assert_string_equal(placed(1, 2, "router"), "0000000");
	assert_string_equal(placed(2, 2, "router"), "0111000");
	assert_string_equal(placed(3, 2, "router"), "0111222");
	assert_string_equal(placed(4, 2, "router"), "0111222");
	assert_string_equal(placed(8, 4, "router"), "011111222");
	assert_string_equal(placed(1, 2, "httpd"), "000000");
	assert_string_equal(placed(2, 2, "httpd"), "011111");
	assert_string_equal(placed(3, 2, "httpd"), "011111");
	assert_string_equal(placed(4, 1, "httpd"), "01111");
}

/* With the devices in one node of two, all that packets pass is there, and who talks to it. */
static void test_nodes(void **state)
{
	(void)state;
	for (uint32_t node = 0; node < 2; node++) {
		know(2, 4);
		know_path(MX_PATH_NODES, 0, 1, 30);
		know_device(0x100, node);
		know_device(0xf8, node);
		assert_string_equal(placed(8, 2, "router"), node ? "0444555" : "0111222");
	}
	replica = NULL;
}

/* What a boot measured differs from pair to pair; only a pair that is off by half is another. */
static void test_measured(void **state)
{
	static struct placement p;

	(void)state;
	know(1, 4);
	for (uint32_t b = 1; b < 4; b++)
		for (uint32_t a = 0; a < b; a++)
			know_path(MX_PATH_CORES, a, b,
			          a == 1 && b == 2 ? 2000 : 700 + 37 * (a + b));
	p.cores = 4;
	distance_fill(&p);
	for (uint32_t b = 0; b < 4; b++)
		for (uint32_t a = 0; a < 4; a++)
			assert_int_equal(p.message[a][b] / 100, a == b                 ? 0
			                                        : a + b == 3 && a && b ? 22
			                                                               : 16);
	assert_string_equal(placed(4, 2, "router"), "0111333");
	replica = NULL;
}

static bool tells(const char *line)
{
	return strstr(said, line) != NULL;
}

static void test_reasons(void **state)
{
	(void)state;
	placed(4, 2, "router");
	cores_tell();
	assert_true(tells("moxie: placement: eth0 on core 1 (with router: "));
	assert_true(tells("moxie: placement: router on core 1 (with eth0, eth1: "));
	assert_true(tells("moxie: placement: httpd on core 2 (with stack: "));
	make(2, 2, 40000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/8\nset system domain stack core "
	          "1\n");
	compose_all(IN(ROLE_STACK));
	plan_cores();
	cores_tell();
	assert_string_equal(cores(), "1001");
	assert_true(tells("moxie: placement: stack on core 1 (config:2)\n"));
	assert_true(tells("moxie: placement: router on core 0 (with eth0: "));
	said[0] = 0;
	placed(1, 2, "router");
	cores_tell();
	assert_true(tells("moxie: placement: iperf3 on core 0 (there is no other)\n"));
}

/* Who lived on the lost core goes elsewhere, all at once and together; nobody else moves. */
static void test_core_lost(void **state)
{
	(void)state;
	assert_string_equal(placed(4, 2, "router"), "0111222");
	for (uint32_t i = 0; i < init.children_n; i++)
		init.children[i].life = LIFE_READY;
	assert_false(cores_again(0, init.children_n));
	lost = 1u << 1;
	for (uint32_t i = 0; i < init.children_n; i++)
		if (init.children[i].request.core == 1)
			init.children[i].life = LIFE_ENDED;
	said[0] = 0;
	assert_false(cores_again(4, 5)); /* the stack */
	assert_true(cores_again(1, 2));  /* the router */
	assert_string_equal(cores(), "0333222");
	assert_true(tells("moxie: placement: eth1 on core 3 "));
	assert_false(tells("stack on core"));
	assert_false(cores_again(1, 2));
	assert_true(cores_again(2, 4)); /* its drivers went with it */
	assert_false(cores_again(4, init.children_n));
	assert_false(cores_again(0, init.children_n));
}

/* An application beside the router is against the rule; beside the stack it saves talk. */
static void test_against(void **state)
{
	struct child *httpd;

	(void)state;
	placed(4, 2, "router");
	for (uint32_t i = 0; i < init.children_n; i++)
		init.children[i].life = LIFE_READY;
	httpd = &init.children[init.children_n - 2];
	assert_true(cores_against(httpd, 1) > cores_against(httpd, 2) + CORE / 4);
	assert_true(cores_against(httpd, 3) > cores_against(httpd, 2) + CORE / 10);
	assert_true(cores_against(httpd, 3) < cores_against(httpd, 1));
}

/* Its core has no memory: the best of the others, until none is left; a fixed one stays. */
static void test_other_core(void **state)
{
	struct child *httpd;

	(void)state;
	placed(4, 2, "router");
	httpd = &init.children[init.children_n - 2];
	assert_true(cores_other(httpd, 1u << 2));
	assert_int_equal(httpd->request.core, 3);
	assert_true(tells("moxie: core 2 has no memory for httpd\n"));
	assert_true(cores_other(httpd, 3u << 2));
	assert_int_equal(httpd->request.core, 0);
	assert_false(cores_other(httpd, 0xf));
	httpd->core_set = true;
	assert_false(cores_other(httpd, 1));
}

static void test_too_small(void **state)
{
	(void)state;
	make(1, 2, 500, 65536);
	configure_all(2);
	compose_all(ALL);
	plan_cores();
	assert_false(budget_frames());
	assert_non_null(strstr(said, "moxie: not enough memory: 500 frames, "));
	make(2, 2, 8000, 500);
	configure_all(2);
	compose_all(ALL);
	plan_cores();
	assert_true(budget_frames());
	assert_int_not_equal(budget_memory(), NO_CHILD);
	assert_non_null(strstr(said, "moxie: not enough memory for "));
}

/* What a child is told, one letter a message. */
static const char *told(uint32_t child)
{
	static const char letters[] = "?PARSG";
	static char text[64];
	struct mx_control m;
	uint32_t n = 0;

	while (control_next(&init.children[child], &m)) {
		assert_true(n < sizeof text - 2);
		text[n++] = letters[m.op];
		if (m.op == MX_CTL_PORT || m.op == MX_CTL_ADDRESS)
			text[n++] = (char)('0' + m.port);
	}
	text[n] = 0;
	return text;
}

static void test_told(void **state)
{
	(void)state;
	make(2, 2, 8000, 65536);
	configure("set interfaces ethernet eth0 address 10.0.0.1/24\n"
	          "set interfaces ethernet eth0 address fd00::1/64\n"
	          "set interfaces ethernet eth1 mtu 1400\n"
	          "set interfaces ethernet eth5 address 10.5.0.1/24\n"
	          "set protocols static route 10.9.0.0/16 next-hop 10.0.0.2\n"
	          "set protocols static route 10.8.0.0/16 next-hop 10.5.0.2\n"
	          "set protocols static route 10.7.0.0/16 blackhole\n"
	          "set service http port 8080\nset service iperf3\n");
	compose_all(ALL);
	assert_string_equal(told(0), "G");
	assert_string_equal(told(1), "P0P1A0A0RRG"); /* the router */
	assert_string_equal(told(2), "P0G");
	assert_string_equal(told(3), "P1G");
	assert_string_equal(told(4), "P0P1A0A0G"); /* the stack behind a router */
	assert_string_equal(told(5), "SG");
	assert_string_equal(told(6), "SG");
	assert_string_equal(told(5), "");
	init.routing = false;
	compose_all(ALL);
	assert_string_equal(told(1), "P0P1A0A0RRG"); /* the stack alone */
}

/* What virtio's capabilities say of BAR 4: QEMU's layout, one page each. */
static void give_virtio(struct mx_device *d, uint16_t vectors)
{
	static const uint8_t kinds[] = {1, 3, 4, 2, 5}; /* common, ISR, device, notify, PCI */
	uint8_t *config = d->config;

	d->vectors = vectors;
	memset(config, 0, sizeof d->config);
	config[0x34] = 0x40;
	for (uint32_t i = 0; i < 5; i++) {
		uint8_t *cap = config + 0x40 + 0x14 * i;
		uint32_t offset = i < 4 ? 0x1000 * i : 0, length = i < 4 ? 0x1000 : 0;

		cap[0] = 9;
		cap[1] = (uint8_t)(i < 4 ? 0x40 + 0x14 * (i + 1) : 0);
		cap[2] = 0x14;
		cap[3] = kinds[i];
		cap[4] = i < 4 ? 4 : 0;
		memcpy(cap + 8, &offset, 4);
		memcpy(cap + 12, &length, 4);
	}
}

static void configure_queues(uint32_t cores, uint32_t ports, uint16_t vectors, const char *text)
{
	make(cores, ports, 40000, 65536);
	for (uint32_t i = 0; i < ports; i++)
		give_virtio(&hardware.devices[i], vectors);
	configure(text);
}

#define TWO_PORTS                                                                                  \
	"set interfaces ethernet eth0 address 10.0.0.1/24\n"                                       \
	"set interfaces ethernet eth1 address 10.0.1.1/24\n"

static void test_doorbells(void **state)
{
	struct mx_device d = {.vectors = 4};
	struct mx_share share;
	uint32_t length = 0x1001;

	(void)state;
	assert_false(pairs_share(&d, &share)); /* no capabilities */
	give_virtio(&d, 4);
	assert_true(pairs_share(&d, &share));
	assert_int_equal(share.bar, 4);
	assert_int_equal(share.first, 3);
	assert_int_equal(share.pages, 1);
	memcpy(d.config + 0x40 + 0x28 + 12, &length, 4); /* the device's reaches into the page */
	assert_false(pairs_share(&d, &share));
	give_virtio(&d, 4);
	d.config[0x40 + 0x3c + 1] = 0x40; /* a loop */
	assert_true(pairs_share(&d, &share));
	d.config[0x34] = 0xfc; /* one that leaves the space */
	assert_false(pairs_share(&d, &share));
}

/* A port of the host: each queue's driver has the descriptors, and a page that makes it a sharer.
 */
static void test_host_ports(void **state)
{
	struct mx_host_port port = {.kind = MX_HOST_TAP, .queues = 4, .fd = {7, 8, 9, 10}};

	(void)state;
	make(2, 2, 40000, 65536);
	for (uint32_t i = 0; i < 2; i++) {
		struct mx_device *d = &hardware.devices[i];

		*d = (struct mx_device){
		        .address = (uint16_t)(16 - 8 * i), .vendor = MX_HOST_VENDOR, .vectors = 9};
		port.mac[5] = (uint8_t)i;
		memcpy(d->config, &port, sizeof port);
	}
	init.present = 0;
	ports_find();
	assert_int_equal(init.present, 2);
	assert_int_equal(init.device[0], 1);
	configure(TWO_PORTS "set system queues 2\n");
	assert_int_equal(init.pairs, 2);
	compose_all(IN(ROLE_STACK));
	for (uint32_t i = 3; i <= 6; i++) { /* eth0, eth0.1, eth1, eth1.1 */
		const struct child *c = &init.children[i];
		const struct mx_spawn *q = &c->request;
		struct mx_driver_args args;

		memcpy(&args, q->args, sizeof args);
		assert_memory_equal(args.config, hardware.devices[q->device].config,
		                    sizeof args.config);
		assert_int_equal(q->device, 1 - c->port);
		assert_int_equal(q->share.pages, c->pair);
		assert_int_equal(q->slots[MX_DRIVER_IRQ].kind, MX_SLOT_NONE);
		assert_int_equal(q->slots[MX_DRIVER_IRQ + 1].depth, 1 + 2 * c->pair);
		assert_int_equal(q->slots[MX_DRIVER_IRQ + 2].depth, 2 + 2 * c->pair);
	}
}

/* Replicas and followers stand together, have what is theirs, and nothing of the device but that.
 */
static void test_pairs(void **state)
{
	struct mx_driver_args args;

	(void)state;
	configure_queues(2, 2, 6, TWO_PORTS "set system queues 2\n");
	assert_int_equal(init.pairs, 2);
	compose_all(IN(ROLE_STACK) | IN(ROLE_HTTPD));
	plan_cores();
	assert_true(budget_frames());
	assert_int_equal(budget_memory(), NO_CHILD);
	check_plan(80000);
	assert_int_equal(init.children_n, 9);
	for (uint32_t i = 1; i <= 6; i++) { /* router, router1, eth0, eth0.1, eth1, eth1.1 */
		const struct child *c = &init.children[i];
		const struct mx_spawn *q = &c->request;

		assert_int_equal(c->pair, (i - 1) % 2);
		assert_int_equal(q->core, (1 + c->pair) % 2);
		if (c->role != ROLE_DRIVER)
			continue;
		memcpy(&args, q->args, sizeof args);
		assert_int_equal(args.pair, c->pair);
		assert_int_equal(args.pairs, 2);
		assert_int_equal(args.config[0x34], c->pair ? 0 : 0x40);
		assert_int_equal(q->share.pages, c->pair);
		assert_int_equal(q->slots[MX_DRIVER_IRQ].kind,
		                 c->pair ? MX_SLOT_NONE : MX_SLOT_IRQ);
		assert_int_equal(q->slots[MX_DRIVER_IRQ + 1].depth, 1 + 2 * c->pair);
		assert_int_equal(q->slots[MX_DRIVER_IRQ + 2].depth, 2 + 2 * c->pair);
	}
	assert_string_equal(init.children[2].request.name, "router1");
	assert_string_equal(init.children[4].request.name, "eth0.1");
}

static void test_fewer_pairs(void **state)
{
	(void)state;
	configure_queues(2, 2, 4, TWO_PORTS "set system queues 4\n");
	assert_int_equal(init.pairs, 1);
	assert_string_equal(said, "moxie: eth0: the device has few interrupt vectors: 1 of 4 "
	                          "queue pairs used\n");
	configure_queues(2, 2, 20, TWO_PORTS "set system queues 8\n");
	hardware.devices[0].config[0x40 + 0x3c + 3] = 9;
	pairs_choose();
	assert_int_equal(init.pairs, 1);
	assert_non_null(strstr(said, "moxie: eth1: the device keeps its doorbells among other "
	                             "registers: 1 of 8 queue pairs used\n"));
	configure_queues(2, 1, 20,
	                 "set interfaces ethernet eth0 address 10.0.0.1/24\n"
	                 "set system queues 3\n");
	assert_int_equal(init.pairs, 1);
	assert_string_equal(said, "moxie: nothing is routed, one queue pair of 3 is used\n");
}

/* The devices say how many pairs they have; the least is used by all. */
static void test_pairs_agreed(void **state)
{
	struct mx_control m;

	(void)state;
	configure_queues(2, 2, 10, TWO_PORTS "set system queues 4\n");
	compose_all(IN(ROLE_STACK) | IN(ROLE_HTTPD));
	assert_int_equal(init.children[5].role, ROLE_DRIVER);
	while (control_next(&init.children[5], &m))
		assert_int_not_equal(m.op, MX_CTL_PAIRS); /* not yet */
	pairs_hear(&init.children[5], 4);
	assert_false(pairs_turn());
	pairs_hear(&init.children[10], 1); /* a follower has no say */
	assert_false(pairs_turn());
	pairs_hear(&init.children[9], 3);
	assert_true(pairs_turn());
	assert_false(pairs_turn());
	assert_int_equal(init.pairs_used, 3);
	assert_string_equal(said, "moxie: eth1: the device has no more: 3 of 4 queue pairs used\n");
	assert_true(control_next(&init.children[5], &m));
	assert_int_equal(m.op, MX_CTL_PAIRS);
	assert_int_equal(m.value, 3);
	assert_false(control_next(&init.children[5], &m));
	assert_true(pairs_hear(&init.children[5], 4)); /* a new lead of the same device */
	assert_true(pairs_hear(&init.children[10], 1));
	assert_false(pairs_hear(&init.children[5], 2)); /* it cannot serve replica 2 */
	assert_non_null(
	        strstr(said, "moxie: eth0: the device has 2 queue pairs now, 3 are in use\n"));
}

static void test_sums(void **state)
{
	struct mx_control a = {.port = 0, .value = 5, .name = "rx"}, b = a, c = a;
	const struct mx_control *m;

	(void)state;
	b.port = 1;
	strcpy(c.name, "tx");
	sums_clear();
	sums_add(&a);
	sums_add(&b);
	sums_add(&c);
	sums_add(&c); /* of a replica that begins elsewhere */
	sums_add(&a);
	m = sums_next();
	assert_int_equal(m->value, 10);
	m = sums_next();
	assert_int_equal(m->port, 1);
	assert_int_equal(m->value, 5);
	assert_true(sums_left());
	m = sums_next();
	assert_string_equal(m->name, "tx");
	assert_int_equal(m->value, 10);
	assert_false(sums_left());
	assert_null(sums_next());
}

/* An image of sections only: names, and one of `size` bytes at `address` called `name`. */
static struct child *with_section(const char *name, uint64_t address, uint64_t size)
{
	static struct {
		Elf64_Ehdr e;
		Elf64_Shdr s[2];
		char names[16];
	} file;
	static struct child c;

	memset(&file, 0, sizeof file);
	file.e = (Elf64_Ehdr){.e_shoff = offsetof(__typeof__(file), s), .e_shnum = 2};
	file.s[0].sh_offset = offsetof(__typeof__(file), names);
	file.s[1] = (Elf64_Shdr){.sh_name = 1, .sh_addr = address, .sh_size = size};
	strcpy(file.names + 1, name);
	boot.bundle = (struct mx_region){&file, sizeof file, 0};
	memset(&c, 0, sizeof c);
	c.request.image_len = sizeof file;
	return &c;
}

/* Whole pages around the section; of a file that is cut anywhere, nothing. */
static void test_kept(void **state)
{
	struct child *c = with_section("mx_kept", 0x5ff8, 16);
	Elf64_Ehdr *e = boot.bundle.base;

	(void)state;
	kept_find(c);
	assert_int_equal(c->request.keep.first, 5);
	assert_int_equal(c->request.keep.pages, 2);
	kept_find(with_section("mx_keep", 0x5000, 16));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", 0x5000, 0));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", 0x5001, MX_KEEP_MAX * MX_PAGE));
	assert_int_equal(c->request.keep.pages, 0);
	kept_find(with_section("mx_kept", UINT64_MAX - 8, 16));
	assert_int_equal(c->request.keep.pages, 0);
	for (uint32_t length = 0; length < boot.bundle.size; length++) {
		with_section("mx_kept", 0x5ff8, 16)->request.image_len = length;
		kept_find(c);
		assert_int_equal(c->request.keep.pages, length < boot.bundle.size - 7 ? 0 : 2);
	}
	with_section("mx_kept", 0x5ff8, 16);
	e->e_shoff = UINT64_MAX - 8;
	kept_find(c);
	assert_int_equal(c->request.keep.pages, 0);
	with_section("mx_kept", 0x5ff8, 16);
	e->e_shstrndx = 7;
	kept_find(c);
	assert_int_equal(c->request.keep.pages, 0);
}

/* The next one is the heir, but for one that comes after several quick ends. */
static void test_heirs(void **state)
{
	struct child *c = with_section("mx_kept", 0x5000, 16);

	(void)state;
	kept_find(c);
	c->handle = 7;
	kept_offer(c, 1);
	assert_int_equal(c->request.keep.heir, 7);
	assert_true(kept_refuse(c));
	assert_int_equal(c->request.keep.heir, 0);
	assert_false(kept_refuse(c));
	forgotten = 0;
	kept_offer(c, 3);
	assert_int_equal(c->request.keep.heir, 0);
	assert_int_equal(forgotten, 7);
	c->request.keep.pages = 0;
	kept_offer(c, 1);
	assert_int_equal(c->request.keep.heir, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_plans),
	        cmocka_unit_test(test_ports_in_order_of_address),
	        cmocka_unit_test(test_composition),
	        cmocka_unit_test(test_wishes),
	        cmocka_unit_test(test_placements),
	        cmocka_unit_test(test_nodes),
	        cmocka_unit_test(test_measured),
	        cmocka_unit_test(test_reasons),
	        cmocka_unit_test(test_core_lost),
	        cmocka_unit_test(test_against),
	        cmocka_unit_test(test_other_core),
	        cmocka_unit_test(test_too_small),
	        cmocka_unit_test(test_told),
	        cmocka_unit_test(test_doorbells),
	        cmocka_unit_test(test_host_ports),
	        cmocka_unit_test(test_pairs),
	        cmocka_unit_test(test_fewer_pairs),
	        cmocka_unit_test(test_pairs_agreed),
	        cmocka_unit_test(test_sums),
	        cmocka_unit_test(test_kept),
	        cmocka_unit_test(test_heirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
