/*
 * Receiving into a message of another channel's type.
 * must say: incompatible pointer type
 */
#include <moxie/control.h>

bool hear(struct mx_control_end *end);

bool hear(struct mx_control_end *end)
{
#ifdef WRONG
	struct mx_line message;
#else
	struct mx_control message;
#endif
	return mx_control_recv(end, &message);
}
