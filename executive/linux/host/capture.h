/*
 * A capture file: packets with their times, read or written by libpcap.
 *
 * Interface: capture_open and capture_next read, capture_create and capture_add write. An open that
 * fails says why in words for the user.
 * Rules: an input is read through once before it is used, so that a file which is cut off, of
 * another link layer or with shortened packets is refused before anything was done with it. Times
 * are kept to the nanosecond; what is written depends on the packets alone.
 */
#ifndef LINUX_CAPTURE_H
#define LINUX_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_FRAME                                                                              \
	65550u /* bytes of the longest: an IP packet of 65535 and an Ethernet header */

struct record {
	uint64_t time; /* ns since 1970 */
	uint32_t length;
	const uint8_t *data; /* until the next is read */
};
struct capture {
	struct pcap *file;
	struct pcap_dumper *dump; /* of one that is written */
	char why[320];
};

/* NULL, or why not (in c->why). */
const char *capture_open(struct capture *c, const char *path);
const char *capture_create(struct capture *c, const char *path);
bool capture_next(struct capture *c, struct record *r); /* false: that was all */
void capture_add(struct capture *c, const struct record *r);
bool capture_flush(struct capture *c); /* all that was added is in the file */
void capture_close(struct capture *c);

#endif
