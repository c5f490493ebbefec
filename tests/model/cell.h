/*
 * One executive of several in a process: its code and static data are copied (objcopy), so that
 * each core has its own, as on the machine. What it offers to scenarios is this table.
 */
#ifndef MODEL_CELL_H
#define MODEL_CELL_H

#include "executive/fifo.h"

#define CELLS 3u

struct cell {
	void (*start)(uint32_t self, uint32_t cores, void *fifos);
	uint64_t (*area)(uint32_t cores);
	bool (*push)(uint32_t core, const struct remote *r, uint32_t most);
	void (*publish)(void);
	bool (*pull)(struct remote *r);
	bool (*sleep)(void);
	void (*woken)(void);
};
extern const struct cell cell_0, cell_1, cell_2;
extern const struct cell *const cells[CELLS];

/* The static data of all copies, as before their first instruction. Once before each execution. */
void cells_reset(void);
/* What an executive asks of the machine: a scenario's answer. */
void cell_rings(uint32_t core);

#endif
