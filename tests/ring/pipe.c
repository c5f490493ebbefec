/* Two pipes, a write and a read for each message. */
#include <unistd.h>
#include "tests/ring/ring.h"

static int there[2], back[2];

static void open_once(void)
{
	if (!there[1] && (pipe(there) != 0 || pipe(back) != 0))
		__builtin_trap();
}

static bool go(const struct words64 *m)
{
	return write(there[1], m, sizeof *m) == sizeof *m;
}

static bool come(struct words64 *m)
{
	return read(there[0], m, sizeof *m) == sizeof *m;
}

static bool go_back(const struct words64 *m)
{
	return write(back[1], m, sizeof *m) == sizeof *m;
}

static bool come_back(struct words64 *m)
{
	return read(back[0], m, sizeof *m) == sizeof *m;
}
RING_END(RING_PART, near64, struct words64, go, come_back);
RING_END(RING_PART, far64, struct words64, go_back, come);

const struct race pipe_races[] = {
        RING_ALL("pipe", 64, open_once), RING_BACK("pipe", 64, open_once), {0}};
