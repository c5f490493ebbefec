/*
 * Responses: the text of an answer's head, and of the small contents we make ourselves.
 */
#ifndef HTTPD_RESPONSE_H
#define HTTPD_RESPONSE_H

#include "answer.h"
#include "text.h"

#define CONTINUE_TEXT "HTTP/1.1 100 Continue\r\n\r\n"

uint32_t response_bound(const struct answer *a); /* bytes response_write needs at most */
/* All but the content of 200 and 206. */
void response_write(struct text *t, const struct answer *a);

#endif
