/*
 * Responses: see response.h. There is no Date field: the machine has no clock, and then a server
 * must not send one (RFC 9110 6.6.1).
 */
#include "path.h"
#include "response.h"

#define PAGE_MAX 640u /* status line, our own fields and a page; what is longest is tested */
#define LINE_MAX 192u /* status line, Connection, Content-Range and Content-Length */

static const char *reason_of(uint16_t status)
{
	return http_status_str((enum http_status)status);
}

uint32_t response_bound(const struct answer *a)
{
	if (a->rep && a->status != 416)
		return LINE_MAX + a->rep->head_200;
	return PAGE_MAX + 3 * a->path_length;
}

static void write_connection(struct text *t, const struct answer *a)
{
	if (a->close)
		text_str(t, "Connection: close\r\n");
	else if (a->keep_alive)
		text_str(t, "Connection: keep-alive\r\n");
}

static void write_range(struct text *t, const struct answer *a)
{
	text_str(t, "Content-Range: bytes ");
	if (a->status == 206) {
		text_dec(t, a->from);
		text_str(t, "-");
		text_dec(t, a->to - 1);
	} else {
		text_str(t, "*");
	}
	text_str(t, "/");
	text_dec(t, a->rep->size);
	text_str(t, "\r\n");
}

static void write_location(struct text *t, const struct answer *a)
{
	/* With the leading slash and no empty segment it cannot name another host. */
	text_str(t, "Location: /");
	path_encode(t, a->path, a->path_length);
	text_str(t, "/\r\n");
}

/* A page of our own: "404 Not Found" and nothing that came from the client. */
static void write_page(struct text *t, const struct answer *a)
{
	char page[256];
	struct text p = {.at = page, .end = page + sizeof(page)};

	text_str(&p, "<!doctype html>\n<title>");
	text_dec(&p, a->status);
	text_str(&p, " ");
	text_str(&p, reason_of(a->status));
	text_str(&p, "</title>\n<h1>");
	text_dec(&p, a->status);
	text_str(&p, " ");
	text_str(&p, reason_of(a->status));
	text_str(&p, "</h1>\n");
	if (a->status == 405)
		text_str(t, "Allow: GET, HEAD\r\n");
	text_str(t, "Content-Type: text/html; charset=utf-8\r\nContent-Length: ");
	text_dec(t, (uint32_t)(p.at - page));
	text_str(t, "\r\n\r\n");
	if (!a->head)
		text_mem(t, page, (uint32_t)(p.at - page));
}

void response_write(struct text *t, const struct answer *a)
{
	if (a->status == 200) {
		text_str(t, "HTTP/1.1 200 OK\r\n");
	} else {
		text_str(t, "HTTP/1.1 ");
		text_dec(t, a->status);
		text_str(t, " ");
		text_str(t, reason_of(a->status));
		text_str(t, "\r\n");
	}
	write_connection(t, a);
	switch (a->status) {
	case 200:
		text_mem(t, a->rep->head, a->rep->head_200);
		break;
	case 206:
		text_mem(t, a->rep->head, a->rep->head_206);
		write_range(t, a);
		text_str(t, "Content-Length: ");
		text_dec(t, a->to - a->from);
		text_str(t, "\r\n");
		break;
	case 304:
		text_mem(t, a->rep->head, a->rep->head_304);
		break;
	case 416:
		write_range(t, a);
		write_page(t, a);
		return;
	case 301:
		write_location(t, a);
		write_page(t, a);
		return;
	default:
		write_page(t, a);
		return;
	}
	text_str(t, "\r\n");
}
