/*
 * What the two ends of a crossing agree on: slots, channels, orders.
 *
 * Two domains of one image: `near` measures, `far` plays its part. Near gives an order, far answers
 * that it is ready, both do what the order says, and far answers how it went. A volley is `batch`
 * payloads there; the same come back. Both ends receive alike, so a crossing costs half of it.
 */
#ifndef CROSSING_CROSSING_H
#define CROSSING_CROSSING_H

#include <moxie/channel.h>
#include <moxie/domain.h>

enum {
	SLOT_CONSOLE = 1,
	SLOT_REPORT, /* near: its lines, to the console */
	SLOT_ORDER,
	SLOT_OWN,   /* owning: frames arrive mapped */
	SLOT_BLIND, /* owning: they do not */
	SLOT_SMALL, /* plain: payloads, or pieces of them, as messages */
	SLOT_MEDIUM,
	SLOT_LARGE,
};

#define PAYLOAD_MAX 65536u /* of a payload */
#define VOLLEY_MAX  32u
#define FRAMES_MAX  (VOLLEY_MAX * PAYLOAD_MAX / MX_PAGE)
#define ROUNDS_MAX  64u

/* How a payload goes from one domain to the other. */
enum way {
	WAY_CALL,    /* it does not: a function of the same domain is called */
	WAY_SHARED,  /* a message names frozen frames, which both map */
	WAY_REMAP,   /* its frames change owner */
	WAY_FRESH,   /* it is copied into frames, and these change owner */
	WAY_MESSAGE, /* it is copied into the messages of a plain channel, and out of them */
	WAY_BLIND,   /* its frames change owner, and the receiver does not map them */
	WAY_BARE,    /* nothing goes but the message */
};

/* The first word of payload j is first + j * first_step; all words add up to sum + j * sum_step. */
struct expect {
	uint64_t first, first_step, sum, sum_step;
};

enum op { OP_VOLLEY, OP_YIELD, OP_BELL };

struct order {
	uint8_t op, way;
	uint8_t all;  /* the receiver reads all of it, not only its first word */
	uint8_t poll; /* whoever waits asks again and again; else its core may halt */
	uint32_t size, batch;
	uint32_t rounds;
	struct expect expect;
	uint64_t value; /* the answer: of OP_BELL the time when far ran */
	uint32_t bad;   /* the answer: payloads that were not as expected */
	uint32_t apart; /* the ends live on different cores */
};
_Static_assert(sizeof(struct order) == 64, "one slot");
MX_CHANNEL(crossing_order, 0x60, struct order, 16);

struct crossing_small {
	uint8_t bytes[64];
};
struct crossing_medium {
	uint8_t bytes[256];
};
struct crossing_large { /* the largest that all longer payloads are a multiple of */
	uint8_t bytes[512];
};
MX_CHANNEL(crossing_small, 0x61, struct crossing_small, 32);
MX_CHANNEL(crossing_medium, 0x62, struct crossing_medium, 32);
MX_CHANNEL(crossing_large, 0x63, struct crossing_large, 16);

enum role { ROLE_NEAR, ROLE_FAR };
struct crossing_args {
	uint32_t role;   /* enum role */
	uint32_t rounds; /* of all figures */
	uint32_t poll;   /* ends on two cores may poll */
	uint32_t reserved;
	uint64_t ns; /* how long one figure is measured for in each round */
	uint64_t at; /* where the bundle's file of frozen payloads begins */
};

#define CROSSING_HEAP ((2 * FRAMES_MAX) + 1) /* pages */

#endif
