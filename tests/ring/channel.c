/*
 * An end of plain channels, from the header that domains use. Compiled twice, as END near and far:
 * each has a notify mask of its own, as each domain has. Nobody is notified; both ends poll.
 */
#include "tests/ring/channel.h"

#define JOIN(a, b)     a##b
#define MINE(a, b)     JOIN(a, b)
#define mx_notify_mask MINE(END, _notify_mask)
#include <moxie/channel.h>

uint64_t mx_notify_mask;

#define CHANNEL_END(size)                                                                          \
	MX_CHANNEL(channel##size, 0x70 + size, struct words##size, RING_DEPTH);                    \
	static struct channel##size##_end end##size;                                               \
	static inline bool send##size(const struct words##size *m)                                 \
	{                                                                                          \
		return channel##size##_try_send(&end##size, m);                                    \
	}                                                                                          \
	static inline bool receive##size(struct words##size *m)                                    \
	{                                                                                          \
		return channel##size##_recv(&end##size, m);                                        \
	}                                                                                          \
	RING_END(, MINE(END, size), struct words##size, send##size, receive##size)

CHANNEL_END(8);
CHANNEL_END(16);
CHANNEL_END(32);
CHANNEL_END(64);

/* All sizes share the ring: one of them is open at a time. */
void MINE(END, _open)(const struct mx_boot *boot)
{
	channel8_open(&end8, boot, CHANNEL_SLOT);
	channel16_open(&end16, boot, CHANNEL_SLOT);
	channel32_open(&end32, boot, CHANNEL_SLOT);
	channel64_open(&end64, boot, CHANNEL_SLOT);
}
