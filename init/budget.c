/*
 * Memory and frames: what each domain gets so that all of it fits the machine.
 *
 * Frames: a domain's quota covers the depths of its owning slots and what it holds itself, and the
 * sum of the quotas fits the pools. The largest ring size is taken with which they even fit
 * the one pool that the drivers draw from: then no hoard elsewhere can starve reception. On small
 * machines all pools count. What is left goes to stack and web server, which can use any number.
 */
#include <moxie/driver.h>
#include <moxie/slots.h>
#include "init/init.h"

#define OWN_QUOTA  64u /* init's */
#define RING_MOST  256u
#define RING_LEAST 32u
#define QUOTA_MOST 0xffffu
#define STACK_MOST 8192u /* frames the stack can put to use */
#define HTTPD_MOST 4096u
/* Frames that channels between two cores may carry at once, by the executive. */
#define CROSSING 1536u

struct sizes {
	uint32_t ring;  /* receive, and transmit */
	uint32_t depth; /* of a driver's channel */
};

/* Owning ones: each could lead from one core to another. */
static uint32_t channels(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < init.joints_n; i++) {
		const struct joint *j = &init.joints[i];

		n += init.children[j->a].request.slots[j->a_slot].kind == MX_SLOT_OWNING;
	}
	return n;
}

/* As deep as a ring, but all channels together may lead from one core to another. */
static struct sizes sizes_of(uint32_t ring)
{
	struct sizes s = {ring, ring};

	while (s.depth > RING_LEAST && channels() * s.depth > CROSSING)
		s.depth /= 2;
	return s;
}

static uint32_t depths(const struct child *c)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < MX_SLOTS; i++)
		if (c->request.slots[i].kind == MX_SLOT_OWNING)
			sum += c->request.slots[i].depth;
	return sum;
}

/* The least a domain works well with. */
static uint32_t least(const struct child *c, struct sizes s)
{
	switch (c->role) {
	case ROLE_DRIVER:
		return depths(c) + MX_DRIVER_FRAMES(s.ring, s.ring);
	case ROLE_ROUTER: /* packets parked for neighbours, fragments, errors */
		return depths(c) + 3 * s.ring / 4;
	case ROLE_STACK: /* unacknowledged and out-of-order data */
	case ROLE_HTTPD:
		return depths(c) + 2 * s.ring;
	case ROLE_IPERF3: /* datagrams to be sent; what it receives it only counts */
		return depths(c) + s.ring;
	default:
		return depths(c);
	}
}

/* An application reads what the stack gives it at once, or is the one to wait for. */
static bool is_app(uint32_t child)
{
	uint32_t role = init.children[child].role;

	return role == ROLE_HTTPD || role == ROLE_IPERF3;
}

static void set_depth(uint32_t child, uint32_t slot, uint32_t depth)
{
	struct mx_slot_spec *spec = &init.children[child].request.slots[slot];

	if (spec->kind == MX_SLOT_OWNING)
		spec->depth = (uint16_t)depth;
}

static void set_depths(struct sizes s)
{
	for (uint32_t i = 0; i < init.joints_n; i++) {
		const struct joint *j = &init.joints[i];
		uint32_t depth = s.depth;

		if (depth > RING_LEAST && (is_app(j->a) || is_app(j->b)))
			depth /= 2;
		set_depth(j->a, j->a_slot, depth);
		set_depth(j->b, j->b_slot, depth);
	}
}

static uint32_t total_least(struct sizes s)
{
	uint32_t sum = OWN_QUOTA;

	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];
		uint32_t own = least(c, s);

		sum += c->frames_set && c->request.quota > own ? c->request.quota : own;
	}
	return sum;
}

static uint32_t all_pools(void)
{
	uint32_t sum = 0;

	for (uint32_t core = 0; core < mx_boot->cores; core++)
		sum += mx_boot->pools[core].count;
	return sum;
}

/* The smallest pool that a driver draws from. */
static uint32_t driver_pool(void)
{
	uint32_t least_pool = all_pools();

	for (uint32_t i = 0; i < init.children_n; i++) {
		const struct child *c = &init.children[i];

		if (c->role == ROLE_DRIVER && mx_boot->pools[c->request.core].count < least_pool)
			least_pool = mx_boot->pools[c->request.core].count;
	}
	return least_pool;
}

/* The largest ring from `most` down to `lowest` that fits `frames`; 0: none does. */
static uint32_t find_ring(uint32_t lowest, uint32_t frames)
{
	for (uint32_t ring = RING_MOST; ring >= lowest; ring /= 2) {
		set_depths(sizes_of(ring));
		if (total_least(sizes_of(ring)) <= frames)
			return ring;
	}
	return 0;
}

static void set_quota(struct child *c, struct sizes s, uint32_t spare)
{
	struct mx_spawn *q = &c->request;
	uint32_t own = least(c, s), quota = own;

	if (c->role == ROLE_STACK)
		quota += spare / 8 * 5;
	else if (c->role == ROLE_HTTPD)
		quota += spare / 8 * 3;
	if (c->role == ROLE_STACK && quota > own && quota > STACK_MOST)
		quota = own > STACK_MOST ? own : STACK_MOST;
	if (c->role == ROLE_HTTPD && quota > own && quota > HTTPD_MOST)
		quota = own > HTTPD_MOST ? own : HTTPD_MOST;
	if (c->frames_set && q->quota < own)
		output_line("moxie: %s: %u frames are too few, it gets %u", q->name, q->quota, own);
	q->quota = c->frames_set && q->quota > own ? q->quota : c->frames_set ? own : quota;
	if (q->quota > QUOTA_MOST)
		q->quota = QUOTA_MOST;
}

static void set_driver(struct child *c, uint32_t ring)
{
	struct mx_driver_args args;

	memcpy(&args, c->request.args, sizeof args);
	args.rx_size = args.tx_size = ring;
	memcpy(c->request.args, &args, sizeof args);
	c->request.dma = MX_DRIVER_DMA_PAGES(ring, ring);
	if (args.pairs > 1 && !c->pair)
		c->request.dma++; /* the control queue's */
}

bool budget_frames(void)
{
	uint32_t limit = driver_pool(), ring = find_ring(2 * RING_LEAST, limit), spare;

	if (!ring) {
		limit = all_pools();
		ring = find_ring(RING_LEAST, limit);
	}
	if (!ring) {
		output_line("moxie: not enough memory: %u frames, %u needed", limit,
		            total_least(sizes_of(RING_LEAST)));
		return false;
	}
	spare = limit - total_least(sizes_of(ring));
	for (uint32_t i = 0; i < init.children_n; i++) {
		struct child *c = &init.children[i];

		set_quota(c, sizes_of(ring), spare);
		if (c->role == ROLE_DRIVER)
			set_driver(c, ring);
	}
	return true;
}
