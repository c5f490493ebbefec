/* Whom a core ends for a device that an IOMMU stopped: its drivers, and nobody who came later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "executive/core.h"
#include "executive/device.h"
#include "executive/remote.h"

#define DEVICE  1u
#define REASON  5u
#define ADDRESS 0x842000000u

uint32_t self;
bool remote_retry;
struct machine machine = {.cores = 2, .devices_n = 2};
struct domain *domains[DOMAINS];
struct domain *current;

static struct domain owner, follower, other;
static bool is_open;
static bool full;
static uint32_t ended, told;
static struct signs signs;
static uint32_t stopped, dropped; /* sets of devices */
uint32_t lost_cores;

bool arch_device_is_open(const struct device *d)
{
	assert_ptr_equal(d, &machine.devices[DEVICE]);
	return is_open;
}

void domain_end(struct domain *d, uint32_t cause, uint32_t status, uint64_t rip, uint64_t address)
{
	assert_int_equal(cause, MX_CAUSE_DEVICE);
	assert_int_equal(status, REASON);
	assert_int_equal(rip, 0);
	assert_int_equal(address, ADDRESS);
	assert_ptr_not_equal(d, &other);
	d->state = ENDING;
	ended++;
}

bool remote_try(uint32_t core, const struct remote *r)
{
	if (full && core != self)
		return false;
	told |= 1u << core;
	if (core == self)
		device_told(r);
	return true;
}

/* --- what else the file names; nothing here is about it --- */

uint64_t arch_reach_pool(const struct device *d, uint32_t pool)
{
	(void)d, (void)pool;
	return 0;
}

bool arch_reach_limited(const struct device *d)
{
	(void)d;
	return true;
}

bool arch_reach_open(const struct device *d, uint32_t domain, uint64_t tables, uint32_t n, bool own)
{
	(void)d, (void)domain, (void)tables, (void)n, (void)own;
	return true;
}

bool arch_reach_close(const struct device *d, uint32_t core, uint32_t domain, uint32_t pools,
                      bool own)
{
	(void)d, (void)core, (void)pools, (void)domain, (void)own;
	return true;
}

bool arch_reach_arrive(const struct device *d)
{
	(void)d;
	return true;
}

uint64_t arch_reach_fill(const struct device *d, uint32_t domain, uint64_t tables, uint64_t dma,
                         uint32_t pages)
{
	(void)d, (void)domain, (void)tables, (void)pages;
	return dma;
}

void arch_device_stop(const struct device *d)
{
	stopped |= 1u << (d - machine.devices);
}

bool arch_reach_drop(const struct device *d)
{
	dropped |= 1u << (d - machine.devices);
	return true;
}

struct signs *fifo_signs(void)
{
	return &signs;
}

void print(const char *format, ...)
{
	(void)format;
}

void fifo_publish(void)
{
}

_Noreturn void core_run(void)
{
	abort();
}

/* --- */

static int start(void **state)
{
	(void)state;
	owner = follower = (struct domain){.state = WAITING, .device = &machine.devices[DEVICE]};
	other = (struct domain){.state = WAITING, .device = &machine.devices[0]};
	follower.shares = true;
	domains[3] = &owner;
	domains[5] = &follower;
	domains[7] = &other;
	machine.devices[DEVICE].info.address = 0x18;
	is_open = full = remote_retry = false;
	ended = told = 0;
	return 0;
}

static void drivers_end(void **state)
{
	(void)state;
	core_device(DEVICE, REASON, ADDRESS, true);
	assert_int_equal(ended, 2);
	assert_int_equal(told, 3);
	assert_int_equal(owner.end.code, 0x18 | MX_DEVICE_READ);
	assert_false(remote_retry);
}

static void ended_before(void **state)
{
	(void)state;
	owner.state = ENDING;
	follower.state = MAKING; /* it has not had the device yet */
	core_device(DEVICE, REASON, ADDRESS, false);
	assert_int_equal(ended, 0);
}

/* Its drivers ended before the word of it came, and it was opened for others. */
static void successors_live(void **state)
{
	struct remote late = {.kind = REMOTE_DEVICE};

	(void)state;
	late.value = DEVICE;
	late.status = REASON;
	late.ring = ADDRESS;
	is_open = true;
	device_told(&late);
	assert_int_equal(ended, 0);
}

static void full_fifo(void **state)
{
	(void)state;
	full = true;
	core_device(DEVICE, REASON, ADDRESS, false);
	assert_int_equal(told, 1);
	assert_true(remote_retry);
	full = false;
	device_retry();
	assert_int_equal(told, 3);
	assert_int_equal(ended, 2);
}

/* A core has its bit while any domain there has a part of the device. */
static void parts_are_signed(void **state)
{
	(void)state;
	device_came(&owner);
	device_came(&follower);
	assert_int_equal(signs.devices[DEVICE], 1u << self);
	device_went(&owner);
	assert_int_equal(signs.devices[DEVICE], 1u << self);
	follower.state = ENDING;
	device_went(&owner);
	assert_int_equal(signs.devices[DEVICE], 0);
}

/* Of a lost core, even if others have parts; those of the living go on. */
static void lost_core_stops(void **state)
{
	(void)state;
	lost_cores = 4;
	signs.devices[0] = 3;
	signs.devices[DEVICE] = 6;
	device_lost();
	assert_int_equal(stopped, 1u << DEVICE);
	assert_int_equal(dropped, 1u << DEVICE);
	assert_int_equal(signs.devices[0], 3);
	assert_int_equal(signs.devices[DEVICE], 2);
	device_lost();
	lost_cores = 0;
	device_lost();
	assert_int_equal(stopped, 1u << DEVICE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup(drivers_end, start),
	        cmocka_unit_test_setup(ended_before, start),
	        cmocka_unit_test_setup(successors_live, start),
	        cmocka_unit_test_setup(full_fifo, start),
	        cmocka_unit_test_setup(parts_are_signed, start),
	        cmocka_unit_test_setup(lost_core_stops, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
