/*
 * The site: the files below www/ of the bundle, found by path.
 *
 * Interface: site_open names the archive, site_build indexes it in slices (a domain that runs for
 * too long without waiting is killed) and says when it is done; site_find looks a path up.
 * Rules: nothing changes once it is built. Content stays where it is, in frozen frames; the text of
 * a file's header fields is prepared here, once.
 */
#ifndef HTTPD_SITE_H
#define HTTPD_SITE_H

#include <stdbool.h>
#include <stdint.h>

/* One representation of a resource (RFC 9110 3.2): its bytes and the fields that describe them. */
struct site_rep {
	const uint8_t *data;
	uint64_t offset; /* of the data in the frozen frames */
	uint32_t size;
	uint32_t mtime;
	const char *head;  /* ETag, Last-Modified, Accept-Ranges, Vary | type | Content-Length */
	uint16_t head_304; /* bytes up to the first bar: what a 304 repeats */
	uint16_t head_206; /* bytes up to the second: what a part says too */
	uint16_t head_200; /* all */
};

/* Where the validators stand in head. */
#define ETAG_AT     6u  /* behind "ETag: " */
#define ETAG_LENGTH 18u /* quotes and 16 digits */

struct site_file {
	const char *path;
	uint32_t path_length;
	uint32_t hash;
	struct site_file *next; /* in its bucket */
	struct site_rep plain;
	struct site_rep *gzip; /* the file's precompressed variant, or NULL */
};

void site_open(const uint8_t *archive, uint64_t size);
bool site_build(void);
const struct site_file *site_find(const char *path, uint32_t length);
uint32_t site_files(void);

#endif
