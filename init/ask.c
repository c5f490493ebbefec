/*
 * A request of the executive, while something of the same kind may be under way: a move of a peer
 * that not all executives know of yet, or the bind of an init before this one.
 */
#include "init/init.h"

#define TRIES 1000u /* some us each: by then all that was under way is over */

int64_t ask_until_calm(uint64_t op, void *argument)
{
	uint32_t tries = TRIES;
	int64_t error;

	do
		error = mx_trap(MX_TRAP_SPAWN, op, (uint64_t)argument, 0);
	while (error == MX_EBUSY && --tries);
	return error;
}
