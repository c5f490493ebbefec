/* A hostile driver: it takes the place of one of the NICs' drivers, with the NIC behind it. */
#include "tests/hostile/wrong.h"

const bool wrong_window = false;
const struct misdeed *const wrong_tables[] = {wrong_packets, wrong_device, wrong_channels,
                                              wrong_frames,  wrong_memory, NULL};
