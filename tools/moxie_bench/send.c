/*
 * Send UDP packets out of an interface at a rate, or as fast as it takes them.
 *
 * usage: send INTERFACE DESTINATION-MAC FROM TO FRAME-BYTES PACKETS-A-SECOND SECONDS [FLOWS]
 * FRAME-BYTES counts the check sequence (4 bytes), as RFC 2544 does; a rate of 0 is no limit.
 * FLOWS differ in their source port and take turns.
 * Prints packets that the interface took, packets that it had no room for, and nanoseconds.
 * Rules: costs as little as can be, since guest, QEMU and sender share the host's cores: packets
 * go in batches, past the queueing discipline, and a full interface lets the sender sleep.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include "tools/moxie/raw.h"

#define BATCH   64u
#define FCS     4u
#define LEAST   (sizeof(struct ether_header) + sizeof(struct iphdr) + sizeof(struct udphdr))
#define MOST    1514u
#define PORT    9      /* discard */
#define BACKOFF 500000 /* ns: a full tap holds a thousand packets, so it does not run dry */
#define PACE    100000 /* ns between the bursts of a paced flow */

static uint8_t frames[BATCH][MOST]; /* of flows, in turn */
static uint64_t taken, refused;

static uint16_t header_sum(const void *data, size_t bytes)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < bytes / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~(sum + (sum >> 16));
}

/* No UDP checksum: RFC 768 allows that in IPv4, and no router looks at it. */
static void build(uint8_t *frame, const char *mac, const char *from, const char *to, size_t bytes,
                  uint32_t flow)
{
	struct ether_header *e = (void *)frame;
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
	struct udphdr udp = {.source = htons((uint16_t)(PORT + flow)), .dest = htons(PORT)};
	const struct ether_addr *there = ether_aton(mac);

	if (!there || inet_pton(AF_INET, from, &ip.saddr) != 1 ||
	    inet_pton(AF_INET, to, &ip.daddr) != 1) {
		fprintf(stderr, "send: an address cannot be read\n");
		exit(2);
	}
	memcpy(e->ether_dhost, there, ETH_ALEN);
	e->ether_shost[0] = 2; /* locally administered; nobody answers to it */
	e->ether_type = htons(ETHERTYPE_IP);
	ip.tot_len = htons((uint16_t)(bytes - sizeof(*e)));
	ip.check = header_sum(&ip, sizeof(ip));
	udp.len = htons((uint16_t)(bytes - sizeof(*e) - sizeof(ip)));
	memcpy(frame + sizeof(*e), &ip, sizeof(ip));
	memcpy(frame + sizeof(*e) + sizeof(ip), &udp, sizeof(udp));
}

/* A packet that the interface refuses is over, like one lost on a wire. False: it is full. */
static int send_batch(int fd, struct mmsghdr *batch, uint32_t n)
{
	int done = sendmmsg(fd, batch, n, 0);

	if (done > 0)
		taken += (uint64_t)done;
	if (done == (int)n)
		return 1;
	if (done < 0 && errno != ENOBUFS && errno != EAGAIN)
		fail("sendmmsg");
	refused += done > 0 ? 0 : 1;
	return 0;
}

static void run(int fd, size_t bytes, size_t flows, uint64_t rate, uint64_t span)
{
	struct iovec pieces[BATCH];
	struct mmsghdr batch[BATCH] = {0};
	uint64_t start = now(), at = start;

	for (uint32_t i = 0; i < BATCH; i++) {
		pieces[i] = (struct iovec){frames[i % flows], bytes};
		batch[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
	}
	for (; at - start < span; at = now()) {
		uint64_t due = rate ? (at - start) * rate / 1000000000u : UINT64_MAX;
		uint64_t behind = due - (taken + refused);

		if (rate && due <= taken + refused)
			pause_for(PACE);
		else if (!send_batch(fd, batch, behind < BATCH ? (uint32_t)behind : BATCH))
			pause_for(BACKOFF);
	}
	printf("%lu %lu %lu\n", taken, refused, at - start);
}

int main(int argc, char **argv)
{
	size_t bytes, flows;

	if (argc != 8 && argc != 9) {
		fprintf(stderr, "usage: send INTERFACE MAC FROM TO BYTES RATE SECONDS [FLOWS]\n");
		return 2;
	}
	bytes = strtoul(argv[5], NULL, 10) - FCS;
	if (bytes < LEAST || bytes > MOST) {
		fprintf(stderr, "send: %s bytes make no frame\n", argv[5]);
		return 2;
	}
	flows = argc == 9 ? strtoul(argv[8], NULL, 10) : 1;
	if (flows < 1 || flows > BATCH) {
		fprintf(stderr, "send: 1 to %u flows\n", BATCH);
		return 2;
	}
	prctl(PR_SET_TIMERSLACK, 1); /* else short sleeps take 50 us more */
	for (uint32_t i = 0; i < flows; i++)
		build(frames[i], argv[2], argv[3], argv[4], bytes, i);
	run(open_socket(argv[1], ETHERTYPE_IP), bytes, flows, strtoul(argv[6], NULL, 10),
	    (uint64_t)(strtod(argv[7], NULL) * 1e9));
	return 0;
}
