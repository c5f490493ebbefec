/*
 * A parent's side of spawn: the children it has, on whatever core, and what became of them.
 *
 * Interface: children_trap (MX_TRAP_SPAWN), children_report (lifecycle messages at collect),
 * children_handle (replies and news from other executives), children_kill (the parent has ended).
 * Rules: the parent's executive keeps a copy of every child's slots, so that only ends that fit are
 * bound. children.c has the records, permit.c what a parent may ask for, ask.c and join.c how it
 * does, news.c what comes of it.
 */
#ifndef EXECUTIVE_CHILDREN_H
#define EXECUTIVE_CHILDREN_H

#include "executive/domain.h"

int64_t children_trap(struct domain *d, uint64_t op, uint64_t argument);
uint32_t children_report(struct domain *d, struct mx_msg *in, uint32_t n, uint32_t most);
void children_handle(const struct remote *r);
bool children_kill(struct domain *d); /* one of them; true: all are told */
/* A core is lost: what d waits for from there, it is denied; moves: or just that of a move. */
void children_unanswered(struct domain *d, uint32_t core, bool moves);
void children_lost(struct domain *d); /* its children on lost cores have ended */

/* --- among children.c, permit.c, ask.c, join.c and news.c --- */

#define CHILDREN_MOST 256u /* records of one parent */

/*
 * FREE: it never was. ENDED: its parent has yet to collect that. LEFT: and it left something to
 * an heir. TOLD: nothing more is to come; its figures can be asked for until the record is reused.
 */
enum life { FREE, ASKED, ALIVE, ENDED, LEFT, TOLD };

struct child {
	struct child *next;
	uint32_t handle;
	uint32_t life;
	int32_t device;
	bool shares;   /* a part of the device, not the whole */
	bool started;  /* it was told to */
	uint32_t heap; /* pages */
	struct place place;
	uint64_t rings;
	char name[MX_NAME];
	uint64_t born, died; /* ns */
	struct end end;
	struct mx_keep
	        keep; /* not zero pages: it becomes LEFT, not TOLD, once its end is reported */
	uint64_t image;
	struct mx_slot_spec slots[MX_SLOTS];
};
_Static_assert(sizeof(struct child) <= MX_PAGE, "a child's record is one page");

struct child *child_find(struct domain *d, uint32_t handle);
struct child *child_left(struct domain *d, uint32_t handle); /* ended, and left something */
struct child *child_fresh(struct domain *d); /* a record to fill; NULL: there is no memory */

void child_end_unknown(struct place place); /* one whose parent will never know of it */

int permit_create(struct domain *d, const struct mx_spawn *q); /* MX_OK, or why not */
bool permit_start(struct domain *d, const struct child *c);

int64_t ask_create(struct domain *d, uint64_t argument);
void ask_init(void);
void ask_handle_used(uint32_t handle); /* no later child of this core's parents has it */
void ask_page_back(uint64_t at);       /* of a request that was answered */
int64_t ask_life(struct domain *d, uint32_t kind, uint32_t handle);
int64_t ask_forget(struct domain *d, uint32_t handle);
int64_t ask_move(struct domain *d, uint64_t argument);
struct remote ask_forgotten(struct domain *d, const struct child *c); /* the message for it */
int64_t ask_stat(struct domain *d, uint64_t argument);
int64_t ask_child(struct domain *d, uint64_t argument);
int64_t ask_bind(struct domain *d, uint64_t argument);
int64_t ask_break(struct domain *d, uint64_t argument);
/* A request of that kind begins; each entry of it that is to be answered goes out by ask_send. */
void ask_begin(struct domain *d, uint32_t kind);
void ask_send(struct domain *d, uint32_t core, const struct remote *r);
/* Wait for the replies that are still due; the result is the trap's. */
int64_t ask_wait(struct domain *d);
/* Both ends of the bind under way have answered: open them, or let go of the one that was bound. */
void join_answered(struct domain *d);

#endif
