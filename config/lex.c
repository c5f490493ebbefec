/*
 * Lines into words.
 *
 * Words are parted by blanks; '…' and "…" keep blanks together, as on VyOS's command line. '#' at
 * the start of a word begins a comment. A line must be UTF-8 without control characters.
 */
#include <string.h>
#include "config/parser.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * Bytes of the UTF-8 character at s (RFC 3629, section 4), 0 when it is none: overlong forms,
 * surrogates and values beyond U+10FFFF are refused.
 */
static uint32_t utf8(const uint8_t *s, uint32_t left)
{
	uint32_t n, low = 0x80, high = 0xbf;

	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > left)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (uint32_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* The refusal concerns the stretch without blanks around byte `at`. */
static const char *refuse(struct config_words *words, const char *line, uint32_t length,
                          uint32_t at, const char *reason)
{
	uint32_t from = at, to = at;

	while (from > 0 && !blank(line[from - 1]))
		from--;
	while (to < length && !blank(line[to]))
		to++;
	words->bad = line + from;
	words->bad_len = to - from;
	return reason;
}

static const char *check_bytes(const char *line, uint32_t length, struct config_words *words)
{
	uint32_t n;

	for (uint32_t i = 0; i < length; i += n) {
		uint8_t c = (uint8_t)line[i];

		n = utf8((const uint8_t *)line + i, length - i);
		if (!n)
			return refuse(words, line, length, i, "is not UTF-8");
		if (c == 0)
			return refuse(words, line, length, i, "has a NUL byte");
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return refuse(words, line, length, i, "has a control character");
	}
	return NULL;
}

/* Copies the word at *at to `to`, quotes removed; false when a quote is not closed. */
static bool copy_word(const char *line, uint32_t length, uint32_t *at, char **to)
{
	char quote = 0;

	for (; *at < length; ++*at) {
		char c = line[*at];

		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else if (!quote && blank(c))
			break;
		else
			*(*to)++ = c;
	}
	*(*to)++ = 0;
	return !quote;
}

const char *config_lex(const char *line, uint32_t length, struct config_words *words)
{
	const char *reason;
	char *to = words->text;
	uint32_t at = 0;

	words->n = 0;
	if (length && line[length - 1] == '\r')
		length--;
	if (length > CONFIG_LINE)
		return refuse(words, line, CONFIG_LINE, 0, "line too long: at most 512 bytes");
	reason = check_bytes(line, length, words);
	if (reason)
		return reason;
	for (;;) {
		uint32_t start;

		while (at < length && blank(line[at]))
			at++;
		if (at == length || line[at] == '#')
			return NULL;
		if (words->n == CONFIG_WORDS)
			return refuse(words, line, length, at, "too many words");
		start = at;
		words->word[words->n++] = to;
		if (!copy_word(line, length, &at, &to))
			return refuse(words, line, length, start, "quote is not closed");
	}
}
