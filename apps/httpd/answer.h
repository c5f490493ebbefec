/*
 * Answers: what a complete request gets. Pure decision, no text and no frames.
 */
#ifndef HTTPD_ANSWER_H
#define HTTPD_ANSWER_H

#include "request.h"
#include "site.h"

struct answer {
	uint16_t status;
	bool close;                 /* the connection ends with this answer */
	bool head;                  /* no content is sent, whatever the fields say */
	bool keep_alive;            /* must be said, for HTTP/1.0 */
	const struct site_rep *rep; /* of 200, 206, 304, 416; else NULL */
	uint32_t from, to;          /* bytes of rep that are the content of 200 and 206 */
	const char *path;           /* of a 301: the folder, its slash missing */
	uint32_t path_length;
};

/* What a->path points to is valid until the next call. */
void answer_make(struct request *r, struct answer *a);

#endif
