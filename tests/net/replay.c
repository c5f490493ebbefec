/*
 * Replay frames into an interface, in turn, at a rate and for a time.
 *
 * usage: replay INTERFACE PACKETS-A-SECOND SECONDS <FRAMES
 * FRAMES: each two bytes of length (little endian) and as many bytes. 0 SECONDS: each frame once.
 * Prints "begun" when each frame has been sent once; at the end how many frames the interface took,
 * and how many it had no room for. Rules: bounded in count, time and rate; frames go past the
 * queueing discipline, so that a full interface loses them here and not on the way to it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include "tools/moxie/raw.h"

#define FRAMES_MAX 65536u
#define BYTES_MAX  (64u << 20)
#define BATCH      32u
#define PACE       200000 /* ns between bursts */
#define BACKOFF    500000 /* ns: a full tap holds hundreds of packets */

static struct iovec frames[FRAMES_MAX];
static uint8_t bytes[BYTES_MAX];
static size_t count;
static uint64_t taken, refused;

static void read_frames(void)
{
	size_t have = fread(bytes, 1, sizeof(bytes), stdin);

	for (size_t at = 0; at + 2 <= have && count < FRAMES_MAX;) {
		size_t n = bytes[at] | (size_t)bytes[at + 1] << 8;

		if (at + 2 + n > have)
			break;
		frames[count++] = (struct iovec){bytes + at + 2, n};
		at += 2 + n;
	}
	if (!count) {
		fprintf(stderr, "replay: no frames\n");
		exit(2);
	}
}

/* Up to n frames from number `first` on; how many are over. A frame the kernel refuses is skipped.
 */
static uint64_t send_batch(int fd, uint64_t first, uint64_t n)
{
	struct mmsghdr batch[BATCH] = {0};
	int done;

	n = n < BATCH ? n : BATCH;
	for (uint64_t i = 0; i < n; i++)
		batch[i].msg_hdr =
		        (struct msghdr){.msg_iov = &frames[(first + i) % count], .msg_iovlen = 1};
	done = sendmmsg(fd, batch, (unsigned)n, 0);
	if (done > 0) {
		taken += (uint64_t)done;
		return (uint64_t)done;
	}
	if (errno == ENOBUFS || errno == EAGAIN)
		pause_for(BACKOFF);
	refused++;
	return 1;
}

static void run(int fd, uint64_t rate, uint64_t span)
{
	uint64_t start = now(), over = 0, limit = span ? UINT64_MAX : count;
	int begun = 0;

	while (over < limit && (!span || now() - start < span)) {
		uint64_t due = (now() - start) * rate / 1000000000u;

		if (due > limit)
			due = limit;
		if (due <= over)
			pause_for(PACE);
		else
			over += send_batch(fd, over, due - over);
		if (!begun && over >= count)
			begun = puts("begun") >= 0 && fflush(stdout) == 0;
	}
	printf("%lu %lu\n", taken, refused);
}

int main(int argc, char **argv)
{
	if (argc != 4 || strtoul(argv[2], NULL, 10) == 0) {
		fprintf(stderr, "usage: replay INTERFACE RATE SECONDS <FRAMES\n");
		return 2;
	}
	prctl(PR_SET_TIMERSLACK, 1);
	read_frames();
	run(open_socket(argv[1], 0), strtoul(argv[2], NULL, 10),
	    (uint64_t)(strtod(argv[3], NULL) * 1e9));
	return 0;
}
