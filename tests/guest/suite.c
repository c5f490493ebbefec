/*
 * The suite: every case on its own core and, when there are more, on the last one.
 *
 * Prints one line a case, `ok N name` or `not ok N name: why`, at the end `guest: done`, and
 * powers the machine off.
 */
#include "tests/guest/suite.h"

static uint32_t number, failed;

static void report(const char *name, uint32_t core, const char *why)
{
	const char *not_home = home_check();

	number++;
	if (!why)
		why = not_home;
	if (!why) {
		say("ok %u %s, core %u", number, name, core);
		return;
	}
	failed++;
	say("not ok %u %s, core %u: %s", number, name, core, why);
	home_remember(); /* the next case is not to blame */
}

static uint32_t cores(uint32_t list[2])
{
	list[0] = mx_boot->core;
	list[1] = mx_boot->cores - 1;
	return list[1] != list[0] ? 2 : 1;
}

static void run_rows(const struct row *row)
{
	uint32_t list[2], n = cores(list);

	for (; row->name; row++)
		for (uint32_t i = 0; i < n && (is_machine() || !(row->options & MACHINE)); i++)
			report(row->name, list[i], row_run(row, list[i]));
}

static void run_scenes(const struct scene *scene)
{
	uint32_t list[2], n = cores(list);

	for (; scene->name; scene++)
		for (uint32_t i = 0; i < n; i++)
			report(scene->name, list[i], scene->run(list[i]));
}

/*
 * As many probes at once as any case has, on each core: from then on the executives set nothing
 * more aside for good.
 */
static void warm_up(void)
{
	static const struct row kinds[2] = {{.which = PROBE_WAIT},
	                                    {.which = PROBE_WAIT, .options = SECOND}};
	static const struct row idle = {.which = PROBE_WAIT, .options = UNBOUND};

	for (uint32_t core = 0; core < mx_boot->cores; core++) {
		struct probe p[PROBES - 1] = {0};
		const char *why = NULL;

		for (uint32_t i = 0; i < PROBES - 1 && !why; i++)
			if (!probe_spawn(&p[i], core, i < 2 ? &kinds[i] : &idle))
				why = because("probe %u cannot be spawned", i);
		for (uint32_t i = 0; i < PROBES - 1; i++)
			if (probe_end(&p[i]))
				why = "no end";
		home_remember();
		report("many probes", core, why);
	}
}

void domain_start(void)
{

	if (!say_open())
		mx_exit(__LINE__); /* the executive prints it and stops */
	mx_assert(raw_take(&suite_frame, 1, mx_now() + MX_S) == 1);
	warm_up();
	run_rows(rows_memory);
	run_rows(rows_cpu);
	run_rows(rows_frames);
	run_scenes(scenes_frames);
	run_scenes(scenes_spawn);
	run_scenes(scenes_bind);
	run_scenes(scenes_life);
	run_scenes(scenes_end);
	if (is_machine()) {
		run_scenes(scenes_cpu);
		run_scenes(scenes_rights);
		run_scenes(scenes_device);
		run_scenes(scenes_dma);
	}
	run_scenes(scenes_keep);
	run_scenes(scenes_move);
	say("guest: %u cases, %u failed", number, failed);
	say("guest: done");
	mx_trap(MX_TRAP_SPAWN, MX_SPAWN_POWER, MX_POWER_OFF, 0);
}

/* Never reached: domain_start does not return. */
void domain_event(const struct mx_msg *in, uint32_t n, uint64_t pending)
{
	(void)in;
	(void)n;
	(void)pending;
}
