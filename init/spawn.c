/*
 * Children come to be: image, create, bind, start, in this order for each; all are created before
 * any is bound, and bound before any is started.
 *
 * Interface: spawn_console and spawn_others at the start; spawn_create, spawn_join, spawn_start for
 * restart.c; spawn_adopt for what runs already. What is refused is said on the console.
 */
#include <stdio.h>
#include <moxie/cpio.h>
#include <moxie/slots.h>
#include "init/init.h"

#define HEAP_LEAST 16u /* pages */

static const char *error_text(int64_t error)
{
	switch (error) {
	case MX_ENOMEM:
		return "not enough memory";
	case MX_EIMAGE:
		return "not an image of a domain";
	case MX_EPERM:
		return "not permitted";
	case MX_EINVAL:
		return "request refused";
	default:
		return "error";
	}
}

static bool refuse(const struct child *c, const char *what, int64_t error)
{
	output_line("moxie: %s: cannot %s: %s (%d)", c->request.name, what, error_text(error),
	            (int)error);
	return false;
}

/* The usual image of a role, by what the machine has. */
static const char *image_of(const struct child *c)
{
	static const char *const images[ROLES] = {
	        [ROLE_CONSOLE] = "console", [ROLE_DRIVER] = "virtio-net", [ROLE_ROUTER] = "router",
	        [ROLE_STACK] = "stack",     [ROLE_HTTPD] = "httpd",       [ROLE_IPERF3] = "iperf3",
	};

	if (c->role == ROLE_CONSOLE && machine()->console == MX_SERIAL_HOST)
		return "terminal";
	if (c->role == ROLE_DRIVER && device_is_host(&machine()->devices[c->request.device]))
		return "linux-net";
	return images[c->role];
}

bool spawn_find_image(struct child *c)
{
	const struct mx_region *bundle = &mx_boot->bundle;
	struct mx_cpio_entry e;
	char path[sizeof "domains/.elf" + CONFIG_IMAGE];

	snprintf(path, sizeof path, "domains/%s.elf", c->image ? c->image : image_of(c));
	if (!mx_cpio_find(bundle->base, bundle->size, path, &e)) {
		output_line("moxie: %s: the bundle has no %s", c->request.name, path);
		return false;
	}
	c->request.image = e.offset;
	c->request.image_len = e.size;
	kept_find(c);
	return true;
}

/*
 * Memory comes in contiguous runs: a heap that is too long for every run is halved, at the first
 * start. Later what it had is free again, or soon.
 */
static int64_t create_there(struct child *c, bool first)
{
	struct mx_spawn *q = &c->request;
	int64_t handle;

	do {
		handle = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_CREATE, (uint64_t)q, 0);
	} while ((handle == MX_ENOMEM && first && !c->heap_set && (q->heap /= 2) >= HEAP_LEAST) ||
	         (handle == MX_EINVAL && kept_refuse(c)));
	return handle;
}

/*
 * A domain that has moved had its memory on the core it came from: its own may have none. At the
 * first start what placement reckons with can be too little, where runs of memory are short.
 */
static bool create(struct child *c, bool first)
{
	uint32_t tried = 0;
	int64_t handle;

	do {
		tried |= 1u << c->request.core;
		handle = create_there(c, first);
	} while (handle == MX_ENOMEM && cores_other(c, tried));
	if (handle < 0)
		return refuse(c, "create it", handle);
	c->handle = (uint32_t)handle;
	c->adopted = false;
	c->life = LIFE_CREATED;
	c->cursor = (struct cursor){0};
	c->watch = (struct watch){.limit = c->watch.limit};
	return true;
}

static int64_t bind(const struct child *c, uint32_t slot, uint32_t peer, uint32_t peer_slot)
{
	struct mx_bind b = {.a = c->handle, .a_slot = slot, .b = peer, .b_slot = peer_slot};

	return ask_until_calm(MX_SPAWN_BIND, &b);
}

/* Init's own ends: the control channel of each child, and its log on the console. */
static bool bind_self(struct child *c)
{
	int64_t error = bind(c, MX_PARENT, MX_SELF, c->own_slot);

	if (error == MX_OK && c->role == ROLE_CONSOLE)
		error = bind(c, MX_CONSOLE_LOG, MX_SELF, MX_CONSOLE);
	if (c->adopted && (error == MX_EPEER || error == MX_EINVAL))
		return false;
	if (error != MX_OK)
		return refuse(c, "bind a channel of it", error);
	if (c->role == ROLE_CONSOLE)
		output_open();
	return mx_control_open(&c->control, mx_boot, c->own_slot) ||
	       refuse(c, "open its control channel", MX_EINVAL);
}

/* One that ended meanwhile is told soon. */
void spawn_adopt(struct child *c)
{
	c->life = LIFE_STARTED;
	bind_self(c);
}

bool spawn_create(struct child *c, bool first)
{
	return create(c, first) && bind_self(c);
}

bool spawn_join(const struct joint *j)
{
	const struct child *a = &init.children[j->a];
	int64_t error = bind(a, j->a_slot, init.children[j->b].handle, j->b_slot);
	bool ended = error == MX_EPEER || error == MX_EINVAL; /* one of them, and we hear of it */

	return error == MX_OK || ended || refuse(a, "bind a channel of it", error);
}

bool spawn_start(struct child *c)
{
	int64_t error = mx_trap(MX_TRAP_SPAWN, MX_SPAWN_START, c->handle, 0);

	if (error < 0)
		return refuse(c, "start it", error);
	c->life = LIFE_STARTED;
	return true;
}

/* Alone and first, so that everything later can be read. */
bool spawn_console(void)
{
	return spawn_create(&init.children[0], true) && spawn_start(&init.children[0]);
}

/* One that ends before all are started comes back by its policy. */
bool spawn_others(void)
{
	for (uint32_t i = 1; i < init.children_n; i++)
		if (!spawn_create(&init.children[i], true))
			return false;
	for (uint32_t i = 0; i < init.joints_n; i++)
		if (!spawn_join(&init.joints[i]))
			return false;
	for (uint32_t i = 1; i < init.children_n; i++)
		spawn_start(&init.children[i]);
	return true;
}

void spawn_undo(void)
{
	restart_give_up();
	for (uint32_t i = 1; i < init.children_n; i++)
		if (init.children[i].life != LIFE_NONE)
			mx_trap(MX_TRAP_SPAWN, MX_SPAWN_KILL, init.children[i].handle, 0);
}
