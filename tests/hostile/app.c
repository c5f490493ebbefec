/* A hostile application: it takes the web server's place. */
#include "tests/hostile/wrong.h"

const bool wrong_window = true;
const struct misdeed *const wrong_tables[] = {wrong_sockets,    wrong_channels, wrong_frames,
                                              wrong_own_frames, wrong_memory,   NULL};
