/*
 * Requests: http-parser reads the bytes, this keeps what an answer needs of them.
 *
 * Interface: request_start before a connection's first byte; request_feed for each piece of the
 * stream. READ_DONE: a request is complete and *used says how many bytes it took; the rest
 * belongs to the next. READ_BAD: request->error is the status to answer with, and the
 * connection must close, for nobody knows where the next request would begin.
 * Rules: the memory of a request is fixed; what does not fit is an error status. One may be
 * complete and hold an error (a method we do not serve, say) that leaves the stream intact.
 */
#ifndef HTTPD_REQUEST_H
#define HTTPD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <http_parser.h>

#define HEAD_LIMIT   8192u  /* bytes of request line and header section: 431 */
#define TARGET_LIMIT 4096u  /* bytes of the request target: 414 */
#define BODY_LIMIT   65536u /* bytes of content and its framing, which are skipped: 413 */
#define TEXT_LIMIT   1024u  /* bytes of the fields that are kept, and of the path */

/* The fields that matter here; those before FIELD_KEPT are kept as text. */
enum field {
	FIELD_ACCEPT_ENCODING,
	FIELD_IF_MATCH,
	FIELD_IF_NONE_MATCH,
	FIELD_IF_MODIFIED_SINCE,
	FIELD_IF_UNMODIFIED_SINCE,
	FIELD_IF_RANGE,
	FIELD_RANGE,
	FIELD_EXPECT,
	FIELD_KEPT,
	FIELD_HOST = FIELD_KEPT,
	FIELD_OTHER,
};

struct request {
	uint16_t error; /* status that the request earned while it was read, 0: none */
	bool begun;     /* its first byte was seen */
	bool headers_done;
	bool keep_alive;
	bool head; /* HEAD: the answer has no content */
	bool http_1_0;
	bool expects;   /* the client waits for 100 before it sends its content */
	bool path_over; /* '?' or '#' was seen, or the path is longer than any file's */
	bool path_long;
	uint8_t hosts; /* Host fields, two at most are counted */
	uint8_t field; /* enum field being read */
	uint8_t name_length;
	enum { IN_TARGET, IN_NAME, IN_VALUE } in;
	uint16_t target; /* bytes of the target so far */
	uint16_t used;   /* bytes of text */
	uint16_t start;  /* of the string at the end of text that still grows, or TEXT_LIMIT */
	uint32_t total;  /* bytes of the request so far */
	uint16_t value[FIELD_KEPT]; /* where in text it stands, NUL-terminated; 0: absent */
	char name[24];              /* of the field being read, lower case, cut */
	char text[TEXT_LIMIT];      /* the path comes first */
};

enum read { READ_MORE, READ_DONE, READ_BAD };

void request_start(http_parser *parser);
enum read request_feed(http_parser *parser, struct request *r, const char *data, uint32_t length,
                       uint32_t *used);
/* Make r ready for the next request. */
void request_clear(struct request *r);

static inline const char *request_field(const struct request *r, enum field f)
{
	return r->value[f] ? r->text + r->value[f] : 0;
}

#endif
