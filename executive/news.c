/* Replies to a parent, and news of its children: see children.h. */
#include <string.h>
#include "executive/children.h"
#include "executive/create.h"
#include "executive/exchange.h"
#include "executive/region.h"
#include "executive/remote.h"
#include "executive/words.h"

/* Its parent ended while it was made. */
static void end_orphan(struct place place)
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
		end_orphan(r->from);
	if (!d || !d->asking)
		return;
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
	if (!c)
		return;
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
