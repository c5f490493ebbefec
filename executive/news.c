/* Replies to a parent, and news of its children: see children.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/create.h"
#include "executive/exchange.h"
#include "executive/lost.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/words.h"

void child_end_unknown(struct place place)
{
	struct remote r = {.kind = REMOTE_KILL, .domain = place.domain, .key = place.generation};

	r.from = (struct place){.core = (uint8_t)self}; /* nobody hears the reply */
	remote_send(place.core, &r);
}

static void figures_came(struct domain *d, const struct remote *r)
{
	struct child *c;
	struct mx_stat s;

	if (!domain_read(d, &s, d->ask_address, sizeof s))
		return;
	remote_unpack(r, &s);
	c = s.child ? child_find(d, s.child) : NULL;
	s.lived_ns = c ? arch_now() - c->born : 0;
	domain_write(d, d->ask_address, &s, sizeof s);
}

/* It may have ended again already: then it is told of after this. */
static void child_moved(struct domain *d, const struct remote *r)
{
	struct child *c = child_find(d, d->asking_child);
	struct mx_move q;

	if (c) {
		c->place = r->from;
		c->rings = r->words[1];
	}
	if (!domain_read(d, &q, d->ask_address, sizeof q))
		return;
	q.pause_ns = r->words[0];
	domain_write(d, d->ask_address, &q, sizeof q);
}

static void reply_came(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct child *c;

	if (r->value == REMOTE_CREATE)
		ask_page_back(r->words[0]);
	if (!d && (r->value == REMOTE_CREATE || r->value == REMOTE_MOVE) && r->status == 0)
		child_end_unknown(r->from);
	if (!d || !d->asking)
		return;
	if (d->due[r->from_slot % MX_CORES_MAX])
		d->due[r->from_slot % MX_CORES_MAX]--;
	if (r->status < 0)
		d->result = r->status;
	if (r->value == REMOTE_CREATE && (c = child_find(d, r->child))) {
		struct child *before = child_left(d, c->keep.heir);

		if (before && r->status == 0)
			before->life = TOLD;
		c->life = r->status < 0 ? FREE : ALIVE;
		c->place = r->from;
		c->rings = r->ring;
		c->born = arch_now();
		d->result = r->status < 0 ? r->status : (int64_t)r->child;
	}
	if (r->value == REMOTE_STAT && r->status == 0)
		figures_came(d, r);
	if (r->value == REMOTE_MOVE && r->status == 0)
		child_moved(d, r);
	if (r->value == REMOTE_CONNECT) {
		d->binding.bound[r->child & 1] = r->status == 0;
		d->binding.lent[r->child & 1] = (uint32_t)r->ring;
	}
	if (--d->asking == 0 && r->value == REMOTE_CONNECT)
		join_answered(d);
	if (d->asking == 0 && d->state == ASKING)
		domain_ready(d);
}

/* What a lost core would have replied. */
static struct remote denial(const struct domain *d, uint32_t core)
{
	struct remote r = {.kind = REMOTE_REPLY,
	                   .domain = d->index,
	                   .from_slot = (uint8_t)core,
	                   .key = d->generation};

	r.value = d->ask_kind;
	r.status = MX_EPEER;
	if (d->ask_kind == REMOTE_CREATE)
		r.words[0] = d->ask_page;
	if (d->ask_kind == REMOTE_CONNECT) /* of two ends there, either */
		r.child = d->binding.place[1].core == core;
	for (const struct child *c = d->children; c && d->ask_kind == REMOTE_CREATE; c = c->next)
		if (c->life == ASKED)
			r.child = c->handle;
	return r;
}

COLD void children_unanswered(struct domain *d, uint32_t core, bool moves)
{
	if (moves != (d->ask_kind == REMOTE_MOVE))
		return;
	for (uint32_t n = d->due[core]; d->asking && n; n--) {
		struct remote r = denial(d, core);

		reply_came(&r);
	}
	d->due[core] = 0;
}

static void end_lost(struct domain *d, struct child *c)
{
	c->end = (struct end){.child = {.child = c->handle, .cause = MX_CAUSE_CORE}};
	c->died = arch_now();
	c->life = ENDED;
	words_ended(c);
	d->child_events++;
	exchange_wake(d);
}

COLD void children_lost(struct domain *d)
{
	for (struct child *c = d->children; c; c = c->next) {
		if (c->life == FREE || c->life == ASKED || !lost_is(c->place.core))
			continue;
		if (d->asking && d->ask_kind == REMOTE_MOVE && d->asking_child == c->handle)
			continue;  /* it may have left before */
		c->keep.pages = 0; /* that lay there, too */
		if (c->life == ALIVE)
			end_lost(d, c);
		else if (c->life == LEFT)
			c->life = TOLD;
	}
}

static void child_ended(const struct remote *r)
{
	struct domain *d = domain_at(r->domain, r->key);
	struct remote reply = {.kind = REMOTE_FORGET};
	struct child *c;

	c = d ? child_find(d, r->end.child.child) : NULL;
	if (!c && r->from_slot) {
		reply.from = (struct place){(uint8_t)self, r->domain, (uint16_t)r->key};
		reply.child = r->end.child.child;
		remote_send(r->from_slot - 1u, &reply);
	}
	if (!c || (c->life != ALIVE && r->end.child.cause == MX_CAUSE_CORE))
		return; /* or it was known already */
	c->end = r->end;
	c->died = arch_now();
	c->life = ENDED;
	words_ended(c);
	d->child_events++;
	exchange_wake(d);
}

COLD void children_handle(const struct remote *r)
{
	struct domain *d;
	struct remote reply = {.value = r->kind};

	if (r->kind == REMOTE_REPLY) {
		reply_came(r);
		return;
	}
	if (r->kind == REMOTE_ENDED) {
		child_ended(r);
		return;
	}
	d = domain_at(r->domain, r->key);
	if (r->kind == REMOTE_STAT) {
		if (r->domain && !d) {
			remote_reply(r->from, &reply, MX_EPEER);
			return;
		}
		remote_pack(&reply, d);
		remote_reply(r->from, &reply, MX_OK);
		return;
	}
	if (d && r->kind == REMOTE_START)
		domain_start(d);
	if (d && r->kind == REMOTE_KILL)
		domain_end(d, MX_CAUSE_KILLED, 0, 0, 0);
	remote_reply(r->from, &reply, d ? MX_OK : MX_EPEER);
}
