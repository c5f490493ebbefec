/*
 * Requests: see request.h. The callbacks of http-parser; each may come in several pieces, since
 * a request may be cut anywhere.
 * Rules: a callback that returns -1 stops the parser for good; r->error tells why.
 */
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include "request.h"

static const struct {
	const char *name;
	uint8_t length, field;
} fields[] = {
        {"host", 4, FIELD_HOST},
        {"range", 5, FIELD_RANGE},
        {"expect", 6, FIELD_EXPECT},
        {"if-match", 8, FIELD_IF_MATCH},
        {"if-range", 8, FIELD_IF_RANGE},
        {"if-none-match", 13, FIELD_IF_NONE_MATCH},
        {"accept-encoding", 15, FIELD_ACCEPT_ENCODING},
        {"if-modified-since", 17, FIELD_IF_MODIFIED_SINCE},
        {"if-unmodified-since", 19, FIELD_IF_UNMODIFIED_SINCE},
};

static int fail(struct request *r, uint16_t status)
{
	r->error = status;
	return -1;
}

static int on_begin(http_parser *p)
{
	((struct request *)p->data)->begun = true;
	return 0;
}

static int keep(struct request *r, const char *at, size_t length)
{
	if (length >= TEXT_LIMIT - r->used) /* one byte stays for the NUL */
		return fail(r, 431);
	memcpy(r->text + r->used, at, length);
	r->used += (uint16_t)length;
	return 0;
}

/* The string that grew is complete: trim it (RFC 9112 5.1) and terminate it. */
static void end_text(struct request *r)
{
	if (r->start == TEXT_LIMIT)
		return;
	while (r->used > r->start && (r->text[r->used - 1] == ' ' || r->text[r->used - 1] == '\t'))
		r->used--;
	r->text[r->used++] = 0;
	r->start = TEXT_LIMIT;
}

/* Keep the path; a query changes nothing about a file, a fragment should not have been sent. */
static int on_url(http_parser *p, const char *at, size_t length)
{
	struct request *r = p->data;
	size_t n = 0;

	if (length > TARGET_LIMIT - r->target)
		return fail(r, 414);
	r->target += (uint16_t)length;
	if (r->path_over)
		return 0;
	while (n < length && at[n] != '?' && at[n] != '#')
		n++;
	r->path_over = n < length;
	if (n >= TEXT_LIMIT - r->used) { /* no file has such a name */
		r->path_over = r->path_long = true;
		r->used = 0;
		return 0;
	}
	return keep(r, at, n);
}

static int on_name(http_parser *p, const char *at, size_t length)
{
	struct request *r = p->data;

	if (r->headers_done) /* a trailer */
		return 0;
	if (r->in != IN_NAME) {
		end_text(r);
		r->in = IN_NAME;
		r->name_length = 0;
	}
	for (size_t i = 0; i < length; i++) {
		/* Blanks in a name hide a field from others (RFC 9112 5.1); lenient builds of the
		   parser let them through. */
		if (at[i] == ' ' || at[i] == '\t')
			return fail(r, 400);
		if (r->name_length < sizeof(r->name))
			r->name[r->name_length++] =
			        (char)(at[i] >= 'A' && at[i] <= 'Z' ? at[i] | 32 : at[i]);
	}
	return 0;
}

static uint8_t field_named(const struct request *r)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].length == r->name_length &&
		    memcmp(fields[i].name, r->name, r->name_length) == 0)
			return fields[i].field;
	return FIELD_OTHER;
}

/* A field that comes again continues its list (RFC 9110 5.3). */
static int begin_value(struct request *r)
{
	uint16_t old;

	r->in = IN_VALUE;
	r->field = field_named(r);
	if (r->field == FIELD_HOST && r->hosts < 2)
		r->hosts++;
	if (r->field >= FIELD_KEPT)
		return 0;
	if (r->used == TEXT_LIMIT)
		return fail(r, 431);
	old = r->value[r->field];
	r->start = r->value[r->field] = r->used;
	if (!old)
		return 0;
	return keep(r, r->text + old, strlen(r->text + old)) || keep(r, ", ", 2) ? -1 : 0;
}

/* What uri-host and port may consist of (RFC 3986 3.2.2); the usual ones first. */
static bool host_char(unsigned char c)
{
	return (c >= '-' && c <= ':' && c != '/') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       (c && strchr("_~!$&'()*+,;=%[]", c));
}

/* RFC 9112 3.2: a Host field with an invalid value is answered by 400. */
static bool host_valid(const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!host_char((unsigned char)at[i]))
			return false;
	return true;
}

static int on_value(http_parser *p, const char *at, size_t length)
{
	struct request *r = p->data;

	if (r->headers_done)
		return 0;
	if (r->in != IN_VALUE && begin_value(r))
		return -1;
	if (r->field < FIELD_KEPT)
		return keep(r, at, length);
	if (r->field == FIELD_HOST) {
		while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
			length--;
		if (!host_valid(at, length))
			return fail(r, 400);
	}
	return 0;
}

/* Expect (RFC 9110 10.1.1): a client that may be told no before its content must be cut off. */
static int check_expect(struct request *r, bool content)
{
	const char *expect = request_field(r, FIELD_EXPECT);

	if (!expect || r->http_1_0)
		return 0;
	if (strcasecmp(expect, "100-continue") != 0)
		return fail(r, 417);
	r->expects = content;
	return content && r->error ? -1 : 0;
}

static int on_headers(http_parser *p)
{
	struct request *r = p->data;
	bool sized = p->content_length != 0 && p->content_length != UINT64_MAX;
	bool content = (p->flags & F_CHUNKED) || sized;

	end_text(r);
	r->headers_done = true;
	r->keep_alive = http_should_keep_alive(p);
	r->head = p->method == HTTP_HEAD;
	r->http_1_0 = p->http_major == 1 && p->http_minor == 0;
	p->upgrade = 0; /* an upgrade is an offer, and declined */
	if (p->http_major != 1)
		return fail(r, 505);
	if (r->hosts > 1 || (r->hosts == 0 && !r->http_1_0))
		return fail(r, 400);
	if (sized && !(p->flags & F_CHUNKED) && p->content_length > BODY_LIMIT)
		return fail(r, 413);
	if (p->method != HTTP_GET && p->method != HTTP_HEAD)
		r->error = 405;
	return check_expect(r, content);
}

static int on_complete(http_parser *p)
{
	http_parser_pause(p, 1);
	return 0;
}

static const http_parser_settings settings = {
        .on_message_begin = on_begin,
        .on_url = on_url,
        .on_header_field = on_name,
        .on_header_value = on_value,
        .on_headers_complete = on_headers,
        .on_message_complete = on_complete,
};

/* The status for what http-parser refused; `c` is the byte it stopped at. */
static uint16_t status_of(enum http_errno error, char c)
{
	switch (error) {
	case HPE_HEADER_OVERFLOW:
		return 431;
	case HPE_INVALID_METHOD: /* a method we do not know, or no method at all */
		return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		                       (c && strchr("!#$%&'*+-.^_`|~", c))
		               ? 501
		               : 400;
	default:
		return 400;
	}
}

void request_start(http_parser *parser)
{
	http_parser_set_max_header_size(HEAD_LIMIT); /* one setting for all parsers */
	http_parser_init(parser, HTTP_REQUEST);
}

void request_clear(struct request *r)
{
	memset(r, 0, offsetof(struct request, name));
}

enum read request_feed(http_parser *parser, struct request *r, const char *data, uint32_t length,
                       uint32_t *used)
{
	size_t n;

	parser->data = r;
	n = http_parser_execute(parser, &settings, data, length);
	*used = (uint32_t)n;
	r->total += *used;
	if (HTTP_PARSER_ERRNO(parser) == HPE_PAUSED) {
		http_parser_pause(parser, 0);
		return READ_DONE;
	}
	if (HTTP_PARSER_ERRNO(parser) == HPE_OK && r->total <= HEAD_LIMIT + BODY_LIMIT)
		return READ_MORE;
	if (!r->error)
		r->error = HTTP_PARSER_ERRNO(parser) == HPE_OK
		                   ? 413
		                   : status_of(HTTP_PARSER_ERRNO(parser), n < length ? data[n] : 0);
	return READ_BAD;
}
