/*
 * A ring larger than the address space that every ring has.
 * must say: ring fits its address space
 */
#include <moxie/channel.h>

struct large {
	uint8_t bytes[512];
};
#ifdef WRONG
MX_CHANNEL(large, 99, struct large, 32);
#else
MX_CHANNEL(large, 99, struct large, 16);
#endif

bool speak(struct large_end *end, const struct mx_boot *boot, struct large *message);

bool speak(struct large_end *end, const struct mx_boot *boot, struct large *message)
{
	return large_open(end, boot, 0) && large_recv(end, message) && large_try_send(end, message);
}
