/*
 * Explores every scenario, then every mutant: an atomic operation of the checked code weakened,
 * which some scenario has to find.
 *
 * model [long] [trace] [SCENARIO...]: TAP lines; status 1 when anything is wrong.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/model/engine.h"

#define SCENARIOS 64u
#define MOST      20000000u /* states of one scenario */

static const struct scenario *scenarios[SCENARIOS];
static bool touches[SCENARIOS][128]; /* which operations it comes to */
static uint32_t scenarios_n, failed, tests;
static bool deep, traced;

static void collect(const struct scenario *s, char **names, int names_n)
{
	for (; s->name; s++) {
		bool wanted = !names_n && (deep || !s->deep);

		for (int i = 0; i < names_n; i++)
			wanted |= strstr(s->name, names[i]) != NULL;
		if (wanted && scenarios_n < SCENARIOS)
			scenarios[scenarios_n++] = s;
	}
}

static void report(bool good, const char *what)
{
	failed += !good;
	printf("%sok %u - %s", good ? "" : "not ", ++tests, what);
}

static void check_scenario(uint32_t i)
{
	struct outcome o;

	for (uint32_t k = 0; k < sites_n; k++)
		sites[k].seen = false;
	o = explore(scenarios[i], MOST);
	report(!o.wrong && !o.bounded, scenarios[i]->name);
	printf(": %llu states, %llu executions%s%s\n", (unsigned long long)o.states,
	       (unsigned long long)o.executions, o.bounded ? ", and more" : "", o.wrong ? ":" : "");
	if (o.wrong) {
		printf("#   %s\n", o.why);
		trace_print(stdout);
	}
	for (uint32_t k = 0; k < sites_n; k++)
		touches[i][k] = sites[k].seen;
}

static void check_mutant(const struct model_site *s, enum weakening how)
{
	const char *by = NULL;
	struct outcome o = {0};
	char name[256];

	weak_site = s;
	weak_how = how;
	for (uint32_t i = 0; i < scenarios_n && !o.wrong; i++)
		if (touches[i][s - sites]) {
			o = explore(scenarios[i], MOST);
			by = scenarios[i]->name;
		}
	weak_how = AS_IS;
	weak_site = NULL;
	snprintf(name, sizeof name, "mutant: %s, %s: %s", s->function, s->what,
	         weakening_name(how));
	report(o.wrong, name);
	if (o.wrong)
		printf(": found by %s (%s)\n", by, o.why);
	else
		printf(": not found\n");
	if (o.wrong && traced)
		trace_print(stdout);
}

int main(int argc, char **argv)
{
	argc--;
	argv++;
	for (; argc && (!strcmp(*argv, "long") || !strcmp(*argv, "trace")); argc--, argv++) {
		deep |= !strcmp(*argv, "long");
		traced |= !strcmp(*argv, "trace");
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	collect(litmus_scenarios, argv, argc);
	collect(channel_scenarios, argv, argc);
	collect(fifo_scenarios, argv, argc);
	collect(exchange_scenarios, argv, argc);
	for (uint32_t i = 0; i < scenarios_n; i++)
		check_scenario(i);
	for (uint32_t k = 0, good = !failed; good && k < sites_n; k++)
		for (uint32_t how = AS_IS + 1; how < WEAKENINGS; how++)
			if (weakens(&sites[k], (enum weakening)how))
				check_mutant(&sites[k], (enum weakening)how);
	printf("1..%u\n", tests);
	return failed != 0;
}
