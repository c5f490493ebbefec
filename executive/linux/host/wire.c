/* The wire: see wire.h. */
#include <errno.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "executive/linux/host/capture.h"
#include "executive/linux/host/boot.h"
#include "executive/linux/host/wire.h"

#define HEADER   ((uint32_t)sizeof(struct virtio_net_hdr_v1))
#define NS       1000000000ull
#define LOOK     20000 /* ns from one look at the cores to the next */
#define PATIENCE 10u   /* s: for what one packet causes */
#define ENDED    "moxie: the pcap input has ended\n"

struct port {
	int fd;
	bool reads, writes;
	struct capture in, out;
	struct record next; /* of the input, when it reads */
	uint32_t refused;   /* packets that no driver should have sent */
	char files[256];    /* as the user named them */
};
static struct port ports[MX_PORTS];
static uint32_t ports_n;
static uint64_t now; /* of the capture: what comes out was caused then */
static bool replays, lingers;

static uint64_t clock_ns(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (uint64_t)t.tv_sec * NS + (uint64_t)t.tv_nsec;
}

/* --- out of the appliance --- */

static void keep(struct port *p, const uint8_t *data, uint32_t length)
{
	struct record r = {now, length - HEADER, data + HEADER};
	struct virtio_net_hdr_v1 head;

	memcpy(&head, data, sizeof head);
	/* The port offers no offloads, so packets come complete. */
	if (length <= HEADER || head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM || head.gso_type ||
	    r.length > CAPTURE_FRAME)
		p->refused++;
	else if (p->writes)
		capture_add(&p->out, &r);
}

/* Something came. */
static bool drain(struct port *p)
{
	static uint8_t data[HEADER + CAPTURE_FRAME + 1];
	bool any = false;
	ssize_t n;

	while ((n = recv(p->fd, data, sizeof data, MSG_DONTWAIT)) > 0) {
		if (!replays)
			now = clock_ns(CLOCK_REALTIME);
		keep(p, data, (uint32_t)n);
		any = true;
	}
	if (any && p->writes && !capture_flush(&p->out)) {
		fprintf(stderr, "moxie-linux: %s: the output cannot be written\n", p->files);
		_exit(2);
	}
	return any;
}

static bool drain_all(void)
{
	bool any = false;

	for (uint32_t i = 0; i < ports_n; i++)
		any |= drain(&ports[i]);
	return any;
}

/* --- when the next may go in --- */

/* The first port whose driver has not read all, or ports_n. */
static uint32_t untaken(void)
{
	int bytes;

	for (uint32_t i = 0; i < ports_n; i++) {
		if (ioctl(ports[i].fd, SIOCOUTQ, &bytes) || bytes)
			return i;
	}
	return ports_n;
}

static uint64_t all_asleep(void)
{
	return host_entries[0]->asleep(&host_machine);
}

/*
 * Nothing is under way. Asleep one after the other is not asleep together: one may have woken
 * another before it slept. So all are looked at twice, and none has slept anew in between.
 */
static bool quiet(void)
{
	uint64_t asleep;

	if (drain_all() || untaken() < ports_n)
		return false;
	asleep = all_asleep();
	return asleep && !drain_all() && untaken() == ports_n && all_asleep() == asleep;
}

/* Until something comes out, or for a while. */
static void await(const struct timespec *most)
{
	struct pollfd wanted[MX_PORTS];

	for (uint32_t i = 0; i < ports_n; i++)
		wanted[i] = (struct pollfd){.fd = ports[i].fd, .events = POLLIN};
	ppoll(wanted, ports_n, most, NULL);
}

static _Noreturn void give_up(uint32_t port)
{
	if (port < ports_n)
		fprintf(stderr, "moxie-linux: %s: its port took no packet for %u s\n",
		        ports[port].files, PATIENCE);
	else
		fprintf(stderr, "moxie-linux: pcap: the appliance was not idle once in %u s\n",
		        PATIENCE);
	_exit(1);
}

/* No core tells when it falls asleep, which would cost every sleep of every run: it is looked at.
 */
static void wait_quiet(void)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + PATIENCE * NS;

	while (!quiet()) {
		await(&(struct timespec){0, LOOK});
		if (clock_ns(CLOCK_MONOTONIC) > until)
			give_up(untaken());
	}
}

/* --- into the appliance --- */

static struct port *earliest(void)
{
	struct port *best = NULL;

	for (uint32_t i = 0; i < ports_n; i++) {
		if (ports[i].reads && (!best || ports[i].next.time < best->next.time))
			best = &ports[i];
	}
	return best;
}

static bool feed(void)
{
	struct port *p = earliest();
	struct virtio_net_hdr_v1 head = {.num_buffers = 1};
	struct iovec parts[2] = {{&head, sizeof head}};

	if (!p)
		return false;
	now = p->next.time;
	parts[1] = (struct iovec){(void *)p->next.data, p->next.length};
	if (writev(p->fd, parts, 2) < 0) {
		fprintf(stderr, "moxie-linux: %s: %s\n", p->files, strerror(errno));
		_exit(2);
	}
	p->reads = capture_next(&p->in, &p->next);
	return true;
}

static void watch(void)
{
	for (;;) {
		drain_all();
		await(NULL);
	}
}

static void finish(void)
{
	for (uint32_t i = 0; i < ports_n; i++) {
		struct port *p = &ports[i];

		if (p->refused)
			fprintf(stderr,
			        "moxie-linux: eth%u: %u packets with offloads were not kept\n", i,
			        p->refused);
		capture_close(&p->in);
		capture_close(&p->out);
	}
	host_power(MX_POWER_OFF);
}

static void *run(void *unused)
{
	(void)unused;
	prctl(PR_SET_TIMERSLACK, 1);
	if (!replays)
		watch();
	do
		wait_quiet();
	while (feed());
	if (lingers) {
		host_write(ENDED, sizeof ENDED - 1);
		watch();
	}
	finish();
	return NULL;
}

void wire_start(bool linger)
{
	sigset_t all, before;
	pthread_t thread;

	if (!ports_n)
		return;
	lingers = linger;
	now = earliest() && earliest()->next.time ? earliest()->next.time - 1 : 0;
	/* The signals are the cores'. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, run, NULL)) {
		fprintf(stderr, "moxie-linux: no thread for the pcap files\n");
		exit(2);
	}
	pthread_setname_np(thread, "wire");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- ports --- */

static bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static const char *open_files(struct port *p, const char *in, const char *out)
{
	const char *why = NULL;

	if (*in && *out && same_file(in, out))
		return "the output would overwrite the input";
	if (*in)
		why = capture_open(&p->in, in);
	if (!why && *out)
		why = capture_create(&p->out, out);
	if (why)
		return why;
	p->reads = *in && capture_next(&p->in, &p->next);
	p->writes = *out;
	replays |= *in;
	return NULL;
}

const char *wire_add(const char *files, int *fd)
{
	struct port *p = &ports[ports_n];
	char *in = strdup(files), *out = in ? strchr(in, ':') : NULL;
	const char *why;
	int ends[2];

	if (!in || ports_n == MX_PORTS)
		return "too many ports";
	if (out)
		*out++ = '\0';
	snprintf(p->files, sizeof p->files, "%s", files);
	why = open_files(p, in, out ? out : "");
	free(in);
	if (why)
		return why;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends))
		return strerror(errno);
	p->fd = ends[0];
	*fd = ends[1];
	ports_n++;
	return NULL;
}
