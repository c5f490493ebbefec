/*
 * Neighbours: see neighbour.h. The state machine is that of RFC 4861 7.3.2 for both families; ARP
 * probes by unicast as RFC 1122 2.3.2.1 (2) allows.
 */
#include <moxie/kept.h>
#include <moxie/replica.h>
#include "neighbour.h"
#include "replica.h"
#include "route.h"

#define BUCKETS NEIGHBOURS
#define NONE    0xffffu
#define SAMPLE  32u          /* entries looked at to find the one to evict */
#define TICK    (50 * MX_MS) /* the timers of many neighbours are served together */

static struct neighbour table[NEIGHBOURS] MX_KEPT;
static uint16_t bucket[BUCKETS]; /* index + 1 */
static uint16_t spare = NONE;
static uint32_t opened; /* entries of table that were ever used */
static uint32_t incomplete;
static struct share {
	uint32_t used, incomplete;
} share[MX_PORTS];                /* of each port */
static uint32_t hand;             /* where the next search for a victim starts */
static uint64_t due = UINT64_MAX; /* no timer fires before */

static uint32_t hash(const struct port *p, struct ip ip)
{
	return (uint32_t)(((ip.hi ^ ip.lo ^ p->index) * 0x9e3779b97f4a7c15) >> 54);
}
_Static_assert(BUCKETS == 1u << 10, "hash gives 10 bits");

struct neighbour *neighbour_find(const struct port *p, uint8_t family, struct ip ip)
{
	uint16_t i = bucket[hash(p, ip)];

	for (; i; i = table[i - 1].next) {
		struct neighbour *nb = &table[i - 1];

		if (ip_same(nb->ip, ip) && nb->port == p->index && nb->family == family)
			return nb;
	}
	return NULL;
}

static void set_timer(struct neighbour *nb, uint64_t after)
{
	nb->until = now + after;
	if (nb->until < due)
		due = nb->until;
}

/* Counts nb in, or out, of what its port has. */
static void count(const struct neighbour *nb, uint32_t by)
{
	struct share *s = &share[nb->port];

	s->used += nb->state != NB_FREE ? by : 0;
	s->incomplete += nb->state == NB_INCOMPLETE ? by : 0;
	incomplete += nb->state == NB_INCOMPLETE ? by : 0;
}

static void set_state(struct neighbour *nb, enum neighbour_state state)
{
	count(nb, -1u);
	nb->state = (uint8_t)state;
	count(nb, 1);
	if (state == NB_REACHABLE)
		nb->until = now + REACHABLE_TIME;
}

static void send_parked(struct neighbour *nb)
{
	struct mx_msg chain[MX_CHAIN_MAX];
	struct packet k;

	while (park_take(&nb->parked, &k, chain))
		neighbour_send(nb, &k);
}

/* Removes nb; then tells the senders of the packets that wait for it. */
static void forsake(struct neighbour *nb, bool tell)
{
	uint16_t *link = &bucket[hash(&ports[nb->port], nb->ip)], self = (uint16_t)(nb - table);
	struct parked waiting = nb->parked;
	bool v4 = nb->family == 4;
	struct mx_msg chain[MX_CHAIN_MAX];
	struct packet k;

	while (*link != self + 1)
		link = &table[*link - 1].next;
	*link = nb->next;
	set_state(nb, NB_FREE);
	nb->parked = (struct parked){0};
	nb->next = spare;
	spare = self;
	route_forget();
	while (park_take(&waiting, &k, chain)) {
		if (tell && v4)
			icmp4_error(&k, ICMP4_UNREACHABLE, ICMP4_HOST, 0);
		else if (tell)
			icmp6_error(&k, ICMP6_UNREACHABLE, ICMP6_ADDRESS, 0);
		packet_drop(&k, DROP_NEIGHBOUR);
	}
}

/* The smaller, the sooner it goes: quiet and unsure before in use; never one that waits. */
static uint64_t worth(const struct neighbour *nb, bool hogged)
{
	if (nb->state == NB_INCOMPLETE || (hogged && share[nb->port].used < NEIGHBOURS_PORT))
		return UINT64_MAX;
	return nb->used | (uint64_t)(nb->state != NB_STALE) << 63;
}

/* The least worth of those that are next to be looked at. */
static struct neighbour *sample(bool hogged)
{
	struct neighbour *least = &table[hand];

	for (uint32_t i = 0; i < SAMPLE; i++) {
		struct neighbour *nb = &table[(hand + i) % NEIGHBOURS];

		if (worth(nb, hogged) < worth(least, hogged))
			least = nb;
	}
	hand = (hand + SAMPLE) % NEIGHBOURS;
	return least;
}

static struct neighbour *evict(void)
{
	bool hogged = false;

	for (uint32_t i = 0; i < MX_PORTS; i++)
		hogged |= share[i].used >= NEIGHBOURS_PORT;
	/* More samples when none of the first may go: one port's entries often stand together. */
	for (uint32_t n = 0; n < NEIGHBOURS; n += SAMPLE) {
		struct neighbour *least = sample(hogged);

		if (worth(least, hogged) != UINT64_MAX) {
			forsake(least, false);
			return least;
		}
	}
	return NULL;
}

static struct neighbour *create(struct port *p, uint8_t family, struct ip ip)
{
	struct neighbour *nb;
	uint16_t *head;

	if (spare == NONE && opened < NEIGHBOURS) {
		nb = &table[opened++];
	} else {
		if (spare == NONE && !evict())
			return NULL;
		nb = &table[spare];
		spare = nb->next;
	}
	head = &bucket[hash(p, ip)];
	*nb = (struct neighbour){
	        .ip = ip, .port = p->index, .family = family, .next = *head, .used = now};
	*head = (uint16_t)(nb - table + 1);
	return nb;
}

static void solicit(struct neighbour *nb, const uint8_t *mac)
{
	struct port *p = &ports[nb->port];

	nb->tries++;
	set_timer(nb, RETRANS_TIME);
	if (nb->family == 4)
		arp_request(p, nb->ip, mac);
	else
		nd_solicit(p, nb->ip, mac);
}

struct neighbour *neighbour_get(struct port *p, uint8_t family, struct ip ip)
{
	struct neighbour *nb = neighbour_find(p, family, ip);

	if (nb || !p->up || incomplete >= NEIGHBOURS_INCOMPLETE ||
	    share[p->index].incomplete >= NEIGHBOURS_SCANNED)
		return nb;
	nb = create(p, family, ip);
	if (!nb)
		return NULL;
	set_state(nb, NB_INCOMPLETE);
	solicit(nb, NULL);
	return nb;
}

void neighbour_send(struct neighbour *nb, struct packet *k)
{
	if (nb->state == NB_INCOMPLETE) {
		park_put(&nb->parked, k);
		return;
	}
	nb->used = now;
	if (nb->state == NB_REACHABLE && now >= nb->until)
		set_state(nb, NB_STALE);
	if (nb->state == NB_STALE) {
		set_state(nb, NB_DELAY);
		set_timer(nb, DELAY_TIME);
	}
	ether_send(k, &ports[nb->port], nb->mac, nb->family == 4 ? ETH_IP4 : ETH_IP6);
}

/* True when this changed what we know, or knew nothing of. */
static bool learn(struct port *p, uint8_t family, struct ip ip, const uint8_t mac[6])
{
	struct neighbour *nb = neighbour_find(p, family, ip);

	if (!nb)
		nb = create(p, family, ip);
	else if (nb->state != NB_INCOMPLETE && mac_same(nb->mac, mac))
		return false;
	if (!nb)
		return true;
	memcpy(nb->mac, mac, 6);
	set_state(nb, NB_STALE);
	send_parked(nb);
	return true;
}

static bool answer(struct neighbour *nb, const uint8_t *mac, uint32_t flags)
{
	enum neighbour_state before = nb->state;
	bool same;

	if (before == NB_INCOMPLETE && !mac)
		return false;
	same = before != NB_INCOMPLETE && (!mac || mac_same(nb->mac, mac));
	if (before != NB_INCOMPLETE && !same && !(flags & NB_OVERRIDE)) {
		if (before == NB_REACHABLE)
			set_state(nb, NB_STALE);
		return true;
	}
	if (mac)
		memcpy(nb->mac, mac, 6);
	if (flags & NB_SOLICITED)
		set_state(nb, NB_REACHABLE);
	else if (!same)
		set_state(nb, NB_STALE);
	send_parked(nb);
	return !same || flags & NB_SOLICITED;
}

void neighbour_learn(struct port *p, uint8_t family, struct ip ip, const uint8_t mac[6])
{
	if (learn(p, family, ip, mac))
		replica_tell(p, family, ip, mac, MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW);
}

/* Whom we do not know a sibling may: the answer may be to its question. */
void neighbour_answer(struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                      uint32_t flags)
{
	struct neighbour *nb = neighbour_find(p, family, ip);

	if (!nb)
		replica_tell(p, family, ip, mac, flags);
	else if (answer(nb, mac, flags))
		replica_tell(p, family, ip, mac, flags | MX_NEIGHBOUR_NEW);
}

/* Who passed on the answer to our question has not kept it: it and the others shall. */
void neighbour_hear(struct port *p, uint8_t family, struct ip ip, const uint8_t *mac,
                    uint32_t flags, bool keep)
{
	struct neighbour *nb = neighbour_find(p, family, ip);

	bool asked = nb && nb->state == NB_INCOMPLETE;

	if (nb)
		answer(nb, mac, flags);
	else if (keep && mac)
		learn(p, family, ip, mac);
	if (asked && mac && !keep)
		replica_tell(p, family, ip, mac, MX_NEIGHBOUR_OVERRIDE | MX_NEIGHBOUR_NEW);
}

static bool timed(const struct neighbour *nb)
{
	return nb->state == NB_INCOMPLETE || nb->state == NB_DELAY || nb->state == NB_PROBE;
}

void neighbour_resume(const struct port *p)
{
	for (uint32_t i = 0; i < opened; i++)
		if (table[i].port == p->index && timed(&table[i]) && table[i].state != NB_DELAY)
			table[i].until = due = now;
}

/* Whoever wrote this may have ended because of it. */
static bool believable(const struct neighbour *nb)
{
	struct ip ip = nb->ip;
	bool group;

	if (nb->port >= MX_PORTS || nb->state < NB_REACHABLE || nb->state > NB_PROBE ||
	    (nb->family != 4 && nb->family != 6) || ip_zero(ip) ||
	    (nb->family == 4 && !ip_same(ip, ip_of4(ip_to4(ip)))))
		return false;
	group = nb->family == 4 ? ip_to4(ip) >> 28 >= 0xe : ip6_multicast(ip);
	return !group && !(nb->mac[0] & 1) && !neighbour_find(&ports[nb->port], nb->family, ip);
}

/* As STALE: of use at once, and asked again by who uses it (RFC 4861 7.3.3). */
void neighbour_inherit(void)
{
	const struct neighbour *left = mx_left(table, sizeof(table));

	for (uint32_t i = 0; left && i < NEIGHBOURS; i++) {
		struct neighbour *nb;

		if (!believable(&left[i]))
			continue;
		nb = create(&ports[left[i].port], left[i].family, left[i].ip);
		if (!nb)
			return;
		memcpy(nb->mac, left[i].mac, sizeof(nb->mac));
		nb->used = left[i].used < now ? left[i].used : now;
		set_state(nb, NB_STALE);
	}
}

void neighbour_flush(const struct port *p)
{
	for (uint32_t i = 0; i < opened; i++) {
		if (table[i].state != NB_FREE && table[i].port == p->index)
			forsake(&table[i], false);
	}
}

static void fire(struct neighbour *nb)
{
	switch (nb->state) {
	case NB_DELAY:
		set_state(nb, NB_PROBE);
		nb->tries = 0;
		solicit(nb, nb->mac);
		break;
	case NB_PROBE:
	case NB_INCOMPLETE:
		if (nb->tries < SOLICITS)
			solicit(nb, nb->state == NB_PROBE ? nb->mac : NULL);
		else
			forsake(nb, true);
		break;
	}
}

void neighbour_turn(void)
{
	if (now >= due) {
		due = UINT64_MAX;
		for (uint32_t i = 0; i < opened; i++) {
			if (timed(&table[i]) && now >= table[i].until)
				fire(&table[i]);
			if (timed(&table[i]) && table[i].until < due)
				due = table[i].until;
		}
		if (due != UINT64_MAX && due < now + TICK)
			due = now + TICK;
	}
	if (due != UINT64_MAX)
		mx_wake_at(due);
}
