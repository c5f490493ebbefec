/* Plain channels: the memory of both ends, as the executive would give it to them. */
#include "tests/ring/channel.h"

static _Alignas(MX_PAGE) uint8_t memory[2][MX_RING_BYTES]; /* [0] near receives from, [1] far */
static struct mx_boot boots[2];

static void open_both(void)
{
	static uint32_t key;

	memset(memory, 0, sizeof memory);
	key++;
	for (int i = 0; i < 2; i++)
		boots[i].slots[CHANNEL_SLOT] =
		        (struct mx_slot_info){.kind = MX_SLOT_PLAIN,
		                              .depth = RING_DEPTH,
		                              .key = key,
		                              .rx = (struct mx_ring *)memory[i],
		                              .tx = (struct mx_ring *)memory[!i]};
	near_open(&boots[0]);
	far_open(&boots[1]);
}

const struct race channel_races[] = {RING_ALL("channel", 8, open_both),
                                     RING_ALL("channel", 16, open_both),
                                     RING_ALL("channel", 32, open_both),
                                     RING_ALL("channel", 64, open_both),
                                     {0}};
