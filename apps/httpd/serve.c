/*
 * Serving: see serve.h. The memory for requests is one pool: a connection between two requests
 * needs none, and the request freed last is used first, since it is in the cache.
 */
#include <moxie/domain.h>
#include "input.h"
#include "output.h"
#include "response.h"
#include "serve.h"
#include "stats.h"

#define REQUESTS_MAX 2048u /* requests being read or answered at one time */
#define REQUESTS_MIN 128u

static struct request *requests[REQUESTS_MAX]; /* the free ones */
static uint32_t requests_n;
static uint32_t requests_made;

static void make_requests(uint32_t n)
{
	struct request *r;

	while (requests_made < n && (r = mx_heap(sizeof(*r))) != NULL) {
		requests[requests_n++] = r;
		requests_made++;
	}
}

bool serve_init(void)
{
	requests_n = requests_made = 0;
	make_requests(REQUESTS_MIN);
	return requests_made == REQUESTS_MIN;
}

uint32_t serve_grow(void)
{
	make_requests(REQUESTS_MAX);
	return requests_made;
}

void serve_drop(struct conn *c)
{
	if (c->request)
		requests[requests_n++] = c->request;
	c->request = NULL;
}

/* Write the answer to c->request. false: later. */
static bool answer(struct conn *c)
{
	struct answer a;
	struct text t;
	uint32_t size, copied;

	answer_make(c->request, &a);
	size = a.head ? 0 : a.to - a.from;
	copied = size <= COPY_MAX ? size : 0;
	if (!output_room(c, response_bound(&a) + copied, &t))
		return false;
	if (c->fin && !c->held_n)
		a.close = true;
	response_write(&t, &a);
	if (copied)
		text_mem(&t, a.rep->data + a.from, copied);
	output_wrote(c, &t);
	c->rep = a.rep;
	c->from = a.from + copied;
	c->to = a.from + size;
	stats.requests++;
	stats.status[a.status / 100]++;
	serve_drop(c);
	c->phase = a.close ? PHASE_LAST : PHASE_READ;
	c->wait = 0; /* the next request has its own time */
	return true;
}

void serve_refuse(struct conn *c, uint16_t status)
{
	c->request->error = status;
	c->request->keep_alive = false;
	c->phase = PHASE_ANSWER;
}

static bool want_request(struct conn *c)
{
	static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
	                           "Content-Length: 0\r\n\r\n";
	struct text t;

	if (c->request)
		return true;
	if (requests_n > 0) {
		c->request = requests[--requests_n];
		request_clear(c->request);
		return true;
	}
	if (output_room(c, sizeof(busy), &t)) {
		text_str(&t, busy);
		output_wrote(c, &t);
		c->phase = PHASE_LAST;
		stats.crowded++;
		stats.status[5]++;
	}
	return false;
}

/* A client may wait for it before it sends content that we then skip (RFC 9110 10.1.1). */
static bool say_continue(struct conn *c)
{
	struct text t;

	if (!c->request || !c->request->expects || !c->request->headers_done)
		return true;
	if (!output_room(c, sizeof(CONTINUE_TEXT), &t))
		return false;
	text_str(&t, CONTINUE_TEXT);
	output_wrote(c, &t);
	c->request->expects = false;
	return true;
}

/* Read one piece of input. false: there is none, or no memory to read it. */
static bool read_piece(struct conn *c)
{
	const struct piece *p = input_next(c);
	enum read result;
	uint32_t used;

	if (!p || !want_request(c))
		return false;
	result = request_feed(&c->parser, c->request, (char *)mx_frame(p->frame) + p->offset,
	                      p->length, &used);
	input_read(c, used);
	if (result == READ_DONE) {
		c->phase = PHASE_ANSWER;
	} else if (result == READ_BAD) {
		stats.malformed++;
		serve_refuse(c, c->request->error);
	} else if (!c->request->begun) {
		serve_drop(c); /* empty lines between requests (RFC 9112 2.2) */
	}
	return true;
}

/* Go on until nothing is left or something is missing. */
void serve(struct conn *c)
{
	while (output_content(c) && c->phase != PHASE_LAST) {
		bool went = c->phase == PHASE_ANSWER ? answer(c) : say_continue(c) && read_piece(c);

		if (!went)
			break;
	}
	if (c->phase == PHASE_LAST)
		input_drop(c);
}
