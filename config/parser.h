/*
 * What the files of the configuration parser share.
 *
 * Text goes line by line through lex.c (words), schema.c (statements, by value.c their values),
 * and as a whole through check.c (rules between statements). A function that refuses something
 * returns the reason, which lives until the next refusal; NULL is consent.
 */
#ifndef CONFIG_PARSER_H
#define CONFIG_PARSER_H

#include "config/config.h"

#define CONFIG_LINE   512u /* bytes of a line */
#define CONFIG_WORDS  12u  /* words of a statement */
#define CONFIG_VALUES 4u   /* values of a statement */

struct config_words {
	uint32_t n;
	const char *word[CONFIG_WORDS];
	char text[CONFIG_LINE + CONFIG_WORDS];
	/* On a refusal: the stretch of the line it is about. */
	const char *bad;
	uint32_t bad_len;
};

struct config_value {
	uint64_t number;
	struct config_net net;
	const char *text;
};

struct config_parser {
	struct appliance_config *config;
	const char *name;
	config_say *say;
	uint32_t line;
	uint32_t errors;
	bool nets_unsure; /* a statement about a port was refused */
	char why[160];
};

/* parse.c */
void config_error(struct config_parser *p, uint32_t line, const char *word, uint32_t length,
                  const char *reason);
const char *config_why(struct config_parser *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* lex.c */
const char *config_lex(const char *line, uint32_t length, struct config_words *words);

/* value.c: a kind of value, as the schema names it: "<port>". */
typedef const char *config_read(const char *word, struct config_value *value);
struct config_kind {
	const char *name;
	config_read *read;
};
const struct config_kind *config_kind(const char *name, uint32_t length);
bool config_number(const char *word, uint64_t max, uint64_t *value);

/* address.c */
config_read config_read_address, config_read_prefix4, config_read_prefix6, config_read_gateway4,
        config_read_gateway6;

/* schema.c: a leaf of the tree of statements. */
typedef const char *config_set(struct config_parser *p, const struct config_value *values);
struct config_leaf {
	const char *path; /* words and kinds of values, one blank between */
	config_set *set;
};
extern const struct config_leaf config_schema[];
extern const uint32_t config_schema_n;

/* statement.c: match one statement with the schema and carry it out. */
void config_statement(struct config_parser *p, const struct config_words *words);

/* check.c */
void config_check(struct config_parser *p);

#endif
