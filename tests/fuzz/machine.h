/*
 * An executive for one domain under a fuzzer: the traps, frames and channels that it knows, with
 * everything at their other ends in the fuzzer's hand.
 *
 * The domain is linked whole, with the real library (lib/): domain_start, then domain_event for
 * what the input says, until the input is used up. What no domain may do ends the run: touching a
 * frame that it does not hold and map, giving away or freeing one that it does not hold, sending
 * without credit or through a slot that is not bound, never waiting, panic.
 * Time goes on by events only, and stops at each deadline that the domain has set.
 */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include <moxie/domain.h>
#include "tests/fuzz/events.h"

#define MACHINE_FRAMES 1024u
#define MACHINE_FROZEN 16u /* these come after the others */
#define MACHINE_HEAP   (4u << 20)

/* Events that the machine itself knows; the fuzzer's own begin at EVENT_SIDE. */
enum machine_event {
	EVENT_TIME,   /* (1 + second byte) << first byte, in us; ends the batch */
	EVENT_CREDIT, /* owning slot, most entries its peer takes in one batch */
	EVENT_GONE,   /* owning slot, or plain from 128 on: the peer ends */
	EVENT_RESET,  /* likewise: it is bound again */
	EVENT_POKE,   /* plain slot, word of the ring that the domain reads, its value */
	EVENT_PLAIN,  /* plain slot, the bytes of a message */
	EVENT_STALL,  /* plain slot, whether its peer stops emptying the ring */
	EVENT_POOL,   /* frames that the pool still gives */
	EVENT_SIDE,
};

extern struct mx_boot machine_boot;
extern uint64_t machine_now;
extern bool machine_exits; /* an exit of the domain is no fault */

/* Makes the world new. Then the slots, then machine_run. */
void machine_begin(const char *name, uint32_t quota, bool window);
void machine_args(const void *args, uint32_t n);
void machine_owning(uint32_t slot, uint32_t depth, bool mapped);
/* hostile: the input may write anything into its ring; else only whole messages come. Again: bound
 * anew. */
void machine_plain(uint32_t slot, const struct mx_slot_spec *spec, bool hostile);
void machine_frozen(const void *bytes, uint32_t n); /* what stands in the frozen frames */
void machine_run(const uint8_t *data, size_t n);
/*
 * Called by the fuzzer for an event: the domain ends here, machine_run returns, and what it has
 * left is copied. Behind the next machine_begin machine_heir offers it, after the changes that the
 * event has (where, 16 bits, and a byte each). machine_rest is what is left of the input.
 */
_Noreturn void machine_stop(struct event *e);
void machine_heir(void);
struct events machine_rest(void);
bool machine_stopped(void);

/*
 * n bytes to the domain, in frames of at most `cut` bytes, the first from `offset` on; body: of the
 * first message. False: no credit, and nothing was sent.
 */
bool machine_packet(uint32_t slot, uint8_t kind, const void *body, const uint8_t *bytes, uint32_t n,
                    uint32_t offset, uint32_t cut);
/* One message without a frame, or with a frozen one. */
bool machine_message(uint32_t slot, const struct mx_msg *m);
/* A message by a plain channel; false when its ring is full. */
bool machine_plain_send(uint32_t slot, const void *message);
/* A child has ended. */
void machine_child(const struct mx_child *child);
void machine_notify(uint64_t slots); /* interrupts */
void machine_peer_gone(uint32_t slot);
uint32_t machine_binding(uint32_t slot); /* another number with each; 0 while its peer is gone */
void machine_pass(uint64_t ns);
/* Frames that the domain holds, but for those it keeps ready. */
uint32_t machine_kept(void);

/* Written by the fuzzer. */
void side_event(uint32_t what, struct event *e); /* what: from 0 */
/* The domain has sent a chain; its bytes can be read until the function returns. */
void side_sent(uint32_t slot, const struct mx_msg *chain, uint32_t n);
int64_t side_spawn(uint64_t op, uint64_t argument); /* MX_TRAP_SPAWN, of a domain that may */
/* The input is used up and the domain waits; step counts. False: the run is over. */
bool side_end(uint32_t step);

#endif
