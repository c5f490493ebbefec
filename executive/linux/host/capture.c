/* Capture files: see capture.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <pcap/pcap.h>
#include "executive/linux/host/capture.h"

#define NS 1000000000ull

static const char *refuse(struct capture *c, const char *path, const char *reason)
{
	snprintf(c->why, sizeof c->why, "%s: %s", path, reason);
	capture_close(c);
	return c->why;
}

/* Any file that libpcap knows: both byte orders, micro- and nanoseconds, pcapng. */
static const char *open_file(struct capture *c, const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	FILE *file = fopen(path, "rb");
	struct stat about;

	if (!file)
		return refuse(c, path, strerror(errno));
	if (fstat(fileno(file), &about) || !S_ISREG(about.st_mode)) {
		fclose(file);
		return refuse(c, path, "not a file that can be read twice");
	}
	c->file = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!c->file) {
		fclose(file);
		return refuse(c, path, why);
	}
	if (pcap_datalink(c->file) != DLT_EN10MB)
		return refuse(c, path, "its packets are not those of Ethernet");
	return NULL;
}

/* Packet n, which was read; NULL when it can be sent as it was. */
static const char *doubt(const struct pcap_pkthdr *head, uint32_t n, char *why, size_t size)
{
	if (head->caplen < head->len)
		snprintf(why, size, "packet %u: only %u of its %u bytes were captured", n,
		         head->caplen, head->len);
	else if (head->caplen > CAPTURE_FRAME)
		snprintf(why, size, "packet %u: %u bytes are no frame", n, head->caplen);
	else
		return NULL;
	return why;
}

static const char *read_through(struct capture *c, const char *path)
{
	struct pcap_pkthdr *head;
	const u_char *data;
	char why[96];
	uint32_t n = 0;
	int got;

	while ((got = pcap_next_ex(c->file, &head, &data)) == 1) {
		if (doubt(head, ++n, why, sizeof why))
			return refuse(c, path, why);
	}
	return got == PCAP_ERROR_BREAK ? NULL : refuse(c, path, pcap_geterr(c->file));
}

const char *capture_open(struct capture *c, const char *path)
{
	const char *why;

	memset(c, 0, sizeof *c);
	why = open_file(c, path);
	if (!why)
		why = read_through(c, path);
	if (why)
		return why;
	capture_close(c);
	return open_file(c, path);
}

bool capture_next(struct capture *c, struct record *r)
{
	struct pcap_pkthdr *head;

	if (pcap_next_ex(c->file, &head, &r->data) != 1)
		return false;
	/* libpcap has nanoseconds in tv_usec when they were asked for */
	r->time = (uint64_t)head->ts.tv_sec * NS + (uint64_t)head->ts.tv_usec;
	r->length = head->caplen;
	return true;
}

const char *capture_create(struct capture *c, const char *path)
{
	FILE *file = fopen(path, "wb");

	memset(c, 0, sizeof *c);
	if (!file)
		return refuse(c, path, strerror(errno));
	c->file = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, CAPTURE_FRAME,
	                                               PCAP_TSTAMP_PRECISION_NANO);
	c->dump = c->file ? pcap_dump_fopen(c->file, file) : NULL;
	return c->dump && capture_flush(c) ? NULL : refuse(c, path, "cannot be written");
}

void capture_add(struct capture *c, const struct record *r)
{
	struct pcap_pkthdr head = {.caplen = r->length, .len = r->length};

	head.ts.tv_sec = (time_t)(r->time / NS);
	head.ts.tv_usec = (suseconds_t)(r->time % NS);
	pcap_dump((u_char *)c->dump, &head, r->data);
}

bool capture_flush(struct capture *c)
{
	return pcap_dump_flush(c->dump) == 0 && !ferror(pcap_dump_file(c->dump));
}

void capture_close(struct capture *c)
{
	if (c->dump)
		pcap_dump_close(c->dump);
	if (c->file)
		pcap_close(c->file);
	c->dump = NULL;
	c->file = NULL;
}
