/*
 * Domains of this core: the record and the table; queue.h has the order in which they run.
 *
 * Rules: single-threaded; a domain is in exactly one state. `READY` ones stand in a queue and run
 * in order of arrival until they wait. Everything a domain is can be moved to another core:
 * registers, page tables, slots, frames are all named here and nothing points into it but
 * domains[].
 */
#ifndef EXECUTIVE_DOMAIN_H
#define EXECUTIVE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "executive/arch.h"
#include "executive/fifo.h"
#include "executive/space.h"

#define DOMAINS   64u /* on one core, index 0 unused */
#define STALE_MAX 32u

enum state {
	MAKING,  /* its memory is being cleared and mapped; only its executive knows of it */
	CREATED, /* not started yet */
	READY,
	RUNNING,
	WAITING, /* in an exchange */
	ASKING,  /* in a spawn trap, for replies of other executives */
	ENDING,  /* dead; its memory is being reclaimed */
};

struct slot {
	uint8_t kind, flags;
	bool bound;      /* the peer is known, and may be heard */
	bool open;       /* the peer knows us too, and may be spoken to */
	bool notify_due; /* a notification did not fit into the FIFO */
	bool halted;     /* the peer is between two cores: nothing may be said to it */
	bool last;       /* all that it said from where it was has arrived */
	bool freezes;    /* and the domain may not run: it could write into the peer's ring */
	uint8_t peer_slot;
	struct place peer;
	uint32_t key;      /* of this binding; the peer's slot has the same */
	uint32_t dead_key; /* of a peer that ended before its binding came here */
	bool again;        /* bound before: tell of the reset once it is open */
	uint32_t type;
	uint16_t depth, size;
	/* owning: depth = lent + entries in our inbox + owed */
	uint16_t credit;   /* entries we may send */
	uint16_t withheld; /* more of it, once the domain has collected the reset, or the peer has
	                      moved */
	uint16_t lent;     /* entries the peer may send */
	uint16_t owed;     /* entries collected whose credit was not yet given back */
	uint32_t irq;
	uint64_t ring, peer_ring; /* plain: physical */
};

/* A run of a domain's memory. */
struct area {
	uint64_t address; /* where the domain sees it, 0: nowhere as a whole */
	uint64_t at;      /* physical */
	uint32_t pages, access;
};
enum {
	AREA_TABLES, /* of pages: the first, since all others are mapped by them */
	AREA_BOOT,
	AREA_EXCHANGE,
	AREA_TLS,
	AREA_INBOX,
	AREA_RINGS,
	AREA_STACK,
	AREA_IMAGE,
	AREA_HEAP,
	AREA_DMA,
	AREA_REACH, /* tables by which the device reaches it */
	AREA_KEPT,  /* it outlives the domain, so it is no part of its run: keep.c */
	AREA_BAR,   /* and the following: registers of its device */
	AREAS = AREA_BAR + MX_BARS
};

/* How far the making of a domain has come. */
struct making {
	const struct mx_spawn *request;
	uint64_t request_at;       /* physical; 0: nobody asked */
	uint32_t area, page;       /* the next to clear, copy or map */
	uint32_t window, window_n; /* entries of the window, filled and in all */
	uint32_t slot;             /* the next to set */
	uint64_t ring;             /* where its ring would be */
	struct area areas[AREAS];
};

/* A bind under way, at the parent: both ends. */
struct binding {
	struct place place[2];
	uint8_t slot[2];
	bool bound[2];
	uint32_t lent[2]; /* credit that the end lends its peer */
	uint32_t key;
};

/* Kept memory of a domain on its way to another core: see keep.h. */
struct bag {
	uint64_t at; /* physical; 0: it keeps nothing */
	uint32_t pages, handle, before;
	uint8_t core, record; /* whose memory it is, and its record there */
};

struct domain {
	struct context context;
	int64_t result;        /* of the trap it will return from */
	struct mx_exchange *x; /* its exchange block, through the direct map */
	uint8_t index;
	uint8_t state;    /* enum state */
	bool in_exchange; /* collect before it runs again */
	bool relieved;    /* a slot in `thirst` has credit again */
	uint8_t frozen;   /* slots that freeze it: it is not READY until there are none */
	bool thaws;       /* then it is */
	bool polls;       /* READY, but only because it asked to come back: see domain_poll */
	uint16_t generation;
	uint16_t flags;                 /* MX_SPAWN_* */
	uint8_t home_core, home;        /* whose memory it lives in, and its index there */
	uint32_t next;                  /* in the ready queue */
	uint64_t pending, resets, gone; /* slots to report */
	uint64_t owing;                 /* slots with owed credit */
	uint8_t owing_first;            /* of these: whose turn it is when there is not enough */
	uint64_t deadline, thirst;
	uint64_t polls_since; /* ns */
	uint32_t want, in_max;
	/* frames: held + granted <= quota; granted is the sum of all slots' lent */
	uint32_t quota, held, granted;
	uint64_t bad, refused; /* entries and traps refused for good, entries refused for now */
	uint64_t misuse;       /* most `bad` it may have */
	struct mx_msg *inbox;
	uint32_t inbox_mask, inbox_head, inbox_tail;
	struct space space;
	uint64_t stale[STALE_MAX]; /* unmapped pages this core may still translate */
	uint32_t stale_n;
	uint32_t record; /* id of its record in the lattice: the same wherever it goes */
	uint16_t moves;  /* how often it went */
	/* life */
	char name[MX_NAME];
	struct place parent;       /* core == own and domain == 0: none */
	uint32_t handle;           /* the parent's name for it */
	uint64_t budget, started;  /* ns: how long it may run, and since when it does */
	uint32_t ticks;            /* of the guard timer in this run */
	uint64_t entered, ran;     /* ns: when it got the core, and how long it had it in all */
	uint32_t asking;           /* replies it waits for */
	uint8_t due[MX_CORES_MAX]; /* of these: by core */
	uint8_t ask_kind;          /* what it asked for: enum remote_kind */
	uint64_t ask_page;         /* CREATE: of the request */
	struct binding binding;
	uint32_t asking_child;   /* that moves */
	struct remote parted[2]; /* connects that wait for the peer of before; kind 0: none;
	                            value: the core it is on */
	uint64_t ask_address;    /* where a reply is to be written, 0: nowhere */
	uint32_t child_events;   /* children that ended and were not yet reported */
	struct child *children;
	uint32_t children_n; /* records */
	struct end end;      /* ENDING */
	uint32_t reap_slot,
	        reap_frame; /* ENDING: how far its slots and the frames were looked at */
	uint32_t acks;      /* ENDING: peers that must let go of our rings */
	int32_t device_n;   /* index in machine.devices; -1: none */
	uint16_t acks_of[MX_CORES_MAX]; /* of these: by core */
	const struct device *device;
	bool shares;       /* only a part of the device: see struct mx_share */
	bool begun;        /* it was started */
	bool creates;      /* it has asked for a child */
	bool heir;         /* before that, it looked for those of a predecessor */
	uint64_t image;    /* physical: where it was loaded */
	uint64_t offset;   /* of its image in the bundle */
	uint64_t born;     /* ns */
	struct keep *keep; /* keep.c */
	struct bag bag;    /* while it moves */
	uint32_t keep_at;  /* first page of the image that is kept */
	uint32_t kept_n;   /* ENDING: pages copied */
	uint64_t reach;    /* tables by which it reaches d's DMA memory, and how many */
	uint32_t reach_n;
	uint32_t pools; /* cores whose frames its device may have got from it */
	struct mx_boot *boot;
	struct slot slots[MX_SLOTS];
	struct making making;
};

extern struct domain *domains[DOMAINS];
extern struct domain *current; /* the RUNNING one, or NULL */

struct domain *domain_at(uint32_t index, uint32_t generation); /* NULL when it is not alive */
/*
 * Indices are taken by domains, and by promises: one that comes soon, or one that lives elsewhere
 * in memory of this core, which has its index for its owner.
 */
uint32_t index_free(void); /* 0: there is none */
void index_hold(uint32_t index);
void index_drop(uint32_t index);
bool index_held(uint32_t index);
uint16_t index_generation(uint32_t index); /* a fresh one */
struct place domain_place(const struct domain *d);

void domain_ready(struct domain *d); /* queue it unless it runs or is queued */
/*
 * Queue d to come back after the others. Until something came for it, it lets those pass that are
 * woken meanwhile, for POLL_PATIENCE at most: a packet crosses the core without waiting for polls.
 */
void domain_poll(struct domain *d, uint64_t now);
void domain_unready(struct domain *d); /* out of the queue, if it stands there */
bool domain_others_ready(void);
/* Run whatever is to run; never returns to the caller. */
_Noreturn void core_run(void);

/* d has done n things wrong: it ends when that is too many. */
void domain_wrong(struct domain *d, uint32_t n);
/* Ends d: slots dead, device stopped, memory and frames reclaimed step by step, parent told. */
void domain_end(struct domain *d, uint32_t cause, uint32_t status, uint64_t rip, uint64_t address);
bool domain_reap(struct domain *d); /* one bounded step; true: more can be done at once */
void domain_reap_ack(struct domain *d, uint32_t core);

/* Read or write a domain's memory by its own address; false when it is not all mapped so. */
bool domain_read(const struct domain *d, void *to, uint64_t from, uint32_t length);
bool domain_write(const struct domain *d, uint64_t to, const void *from, uint32_t length);

#endif
