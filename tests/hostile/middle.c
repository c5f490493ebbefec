/* A hostile domain in the middle: it takes the stack's place, or the router's. */
#include "tests/hostile/wrong.h"

const bool wrong_window = true;
const struct misdeed *const wrong_tables[] = {wrong_peers,      wrong_channels, wrong_frames,
                                              wrong_own_frames, wrong_memory,   NULL};
