/*
 * A probe: small UDP packets at an even pace from one namespace to another, and what became of
 * them.
 *
 * usage: probe FROM-NETNS TO-NETNS ADDRESS PORT [PACKETS-A-SECOND [LEAST-GAP-MS]]
 * Runs until its standard input ends. Prints, as it happens,
 *   gap START LENGTH MISSING    nothing came for LENGTH although something was under way; MISSING
 *                               packets before the next one had not come by then
 * and at its end
 *   probe sent N lost N doubled N reordered N longest NS slowest NS
 * (the longest gap, and the longest that a packet was under way). Times are nanoseconds of
 * CLOCK_MONOTONIC. Defaults: 1000 a second, gaps from 3 ms on.
 *
 * Rules: a busy host must not look like a gap. The sender runs in real time where it may; a gap
 * begins only when a packet had been handed to the kernel (the time after the call, from a log that
 * both threads share), and ends when the kernel received one (its stamp, not the reader's clock).
 * So neither end's own delay counts.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull
#define WINDOW 65536u         /* packets remembered: a minute and more */
#define LINGER (SECOND / 2)   /* after the last packet, for those under way */
#define LOOK   20             /* ms between two looks at the standard input */
#define WAKES  (SECOND / 500) /* ns: a sleep that is late by more begins the pace anew */

/* On the wire; both ends are one machine, so in its own byte order. */
struct probe {
	uint64_t number; /* from 1 on */
	uint64_t sent;   /* ns, before the call */
};

/* What is known of packet `number`; an older one may still stand in its place. */
struct record {
	_Atomic uint64_t number;
	_Atomic uint64_t sent; /* after the call */
};

static struct record records[WINDOW]; /* the sender's */
static uint64_t heard[WINDOW];        /* the receiver's: numbers that came */
static _Atomic uint64_t sent;
static atomic_bool enough;
static int out, in;
static uint64_t pace, least;
static int64_t real_ahead; /* of the monotonic clock: kernel stamps are real time */

static uint64_t last_number, last_at; /* the newest that came, the last arrival */
static uint64_t came, doubled, reordered, longest, slowest;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static uint64_t now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Several tries: this thread may lose its core between the two looks. */
static void compare_clocks(void)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < 16; i++) {
		uint64_t before = now(), real = clock_ns(CLOCK_REALTIME), span = now() - before;

		if (span < best) {
			best = span;
			real_ahead = (int64_t)(real - before - span / 2);
		}
	}
}

static void enter(const char *netns)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static socklen_t address_of(const char *text, const char *port, struct sockaddr_storage *address)
{
	struct sockaddr_in *four = (void *)address;
	struct sockaddr_in6 *six = (void *)address;
	uint16_t number = htons((uint16_t)strtoul(port, NULL, 10));

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = number;
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = number;
		return sizeof(*six);
	}
	fprintf(stderr, "probe: '%s' is no address\n", text);
	exit(2);
}

/* A socket belongs to the namespace that it was made in. */
static void open_sockets(char **words)
{
	struct sockaddr_storage to;
	socklen_t size = address_of(words[2], words[3], &to);
	int on = 1;

	enter(words[1]);
	in = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (in < 0 || setsockopt(in, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) ||
	    bind(in, (struct sockaddr *)&to, size))
		fail("receiver");
	enter(words[0]);
	out = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out < 0 || connect(out, (struct sockaddr *)&to, size))
		fail("sender");
}

/* Whatever the kernel says of it: a packet that it refuses is lost, and it was time for one. */
static void send_one(uint64_t number)
{
	struct probe p = {.number = number, .sent = now()};
	struct record *r = &records[number % WINDOW];

	atomic_store(&r->sent, p.sent);
	atomic_store(&r->number, number);
	atomic_store(&sent, number);
	if (send(out, &p, sizeof(p), MSG_DONTWAIT) < 0)
		return; /* there is a time for it: that before the call */
	atomic_store(&r->sent, now());
}

static void *sender(void *unused)
{
	uint64_t due = now();

	(void)unused;
	for (uint64_t number = 1; !atomic_load(&enough); number++) {
		struct timespec t;
		uint64_t late = now();

		due = late > due + WAKES ? late : due + pace; /* no burst to catch up */
		t = (struct timespec){(time_t)(due / SECOND), (long)(due % SECOND)};
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
		send_one(number);
	}
	return NULL;
}

/* When a packet was on its way for sure; 0: it is not remembered any more. */
static uint64_t under_way(uint64_t number)
{
	struct record *r = &records[number % WINDOW];

	return atomic_load(&r->number) == number ? atomic_load(&r->sent) : 0;
}

/* Nothing came from last_at until `at`; the first that was missed then is what counts. */
static void close_gap(uint64_t at, uint64_t number)
{
	uint64_t first = under_way(last_number + 1);
	uint64_t start = first > last_at ? first : last_at;

	if (at <= start)
		return;
	if (at - start > longest)
		longest = at - start;
	if (at - start < least)
		return;
	printf("gap %lu %lu %lu\n", start, at - start, number - last_number - 1);
	fflush(stdout);
}

static void arrived(const struct probe *p, uint64_t at)
{
	uint64_t number = p->number, *seen = &heard[number % WINDOW];

	if (!under_way(number))
		return; /* older than what is remembered: told as lost */
	if (*seen == number) {
		doubled++;
		return;
	}
	*seen = number;
	came++;
	if (at > p->sent + slowest)
		slowest = at - p->sent;
	if (number < last_number) {
		reordered++;
	} else {
		close_gap(at, number);
		last_number = number;
	}
	last_at = at;
}

static uint64_t stamp_of(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec t;

			memcpy(&t, CMSG_DATA(c), sizeof(t));
			return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec -
			       (uint64_t)real_ahead;
		}
	return now();
}

static void receive_all(void)
{
	for (;;) {
		char control[CMSG_SPACE(sizeof(struct timespec))];
		struct probe p;
		struct iovec piece = {&p, sizeof(p)};
		struct msghdr m = {.msg_iov = &piece,
		                   .msg_iovlen = 1,
		                   .msg_control = control,
		                   .msg_controllen = sizeof(control)};

		if (recvmsg(in, &m, MSG_DONTWAIT) != sizeof(p))
			return;
		arrived(&p, stamp_of(&m));
	}
}

/* True: the standard input has ended. What is typed there means nothing. */
static bool told_to_stop(struct pollfd *input)
{
	char text[64];

	return input->revents && read(input->fd, text, sizeof(text)) <= 0;
}

/* The result: when sending was over. */
static uint64_t receive_until_stopped(void)
{
	struct pollfd fds[] = {{.fd = in, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
	uint64_t until = UINT64_MAX;

	while (now() < until) {
		poll(fds, until == UINT64_MAX ? 2 : 1, LOOK);
		receive_all();
		if (until == UINT64_MAX && told_to_stop(&fds[1])) {
			atomic_store(&enough, true);
			until = now() + LINGER;
		}
	}
	return until - LINGER;
}

/* The sender before everybody else, if that is allowed: else it is just less even. */
static pthread_t start_sender(void)
{
	struct sched_param first = {.sched_priority = 2};
	pthread_t thread;

	mlockall(MCL_CURRENT | MCL_FUTURE);
	prctl(PR_SET_TIMERSLACK, 1);
	if (pthread_create(&thread, NULL, sender, NULL))
		fail("pthread_create");
	pthread_setschedparam(thread, SCHED_FIFO, &first);
	return thread;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	uint64_t over;

	if (argc < 5 || argc > 7) {
		fprintf(stderr,
		        "usage: probe FROM-NETNS TO-NETNS ADDRESS PORT [RATE [LEAST-MS]]\n");
		return 2;
	}
	pace = SECOND / (argc > 5 ? strtoul(argv[5], NULL, 10) : 1000);
	least = (argc > 6 ? strtoul(argv[6], NULL, 10) : 3) * (SECOND / 1000);
	compare_clocks();
	open_sockets(argv + 1);
	last_at = now();
	thread = start_sender();
	over = receive_until_stopped();
	pthread_join(thread, NULL);
	if (sent > last_number) /* the rest never came */
		close_gap(over, sent + 1);
	printf("probe sent %lu lost %lu doubled %lu reordered %lu longest %lu slowest %lu\n", sent,
	       sent - came, doubled, reordered, longest, slowest);
	return 0;
}
