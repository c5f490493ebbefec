/*
 * The configuration: from QEMU's fw_cfg, else the loader's, else from the bundle.
 *
 * Rules: the first that is there counts, with all its errors: none is a reason to take the next.
 */
#include <stdio.h>
#include <moxie/cpio.h>
#include "init/init.h"

#define IN_BUNDLE "config/appliance.conf"

static void say(const char *text)
{
	output_line("%s", text);
}

static bool find_text(void)
{
	const struct mx_region *bundle = &mx_boot->bundle;
	struct mx_cpio_entry e;

	if (machine()->config_len && !machine()->config) {
		output_line("config: too large: %u bytes", machine()->config_len);
		return false;
	}
	if (machine()->config_len) {
		init.text = machine()->config;
		init.text_len = machine()->config_len;
		init.text_name = "config";
		return true;
	}
	if (!mx_cpio_find(bundle->base, bundle->size, IN_BUNDLE, &e) || e.size > UINT32_MAX - 1) {
		output_line("moxie: no configuration: the bundle has no " IN_BUNDLE);
		return false;
	}
	init.text = (const char *)bundle->base + e.offset;
	init.text_len = (uint32_t)e.size;
	init.text_name = IN_BUNDLE;
	return true;
}

/* As many as lines in the text, or as the heap has room for. */
static void make_routes(void)
{
	struct appliance_config *c = &init.config;
	uint64_t heap = mx_boot->heap.size, other = lattice_bytes();
	uint64_t room = (heap > other ? heap - other : 0) / sizeof c->routes[0];
	uint32_t n = config_lines(init.text, init.text_len);

	if (n > room)
		n = (uint32_t)room;
	c->routes = mx_heap(n * sizeof c->routes[0]);
	c->routes_max = c->routes ? n : 0;
}

bool load_config(void)
{
	if (!find_text())
		return false;
	make_routes();
	return config_parse(&init.config, init.text_name, init.text, init.text_len, say) == 0;
}
