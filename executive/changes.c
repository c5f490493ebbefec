/* What changes after boot, as far as this core has to say it: see changes.h. */
#include <string.h>
#include "executive/agree.h"
#include "executive/changes.h"
#include "executive/core.h"
#include "executive/region.h"
#include "executive/remote.h"

#define LOAD_NS   1000000000u /* it is the mean of so long */
#define LOAD_STEP 200u        /* of 1000: less is not worth waking all cores */
#define LOAD_IDLE 50u

static uint64_t due; /* set of indices of domains */
static struct said {
	uint32_t record; /* of who is said to be there; 0: nobody is */
	uint16_t moves;
} said[DOMAINS];
static struct said came[DOMAINS]; /* who comes into said[] after that */
static uint32_t speaking;         /* of what index a change is under way */
static uint32_t spoken;           /* and of what record */
static bool left;                 /* that one left since */
static uint32_t lost_due;         /* set of cores */
static bool load_due;
static uint16_t load, load_said; /* of 1000 */
static uint64_t load_at, load_since, idle_then;

static void speak(void)
{
	remote_retry = true; /* agree_turn is called then */
}

void change_domain(uint32_t index)
{
	due |= 1ull << index;
	speak();
}

/*
 * Its record was made by others: should it end before this core has said that it is here, that is
 * told all the same. First of all what is still to be said of who had the index before.
 */
void change_came(uint32_t index)
{
	struct said *s = said[index].record || speaking == index ? &came[index] : &said[index];

	*s = (struct said){domains[index]->record, (uint16_t)(domains[index]->moves - 1)};
	change_domain(index);
}

/* Of who had the index before it something may still be due. */
void change_left(uint32_t index, uint32_t record)
{
	left |= speaking == index && spoken == record;
	if (said[index].record == record)
		said[index].record = 0;
	if (came[index].record == record)
		came[index].record = 0;
}

void change_lost(uint32_t core)
{
	lost_due |= 1u << core;
	speak();
}

static bool lives(const struct domain *d)
{
	return d && d->state != MAKING && d->state != ENDING;
}

static void say_placed(struct change *c, const struct domain *d)
{
	c->what = CHANGE_PLACED;
	c->id = d->record;
	c->moves = d->moves;
	c->handle = d->handle;
	c->device = d->device && !d->shares ? (uint8_t)(d->device - machine.devices + 1) : 0;
	memcpy(c->name, d->name, MX_NAME);
}

/* What is not as it was said of one index; an end before whoever came after it. */
static bool next_of(uint32_t i, struct change *c)
{
	const struct domain *d = domains[i];

	if (!said[i].record) {
		said[i] = came[i];
		came[i].record = 0;
	}
	if (said[i].record && (!lives(d) || d->record != said[i].record)) {
		c->what = CHANGE_ENDED;
		c->id = said[i].record;
		c->moves = said[i].moves;
		return true;
	}
	if (!lives(d) || (said[i].record && d->moves == said[i].moves))
		return false;
	say_placed(c, d);
	return true;
}

/* Each change of a core's domains says too what is left of the core. */
static void say_core(struct change *c)
{
	c->core = (uint8_t)self;
	c->load = load;
	c->free = (uint32_t)(region_free() / MX_PAGE);
}

bool change_next(struct change *c)
{
	*c = (struct change){.what = CHANGE_LOAD};
	if (lost_due && agree_arbitrates()) {
		c->what = CHANGE_LOST;
		c->core = (uint8_t)__builtin_ctz(lost_due);
		return true;
	}
	say_core(c);
	for (; due; due &= due - 1) {
		speaking = (uint32_t)__builtin_ctzll(due);
		left = false;
		if (next_of(speaking, c)) {
			spoken = c->id;
			return true;
		}
	}
	speaking = 0; /* no domain has it */
	return load_due;
}

/* Refused or not: who has no record because the store is full is not proposed for ever. */
void change_told(const struct change *c)
{
	if (c->what == CHANGE_ENDED)
		said[speaking].record = 0;
	if (c->what == CHANGE_PLACED && !left) {
		said[speaking].record = c->id;
		said[speaking].moves = c->moves;
	}
	if (c->what == CHANGE_LOST)
		lost_due &= ~(1u << c->core);
	if (c->core == self && c->what != CHANGE_LOST) {
		load_said = c->load;
		load_due = false;
	}
	speaking = 0;
}

static uint32_t apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

void change_init(uint64_t now)
{
	load_at = now + LOAD_NS;
	load_since = now;
}

/* An idle core whose idleness was said wakes no more for this. */
uint64_t change_load(uint64_t now)
{
	if (now < load_at)
		return load_at;
	load = (uint16_t)(1000 - (core_idle_ns - idle_then) * 1000 / (now - load_since + 1));
	load = load > 1000 ? 1000 : load;
	load_since = now;
	idle_then = core_idle_ns;
	if (apart(load, load_said) >= LOAD_STEP || (load < LOAD_IDLE && load_said >= LOAD_IDLE)) {
		load_due = true;
		speak();
	}
	load_at = load < LOAD_IDLE && !load_due ? UINT64_MAX : now + LOAD_NS;
	return load_at;
}

uint64_t change_woken(uint64_t now)
{
	if (load_at == UINT64_MAX) {
		load_at = now + LOAD_NS;
		load_since = now;
		idle_then = core_idle_ns;
	}
	return load_at;
}
