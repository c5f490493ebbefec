/*
 * Core-to-core FIFOs: one single-producer single-consumer ring per ordered pair of cores. With the
 * signs before them they are the only mutable memory that executives share.
 *
 * Interface: fifo_push (this core to another), fifo_publish (make pushes visible, wake a sleeping
 * target), fifo_pull (the next entry for this core), fifo_sleep / fifo_woken around the idle.
 * Rules: the producer writes slots and tail, the consumer writes head. tail is released after
 * the slots and acquired before they are read; head likewise the other way. Both sides keep
 * private copies and look at the other's word only when theirs is used up.
 * Sleep: a core sets its `asleep` word, fences, and looks at every tail once more before it
 * halts; a producer stores tail, fences, and takes `asleep` by exchange, so that exactly one
 * producer rings. Either the sleeper sees the tail or the producer sees the sleeper. The fences do
 * that alone, so `asleep` and that look are relaxed: who is woken acquires the tail when it pulls.
 */
#ifndef EXECUTIVE_FIFO_H
#define EXECUTIVE_FIFO_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

enum remote_kind {
	REMOTE_FRAME = 1, /* a message of an owning channel */
	REMOTE_NOTIFY,    /* a plain slot was written to */
	REMOTE_CREDIT,    /* value: entries of an owning channel that may be sent again */
	REMOTE_HOME,      /* frames that come back to their core's pool */
	REMOTE_CREATE,    /* ring: a page with a struct mx_spawn */
	REMOTE_CONNECT,   /* bind a slot, silently: credit and ring follow */
	REMOTE_OPEN,      /* both ends are bound: value is the credit the peer lends */
	REMOTE_START,
	REMOTE_KILL,
	REMOTE_STAT,
	REMOTE_REPLY, /* to the domain whose spawn trap waits */
	REMOTE_GONE,  /* the peer of a slot has ended: unmap its ring, then acknowledge */
	REMOTE_GONE_ACK,
	REMOTE_DEVICE, /* a device was stopped: value; status: reason; ring: address; child: it read
	                */
	REMOTE_ENDED,  /* to the parent: end; from_slot: core that keeps, + 1 */
	REMOTE_FORGET, /* what a child has left; from: its parent */
	REMOTE_FIRST,  /* from: the new first domain, whose children those of the former are now */
	REMOTE_ORPHANS, /* to it: ring: a list of value children */
	REMOTE_CALL,    /* nothing: it is enough that it is taken */
	REMOTE_SUCCEED, /* have the next first domain here; value: cores that had no room */
	REMOTE_LIST,    /* ring: the list was read */
	/* A move, see move.h: in this order, between these. */
	REMOTE_MOVE,   /* parent to source: value: the new core; child: MX_MOVE_* */
	REMOTE_ROOM,   /* source to target: ring: the domain; value: MX_MOVE_*; from: it */
	REMOTE_INVITE, /* target to source: status; from: what it will be called */
	REMOTE_CANCEL, /* source to target: it does not come */
	REMOTE_HALT,   /* source to a peer: nothing more to the slot's peer, who goes to `value` */
	REMOTE_HALTED, /* peer to source: all that was said before has arrived; status */
	REMOTE_LAST,   /* source to a peer on a third core: it says nothing more from there */
	REMOTE_ARRIVE, /* source to target: ring: the domain; words: frames, how many, since */
	REMOTE_GO, /* target (or source) to a peer: from: where it is now; ring: its ring there */
	REMOTE_ARRIVED, /* target to source */
	REMOTE_WENT,    /* to where its memory is: that domain is no more */
	REMOTE_RETURN,  /* kept memory, to where it is: slot: its record */
	REMOTE_LOST,    /* value: the cores I know as lost; from_slot: mine. See lost.h */
	REMOTE_SURVEY,  /* which frames there are: see survey.h */
	REMOTE_BREAK,   /* fail, for a test; value: hang */
	/* What a message costs, see measure.h; slot: who asks. */
	REMOTE_PING, /* value: its number */
	REMOTE_PONG,
	REMOTE_COSTS,   /* costs: to cores with a higher number */
	REMOTE_MEASURE, /* it is the receiver's turn */
	REMOTE_AGREE,   /* change; domain: enum agree_step; slot: who says it; key: which change */
};

/* A domain anywhere: core, index there, generation of that index. */
struct place {
	uint8_t core, domain;
	uint16_t generation;
};

/* How a domain ended, and what it had counted: all that is known of it afterwards. */
struct end {
	struct mx_child child;
	uint32_t code; /* FAULT: the processor's error code */
	uint64_t rip, address, ran;
	uint32_t bad, refused;
};

/*
 * What executives see of each other without asking, for the day when one does not answer: see
 * lost.h and watch.h. It stands before the FIFOs.
 */
struct signs {
	_Alignas(64) uint32_t lost; /* set of cores; a bit is set once and never cleared */
	/* Sets of cores that have a domain with a part of the device: each writes its own bit. */
	_Alignas(64) uint32_t devices[MX_DEVICES];
	struct {
		_Alignas(64) uint32_t beat;  /* it moves while the core turns; its own to write */
		uint32_t answers;            /* to nudges; likewise */
		_Alignas(64) uint32_t nudge; /* what the next NMI asks: see watch.c; any core's */
	} core[MX_CORES_MAX];
};

/* A change of the lattice: see changes.h. */
enum change_kind {
	CHANGE_PLACED, /* a domain lives on the core */
	CHANGE_ENDED,  /* it does no more */
	CHANGE_LOAD,   /* nothing but what all of these tell of the core */
	CHANGE_LOST,   /* the core is no more */
};
struct change {
	uint8_t what; /* enum change_kind */
	uint8_t core;
	uint8_t proposer;
	uint8_t device;  /* that the domain owns: index in machine.devices, + 1 */
	uint32_t serial; /* of the proposer: one change has it */
	uint32_t id;     /* of the domain's record */
	uint32_t handle;
	uint32_t free;  /* pages of the core */
	uint16_t load;  /* of the core, of 1000 */
	uint16_t moves; /* how often the domain has moved */
	char name[MX_NAME];
};

#define HOME_MAX 14u
struct remote {
	uint8_t kind;   /* enum remote_kind */
	uint8_t domain; /* index on the receiving core */
	uint8_t slot;   /* of that domain; HOME: number of frames */
	uint8_t from_slot;
	uint32_t key; /* binding of the slot, or generation of the domain: stale entries differ */
	union {
		uint32_t frames[HOME_MAX];
		struct mx_msg msg;
		struct end end;
		uint16_t costs[MX_CORES_MAX]; /* ns; 0: not measured */
		struct change change;
		struct {
			struct place from; /* who asks: a parent, or the peer */
			int32_t status;    /* REPLY */
			uint32_t value;
			uint32_t child; /* handle */
			uint64_t ring;
			uint64_t words[4];
		};
	};
};
_Static_assert(sizeof(struct remote) == 64, "one cache line");

#ifndef FIFO_SLOTS /* tests/model explores all executions of smaller ones */
#define FIFO_SLOTS  2048u
#define FIFO_FRAMES 1536u /* places that credits of owning channels may reserve */
#endif
/*
 * How many entries other than frames may be under way, this one included. Frames have their places
 * by credit. What is said again until it gets through leaves the rest to control entries that are
 * said once (post.h): a reply, an acknowledgement, a parent's request.
 */
#define MOST_FRAME   UINT32_MAX
#define MOST_CONTROL (FIFO_SLOTS - FIFO_FRAMES)
#define MOST_OTHER   (MOST_CONTROL / 2)

uint64_t fifo_area_bytes(uint32_t cores);
/* False when there is no place, or more than `most` entries other than frames would be under way.
 */
bool fifo_push(uint32_t core, const struct remote *r, uint32_t most);
bool fifo_has_room(uint32_t core, uint32_t n);                  /* for n frames */
bool fifo_has_places(uint32_t core, uint32_t n, uint32_t most); /* n of the others */
void fifo_publish(void);
bool fifo_pull(struct remote *r);
bool fifo_pull_from(uint32_t core, struct remote *r);
bool fifo_sleep(void); /* false: something came, do not halt */
struct signs *fifo_signs(void);
bool fifo_pending(uint32_t core); /* it has not taken all that was published for it */
/* That core is lost: what is pushed for it from now on is dropped, and counts as said. */
void fifo_close(uint32_t core);
void fifo_deaf(uint32_t core); /* its last words were pulled: it is heard no more */
void fifo_woken(void);
/* For an observer: 0 while any core is awake; else a number that changes when one has been awake
   since. Two looks that give the same say that nothing moved between them. */
struct machine;
uint64_t fifo_asleep(const struct machine *m);

#endif
