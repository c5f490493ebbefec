/*
 * A channel whose depth is no power of two: the index mask would be wrong.
 * must say: depth is a power of two
 */
#include <moxie/channel.h>

struct odd {
	uint64_t value;
};
#ifdef WRONG
MX_CHANNEL(odd, 99, struct odd, 48);
#else
MX_CHANNEL(odd, 99, struct odd, 64);
#endif

bool speak(struct odd_end *end, const struct mx_boot *boot, struct odd *message);

bool speak(struct odd_end *end, const struct mx_boot *boot, struct odd *message)
{
	return odd_open(end, boot, 0) && odd_recv(end, message) && odd_try_send(end, message);
}
