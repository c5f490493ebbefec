/* The copies of the executive: see cell.h. Their data lies in sections of its own. */
#include <string.h>
#include "tests/model/cell.h"

const struct cell *const cells[CELLS] = {&cell_0, &cell_1, &cell_2};

extern uint8_t __start_model_bss[], __stop_model_bss[];

void cells_reset(void)
{
	memset(__start_model_bss, 0, (size_t)(__stop_model_bss - __start_model_bss));
}
