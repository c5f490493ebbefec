/*
 * The terminal of the executive's process, where that is a Linux program: standard input and
 * output, by system calls of this domain.
 *
 * Rules: they may be somebody else's too, so they are not made non-blocking: poll says what would
 * not wait. A line that is stopped takes few bytes at the end of its room, so few are written at
 * once. The end of the input is none of the output.
 */
#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <moxie/host.h>
#include "console/serial.h"

#define PIECE 64u /* bytes read or written at once */

static char typed[PIECE];
static uint32_t typed_n, typed_at;
static bool ended; /* the input */

/* Something can be had at once: bytes, room, or the news that there will be none. */
static bool ready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	return mx_host_call(SYS_poll, (uint64_t)&p, 1, 0) == 1;
}

bool serial_open(void)
{
	return true;
}

static bool not_now(long result)
{
	return result == -EAGAIN || result == -EINTR;
}

/* What the output refuses for good counts as written: nobody wants it. */
uint32_t serial_send(const char *text, uint32_t length)
{
	uint32_t n = length < PIECE ? length : PIECE;
	long result;

	if (!ready(STDOUT_FILENO, POLLOUT))
		return 0;
	result = mx_host_call(SYS_write, STDOUT_FILENO, (uint64_t)text, n);
	if (not_now(result))
		return 0;
	return result > 0 && result <= n ? (uint32_t)result : n;
}

static void read_more(void)
{
	long n;

	if (ended || !ready(STDIN_FILENO, POLLIN))
		return;
	n = mx_host_call(SYS_read, STDIN_FILENO, (uint64_t)typed, PIECE);
	typed_at = 0;
	typed_n = n > 0 && n <= PIECE ? (uint32_t)n : 0;
	ended = typed_n == 0 && !not_now(n);
}

bool serial_receive(char *c)
{
	if (typed_at == typed_n)
		read_more();
	if (typed_at == typed_n)
		return false;
	*c = typed[typed_at++];
	return true;
}
