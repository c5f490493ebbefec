/*
 * The cores: threads, and the signals that stand for exceptions and timer ticks.
 *
 * Rules: a signal comes while a domain's %fs is in force, so its handler must not use anything
 * behind %fs before the host's is back; whose thread it is, is told by the stack it runs on. A
 * tick counts the thread's own time: one that sleeps has none.
 */
#include <asm/prctl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "executive/linux/host/boot.h"

#define STACK   (64u << 10)
#define SIGNALS (64u << 10)
#define GUARD   (16u << 10) /* nothing is mapped below a stack */
#define TICK    5000000     /* ns of the thread's time */
#define BARE    __attribute__((no_stack_protector, no_sanitize("address", "thread", "undefined")))

struct seat host_seats[HOST_CORES];
static __thread uint32_t own =
        HOST_CORES; /* for sanitized builds, where %fs is always the host's */
static uint8_t signal_stacks[HOST_CORES][SIGNALS] __attribute__((aligned(SIGNALS)));

void host_ring(uint32_t core)
{
	uint64_t one = 1;

	while (write(host_seats[core].bell, &one, sizeof one) < 0 && errno == EINTR)
		;
}

/* Not by libc's syscall(), which would set errno behind the wrong %fs. */
BARE static void prctl_fs(long operation, uint64_t argument)
{
	long result = SYS_arch_prctl;

	__asm__ volatile("syscall"
	                 : "+a"(result)
	                 : "D"(operation), "S"(argument)
	                 : "rcx", "r11", "memory");
}

BARE static uint64_t get_fs(void)
{
	uint64_t fs;

	if (host_fsgsbase)
		__asm__ volatile("rdfsbase %0" : "=r"(fs));
	else
		prctl_fs(ARCH_GET_FS, (uint64_t)&fs);
	return fs;
}

BARE static void set_fs(uint64_t fs)
{
	if (host_fsgsbase)
		__asm__ volatile("wrfsbase %0" : : "r"(fs) : "memory");
	else
		prctl_fs(ARCH_SET_FS, fs);
}

static void serve(uint32_t core, int number, const ucontext_t *c)
{
	if (number == SIGRTMIN)
		host_entries[core]->tick(c->uc_mcontext.gregs);
	else
		host_entries[core]->fault(number, c->uc_mcontext.gregs);
}

/* HOST_CORES: no core's. A sanitizer may serve a signal late, and on any stack. */
BARE static uint32_t core_served(void)
{
	uint64_t at = (uint64_t)__builtin_frame_address(0) - (uint64_t)signal_stacks;

	if (SANITIZED)
		return own;
	return at < sizeof signal_stacks ? (uint32_t)(at / SIGNALS) : HOST_CORES;
}

BARE static void on_signal(int number, siginfo_t *info, void *context)
{
	uint32_t core = core_served();
	uint64_t fs;

	(void)info;
	if (core == HOST_CORES) { /* no core's thread: a mistake of the host's own */
		signal(number, SIG_DFL);
		return;
	}
	fs = get_fs();
	set_fs(host_seats[core].host_fs);
	serve(core, number, context);
	set_fs(fs);
}

static void catch_signals(void)
{
	static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
	struct sigaction a = {.sa_sigaction = on_signal,
	                      .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};

	for (uint32_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &a, NULL);
	sigaction(SIGRTMIN, &a, NULL);
}

static void start_ticks(void)
{
	struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN};
	struct itimerspec t = {{0, TICK}, {0, TICK}};
	timer_t timer;

	e._sigev_un._tid = (pid_t)syscall(SYS_gettid);
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &e, &timer) || timer_settime(timer, 0, &t, NULL))
		host_die("timer of a core", strerror(errno));
}

static void *run(void *argument)
{
	struct seat *s = argument;
	uint32_t core = (uint32_t)(s - host_seats);
	stack_t signals = {.ss_sp = s->signals, .ss_size = SIGNALS};

	own = core;
	s->host_fs = get_fs();
	sigaltstack(&signals, NULL);
	start_ticks();
	host_entries[core]->start(&host_machine, core, s);
	return NULL;
}

static void open_seat(uint32_t core)
{
	struct seat *s = &host_seats[core];
	struct epoll_event bell = {.events = EPOLLIN | EPOLLET}; /* number 0, see irq.c */

	s->stack = mmap(NULL, GUARD + STACK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->stack == MAP_FAILED || mprotect(s->stack += GUARD, STACK, PROT_READ | PROT_WRITE))
		host_die("stack of a core", strerror(errno));
	s->stack_top = s->stack + STACK;
	s->signals = signal_stacks[core];
	s->signals_top = s->signals + SIGNALS;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->epoll < 0 || s->bell < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->bell, &bell))
		host_die("interrupts of a core", strerror(errno));
}

void cores_start(void)
{
	catch_signals();
	for (uint32_t i = 0; i < host_machine.cores; i++)
		open_seat(i); /* all of them before one can be rung */
	for (uint32_t i = 0; i < host_machine.cores; i++) {
		pthread_t thread;
		char name[16];
		int error = pthread_create(&thread, NULL, run, &host_seats[i]);

		if (error)
			host_die("thread of a core", strerror(error));
		snprintf(name, sizeof name, "core %u", i);
		pthread_setname_np(thread, name);
	}
}
