/* An executive's side of tests/model/cell.h: compiled once, then copied for each core. */
#include "executive/arch.h"
#include "tests/model/cell.h"
#include "tests/model/model.h"

struct machine machine;
uint32_t self;

void *direct(uint64_t phys)
{
	return (void *)phys;
}

void arch_ring(uint32_t core)
{
	cell_rings(core);
}

static void start(uint32_t core, uint32_t cores, void *fifos)
{
	self = core;
	machine.cores = cores;
	machine.fifos.base = (uint64_t)fifos;
}

extern const struct cell cell;
const struct cell cell = {start,     fifo_area_bytes, fifo_push, fifo_publish,
                          fifo_pull, fifo_sleep,      fifo_woken};
