/*
 * What the files of the suite share: probes, their course, and the report.
 *
 * Interface: a row is one probe and how it must end; a scene is a case of more than that, written
 * out. Both give NULL when all was as it should be, else the reason.
 * Rules: nothing waits without a deadline; a probe that hangs is killed and its case has failed.
 */
#ifndef GUEST_SUITE_H
#define GUEST_SUITE_H

#include "tests/guest/raw.h"

#define CASE_LIMIT (10 * MX_S) /* of a case */
#define PROBES     16u         /* at once, less one */

/* A child of the suite. */
struct probe {
	uint32_t handle;   /* 0: none */
	uint32_t own_slot; /* the suite's end */
	bool ended;
	struct mx_child end;
	uint32_t told; /* the frame it sent last, or the number in a bare message */
	uint32_t data; /* messages that came from it */
	struct guest_word_end plain;
};

enum {
	WINDOW = 0,
	NO_WINDOW = 1,
	PARENT = 2,
	FOREIGN = 4,
	SECOND = 8,
	UNBOUND = 16,
	DEEP = 32,
	MACHINE = 64, /* left out where the executive is a process: see docs/linux.md */
};
enum where { ANYWHERE, TOLD, GIVEN, BOOT_PAGE };

struct row {
	const char *name;
	uint8_t which; /* enum probe_case */
	uint8_t cause; /* enum mx_cause: how it must end */
	uint16_t status;
	uint32_t a;
	uint64_t b;
	uint8_t options;
	uint8_t where;                        /* address of the fault */
	uint32_t address;                     /* GIVEN: its low half */
	uint32_t budget;                      /* ms */
	const char *(*play)(struct probe *p); /* the suite's part while the probe runs */
};

/* Makers of processors, and emulators, do not agree on the vector. */
#define ANY_VECTOR 0xffffu

#define WELL .cause = MX_CAUSE_EXIT /* and status 0 */

struct scene {
	const char *name;
	const char *(*run)(uint32_t core);
};

extern const struct row rows_memory[], rows_cpu[], rows_frames[]; /* ended by an empty name */
extern const struct scene scenes_end[], scenes_frames[], scenes_spawn[], scenes_life[];
extern const struct scene scenes_bind[], scenes_cpu[], scenes_rights[];
extern const struct scene scenes_dma[], scenes_device[], scenes_keep[], scenes_move[];
const char *play_early(struct probe *p);
const char *play_send(struct probe *p);
const char *play_stream_plain(struct probe *p);
const char *play_lies(struct probe *p);
const char *play_notify(struct probe *p);

/* run.c */
extern uint32_t suite_frame;             /* one that the suite holds all the time */
extern uint64_t suite_gone, suite_reset; /* slots told so; whoever looks clears */
void suite_request(struct mx_spawn *q, uint32_t core, const struct row *row);
bool probe_spawn(struct probe *p, uint32_t core, const struct row *row); /* bound and started */
bool probe_create(struct probe *p, const struct mx_spawn *q, const struct row *row); /* so, too */
bool probe_bind(struct probe *p, uint32_t options);
void probe_forget(struct probe *p);
bool serve(struct mx_msg *m, uint64_t deadline);     /* see raw_recv; events are taken care of */
bool probe_wait(struct probe *p, uint64_t deadline); /* until its end, freeing what it sends */
const char *probe_end(struct probe *p);              /* kill it and wait */
const char *probe_judge(const struct probe *p, const struct row *row);
const char *row_run(const struct row *row, uint32_t core);

/* Not a process of a host, where the processor and buses are the host's. */
static inline bool is_machine(void)
{
	const struct mx_machine *machine = mx_boot->machine.base;

	return machine->console != MX_SERIAL_HOST;
}

/* say.c */
bool say_open(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The reason of a failure, for return. */
const char *because(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define NEED(x)                                                                                    \
	do {                                                                                       \
		if (!(x))                                                                          \
			return because("%s:%d: %s", __FILE__, __LINE__, #x);                       \
	} while (0)

/* home.c: frames and memory of every core, now and at the beginning. */
void home_remember(void);
const char *home_check(void);

int64_t suite_spawn(uint64_t op, const void *argument);
bool image_find(const char *name, uint64_t *at, uint64_t *length);

#endif
