/*
 * Sending by the end of another channel.
 * must say: incompatible pointer type
 */
#include <moxie/control.h>

#ifdef WRONG
bool speak(struct mx_control_end *end, const struct mx_line *line);
bool speak(struct mx_control_end *end, const struct mx_line *line)
#else
bool speak(struct mx_line_end *end, const struct mx_line *line);
bool speak(struct mx_line_end *end, const struct mx_line *line)
#endif
{
	return mx_line_try_send(end, line);
}
