/*
 * Sending a message of another channel's type.
 * must say: incompatible pointer type
 */
#include <moxie/control.h>

bool speak(struct mx_line_end *end);

bool speak(struct mx_line_end *end)
{
#ifdef WRONG
	struct mx_control message = {.op = MX_CTL_GO};
#else
	struct mx_line message = {.length = 1, .text = "\n"};
#endif
	return mx_line_try_send(end, &message);
}
