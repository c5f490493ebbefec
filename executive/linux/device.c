/*
 * Devices are descriptors of the host: whatever reads or writes by one is bound by the kernel to
 * the memory it names. There is no IOMMU to ask.
 */
#include "executive/linux/core.h"
#include "executive/arch.h"

enum { CLOSED, OPEN, STARTED };

static uint32_t *state(const struct device *d)
{
	return &host_device_state[d - machine.devices];
}

void arch_device_open(const struct device *d)
{
	__atomic_store_n(state(d), OPEN, __ATOMIC_SEQ_CST);
}

bool arch_device_is_open(const struct device *d)
{
	return __atomic_load_n(state(d), __ATOMIC_SEQ_CST) != CLOSED;
}

bool arch_device_start(const struct device *d)
{
	uint32_t was = OPEN;

	return __atomic_compare_exchange_n(state(d), &was, STARTED, false, __ATOMIC_SEQ_CST,
	                                   __ATOMIC_SEQ_CST) ||
	       was == STARTED;
}

void arch_device_stop(const struct device *d)
{
	__atomic_store_n(state(d), CLOSED, __ATOMIC_SEQ_CST);
}

bool arch_reach_limited(const struct device *d)
{
	(void)d;
	return false;
}

uint64_t arch_reach_pool(const struct device *d, uint32_t pool)
{
	(void)d;
	return machine.pools[pool].dma;
}

uint32_t arch_reach_pages(const struct device *d, uint32_t dma_pages)
{
	(void)d, (void)dma_pages;
	return 0;
}

uint64_t arch_reach_fill(const struct device *d, uint32_t domain, uint64_t tables, uint64_t dma,
                         uint32_t dma_pages)
{
	(void)d, (void)domain, (void)tables, (void)dma_pages;
	return dma;
}

bool arch_reach_open(const struct device *d, uint32_t domain, uint64_t tables, uint32_t tables_n,
                     bool owner)
{
	(void)d, (void)domain, (void)tables, (void)tables_n, (void)owner;
	return true;
}

bool arch_reach_drop(const struct device *d)
{
	(void)d;
	return true;
}

bool arch_reach_arrive(const struct device *d)
{
	(void)d;
	return true;
}

bool arch_reach_close(const struct device *d, uint32_t core, uint32_t domain, uint32_t pools,
                      bool owner)
{
	(void)d, (void)core, (void)domain, (void)pools, (void)owner;
	return true;
}
