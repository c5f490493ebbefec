/* init/pairs.c: queue pairs of one port, each with a driver and a router of its own. */
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

int init_pairs_tests(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_doorbells),    cmocka_unit_test(test_host_ports),
	        cmocka_unit_test(test_pairs),        cmocka_unit_test(test_fewer_pairs),
	        cmocka_unit_test(test_pairs_agreed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
