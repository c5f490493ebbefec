/*
 * Kinds of values: each reads one word strictly, without octal, signs or trailing junk. Those that
 * are addresses stand in address.c.
 */
#include <string.h>
#include <moxie/pair.h>
#include "config/parser.h"

/* Decimal, at most `max`. */
bool config_number(const char *word, uint64_t max, uint64_t *value)
{
	uint64_t sum = 0;

	if (!*word || (word[0] == '0' && word[1]))
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		sum = sum * 10 + (uint64_t)(*word - '0');
		if (sum > max)
			return false;
	}
	*value = sum;
	return true;
}

static bool number_in(const char *word, uint64_t min, uint64_t max, struct config_value *value)
{
	return config_number(word, max, &value->number) && value->number >= min;
}

/* RFC 1123, section 2.1, one label. */
static const char *read_host(const char *word, struct config_value *value)
{
	static const char reason[] = "not a host name: 1 to 63 letters, digits and '-' inside";
	size_t n = strlen(word);

	if (!n || n > 63 || word[0] == '-' || word[n - 1] == '-')
		return reason;
	for (size_t i = 0; i < n; i++) {
		char low = word[i] | 0x20;

		if (!(low >= 'a' && low <= 'z') && !(word[i] >= '0' && word[i] <= '9') &&
		    word[i] != '-')
			return reason;
	}
	value->text = word;
	return NULL;
}

static const char *read_text(const char *word, struct config_value *value)
{
	if (strlen(word) >= CONFIG_TEXT)
		return "text too long: at most 255 bytes";
	value->text = word;
	return NULL;
}

static const char *read_composition(const char *word, struct config_value *value)
{
	if (strcmp(word, "router") == 0)
		value->number = CONFIG_AS_ROUTER;
	else if (strcmp(word, "httpd") == 0)
		value->number = CONFIG_AS_HTTPD;
	else
		return "not a composition: router or httpd";
	return NULL;
}

static const char *read_port(const char *word, struct config_value *value)
{
	if (strncmp(word, "eth", 3) != 0 || !number_in(word + 3, 0, MX_PORTS - 1, value))
		return "no such port: eth0 to eth15";
	return NULL;
}

static const char *read_domain(const char *word, struct config_value *value)
{
	static const char *const names[CONFIG_DRIVER] = {
	        [CONFIG_CONSOLE] = "console", [CONFIG_ROUTER] = "router", [CONFIG_STACK] = "stack",
	        [CONFIG_HTTPD] = "httpd",     [CONFIG_IPERF3] = "iperf3",
	};

	for (uint32_t i = 0; i < CONFIG_DRIVER; i++)
		if (strcmp(word, names[i]) == 0) {
			value->number = i;
			return NULL;
		}
	if (read_port(word, value))
		return "no such domain: router, stack, httpd, iperf3, console, eth0 to eth15";
	value->number += CONFIG_DRIVER;
	return NULL;
}

static const char *read_queues(const char *word, struct config_value *value)
{
	return number_in(word, 1, MX_PAIRS, value) ? NULL : "not a number of queues: 1 to 8";
}

static const char *read_switch(const char *word, struct config_value *value)
{
	if (strcmp(word, "on") == 0)
		value->number = CONFIG_ON;
	else if (strcmp(word, "off") == 0)
		value->number = CONFIG_OFF;
	else
		return "not a switch: on or off";
	return NULL;
}

static const char *read_core(const char *word, struct config_value *value)
{
	return number_in(word, 0, MX_CORES_MAX - 1, value) ? NULL : "not a core: 0 to 15";
}

/* In pages, rounded up. */
static const char *read_memory(const char *word, struct config_value *value)
{
	static const char reason[] = "not a size of memory: such as 512K or 4M, 4K to 1G";
	char digits[12];
	size_t n = strlen(word);
	uint32_t shift;

	if (n < 2 || n > sizeof digits)
		return reason;
	switch (word[n - 1]) {
	case 'K':
		shift = 10;
		break;
	case 'M':
		shift = 20;
		break;
	case 'G':
		shift = 30;
		break;
	default:
		return reason;
	}
	memcpy(digits, word, n - 1);
	digits[n - 1] = 0;
	if (!number_in(digits, 1, (1u << 30) >> shift, value) || value->number << shift < MX_PAGE)
		return reason;
	value->number = ((value->number << shift) + MX_PAGE - 1) / MX_PAGE;
	return NULL;
}

static const char *read_frames(const char *word, struct config_value *value)
{
	return number_in(word, 16, 1u << 20, value) ? NULL
	                                            : "not a number of frames: 16 to 1048576";
}

static const char *read_budget(const char *word, struct config_value *value)
{
	return number_in(word, 1, 60000, value) ? NULL : "not a time: 1 to 60000 ms";
}

static const char *read_restart(const char *word, struct config_value *value)
{
	if (strcmp(word, "always") == 0)
		value->number = CONFIG_ALWAYS;
	else if (strcmp(word, "never") == 0)
		value->number = CONFIG_NEVER;
	else
		return "not a restart policy: always or never";
	return NULL;
}

static const char *read_restarts(const char *word, struct config_value *value)
{
	return number_in(word, 1, 1000000, value) ? NULL : "not a number of restarts: 1 to 1000000";
}

static const char *read_seconds(const char *word, struct config_value *value)
{
	return number_in(word, 0, 3600, value) ? NULL : "not a time: 0 to 3600 s";
}

/* It becomes part of a path: nothing in it leads out of the folder. */
static const char *read_image(const char *word, struct config_value *value)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789-_";
	size_t n = strlen(word);

	if (!n || n >= CONFIG_IMAGE || strspn(word, allowed) != n)
		return "not the name of an image: 1 to 31 letters, digits, '-' and '_'";
	value->text = word;
	return NULL;
}

/* The least IPv4 asks for (RFC 791), and jumbo frames with room for tunnels. */
static const char *read_mtu(const char *word, struct config_value *value)
{
	return number_in(word, 68, 9216, value) ? NULL : "not an MTU: 68 to 9216";
}

static const char *read_tcp_port(const char *word, struct config_value *value)
{
	return number_in(word, 1, 65535, value) ? NULL : "not a TCP port: 1 to 65535";
}

const struct config_kind *config_kind(const char *name, uint32_t length)
{
	static const struct config_kind kinds[] = {
	        {"<host>", read_host},
	        {"<text>", read_text},
	        {"<composition>", read_composition},
	        {"<port>", read_port},
	        {"<domain>", read_domain},
	        {"<queues>", read_queues},
	        {"<switch>", read_switch},
	        {"<core>", read_core},
	        {"<memory>", read_memory},
	        {"<frames>", read_frames},
	        {"<ms>", read_budget},
	        {"<image>", read_image},
	        {"<seconds>", read_seconds},
	        {"<restart>", read_restart},
	        {"<restarts>", read_restarts},
	        {"<mtu>", read_mtu},
	        {"<tcp-port>", read_tcp_port},
	        {"<address>", config_read_address},
	        {"<prefix>", config_read_prefix4},
	        {"<prefix6>", config_read_prefix6},
	        {"<gateway>", config_read_gateway4},
	        {"<gateway6>", config_read_gateway6},
	};

	for (uint32_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strlen(kinds[i].name) == length && memcmp(kinds[i].name, name, length) == 0)
			return &kinds[i];
	return NULL;
}
