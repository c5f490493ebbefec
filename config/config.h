/*
 * The configuration of the appliance: one text, one statement a line, and what it says.
 *
 * Interface: config_parse turns the text into a struct appliance_config, or reports every error;
 * config_covers and config_same_net compare addresses.
 * Rules: a text with any error is refused whole, since a firewall must not fail open. Nothing here
 * knows the machine: whether a port or core exists is decided by init. docs/configuration.md
 * lists the statements; the table in schema.c defines them.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <moxie/abi.h>

#define CONFIG_ADDRESSES 8u   /* of one port */
#define CONFIG_TEXT      256u /* bytes of a description, NUL included */
#define CONFIG_IMAGE     32u  /* bytes of the name of an image, NUL included */
#define CONFIG_NO_PORT   0xffffu
#define CONFIG_ERRORS    200u /* errors reported one by one; beyond, they are only counted */

/* An address with its prefix length, or a prefix. IPv4 stands in the first four bytes. */
struct config_net {
	uint8_t family; /* 4 or 6 */
	uint8_t prefix;
	uint8_t addr[16];
};

/* `line` is where a thing was set; 0 when it was not. */
struct config_address {
	struct config_net net;
	uint32_t line;
};
struct config_port {
	uint32_t line; /* the first statement that names the port */
	uint32_t mtu_line, description_line;
	uint16_t mtu; /* 0: the link's own */
	bool disabled;
	uint8_t addresses_n;
	struct config_address addresses[CONFIG_ADDRESSES];
	char description[CONFIG_TEXT];
};
struct config_route {
	struct config_net to;
	bool blackhole;
	uint16_t port; /* CONFIG_NO_PORT: found by the gateway's net */
	uint8_t via[16];
	uint32_t line;
};

/* The domains a configuration can name; drivers are named after their ports. */
enum config_domain_id {
	CONFIG_CONSOLE,
	CONFIG_ROUTER,
	CONFIG_STACK,
	CONFIG_HTTPD,
	CONFIG_IPERF3,
	CONFIG_DRIVER,
	CONFIG_DOMAINS = CONFIG_DRIVER + MX_PORTS
};
enum config_restart { CONFIG_ALWAYS, CONFIG_NEVER };
/* What `set system domain` says of one; a line of 0 leaves the default. */
struct config_domain {
	uint32_t core, core_line;
	uint32_t heap, heap_line; /* pages */
	uint32_t frames, frames_line;
	uint32_t budget, budget_line;     /* ms */
	uint32_t restart, restart_line;   /* enum config_restart */
	uint32_t limit, limit_line;       /* restarts in a row */
	uint32_t watchdog, watchdog_line; /* s without an answer; 0: not watched */
	char image[CONFIG_IMAGE];         /* its file in the bundle is domains/IMAGE.elf */
	uint32_t image_line;
};

enum config_switch { CONFIG_ON, CONFIG_OFF };
enum config_composition { CONFIG_BY_PORTS, CONFIG_AS_ROUTER, CONFIG_AS_HTTPD };

struct appliance_config {
	char host_name[64];
	uint32_t host_name_line;
	enum config_composition composition;
	uint32_t composition_line;
	uint32_t queues, queues_line; /* queue pairs of each port; 0: not said */
	enum config_switch migration; /* of domains that the load of their core asks for */
	uint32_t migration_line;
	bool http; /* there is a web server, on http_port */
	uint16_t http_port;
	uint32_t http_port_line;
	bool iperf3; /* there is an iperf3 server, on iperf3_port */
	uint16_t iperf3_port;
	uint32_t iperf3_port_line;
	struct config_port ports[MX_PORTS];
	struct config_domain domains[CONFIG_DOMAINS];
	/* Given by the caller: an array of routes_max. Sorted by family, prefix and address. */
	struct config_route *routes;
	uint32_t routes_n, routes_max;
};

/* One finished error line, "name:LINE: 'WORD': reason", without a line feed. */
typedef void config_say(const char *text);

/* `config` is cleared first, but for routes and routes_max. The number of errors. */
uint32_t config_parse(struct appliance_config *config, const char *name, const char *text,
                      uint32_t length, config_say *say);

/* No more routes than this can stand in the text. */
uint32_t config_lines(const char *text, uint32_t length);

/* The first `bits` bits of two addresses are the same. */
bool config_same_net(const uint8_t *a, const uint8_t *b, uint32_t bits);
/* `addr` lies in the net. */
bool config_covers(const struct config_net *net, uint8_t family, const uint8_t *addr);

#endif
