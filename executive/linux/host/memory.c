/*
 * Memory: one file without a name, in this order: frames of all cores, the bundle, the
 * configuration, the FIFOs between cores, a page a queue of each port, each core's share.
 *
 * Rules: it is mapped once for the executives, and domains' pages are mapped from it a second time
 * (space.c); the first address is fixed when it can be had, so that runs can be compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <moxie/host.h>
#include "executive/linux/host/boot.h"

#define HINT       ((void *)0x100000000000ull)
#define TABLE      512u /* frozen frames begin at a multiple, as on other machines */
#define CORE_LEAST (2ull << 20)

int host_memory_file;
uint8_t *host_memory, *host_pools, *host_window;
struct machine host_machine;

static uint64_t pages(uint64_t bytes)
{
	return (bytes + MX_PAGE - 1) & -(uint64_t)MX_PAGE;
}

static void *map(void *at, uint64_t size, int access, int flags, uint64_t offset)
{
	void *p = mmap(at, size, access, MAP_SHARED | flags, host_memory_file, (off_t)offset);

	if (p == MAP_FAILED)
		host_die("memory", strerror(errno));
	return p;
}

static uint64_t config_size(void)
{
	struct stat status;

	if (!host_options.config)
		return 0;
	if (stat(host_options.config, &status))
		host_die(host_options.config, strerror(errno));
	return (uint64_t)status.st_size;
}

static void read_config(void)
{
	struct machine *m = &host_machine;
	int fd = open(host_options.config, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, (void *)m->config.base, m->config_len);

	if (n < 0)
		host_die(host_options.config, strerror(errno));
	m->config_len = (uint64_t)n;
	close(fd);
}

/* The window that all domains share: what is frozen cannot be written. */
static void open_window(void)
{
	const struct mx_pool *last = &host_machine.pools[host_machine.cores];
	uint64_t owned = (uint64_t)last->first * MX_PAGE;

	if (SANITIZED) { /* a sanitizer takes what has two addresses for two things */
		host_window = host_pools;
		return;
	}
	host_window = map(NULL, owned + host_machine.bundle.size, PROT_READ, 0, 0);
	if (mprotect(host_window, owned, PROT_READ | PROT_WRITE))
		host_die("memory", strerror(errno));
}

/* Takes `bytes` from *at. */
static struct range take(uint64_t *at, uint64_t bytes)
{
	struct range r = {*at, pages(bytes)};

	*at += r.size;
	return r;
}

static void set_pools(uint64_t frames, uint64_t frozen_first)
{
	struct machine *m = &host_machine;

	for (uint32_t c = 0; c < m->cores; c++)
		m->pools[c] = (struct mx_pool){(uint32_t)(c * frames), (uint32_t)frames,
		                               m->pools[0].dma + c * frames * MX_PAGE};
	m->pools[m->cores] = (struct mx_pool){(uint32_t)frozen_first,
	                                      (uint32_t)(m->bundle.size / MX_PAGE), m->bundle.base};
}

static void get_memory(void)
{
	uint64_t size =
	        host_machine.memory + TABLE * MX_PAGE; /* the gap before the frozen frames */

	host_memory_file = memfd_create("moxie", MFD_CLOEXEC);
	if (host_memory_file < 0 || ftruncate(host_memory_file, (off_t)size))
		host_die("memory", strerror(errno));
	host_memory = host_pools = map(HINT, size, PROT_READ | PROT_WRITE, 0, 0);
	host_machine.pools[0].dma = (uint64_t)host_pools;
}

/* A device of several queues is shared by pages of its registers: here they only stand for them. */
static void give_pages(uint64_t *at)
{
	for (uint32_t i = 0; i < options_ports_n; i++)
		host_machine.devices[i].bar[0] = take(at, MX_HOST_QUEUES * MX_PAGE);
}

void memory_open(void)
{
	struct machine *m = &host_machine;
	uint64_t bundle = bundle_size(host_options.bundle), config = config_size();
	uint64_t fifos = host_entries[0]->fifo_bytes(host_options.cores);
	uint64_t fixed = pages(bundle) + pages(config) + pages(fifos) +
	                 options_ports_n * MX_HOST_QUEUES * MX_PAGE;
	uint64_t core, frames, frozen_first, at;

	m->cores = host_options.cores;
	m->console = MX_SERIAL_HOST;
	m->memory = host_options.memory * (SANITIZED ? 2 : 1); /* images and stacks are larger */
	if (m->memory < fixed + m->cores * CORE_LEAST)
		host_die("--mem", "too small for the bundle and so many cores");
	core = (m->memory - fixed) / m->cores & -(uint64_t)MX_PAGE;
	frames = machine_frames(core);
	frozen_first = (m->cores * frames + TABLE - 1) / TABLE * TABLE;
	get_memory();
	at = (uint64_t)host_pools + frozen_first * MX_PAGE;
	m->bundle = take(&at, bundle);
	m->bundle_len = bundle_read((void *)m->bundle.base);
	m->config = take(&at, config);
	m->config_len = config;
	if (config)
		read_config();
	m->fifos = take(&at, fifos);
	give_pages(&at);
	set_pools(frames, frozen_first);
	for (uint32_t c = 0; c < m->cores; c++)
		m->share[c][0] = take(&at, core - frames * MX_PAGE);
	open_window();
}
