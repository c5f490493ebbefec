/* Probes: spawned, watched, judged. */
#include "tests/guest/suite.h"

#define BUDGET 5000u /* ms: a host with other work to do stops a machine for some time */

uint32_t suite_frame;
uint64_t suite_gone, suite_reset;

static struct probe *probes[PROBES];

void suite_request(struct mx_spawn *q, uint32_t core, const struct row *row)
{
	bool window = !(row->options & NO_WINDOW);
	uint8_t mapped = window ? MX_SLOT_MAPPED : 0;
	bool deep = row->options & DEEP;
	struct guest_args args = {.which = row->which, .a = row->a, .b = row->b};

	if (row->options & FOREIGN)
		args.a = suite_frame;
	*q = (struct mx_spawn){.name = "probe",
	                       .core = core,
	                       .flags = (window ? MX_SPAWN_WINDOW : 0) |
	                                (row->options & PARENT ? MX_SPAWN_PARENT : 0),
	                       .stack = 8,
	                       .heap = 1,
	                       .quota = row->which == PROBE_DRAIN || deep ? 0xffff : QUOTA,
	                       .budget = row->budget ? row->budget : BUDGET,
	                       .misuse = UINT32_MAX, /* many cases are about nothing else */
	                       .device = -1,
	                       .args_len = sizeof args};
	image_find("domains/probe.elf", &q->image, &q->image_len);
	q->slots[SLOT_OWN] = (struct mx_slot_spec){
	        .kind = MX_SLOT_OWNING, .flags = mapped, .depth = deep ? DEEPEST : OWN_DEPTH};
	q->slots[SLOT_SIDE] =
	        (struct mx_slot_spec){.kind = MX_SLOT_OWNING, .flags = mapped, .depth = SIDE_DEPTH};
	q->slots[SLOT_PLAIN] = guest_word_spec;
	memcpy(q->args, &args, sizeof args);
}

bool probe_bind(struct probe *p, uint32_t options)
{
	bool second = options & SECOND;
	uint32_t plain = second ? SLOT_PLAIN2 : SLOT_PLAIN;
	struct mx_bind own = {p->handle, second ? SLOT_SIDE : SLOT_OWN, MX_SELF, p->own_slot};
	struct mx_bind word = {p->handle, SLOT_PLAIN, MX_SELF, plain};

	raw_pending &= ~(1ull << plain);
	if (suite_spawn(MX_SPAWN_BIND, &own) != MX_OK || suite_spawn(MX_SPAWN_BIND, &word) != MX_OK)
		return false;
	raw_collect(); /* the resets: nothing can be sent before */
	return guest_word_open(&p->plain, mx_boot, plain);
}

bool probe_spawn(struct probe *p, uint32_t core, const struct row *row)
{
	static struct mx_spawn q;

	suite_request(&q, core, row);
	return probe_create(p, &q, row);
}

bool probe_create(struct probe *p, const struct mx_spawn *q, const struct row *row)
{
	uint32_t i = 0;
	int64_t handle;

	*p = (struct probe){.own_slot = row->options & SECOND ? SLOT_OWN2 : SLOT_OWN,
	                    .told = suite_frame};
	handle = suite_spawn(MX_SPAWN_CREATE, q);
	if (handle <= 0)
		return false;
	p->handle = (uint32_t)handle;
	while (probes[i])
		i++;
	mx_assert(i < PROBES);
	probes[i] = p;
	if (row->options & UNBOUND)
		return true;
	return probe_bind(p, row->options) &&
	       mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, p->handle, 0) == MX_OK;
}

void probe_forget(struct probe *p)
{
	for (uint32_t i = 0; i < PROBES; i++)
		if (probes[i] == p)
			probes[i] = NULL;
}

static void event(const struct mx_msg *m)
{
	struct mx_child child;

	if (m->kind == MX_EVENT_RESET)
		suite_reset |= 1ull << m->slot;
	if (m->kind == MX_EVENT_GONE)
		suite_gone |= 1ull << m->slot;
	if (m->kind != MX_EVENT_CHILD)
		return;
	memcpy(&child, m->body, sizeof child);
	for (uint32_t i = 0; i < PROBES; i++) {
		if (!probes[i] || probes[i]->handle != child.child)
			continue;
		probes[i]->ended = true;
		probes[i]->end = child;
		probes[i] = NULL;
		return;
	}
}

static void note(const struct mx_msg *m)
{
	for (uint32_t i = 0; i < PROBES; i++) {
		if (!probes[i] || probes[i]->own_slot != m->slot)
			continue;
		probes[i]->told = m->frame == MX_NOFRAME ? m->body[0] : m->frame;
		probes[i]->data++;
	}
}

bool serve(struct mx_msg *m, uint64_t deadline)
{
	while (raw_recv(m, deadline)) {
		if (m->kind < MX_EVENT) {
			note(m);
			return true;
		}
		event(m);
		if (m->kind == MX_EVENT_CHILD)
			return false;
	}
	return false;
}

bool probe_wait(struct probe *p, uint64_t deadline)
{
	struct mx_msg m;

	while (!p->ended && mx_now() < deadline)
		if (serve(&m, deadline))
			raw_free(m.frame);
	raw_yield(); /* what was freed goes home now */
	return p->ended;
}

const char *probe_end(struct probe *p)
{
	const char *why = NULL;

	if (!p->handle || p->ended)
		return NULL;
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p->handle, 0);
	if (!probe_wait(p, mx_now() + CASE_LIMIT))
		why = "no lifecycle message after the kill";
	probe_forget(p);
	return why;
}

static bool address_right(const struct probe *p, const struct row *row)
{
	uint64_t at = row->where == TOLD        ? (uint64_t)(uintptr_t)mx_frame(p->told)
	              : row->where == BOOT_PAGE ? (uint64_t)(uintptr_t)mx_boot
	                                        : row->address;

	if (row->where == TOLD && !is_machine())
		at += (p->end.address - at) / MX_PAGE * MX_PAGE; /* each has its window elsewhere */
	return row->where == ANYWHERE || p->end.address == (uint32_t)at;
}

const char *probe_judge(const struct probe *p, const struct row *row)
{
	bool status = row->cause == MX_CAUSE_BUDGET || row->status == ANY_VECTOR
	                      ? p->end.status >= row->status || row->status == ANY_VECTOR
	                      : p->end.status == row->status;

	if (p->end.cause == row->cause && status && address_right(p, row))
		return NULL;
	return because("cause %u status %u address %x told %x, wanted cause %u status %u",
	               p->end.cause, p->end.status, p->end.address, p->told, row->cause,
	               row->status);
}

const char *row_run(const struct row *row, uint32_t core)
{
	struct probe p;
	const char *why = NULL, *late;

	if (!probe_spawn(&p, core, row))
		why = "it cannot be spawned";
	if (!why && row->play)
		why = row->play(&p);
	if (!why && !probe_wait(&p, mx_now() + CASE_LIMIT))
		why = "it hangs";
	late = probe_end(&p);
	if (!why)
		return p.ended && !late ? probe_judge(&p, row) : late;
	if (p.ended && p.end.cause != MX_CAUSE_KILLED)
		why = because("%s; the probe ended: cause %u status %u", why, p.end.cause,
		              p.end.status);
	return why;
}
