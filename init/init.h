/*
 * What the files of init share: its children, and who does what with them.
 *
 * Order of the start: adopt (what an init before this one left), compose (which domains, slots and
 * bindings), wishes (the configuration's), cores and budget (memory, frames), both twice, since
 * each asks for the other, spawn (create, bind, start), control (each its part of the
 * configuration), report (ready, ends). Afterwards restart starts again what has ended. Rules:
 * nothing waits but the spawn traps. A child's request is kept, so that a later start of the same
 * child is the same request again.
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <moxie/control.h>
#include <moxie/domain.h>
#include <moxie/host.h>
#include "config/config.h"
#include "init/placement.h"
#include "init/policy.h"

#define CHILDREN 48u /* each has a slot of init and of the console */
#define JOINTS   (4 * CHILDREN)
#define NO_CHILD UINT32_MAX
#define IN(role) (1u << (role)) /* a set of roles */

enum role { ROLE_CONSOLE, ROLE_DRIVER, ROLE_ROUTER, ROLE_STACK, ROLE_HTTPD, ROLE_IPERF3, ROLES };
enum life { LIFE_NONE, LIFE_CREATED, LIFE_STARTED, LIFE_READY, LIFE_ENDED };

/* What of the configuration comes next. */
struct cursor {
	uint32_t step, port, index;
};

/* Whether a child still answers: see watchdog.c. */
enum watch_state { WATCH_IDLE, WATCH_DUE, WATCH_ASKED };
struct watch {
	uint32_t limit; /* looks; 0: not watched */
	uint32_t looks; /* without an answer that could have come */
	enum watch_state state;
	bool looked;
	uint64_t ticket;
	uint64_t ran, idle; /* ns; of the child and its core at the last look */
};

struct child {
	enum role role;
	enum life life;
	uint32_t port;     /* of a driver */
	uint32_t pair;     /* of a driver: its queue pair; of a router: which replica it is */
	uint32_t own_slot; /* init's end of the control channel */
	uint32_t handle;
	struct mx_control_end control;
	struct cursor cursor;
	struct watch watch;
	uint64_t ticket;                     /* by which it is asked for its counters */
	uint32_t counters;                   /* it has reported since */
	bool core_set, heap_set, frames_set; /* by the configuration */
	bool adopted;                        /* it lived before init did */
	bool uprooted;     /* it had to leave its core, and all that was kept there */
	const char *image; /* of the bundle, by the configuration; or NULL */
	uint32_t restarts;
	uint64_t ended_at;    /* ns; the last time */
	struct mx_child last; /* how */
	struct policy policy; /* these of the first of a unit: see restart.c */
	uint64_t due;         /* ns: to be started again; 0: not decided */
	bool asked;           /* the end is the operator's wish */
	struct mx_spawn request;
};

/* Slots of two children that belong together. */
struct joint {
	uint32_t a, a_slot, b, b_slot;
};

extern struct init {
	struct appliance_config config;
	const char *text; /* the configuration as it was found */
	uint32_t text_len;
	const char *text_name;
	int32_t device[MX_PORTS]; /* index in mx_machine.devices, or -1 */
	uint32_t present;         /* ports the machine has: eth0 .. eth(present - 1) */
	uint32_t active;          /* set of ports that are present, configured and not disabled */
	bool routing;             /* composition: with a router */
	uint32_t pairs;           /* queue pairs of each port, and replicas of the router */
	uint32_t pairs_had[MX_PORTS]; /* what a port's device can have; 0: not heard yet */
	uint32_t pairs_used;          /* of these, by what the devices have; 0: not known yet */
	struct child children[CHILDREN];
	uint32_t children_n;
	struct joint joints[JOINTS];
	uint32_t joints_n;
} init;

static inline const struct mx_machine *machine(void)
{
	return mx_boot->machine.base;
}

static inline bool device_is_host(const struct mx_device *d)
{
	return d->vendor == MX_HOST_VENDOR;
}

static inline bool port_active(uint32_t port)
{
	return port < MX_PORTS && init.active >> port & 1;
}

static inline bool child_runs(const struct child *c)
{
	return c->life == LIFE_STARTED || c->life == LIFE_READY;
}

/* output.c: text for the console. Nothing is lost silently: the rest is counted and told. */
void output_open(void);
void output_line(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool output_takes(uint32_t length); /* there is room for so many bytes */
bool output_drained(void);          /* the console has all of it */
bool output_starved(void);          /* there was none before, and now there is */
void output_turn(void);
bool output_hear(struct mx_line *piece); /* a piece of a typed line */

/* load.c: find and parse the configuration; false: refused, every error is on the console. */
bool load_config(void);

/* ports.c: which ports there are, and which are used. */
void ports_find(void);
void ports_choose(void);

/* pairs.c: queue pairs. */
void pairs_choose(void);
bool pairs_share(const struct mx_device *d, struct mx_share *share); /* a follower's */
bool pairs_hear(const struct child *c, uint64_t value);              /* false: it cannot work so */
bool pairs_turn(void); /* init.pairs_used has become known */

/* sums.c: counters of replicas. */
void sums_clear(void);
void sums_add(const struct mx_control *m);
const struct mx_control *sums_next(void); /* NULL: no more */
bool sums_left(void);

/* compose.c */
void compose_console(void); /* children[0], and nobody else */
/* Console, drivers, router, and of stack, web server and iperf3 server those in the set of roles.
 */
void compose_all(uint32_t wanted);

/* budget.c: false: there are too few frames even for the least; the console says so. */
bool budget_frames(void);

/* memory.c: NO_CHILD, or the first child there is no memory for; the console says so. */
uint32_t budget_memory(void);
void memory_ask(void);                       /* the cores, what they have left */
uint32_t memory_left(uint32_t core);         /* pages, when last asked */
uint32_t memory_need(const struct child *c); /* pages, with the least heap */

/* wishes.c: the configuration's, for each domain. */
void wishes_grant(void);
void wishes_refused(void); /* tells of cores the machine does not have */
const struct config_domain *wish_of(const struct child *c);

/* distance.c: by the lattice. */
void distance_fill(struct placement *p); /* between cores */
void distance_device(const struct placement *p, struct placed *d, uint16_t address);

/* traffic.c: under full load. */
#define TRAFFIC_CONTROL 20u                      /* messages a second between init and each child */
uint32_t traffic_want(const struct child *c);    /* ns a second */
uint32_t traffic_touches(const struct child *c); /* of its device, a second */
uint32_t traffic_rate(const struct joint *j);    /* messages a second, both ways */
uint32_t traffic_control(const struct child *c); /* likewise, with init */
uint32_t traffic_harm(const struct child *c);    /* ns a second lost when it is held up */
uint32_t traffic_risk(const struct child *c);    /* of 1000: that it holds up others */
uint32_t traffic_bond(const struct child *c);    /* the child it stays with, or NOBODY */

/* cores.c */
void cores_choose(void); /* of all that do not live yet */
void cores_tell(void);   /* and why */
/* Whether one of these children had its core lost; all who had then have another. */
bool cores_again(uint32_t first, uint32_t end);
/* c, which does not live, comes to the best core not in `tried` that may have memory for it. */
bool cores_other(struct child *c, uint32_t tried);
/* What a core costs c but for load and memory, all others staying: ns a second. */
int64_t cores_against(const struct child *c, uint32_t core);

/* reasons.c: one line, why c is where it is, by the placement that was found. */
void reason_tell(struct placement *p, const struct child *c);

/* spawn.c */
bool spawn_find_image(struct child *c); /* false: the bundle has none; said on the console */
bool spawn_console(void);
bool spawn_others(void);
void spawn_undo(void); /* ends all but the console, for good */
/* Of a start, in this order; false: refused, said on the console. */
bool spawn_create(struct child *c, bool first);
bool spawn_join(const struct joint *j);
bool spawn_start(struct child *c);

void spawn_adopt(struct child *c); /* it runs; init's own ends are bound */

/* ask.c: MX_TRAP_SPAWN, again and again while it is MX_EBUSY; bounded. */
int64_t ask_until_calm(uint64_t op, void *argument);

/* adopt.c */
void adopt_look(void);
void adopt_claim(void);
void adopt_settle(void);
bool adopt_all(void); /* false: there was nobody */

/* kept.c */
void kept_find(struct child *c);                       /* what of its image it leaves */
void kept_offer(struct child *c, uint32_t quick_ends); /* its predecessor's to it, or to nobody */
bool kept_refuse(struct child *c);                     /* it begins anew; false: it does already */

/* restart.c */
void restart_ended(struct child *c);
void restart_ready(struct child *c);
void restart_turn(void);
int64_t restart_kill(struct child *c); /* by the operator; an error of spawn's */
bool restart_start(struct child *c);   /* likewise; false: it runs */
void restart_fail(struct child *c);    /* ends it: it does not do what it should */
void restart_give_up(void);            /* of all but the console */
bool restart_given_up(const struct child *c);

/* control.c */
void control_turn(void);
bool control_next(struct child *c, struct mx_control *m); /* false: all is told */
bool control_ask(struct child *c, uint64_t ticket);       /* for its counters; false: not now */

/* counters.c */
void counters_ask(void);
bool counters_busy(void);                  /* some are still coming */
bool counters_take(const struct child *c); /* false: there is no room for what it may say */
void counters_hear(struct child *c, const struct mx_control *m);
void counters_ended(const struct child *c);
void counters_turn(void);

/* watchdog.c */
void watchdog_turn(void);
void watchdog_hear(struct child *c, uint64_t ticket);

/* lattice.c: what the machine is and what lives where; a copy of the executive's replica. */
struct iskra;
const struct iskra *lattice(void); /* as it was last looked at; NULL: there is none */
bool lattice_refresh(void);        /* look again; false: there is none now */
uint64_t lattice_bytes(void);      /* of the heap that it takes */

/* move.c. The error of the spawn trap; why: behind what is said. */
int64_t move_child(struct child *c, uint32_t core, uint32_t flags, const char *why);
bool move_command(struct child *c, const char *words); /* CORE [copy]; false: these are others */

/* loads.c */
void loads_turn(void);
void loads_moved(const struct child *c); /* by the operator */

/* report.c */
void report_ready(void);
void report_child(const struct mx_msg *m);
void report_cause(const struct mx_child *e, char *text, uint32_t size);

/* show.c. Of a job: call again at once, call again after the next event, or it is over. */
enum progress { MORE, WAIT, DONE };
typedef enum progress job_step(uint32_t *at);
void show_version(void);
job_step show_domains, show_frames, show_counters, show_config;
job_step show_machine; /* show_machine.c */

/* command.c */
void command_turn(void);

#endif
