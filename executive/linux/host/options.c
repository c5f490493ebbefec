/* The command line: see the usage. What cannot be is said and ends the program with status 2. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "executive/linux/host/boot.h"

#define MIB         (1ull << 20)
#define MEMORY_MOST 65536u /* MiB */
#define SPIN_MOST   1000000u

struct host_options host_options = {.cores = 2, .memory = 64 * MIB};
const char *options_ports[MX_DEVICES];
uint32_t options_ports_n;
static char beside[PATH_MAX]; /* the bundle that lies by the program */

static const char usage[] =
        "usage: moxie-linux [options]\n"
        "  --cores N       executives, each a thread: 1 to 8 (2)\n"
        "  --mem MIB       memory of the appliance (64)\n"
        "  --bundle FILE   images, configuration, web content (bundle.cpio beside the program)\n"
        "  --config FILE   configuration, instead of the bundle's\n"
        "  --port SPEC     a port, the first is eth0; SPEC:\n"
        "                    tap:NAME      a tap of this network namespace\n"
        "                    fd:N[+N...]   inherited descriptors, one a queue: tap or socket\n"
        "                    packet:NAME   an interface, by a packet socket\n"
        "                    pcap:IN:OUT   capture files; with an IN the program ends after it\n"
        "                  and behind it  ,mac=MAC  ,mtu=BYTES\n"
        "  --strict        a frame can be touched by its owner alone: for finding mistakes\n"
        "  --linger        go on after the packets of all IN\n"
        "  --perf-map      tell perf the names of functions, by /tmp/perf-PID.map\n"
        "  --spin US       how long a core looks around before it sleeps\n"
        "The serial console is the standard input and output. Status 0: powered off.\n";

static uint64_t number(const char *text, const char *what, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || value < least || value > most) {
		fprintf(stderr, "moxie-linux: --%s %s: a number from %lu to %lu is wanted\n", what,
		        text, (unsigned long)least, (unsigned long)most);
		exit(2);
	}
	return value;
}

static void add_port(const char *spec)
{
	if (options_ports_n == MX_PORTS)
		host_die(spec, "too many ports");
	options_ports[options_ports_n++] = spec;
}

static void find_bundle(void)
{
	ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - sizeof "/bundle.cpio");
	char *slash = n > 0 ? strrchr(beside, '/') : NULL;

	if (!slash)
		host_die("bundle.cpio", "cannot be found; give one by --bundle");
	strcpy(slash, "/bundle.cpio");
	host_options.bundle = beside;
}

static void one(int option)
{
	struct host_options *o = &host_options;

	switch (option) {
	case 'c':
		o->cores = (uint32_t)number(optarg, "cores", 1, HOST_CORES);
		break;
	case 'm':
		o->memory = number(optarg, "mem", 4, MEMORY_MOST) * MIB;
		break;
	case 's':
		o->spin = number(optarg, "spin", 0, SPIN_MOST) * 1000;
		break;
	case 'b':
		o->bundle = optarg;
		break;
	case 'f':
		o->config = optarg;
		break;
	case 'p':
		add_port(optarg);
		break;
	case 'l':
		o->linger = true;
		break;
	case 'P':
		o->perf_map = true;
		break;
	case 't':
		o->strict = true;
		break;
	default:
		fputs(usage, option == 'h' ? stdout : stderr);
		exit(option == 'h' ? 0 : 2);
	}
}

void options_read(int argc, char **argv)
{
	static const struct option names[] = {
	        {"cores", 1, NULL, 'c'},  {"mem", 1, NULL, 'm'},    {"bundle", 1, NULL, 'b'},
	        {"config", 1, NULL, 'f'}, {"port", 1, NULL, 'p'},   {"strict", 0, NULL, 't'},
	        {"spin", 1, NULL, 's'},   {"linger", 0, NULL, 'l'}, {"perf-map", 0, NULL, 'P'},
	        {"help", 0, NULL, 'h'},   {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1)
		one(option);
	if (optind < argc)
		host_die(argv[optind], "what is that? (--help)");
	if (!host_options.bundle)
		find_bundle();
}
