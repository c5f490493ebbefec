/*
 * moxie-linux: the machine and its loader, as an ordinary program.
 *
 * It reads the command line, gets memory, bundle and ports, and starts a thread a core; from there
 * on no core is special. This thread waits for a signal that ends the program, or for its end.
 */
#include <asm/hwcap2.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <termios.h>
#include <unistd.h>
#include "executive/linux/host/boot.h"
#include "executive/linux/host/wire.h"

bool host_fsgsbase;
static char **arguments;
static struct termios terminal;
static bool terminal_changed;

void host_write(const char *text, uint32_t length)
{
	ssize_t n = 0;

	for (uint32_t done = 0; done < length && n >= 0; done += (uint32_t)n)
		n = write(STDOUT_FILENO, text + done, length - done);
}

/* Keys come one by one and unseen: the console shows them. Ctrl-C stays what it is. */
static void open_terminal(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal))
		return;
	raw = terminal;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_iflag &= ~(tcflag_t)ICRNL;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	terminal_changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void close_terminal(void)
{
	if (terminal_changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

_Noreturn void host_power(uint32_t how)
{
	close_terminal();
	if (how == MX_POWER_RESET) {
		execv("/proc/self/exe", arguments);
		perror("moxie-linux: cannot start again");
		_exit(1);
	}
	_exit(0);
}

_Noreturn void host_panic(void)
{
	close_terminal();
	signal(SIGABRT, SIG_DFL);
	abort();
}

_Noreturn void host_die(const char *what, const char *why)
{
	fprintf(stderr, "moxie-linux: %s: %s\n", what, why);
	exit(2);
}

int main(int argc, char **argv)
{
	sigset_t ends;
	int number;

	arguments = argv;
	while ((number = open("/dev/null", O_RDWR)) <= STDERR_FILENO && number >= 0)
		; /* the console's descriptors are never something else's */
	close(number);
	host_fsgsbase = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE;
	options_read(argc, argv);
	memory_open();
	topology_open();
	time_open();
	ports_open();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &ends, NULL); /* the cores' threads leave them to this one */
	open_terminal();
	cores_start();
	wire_start(host_options.linger);
	sigwait(&ends, &number);
	close_terminal();
	_exit(128 + number);
}
