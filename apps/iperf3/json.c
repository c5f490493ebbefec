/*
 * The client's JSON, by jsmn: see json.h.
 *
 * Rules: jsmn finds the tokens and needs no memory but theirs; only members of the outermost
 * object are looked at. All that matters here are whole numbers, so they are read as such.
 */
#include <string.h>
#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>
#include "json.h"

#define TOKENS 256u /* of the parameters; a client of today sends 40 at most */

static struct {
	const char *text;
	jsmntok_t tokens[TOKENS];
	int n;
} object;

bool json_read(const char *text, uint32_t length)
{
	jsmn_parser parser;

	jsmn_init(&parser);
	object.text = text;
	object.n = jsmn_parse(&parser, text, length, object.tokens, TOKENS);
	return object.n > 0 && object.tokens[0].type == JSMN_OBJECT;
}

/* The value of a member that is a primitive, or NULL. A name's size is 1, a bare string's 0. */
static const jsmntok_t *find(const char *name)
{
	int length = (int)strlen(name);

	for (int i = 1; i + 1 < object.n; i++) {
		const jsmntok_t *t = &object.tokens[i];

		if (t->parent == 0 && t->type == JSMN_STRING && t->size == 1 &&
		    t->end - t->start == length &&
		    memcmp(object.text + t->start, name, (size_t)length) == 0)
			return t[1].type == JSMN_PRIMITIVE ? &t[1] : NULL;
	}
	return NULL;
}

static uint64_t times_ten(uint64_t value, uint64_t digit)
{
	return value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
}

/* cJSON writes large numbers as 1e+15: digits, a fraction that is cut off, an exponent. */
static uint64_t number(const char *at, const char *end)
{
	uint64_t value = 0;
	uint32_t power = 0;
	int32_t shift = 0;
	bool point = false, down;

	for (; at < end && *at != 'e' && *at != 'E'; at++) {
		point |= *at == '.';
		if (*at < '0' || *at > '9' || (point && value > UINT64_MAX / 100))
			continue;
		value = times_ten(value, (uint64_t)(*at - '0'));
		shift -= point;
	}
	down = end - at > 1 && at[1] == '-';
	for (; at < end; at++)
		if (*at >= '0' && *at <= '9' && power < 100)
			power = power * 10 + (uint32_t)(*at - '0');
	shift += down ? -(int32_t)power : (int32_t)power;
	for (; shift < 0 && value; shift++)
		value /= 10;
	for (; shift > 0 && value && value != UINT64_MAX; shift--)
		value = times_ten(value, 0);
	return value;
}

bool json_number(const char *name, uint64_t *value)
{
	const jsmntok_t *t = find(name);
	const char *at;

	if (!t)
		return false;
	at = object.text + t->start;
	if (*at == 't' || *at == 'f' || *at == 'n')
		return false;
	*value = *at == '-' ? 0 : number(at, object.text + t->end);
	return true;
}

bool json_true(const char *name)
{
	const jsmntok_t *t = find(name);

	return t && object.text[t->start] == 't';
}
