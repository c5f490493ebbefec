/*
 * One statement against the schema: the row it matches, its values, or what is wrong where.
 *
 * A row's words must be equal; a kind of value matches any word at first, so that an unknown word
 * is found where the tree ends and a wrong value is told in its own terms. All wrong values
 * of one statement are told.
 */
#include <string.h>
#include "config/parser.h"

/* The next word of a path, of *length bytes; the path moves behind it. */
static const char *step(const char **path, uint32_t *length)
{
	const char *word = *path;

	*length = (uint32_t)strcspn(word, " ");
	*path = word + *length + (word[*length] == ' ');
	return word;
}

/* The path behind its next word when that goes along with `given`, else NULL. */
static const char *pass(const char *path, const char *given)
{
	if (*path == '<') {
		while (*path && *path != ' ')
			path++;
	} else {
		while (*path && *path != ' ' && *path == *given)
			path++, given++;
		if ((*path && *path != ' ') || *given)
			return NULL;
	}
	return path + (*path == ' ');
}

/* How many words of the statement the row goes along with; *rest is what it still expects. */
static uint32_t along(const char *path, const struct config_words *words, const char **rest)
{
	uint32_t n = 1;

	for (*rest = path; n < words->n && **rest; n++) {
		const char *next = pass(*rest, words->word[n]);

		if (!next)
			break;
		*rest = next;
	}
	return n;
}

struct match {
	const struct config_leaf *leaf; /* matches the whole statement, or NULL */
	uint32_t n;                     /* words matched by the best rows */
	char expected[128];             /* what these rows want next: "a, b or c" */
};

/* Adds a word to the list unless it ends with it: rows of one node stand together. */
static void expect(char *list, uint32_t size, const char *word, uint32_t length)
{
	size_t used = strlen(list);

	if (used >= length && memcmp(list + used - length, word, length) == 0 &&
	    (used == length || list[used - length - 1] == ' '))
		return;
	if (used + length + 3 > size)
		return;
	if (used) {
		strcpy(list + used, ", ");
		used += 2;
	}
	memcpy(list + used, word, length);
	list[used + length] = 0;
}

static void find(const struct config_words *words, struct match *m)
{
	const char *rest;

	*m = (struct match){0};
	for (uint32_t i = 0; i < config_schema_n; i++) {
		uint32_t length, n = along(config_schema[i].path, words, &rest);

		if (n == words->n && !*rest)
			m->leaf = &config_schema[i];
		if (n > m->n) {
			m->n = n;
			m->expected[0] = 0;
		}
		if (n == m->n && *rest) {
			const char *word = step(&rest, &length);

			expect(m->expected, sizeof m->expected, word, length);
		}
	}
}

/* No row matches: the first word too much, or the last before something that is missing. */
static void tell_mismatch(struct config_parser *p, const struct config_words *words,
                          const struct match *m)
{
	const char *word = words->word[m->n < words->n ? m->n : m->n - 1];

	if (m->n == words->n)
		config_why(p, "incomplete, expected %s", m->expected);
	else if (m->expected[0])
		config_why(p, "unknown word, expected %s", m->expected);
	else
		config_why(p, "nothing may follow '%.40s'", words->word[m->n - 1]);
	config_error(p, p->line, word, (uint32_t)strlen(word), p->why);
}

/* Reads every value on the row's path; false when one is wrong. */
static bool read_values(struct config_parser *p, const struct config_words *words,
                        const struct config_leaf *leaf, struct config_value *values)
{
	const char *path = leaf->path, *reason;
	uint32_t length, wrong = 0;

	for (uint32_t i = 1; i < words->n; i++) {
		const char *word = step(&path, &length);

		if (word[0] != '<')
			continue;
		reason = config_kind(word, length)->read(words->word[i], values++);
		if (reason) {
			config_error(p, p->line, words->word[i], (uint32_t)strlen(words->word[i]),
			             reason);
			wrong++;
		}
	}
	return wrong == 0;
}

static void carry_out(struct config_parser *p, const struct config_words *words)
{
	struct config_value values[CONFIG_VALUES];
	const char *reason, *last = words->word[words->n - 1];
	struct match m;

	find(words, &m);
	if (!m.leaf) {
		tell_mismatch(p, words, &m);
		return;
	}
	if (!read_values(p, words, m.leaf, values))
		return;
	reason = m.leaf->set(p, values);
	if (reason)
		config_error(p, p->line, last, (uint32_t)strlen(last), reason);
}

void config_statement(struct config_parser *p, const struct config_words *words)
{
	uint32_t before = p->errors;

	if (strcmp(words->word[0], "set") != 0) {
		config_error(p, p->line, words->word[0], (uint32_t)strlen(words->word[0]),
		             "unknown statement, expected set");
		return;
	}
	carry_out(p, words);
	if (p->errors > before && words->n > 1 && strcmp(words->word[1], "interfaces") == 0)
		p->nets_unsure = true;
}
