/*
 * The configuration as a whole: its lines in order, then the rules between them, and the
 * one form in which errors are told.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "config/parser.h"

#define SHOWN 40u /* bytes of a wrong word that are repeated */

const char *config_why(struct config_parser *p, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(p->why, sizeof p->why, format, list);
	va_end(list);
	return p->why;
}

/* The word may be hostile: only printable ASCII goes to a terminal. */
static void show_word(char *to, const char *word, uint32_t length)
{
	uint32_t n = length < SHOWN ? length : SHOWN;

	for (uint32_t i = 0; i < n; i++)
		*to++ = word[i] >= 0x20 && word[i] < 0x7f ? word[i] : '.';
	strcpy(to, length > n ? "..." : "");
}

void config_error(struct config_parser *p, uint32_t line, const char *word, uint32_t length,
                  const char *reason)
{
	char shown[SHOWN + 4], text[320];

	if (p->errors++ >= CONFIG_ERRORS)
		return;
	show_word(shown, word, length);
	snprintf(text, sizeof text, "%s:%u: '%s': %s", p->name, line, shown, reason);
	p->say(text);
}

static void parse_line(struct config_parser *p, const char *line, uint32_t length)
{
	struct config_words words;
	const char *reason = config_lex(line, length, &words);

	if (reason)
		config_error(p, p->line, words.bad, words.bad_len, reason);
	else if (words.n)
		config_statement(p, &words);
}

uint32_t config_parse(struct appliance_config *config, const char *name, const char *text,
                      uint32_t length, config_say *say)
{
	struct config_parser p = {.config = config, .name = name, .say = say};
	struct config_route *routes = config->routes;
	uint32_t routes_max = config->routes_max;

	memset(config, 0, sizeof *config);
	config->routes = routes;
	config->routes_max = routes_max;
	strcpy(config->host_name, "moxie");
	config->http_port = 80;
	config->iperf3_port = 5201;
	for (uint32_t at = 0; at < length;) {
		const char *end = memchr(text + at, '\n', length - at);
		uint32_t n = end ? (uint32_t)(end - text) - at : length - at;

		p.line++;
		parse_line(&p, text + at, n);
		at += n + 1;
	}
	config_check(&p);
	if (p.errors > CONFIG_ERRORS) {
		config_why(&p, "%s: %u more errors", name, p.errors - CONFIG_ERRORS);
		say(p.why);
	}
	return p.errors;
}

uint32_t config_lines(const char *text, uint32_t length)
{
	uint32_t n = 1;

	for (uint32_t i = 0; i < length; i++)
		n += text[i] == '\n';
	return n;
}
