/*
 * Announcements: says who we are when a link comes up, so that nobody waits for the retry of a
 * question that was asked before we could hear it.
 *
 *   at once   ARP announcement of every IPv4 address (RFC 5227 2.3), MLD report, a probe of every
 *             IPv6 address (RFC 4862 5.4) and an advertisement that does not override (RFC 4429)
 *   after 1 s nobody claimed the addresses: an advertisement that overrides
 *   after 2 s the second ARP announcement and MLD report
 *
 * Of several replicas the first says it, the others keep step: they answer for tentative addresses.
 */
#include "replica.h"
#include "router.h"

#define STEP_TIME (1 * MX_S) /* RetransTimer of RFC 4861; half of ANNOUNCE_INTERVAL of RFC 5227 */
enum { STEP_FIRST, STEP_UNIQUE, STEP_AGAIN, STEP_DONE };

bool announce_tentative(const struct port *p)
{
	return p->announce_due != 0 && p->announce_step <= STEP_UNIQUE;
}

void announce_start(struct port *p)
{
	p->settled = 0;
	p->announce_step = STEP_FIRST;
	p->announce_due = now;
}

static void announce6(struct port *p, const struct own *own)
{
	switch (p->announce_step) {
	case STEP_FIRST:
		nd_probe(p, own);
		nd_announce(p, own, false);
		break;
	case STEP_UNIQUE:
		nd_announce(p, own, true);
		break;
	}
}

static void say(struct port *p)
{
	if (p->announce_step != STEP_UNIQUE) {
		for (uint32_t i = 0; i < p->own_n; i++) {
			if (p->own[i].family == 4)
				arp_announce(p, &p->own[i]);
		}
		mld_report(p); /* before the advertisements: a switch then lets the answers in */
	}
	for (uint32_t i = 0; i < p->own_n; i++) {
		if (p->own[i].family == 6)
			announce6(p, &p->own[i]);
	}
}

static void announce(struct port *p)
{
	if (replica_first())
		say(p);
	p->settled = ++p->announce_step == STEP_DONE;
	p->announce_due = p->settled ? 0 : now + STEP_TIME;
}

void announce_turn(void)
{
	for (uint32_t i = 0; i < MX_PORTS; i++) {
		struct port *p = &ports[i];

		if (!p->up || !p->exists || !router_open)
			continue;
		if (p->announce_due && now >= p->announce_due)
			announce(p);
		if (p->report_due && now >= p->report_due) {
			mld_report(p);
			p->report_due = 0;
		}
		if (p->announce_due)
			mx_wake_at(p->announce_due);
		if (p->report_due)
			mx_wake_at(p->report_due);
	}
}
