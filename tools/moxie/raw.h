/*
 * What senders of raw frames have in common: the clock, short sleeps, and a packet socket that goes
 * past the queueing discipline, so that a full interface tells them.
 */
#ifndef MOXIE_RAW_H
#define MOXIE_RAW_H

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static inline void fail(const char *what)
{
	perror(what);
	exit(1);
}

static inline uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void pause_for(uint64_t ns)
{
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000u),
	                     .tv_nsec = (long)(ns % 1000000000u)};

	nanosleep(&t, NULL);
}

/* protocol: of all frames, 0: the kernel looks into each. */
static inline int open_socket(const char *interface, uint16_t protocol)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0)
		fail("socket");
	to.sll_ifindex = (int)if_nametoindex(interface);
	if (!to.sll_ifindex)
		fail(interface);
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("bind");
	if (setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		fail("PACKET_QDISC_BYPASS");
	return fd;
}

#endif
