/*
 * Representations: see rep.h. The entity tag is strong: a hash of size, time and content, where
 * of a long file only the first 64 KiB count, or indexing a large site would delay the boot.
 */
#include <moxie/domain.h>
#include "date.h"
#include "rep.h"
#include "text.h"

#define HASHED (64u * 1024u)

static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static uint64_t tag_of(const struct site_rep *rep)
{
	uint64_t hash = mix(rep->size, rep->mtime), word;
	uint32_t n = rep->size < HASHED ? rep->size : HASHED, i;

	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&word, rep->data + i, 8);
		hash = mix(hash, word);
	}
	for (word = 0; i < n; i++)
		word = word << 8 | rep->data[i];
	return mix(hash, word);
}

bool rep_describe(struct site_rep *rep, const char *type, bool gzip, bool vary)
{
	char buffer[REP_HEAD_MAX], date[DATE_LENGTH], *head;
	struct text t = {.at = buffer, .end = buffer + sizeof(buffer)};

	date_format(rep->mtime, date);
	text_str(&t, "ETag: \"");
	text_hex(&t, tag_of(rep), 16);
	text_str(&t, "\"\r\nLast-Modified: ");
	text_mem(&t, date, DATE_LENGTH);
	text_str(&t, "\r\nAccept-Ranges: bytes\r\n");
	if (vary)
		text_str(&t, "Vary: Accept-Encoding\r\n");
	rep->head_304 = (uint16_t)(t.at - buffer);
	text_str(&t, "Content-Type: ");
	text_str(&t, type);
	text_str(&t, gzip ? "\r\nContent-Encoding: gzip\r\n" : "\r\n");
	rep->head_206 = (uint16_t)(t.at - buffer);
	text_str(&t, "Content-Length: ");
	text_dec(&t, rep->size);
	text_str(&t, "\r\n");
	rep->head_200 = (uint16_t)(t.at - buffer);
	mx_assert(!t.cut);
	head = mx_heap(rep->head_200);
	if (!head)
		return false;
	memcpy(head, buffer, rep->head_200);
	rep->head = head;
	return true;
}
