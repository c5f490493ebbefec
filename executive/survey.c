/* Frames after the loss of a core: see survey.h. */
#include <string.h>
#include "executive/survey.h"
#include "executive/frame.h"
#include "executive/lost.h"
#include "executive/luggage.h"
#include "executive/region.h"
#include "executive/remote.h"

#define WORD 32u /* frames */

HOT_DATA bool survey_runs;

static uint32_t *seen, *found;      /* sets of frames: by this core, of its own pool by all */
static uint32_t words;              /* of such a set */
static uint32_t next[MX_CORES_MAX]; /* word that is told to it next; words: all is */
static uint32_t due;                /* entries to come */

static uint32_t first_word(uint32_t core)
{
	return machine.pools[core].first / WORD;
}

static uint32_t end_word(uint32_t core)
{
	const struct mx_pool *p = &machine.pools[core];

	return p->count ? (p->first + p->count - 1) / WORD + 1 : first_word(core);
}

static uint32_t entries(uint32_t core)
{
	return (end_word(core) - first_word(core) + HOME_MAX - 1) / HOME_MAX;
}

void survey_init(void)
{
	uint32_t pages;

	words = (frame_total + WORD - 1) / WORD;
	pages = (uint32_t)((words * sizeof *seen + MX_PAGE - 1) / MX_PAGE);
	seen = direct(region_alloc(pages, OWNER_EXECUTIVE));
	found = direct(region_alloc(pages, OWNER_EXECUTIVE));
	for (uint32_t core = 0; core < machine.cores; core++)
		next[core] = words;
}

static void note(uint32_t frame)
{
	if (frame < frame_total)
		seen[frame / WORD] |= 1u << frame % WORD;
}

COLD void survey_note(const struct remote *r)
{
	if (r->kind == REMOTE_FRAME)
		note(r->msg.frame);
	for (uint32_t i = 0; r->kind == REMOTE_HOME && i < r->slot; i++)
		note(r->frames[i]);
	for (uint64_t i = 0; r->kind == REMOTE_ARRIVE && i < r->words[1]; i++)
		note(((const struct luggage *)direct(r->words[0]))[i].frame);
}

COLD void survey_begin(void)
{
	memset(seen, 0, words * sizeof *seen);
	memset(found, 0, words * sizeof *found);
	for (uint32_t f = 0; f < frame_total; f++)
		if (frame_state[f])
			note(f);
	frame_idle(note);
	due = 0;
	for (uint32_t core = 0; core < machine.cores; core++) {
		next[core] = words;
		due += core != self && !lost_is(core) ? entries(self) : 0;
	}
	survey_runs = true;
}

/* All have reported: what nobody has is at home again. */
static void take_back(void)
{
	const struct mx_pool *own = &machine.pools[self];
	uint32_t n = 0;

	for (uint32_t f = own->first; f < own->first + own->count; f++) {
		if (found[f / WORD] >> f % WORD & 1)
			continue;
		frame_home(f);
		n++;
	}
	if (n)
		print("moxie: core %u: %u frames were lost and are back\n", self, n);
}

COLD void survey_complete(void)
{
	if (!survey_runs)
		return;
	survey_runs = false;
	for (uint32_t w = first_word(self); w < end_word(self); w++)
		found[w] |= seen[w];
	for (uint32_t core = 0; core < machine.cores; core++)
		if (core != self && !lost_is(core))
			next[core] = first_word(core);
	if (!due)
		take_back();
	if (!survey_again())
		remote_retry = true;
}

static bool tell(uint32_t core)
{
	struct remote r = {.kind = REMOTE_SURVEY,
	                   .domain = (uint8_t)lost_cores,
	                   .from_slot = (uint8_t)(lost_cores >> 8),
	                   .key = next[core]};

	while (r.slot < HOME_MAX && r.key + r.slot < end_word(core)) {
		r.frames[r.slot] = seen[r.key + r.slot];
		r.slot++;
	}
	if (!remote_try(core, &r))
		return false;
	next[core] = r.key + r.slot < end_word(core) ? r.key + r.slot : words;
	return true;
}

bool survey_again(void)
{
	bool done = true;

	for (uint32_t core = 0; core < machine.cores; core++)
		while (next[core] < words && !lost_is(core))
			if (!tell(core)) {
				done = false;
				break;
			}
	return done;
}

/* Of another loss than this core knows of: it is told again. */
COLD void survey_heard(const struct remote *r)
{
	if ((uint32_t)(r->domain | r->from_slot << 8) != lost_cores || !due)
		return;
	for (uint32_t i = 0; i < r->slot && i < HOME_MAX && r->key + i < words; i++)
		found[r->key + i] |= r->frames[i];
	if (--due == 0 && !survey_runs)
		take_back();
}
