/* What domains leave, who may be an heir, and that all of it comes home in the end. */
#include <elf.h>
#include "tests/guest/suite.h"

static struct mx_spawn request;

/* All pages of the image: the probe knows which of them it looks at. */
static uint32_t image_pages(const struct mx_spawn *q)
{
	const uint8_t *image = (const uint8_t *)mx_boot->bundle.base + q->image;
	const Elf64_Ehdr *e = (const void *)image;
	const Elf64_Phdr *p = (const void *)(image + e->e_phoff);
	uint64_t top = 0;

	for (uint32_t i = 0; i < e->e_phnum; i++)
		if (p[i].p_type == PT_LOAD)
			top = p[i].p_vaddr + p[i].p_memsz;
	return (uint32_t)((top + MX_PAGE - 1) / MX_PAGE);
}

static void ask(uint32_t core, const struct row *row, uint32_t heir)
{
	suite_request(&request, core, row);
	request.keep = (struct mx_keep){0, image_pages(&request), heir};
}

/* To leave a, and to find b of `heir`. */
static bool spawn(struct probe *p, uint32_t core, uint32_t a, uint64_t b, uint32_t heir)
{
	struct row row = {.which = PROBE_KEEP, .a = a, .b = b};
	uint64_t deadline = mx_now() + CASE_LIMIT;
	struct mx_msg m;

	ask(core, &row, heir);
	if (!probe_create(p, &request, &row))
		return false;
	p->told = 0;
	while (p->told != a && !p->ended && mx_now() < deadline)
		serve(&m, deadline);
	return !p->ended && p->told == a;
}

static bool forget(const struct probe *p)
{
	return mx_trap(MX_TRAP_SPAWN, MX_SPAWN_FORGET, p->handle, 0) == MX_OK;
}

/* A kill, an exit and a fault leave alike. */
static const char *scene_line(uint32_t core)
{
	struct row write = {.which = PROBE_KEEP_WRITE, .cause = MX_CAUSE_FAULT, .status = 14};
	struct guest_word word = {0};
	struct probe p;
	uint32_t heir;
	const char *why;

	NEED(spawn(&p, core, 7, 0, 0));
	if ((why = probe_end(&p)))
		return why;
	heir = p.handle;
	NEED(spawn(&p, core, 8, 7, heir));
	NEED(guest_word_try_send(&p.plain, &word)); /* it exits */
	NEED(probe_wait(&p, mx_now() + CASE_LIMIT) && p.end.cause == MX_CAUSE_EXIT);
	NEED(p.end.status == 0);
	ask(core, &write, p.handle);
	NEED(probe_create(&p, &request, &write));
	NEED(probe_wait(&p, mx_now() + CASE_LIMIT));
	if ((why = probe_judge(&p, &write)))
		return why;
	heir = p.handle;
	NEED(!spawn(&p, core, 9, 8, heir)); /* the last but one left that */
	NEED(p.ended && p.end.status != 0);
	NEED(forget(&p));
	NEED(!forget(&p));
	return NULL;
}

static int64_t create(void)
{
	return suite_spawn(MX_SPAWN_CREATE, &request);
}

/* One thing wrong at a time. */
static const char *refuse(uint32_t core, const struct probe *left)
{
	static const struct row row = {.which = PROBE_KEEP};
	uint32_t other = core ? core - 1 : mx_boot->cores - 1;

	ask(core, &row, left->handle + 1000);
	NEED(create() == MX_EINVAL);
	ask(core, &row, left->handle);
	request.keep.pages--;
	NEED(create() == MX_EINVAL);
	request.keep.first++;
	NEED(create() == MX_EINVAL);
	ask(core, &row, left->handle);
	request.keep.pages = 0;
	NEED(create() == MX_EINVAL);
	ask(core, &row, left->handle);
	NEED(image_find("domains/console.elf", &request.image, &request.image_len));
	NEED(create() == MX_EINVAL);
	ask(other, &row, left->handle);
	NEED(other == core || create() == MX_EINVAL);
	ask(core, &row, 0);
	request.keep.pages++; /* more than the image has */
	NEED(create() == MX_EINVAL);
	request.keep.first = UINT32_MAX;
	NEED(create() == MX_EINVAL);
	request.keep = (struct mx_keep){0, MX_KEEP_MAX + 1, 0};
	NEED(create() == MX_EINVAL);
	request.keep.pages = UINT32_MAX;
	NEED(create() == MX_EINVAL);
	ask(core, &row, left->handle);
	request.heap = 0xff00;
	NEED(create() == MX_ENOMEM); /* and it still is there for another */
	return NULL;
}

static const char *scene_refused(uint32_t core)
{
	static const struct row row = {.which = PROBE_KEEP};
	struct probe p, heir;
	const char *why;

	NEED(spawn(&p, core, 3, 0, 0));
	ask(core, &row, p.handle);
	NEED(create() == MX_EINVAL && !forget(&p)); /* it lives */
	NEED(mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, p.handle, 0) == MX_OK);
	NEED(create() == MX_EINVAL && !forget(&p)); /* its end was not told */
	NEED(probe_wait(&p, mx_now() + CASE_LIMIT));
	if ((why = refuse(core, &p)))
		return why;
	NEED(spawn(&heir, core, 4, 3, p.handle));
	ask(core, &row, p.handle);
	NEED(create() == MX_EINVAL && !forget(&p)); /* it has an heir */
	if ((why = probe_end(&heir)))
		return why;
	NEED(create() == MX_EINVAL && !forget(&p)); /* also after that one's end */
	NEED(forget(&heir));
	return NULL;
}

/* One that was never started leaves what it was to have. */
static const char *scene_unstarted(uint32_t core)
{
	static const struct row row = {.which = PROBE_KEEP, .options = UNBOUND};
	struct probe p, idle;
	const char *why;

	NEED(spawn(&p, core, 5, 0, 0));
	if ((why = probe_end(&p)))
		return why;
	for (uint32_t i = 0; i < 3; i++) {
		ask(core, &row, i ? idle.handle : p.handle);
		NEED(probe_create(&idle, &request, &row));
		if ((why = probe_end(&idle)))
			return why;
	}
	NEED(spawn(&p, core, 6, 5, idle.handle));
	why = probe_end(&p);
	NEED(forget(&p));
	return why;
}

/* It ends with children that left something or will: nobody can be their heir. */
static const char *scene_parents(uint32_t core)
{
	for (uint32_t how = KEEPS_CREATED; how <= KEEPS_MANY; how++) {
		struct row row = {.which = PROBE_KEEP_PARENT, .a = how, .options = PARENT};
		uint32_t sides[] = {core, mx_boot->cores - 1 - core};

		for (uint32_t i = 0; i < 2; i++) {
			struct probe p;
			const char *why;

			row.b = sides[i];
			suite_request(&request, core, &row);
			memcpy(request.args + request.args_len, &request.image,
			       2 * sizeof request.image);
			request.args_len += 2 * sizeof request.image;
			NEED(probe_create(&p, &request, &row));
			NEED(probe_wait(&p, mx_now() + CASE_LIMIT));
			if ((why = probe_judge(&p, &row)) || (why = home_check()))
				return because("%u, core %u: %s", how, sides[i], why);
		}
	}
	return NULL;
}

/* Its heir is created where it ended, and nowhere else. */
static const char *scene_moved(uint32_t core)
{
	static const struct row row = {.which = PROBE_KEEP};
	struct mx_move m = {.core = mx_boot->cores - 1 - core};
	struct probe p, heir;
	const char *why;

	NEED(spawn(&p, core, 7, 0, 0));
	m.child = p.handle;
	NEED(suite_spawn(MX_SPAWN_MOVE, &m) == MX_OK);
	if ((why = probe_end(&p)))
		return why;
	ask(core, &row, p.handle);
	NEED(m.core == core || create() == MX_EINVAL);
	NEED(spawn(&heir, m.core, 8, 7, p.handle));
	why = probe_end(&heir);
	NEED(forget(&heir));
	return why;
}

const struct scene scenes_keep[] = {{"what a domain leaves to its heir", scene_line},
                                    {"who cannot be an heir", scene_refused},
                                    {"an heir that was never started", scene_unstarted},
                                    {"parents that end before an heir came", scene_parents},
                                    {"what a moved one leaves", scene_moved},
                                    {.name = NULL}};
