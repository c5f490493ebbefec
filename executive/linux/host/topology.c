/*
 * What the machine is made of, as Linux tells it in /sys (Documentation/ABI,
 * sysfs-devices-system-cpu and -node): core i is said to be the i-th CPU that the process may use,
 * round and round.
 *
 * Rules: threads are not bound to those CPUs, the kernel may run them on any. What a file does not
 * tell is 0. There are no PCI functions: ports are descriptors.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "executive/linux/host/boot.h"

#define CPU        "/sys/devices/system/cpu/cpu%u/"
#define NODES_SEEN 1024u /* numbers of nodes that are tried */
#define CACHES     16u   /* of one CPU */
#define ANOTHER    64u   /* threads of a physical core are fewer */

static struct topology *const facts = &host_machine.topology;

/* What the file of a CPU says, without the end of the line; empty when there is none. */
static void read_text(char *text, int size, const char *path)
{
	FILE *f = fopen(path, "re");

	text[0] = 0;
	if (!f)
		return;
	if (!fgets(text, size, f))
		text[0] = 0;
	text[strcspn(text, "\n")] = 0;
	fclose(f);
}

static uint32_t read_number(const char *path)
{
	char text[32];

	read_text(text, sizeof text, path);
	return (uint32_t)strtoul(text, NULL, 10);
}

static uint32_t of_cpu(uint32_t cpu, const char *what)
{
	char path[128];

	snprintf(path, sizeof path, CPU "topology/%s", cpu, what);
	return read_number(path);
}

/* How many of the physical core's threads have a lower number: the list is like 0-1 or 0,64. */
static uint16_t thread_of(uint32_t cpu)
{
	char path[128], text[128], *at = text;
	uint32_t n = 0;

	snprintf(path, sizeof path, CPU "topology/thread_siblings_list", cpu);
	read_text(text, sizeof text, path);
	while (*at) {
		uint32_t first = (uint32_t)strtoul(at, &at, 10), last = first;

		if (*at == '-')
			last = (uint32_t)strtoul(at + 1, &at, 10);
		for (; first <= last && first < cpu; first++)
			n++;
		if (*at++ != ',')
			break;
	}
	return (uint16_t)n;
}

/* Our number of the node a CPU belongs to. */
static uint8_t node_of(uint32_t cpu)
{
	char path[128];
	uint32_t node = 0, i = 0;

	for (; node < NODES_SEEN; node++) {
		snprintf(path, sizeof path, CPU "node%u", cpu, node);
		if (access(path, F_OK) == 0)
			break;
	}
	if (node == NODES_SEEN) /* a kernel that knows of none */
		node = 0;
	while (i < facts->nodes_n && facts->nodes[i].domain != node)
		i++;
	if (i == TOPOLOGY_NODES)
		return 0;
	if (i == facts->nodes_n)
		facts->nodes[facts->nodes_n++].domain = node;
	return (uint8_t)i;
}

static void read_cache(uint32_t core, uint32_t cpu, uint32_t index)
{
	static const char *const types[] = {
	        [CACHE_DATA] = "Data", [CACHE_CODE] = "Instruction", [CACHE_UNIFIED] = "Unified"};
	static const char *const names[] = {
	        "level", "type", "size", "id", "coherency_line_size", "ways_of_associativity"};
	char path[160], said[6][32];
	struct topology_cache c = {0};

	for (uint32_t i = 0; i < 6; i++) {
		snprintf(path, sizeof path, CPU "cache/index%u/%s", cpu, index, names[i]);
		read_text(said[i], sizeof said[i], path);
	}
	c.level = (uint8_t)strtoul(said[0], NULL, 10);
	c.size = strtoull(said[2], NULL, 10) << 10;
	c.id = (uint32_t)strtoul(said[3], NULL, 10);
	c.line = (uint16_t)strtoul(said[4], NULL, 10);
	c.ways = (uint16_t)strtoul(said[5], NULL, 10);
	for (uint8_t i = CACHE_DATA; i <= CACHE_UNIFIED; i++)
		if (strcmp(said[1], types[i]) == 0)
			c.type = i;
	if (c.type && c.level)
		topology_cache(facts, core, &c); /* too many: the rest is not told */
}

static void read_core(uint32_t core, uint32_t cpu, uint32_t again)
{
	facts->cores[core] =
	        (struct topology_core){.package = (uint16_t)of_cpu(cpu, "physical_package_id"),
	                               .physical = (uint16_t)of_cpu(cpu, "core_id"),
	                               .thread = (uint16_t)(thread_of(cpu) + ANOTHER * again),
	                               .node = node_of(cpu)};
	host_machine.hardware_id[core] = cpu;
	for (uint32_t i = 0; i < CACHES; i++)
		read_cache(core, cpu, i);
}

/* A row of distances: to the nodes that are online, in order; we assume that all are. */
static void read_distances(uint32_t from)
{
	char path[128], text[1024], *at = text;

	snprintf(path, sizeof path, "/sys/devices/system/node/node%u/distance",
	         facts->nodes[from].domain);
	read_text(text, sizeof text, path);
	for (uint32_t node = 0; *at; node++) {
		uint32_t value = (uint32_t)strtoul(at, &at, 10);

		for (uint32_t i = 0; i < facts->nodes_n; i++)
			if (facts->nodes[i].domain == node)
				facts->distance[from][i] = (uint8_t)value;
		at += strspn(at, " ");
	}
}

void topology_open(void)
{
	uint32_t cpus[HOST_CORES], n = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set))
		CPU_SET(0, &set);
	for (uint32_t cpu = 0; cpu < CPU_SETSIZE && n < HOST_CORES; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[n++] = cpu;
	for (uint32_t core = 0; n && core < host_machine.cores; core++)
		read_core(core, cpus[core % n], core / n);
	for (uint32_t i = 0; i < facts->nodes_n; i++)
		read_distances(i);
	/* Where the kernel puts the pages, nobody knows before they are touched. */
	facts->ranges[0] = (struct topology_range){(uint64_t)host_memory, host_machine.memory, 0};
	facts->ranges_n = 1;
	topology_finish(facts, host_machine.cores);
}
