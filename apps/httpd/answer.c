/*
 * Answers: see answer.h. The order of the preconditions is that of RFC 9110 13.2.2.
 */
#include <string.h>
#include "accept.h"
#include "answer.h"
#include "date.h"
#include "path.h"
#include "range.h"

/* Does a list of entity tags (RFC 9110 8.8.3) name this one? `weak`: W/ makes no difference. */
static bool tag_listed(const char *list, const char *tag, bool weak)
{
	while (*list == ' ' || *list == '\t')
		list++;
	if (strcmp(list, "*") == 0)
		return true;
	for (list += strspn(list, " \t,"); *list; list += strspn(list, " \t,")) {
		bool is_weak = list[0] == 'W' && list[1] == '/';
		const char *end;

		list += is_weak ? 2 : 0;
		end = *list == '"' ? strchr(list + 1, '"') : NULL;
		if (!end)
			return false;
		if (end + 1 - list == ETAG_LENGTH && memcmp(list, tag, ETAG_LENGTH) == 0 &&
		    (weak || !is_weak))
			return true;
		list = end + 1;
	}
	return false;
}

/* 0: go on; else 304 or 412. A date that cannot be read is no condition. */
static uint16_t precondition(const struct request *r, const struct site_rep *rep)
{
	const char *tag = rep->head + ETAG_AT, *field;
	uint32_t date;

	field = request_field(r, FIELD_IF_MATCH);
	if (field) {
		if (!tag_listed(field, tag, false))
			return 412;
	} else {
		field = request_field(r, FIELD_IF_UNMODIFIED_SINCE);
		if (field && date_parse(field, &date) && rep->mtime > date)
			return 412;
	}
	field = request_field(r, FIELD_IF_NONE_MATCH);
	if (field)
		return tag_listed(field, tag, true) ? 304 : 0;
	field = request_field(r, FIELD_IF_MODIFIED_SINCE);
	return field && date_parse(field, &date) && rep->mtime <= date ? 304 : 0;
}

/* If-Range (RFC 9110 13.1.5): a range of another version would be garbage to the client. */
static bool range_current(const struct request *r, const struct site_rep *rep)
{
	const char *field = request_field(r, FIELD_IF_RANGE);
	uint32_t date;

	if (!field)
		return true;
	if (*field == '"')
		return strlen(field) == ETAG_LENGTH &&
		       memcmp(field, rep->head + ETAG_AT, ETAG_LENGTH) == 0;
	return date_parse(field, &date) && date == rep->mtime;
}

static void choose_part(const struct request *r, struct answer *a)
{
	const char *range = request_field(r, FIELD_RANGE);

	a->status = 200;
	a->from = 0;
	a->to = a->rep->size;
	if (!range || r->head || !range_current(r, a->rep))
		return;
	switch (range_parse(range, a->rep->size, &a->from, &a->to)) {
	case RANGE_NONE:
		break;
	case RANGE_PART:
		a->status = 206;
		break;
	case RANGE_BEYOND:
		a->status = 416;
		a->to = 0;
		break;
	}
}

/* The file for a clean path: a folder means its index.html, or the way there. */
static const struct site_file *find(char *path, uint32_t length, struct answer *a)
{
	static const char index[] = "/index.html";
	bool folder = length == 0 || path[length - 1] == '/';
	const struct site_file *f;

	if (!folder) {
		f = site_find(path, length);
		if (f)
			return f;
	}
	if (length + sizeof(index) > TEXT_LIMIT)
		return NULL;
	memcpy(path + length, index + folder, sizeof(index) - folder);
	f = site_find(path, length + (uint32_t)sizeof(index) - 1 - folder);
	if (f && !folder) {
		a->status = 301;
		a->path = path;
		a->path_length = length;
	}
	return a->status ? NULL : f;
}

static void answer_file(const struct request *r, const struct site_file *f, struct answer *a)
{
	const char *encodings = request_field(r, FIELD_ACCEPT_ENCODING);

	a->rep = f->gzip && encodings && accept_gzip(encodings) ? f->gzip : &f->plain;
	a->status = precondition(r, a->rep);
	if (a->status == 412)
		a->rep = NULL;
	if (a->status == 0)
		choose_part(r, a);
}

void answer_make(struct request *r, struct answer *a)
{
	static char path[TEXT_LIMIT]; /* room for the name that is appended */
	const struct site_file *f;
	int length;

	memset(a, 0, sizeof(*a));
	a->head = r->head;
	a->close = !r->keep_alive;
	a->keep_alive = r->keep_alive && r->http_1_0;
	a->status = r->error;
	if (a->status == 0 && r->path_long)
		a->status = 404;
	if (a->status)
		return;
	memcpy(path, r->text, strlen(r->text) + 1);
	length = path_clean(path);
	if (length < 0) {
		a->status = 400;
		return;
	}
	f = find(path, (uint32_t)length, a);
	if (f)
		answer_file(r, f, a);
	else if (!a->status)
		a->status = 404;
}
