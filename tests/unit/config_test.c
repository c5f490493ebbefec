/*
 * config/: what right texts mean, and one wrong text per rule with its exact message.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "config/parser.h"

#define ROUTES 64u

static struct appliance_config config;
static struct config_route routes[ROUTES];
static char said[1 << 16];

static void say(const char *text)
{
	assert_true(strlen(said) + strlen(text) + 2 < sizeof said);
	strcat(said, text);
	strcat(said, "\n");
}

/* Parses a copy of just this size, so that ASan sees each byte too far. */
static uint32_t parse_bytes(const char *text, size_t length)
{
	char *copy = malloc(length ? length : 1);
	uint32_t errors;

	memcpy(copy, text, length);
	said[0] = 0;
	config.routes = routes;
	config.routes_max = ROUTES;
	errors = config_parse(&config, "config", copy, (uint32_t)length, say);
	free(copy);
	return errors;
}

static uint32_t parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

/* A net to start from, so that each wrong text stays short. */
#define NETS                                                                                       \
	"set interfaces ethernet eth0 address 10.0.1.1/24\n"                                       \
	"set interfaces ethernet eth0 address fd00:1::1/64\n"                                      \
	"set interfaces ethernet eth1 address 10.0.2.1/24\n"

#define E           "set interfaces ethernet eth0 "
#define R           "set protocols static route "
#define R6          "set protocols static route6 "
#define D           "set system domain "
#define TEN         "aaaaaaaaaa"
#define FIFTY       TEN TEN TEN TEN TEN
#define NOT_HOST    "not a host name: 1 to 63 letters, digits and '-' inside"
#define NOT_ADDRESS "not an address with prefix length: such as 10.0.1.1/24 or fd00:1::1/64"
#define NOT_IMAGE   "not the name of an image: 1 to 31 letters, digits, '-' and '_'"
#define NOT_SIZE    "not a size of memory: such as 512K or 4M, 4K to 1G"

static const struct {
	const char *text, *message;
} wrong[] = {
        /* words */
        {"# fine\n\nset foo",
         "3: 'foo': unknown word, expected system, interfaces, protocols, service"},
        {"delete system", "1: 'delete': unknown statement, expected set"},
        {"set", "1: 'set': incomplete, expected system, interfaces, protocols, service"},
        {"set system queues 0", "1: '0': not a number of queues: 1 to 8"},
        {"set system queues 9", "1: '9': not a number of queues: 1 to 8"},
        {"set system queues 2\nset system queues 3", "2: '3': conflicts with line 1"},
        {"set system migration no", "1: 'no': not a switch: on or off"},
        {"set system migration", "1: 'migration': incomplete, expected <switch>"},
        {"set system migration off\nset system migration on", "2: 'on': conflicts with line 1"},
        {"set system",
         "1: 'system': incomplete, expected host-name, composition, queues, migration, domain"},
        {"set system hostname a",
         "1: 'hostname': unknown word, expected host-name, composition, queues, migration, "
         "domain"},
        {"set system domain router cores 1",
         "1: 'cores': unknown word, expected core, memory, frames, budget, image, "
         "restart, restart-limit, watchdog"},
        {E "disable now", "1: 'now': nothing may follow 'disable'"},
        {E "mtu", "1: 'mtu': incomplete, expected <mtu>"},
        {E "address 10.0.0.1/8 10.0.0.2/8", "1: '10.0.0.2/8': nothing may follow '10.0.0.1/8'"},
        {R "10.0.0.0/8", "1: '10.0.0.0/8': incomplete, expected next-hop, blackhole"},
        {"set service dns", "1: 'dns': unknown word, expected http, iperf3"},
        {"set service http 80", "1: '80': unknown word, expected port"},
        /* lines */
        {"set system host-name 'a", "1: ''a': quote is not closed"},
        {"set system host-name \"a b", "1: '\"a': quote is not closed"},
        {"set a b c d e f g h i j k l", "1: 'l': too many words"},
        {"set system host-name \xc3(", "1: '.(': is not UTF-8"},
        {"# \xed\xa0\x80", "1: '...': is not UTF-8"},
        {"# \xc0\xaf", "1: '..': is not UTF-8"},
        {"# \xf5\x80\x80\x80", "1: '....': is not UTF-8"},
        {"# \xe2\x82", "1: '..': is not UTF-8"},
        {"set \x1b[2Jx", "1: '.[2Jx': has a control character"},
        {"set \x7f", "1: '.': has a control character"},
        {"# " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY TEN "a",
         "1: '#': line too long: at most 512 bytes"},
        {"set " FIFTY, "1: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...': "
                       "unknown word, expected system, interfaces, protocols, service"},
        /* system */
        {"set system host-name -a", "1: '-a': " NOT_HOST},
        {"set system host-name a-", "1: 'a-': " NOT_HOST},
        {"set system host-name a.b", "1: 'a.b': " NOT_HOST},
        {"set system host-name ''", "1: '': " NOT_HOST},
        {"set system host-name " FIFTY TEN "aaaa",
         "1: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...': " NOT_HOST},
        {"set system host-name a\nset system host-name b", "2: 'b': conflicts with line 1"},
        {"set system composition switch", "1: 'switch': not a composition: router or httpd"},
        {"set system composition router\nset system composition httpd",
         "2: 'httpd': conflicts with line 1"},
        {D "init core 0",
         "1: 'init': no such domain: router, stack, httpd, iperf3, console, eth0 to eth15"},
        {D "eth16 core 0",
         "1: 'eth16': no such domain: router, stack, httpd, iperf3, console, eth0 to eth15"},
        {D "router core 16", "1: '16': not a core: 0 to 15"},
        {D "router core -1", "1: '-1': not a core: 0 to 15"},
        {D "router core 01", "1: '01': not a core: 0 to 15"},
        {D "router core 1x", "1: '1x': not a core: 0 to 15"},
        {D "router core 1\n" D "router core 2", "2: '2': conflicts with line 1"},
        {D "stack memory 4", "1: '4': " NOT_SIZE},
        {D "stack memory 4T", "1: '4T': " NOT_SIZE},
        {D "stack memory M", "1: 'M': " NOT_SIZE},
        {D "stack memory 3K", "1: '3K': " NOT_SIZE},
        {D "stack memory 2G", "1: '2G': " NOT_SIZE},
        {D "stack memory 4M\n" D "stack memory 5M", "2: '5M': conflicts with line 1"},
        {D "httpd frames 15", "1: '15': not a number of frames: 16 to 1048576"},
        {D "httpd frames 1048577", "1: '1048577': not a number of frames: 16 to 1048576"},
        {D "httpd frames 99999999999999999999",
         "1: '99999999999999999999': not a number of frames: 16 to 1048576"},
        {D "httpd frames 20\n" D "httpd frames 21", "2: '21': conflicts with line 1"},
        {D "eth0 budget 0", "1: '0': not a time: 1 to 60000 ms"},
        {D "eth0 budget 10\n" D "eth0 budget 11", "2: '11': conflicts with line 1"},
        {D "eth0 watchdog 3601", "1: '3601': not a time: 0 to 3600 s"},
        {D "eth0 watchdog 1\n" D "eth0 watchdog 2", "2: '2': conflicts with line 1"},
        {D "eth0 restart sometimes", "1: 'sometimes': not a restart policy: always or never"},
        {D "eth0 restart always\n" D "eth0 restart never", "2: 'never': conflicts with line 1"},
        {D "eth0 restart-limit 0", "1: '0': not a number of restarts: 1 to 1000000"},
        {D "eth0 restart-limit 1000001", "1: '1000001': not a number of restarts: 1 to 1000000"},
        {D "eth0 restart-limit 3\n" D "eth0 restart-limit 4", "2: '4': conflicts with line 1"},
        {D "eth0 image ''", "1: '': " NOT_IMAGE},
        {D "eth0 image ../init", "1: '../init': " NOT_IMAGE},
        {D "eth0 image a.elf", "1: 'a.elf': " NOT_IMAGE},
        {D "eth0 image a\xc3\xbc", "1: 'a..': " NOT_IMAGE},
        {D "eth0 image " TEN TEN TEN "aa", "1: '" TEN TEN TEN "aa': " NOT_IMAGE},
        {D "eth0 image a\n" D "eth0 image b", "2: 'b': conflicts with line 1"},
        /* interfaces */
        {"set interfaces ethernet eth16 disable", "1: 'eth16': no such port: eth0 to eth15"},
        {"set interfaces ethernet eth01 disable", "1: 'eth01': no such port: eth0 to eth15"},
        {"set interfaces ethernet wlan0 disable", "1: 'wlan0': no such port: eth0 to eth15"},
        {E "mtu 67", "1: '67': not an MTU: 68 to 9216"},
        {E "mtu 9217", "1: '9217': not an MTU: 68 to 9216"},
        {E "mtu 1400\n" E "mtu 1500", "2: '1500': conflicts with line 1"},
        {E "mtu 1279\n" E "address fd00::1/64",
         "2: 'fd00::1/64': IPv6 needs an MTU of 1280, line 1 says 1279"},
        {E "description a\n" E "description b", "2: 'b': conflicts with line 1"},
        {E "description " FIFTY FIFTY FIFTY FIFTY FIFTY "aaaaaa",
         "1: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...': text too long: at most 255 bytes"},
        {E "address 10.0.1.1", "1: '10.0.1.1': " NOT_ADDRESS},
        {E "address dhcp", "1: 'dhcp': " NOT_ADDRESS},
        {E "address 10.0.1/24", "1: '10.0.1/24': " NOT_ADDRESS},
        {E "address 010.0.1.1/24", "1: '010.0.1.1/24': " NOT_ADDRESS},
        {E "address 10.0.1.256/24", "1: '10.0.1.256/24': " NOT_ADDRESS},
        {E "address fd00:::1/64", "1: 'fd00:::1/64': " NOT_ADDRESS},
        {E "address fd00::1%eth0/64", "1: 'fd00::1%eth0/64': " NOT_ADDRESS},
        {E "address 10.0.1.1/33", "1: '10.0.1.1/33': prefix length out of range: 0 to 32"},
        {E "address 10.0.1.1/", "1: '10.0.1.1/': prefix length out of range: 0 to 32"},
        {E "address 10.0.1.1/24/1", "1: '10.0.1.1/24/1': prefix length out of range: 0 to 32"},
        {E "address fd00::1/129", "1: 'fd00::1/129': prefix length out of range: 0 to 128"},
        {E "address 10.0.1.1/0",
         "1: '10.0.1.1/0': prefix length out of range: an address needs 1 or more"},
        {E "address 224.0.0.1/24", "1: '224.0.0.1/24': not the address of a host"},
        {E "address 127.0.0.1/8", "1: '127.0.0.1/8': not the address of a host"},
        {E "address ff02::1/64", "1: 'ff02::1/64': not the address of a host"},
        {E "address ::1/64", "1: '::1/64': not the address of a host"},
        {E "address fe80::1/64", "1: 'fe80::1/64': a port forms its link-local address by itself"},
        {E "address 10.0.1.0/24", "1: '10.0.1.0/24': is the address of the net itself"},
        {E "address fd00::/64", "1: 'fd00::/64': is the address of the net itself"},
        {E "address 10.0.1.255/24", "1: '10.0.1.255/24': is the broadcast address of the net"},
        {E "address 10.0.1.1/24\n" E "address 10.0.1.1/25",
         "2: '10.0.1.1/25': conflicts with line 1"},
        {NETS "set interfaces ethernet eth2 address 10.0.0.9/16",
         "4: '10.0.0.9/16': same net as eth0 on line 1"},
        {NETS "set interfaces ethernet eth2 address fd00:1::2/127",
         "4: 'fd00:1::2/127': same net as eth0 on line 2"},
        {E "address 10.1.0.1/24\n" E "address 10.2.0.1/24\n" E "address 10.3.0.1/24\n" E
           "address 10.4.0.1/24\n" E "address 10.5.0.1/24\n" E "address 10.6.0.1/24\n" E
           "address 10.7.0.1/24\n" E "address 10.8.0.1/24\n" E "address 10.9.0.1/24\n",
         "9: '10.9.0.1/24': too many addresses: at most 8 a port"},
        /* routes */
        {NETS R "10.9.0.1/16 blackhole", "4: '10.9.0.1/16': bits are set behind the prefix length"},
        {NETS R "10.9.0.0 blackhole", "4: '10.9.0.0': not an IPv4 prefix: such as 192.0.2.0/24"},
        {NETS R "::/0 blackhole", "4: '::/0': not an IPv4 prefix: such as 192.0.2.0/24"},
        {NETS R6 "0.0.0.0/0 blackhole",
         "4: '0.0.0.0/0': not an IPv6 prefix: such as 2001:db8::/32"},
        {NETS R6 "2001:db8::1/32 blackhole",
         "4: '2001:db8::1/32': bits are set behind the prefix length"},
        {NETS R "224.0.0.0/4 blackhole", "4: '224.0.0.0/4': multicast cannot be routed"},
        {NETS R6 "ff00::/8 blackhole", "4: 'ff00::/8': multicast cannot be routed"},
        {NETS R "0.0.0.0/0 next-hop fd00:1::2", "4: 'fd00:1::2': not an IPv4 address"},
        {NETS R6 "::/0 next-hop 10.0.1.2", "4: '10.0.1.2': not an IPv6 address"},
        {NETS R "0.0.0.0/0 next-hop 255.255.255.255",
         "4: '255.255.255.255': not the address of a host"},
        {NETS R "0.0.0.0/0 next-hop 10.0.3.2", "4: '10.0.3.2': gateway is on no connected net"},
        {NETS R6 "::/0 next-hop fd00:2::2", "4: 'fd00:2::2': gateway is on no connected net"},
        {NETS R "0.0.0.0/0 next-hop 10.0.2.2 interface eth0",
         "4: '10.0.2.2': gateway is on no net of the interface"},
        {NETS R "0.0.0.0/0 next-hop 10.0.1.1",
         "4: '10.0.1.1': is an address of the appliance itself"},
        {NETS R "0.0.0.0/0 next-hop 10.0.1.0", "4: '10.0.1.0': is the address of the net itself"},
        {NETS R "0.0.0.0/0 next-hop 10.0.1.255",
         "4: '10.0.1.255': is the broadcast address of its net"},
        {NETS R6 "::/0 next-hop fe80::1", "4: 'fe80::1': a link-local gateway needs 'interface'"},
        {NETS R "10.0.2.0/24 next-hop 10.0.1.2",
         "4: '10.0.2.0/24': is the connected net of eth1, line 3"},
        {NETS R "10.9.0.0/16 next-hop 10.0.1.2\n" R "10.9.0.0/16 next-hop 10.0.1.3",
         "5: '10.9.0.0/16': conflicts with line 4"},
        {NETS R "10.9.0.0/16 blackhole\n" R "10.9.0.0/16 next-hop 10.0.1.3",
         "5: '10.9.0.0/16': conflicts with line 4"},
        /* service */
        {"set service http port 0", "1: '0': not a TCP port: 1 to 65535"},
        {"set service iperf3 port 0", "1: '0': not a TCP port: 1 to 65535"},
        {"set service iperf3 port 1\nset service iperf3 port 2", "2: '2': conflicts with line 1"},
        {"set service http port 65536", "1: '65536': not a TCP port: 1 to 65535"},
        {"set service http port 0x50", "1: '0x50': not a TCP port: 1 to 65535"},
        {"set service http port 80\nset service http port 81", "2: '81': conflicts with line 1"},
};

static void test_wrong(void **state)
{
	char expected[512];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		uint32_t errors = parse(wrong[i].text);

		snprintf(expected, sizeof expected, "config:%s\n", wrong[i].message);
		assert_string_equal(said, expected);
		assert_int_equal(errors, 1);
	}
}

static void test_nul(void **state)
{
	(void)state;
	assert_int_equal(parse_bytes("set system\0x", 12), 1);
	assert_string_equal(said, "config:1: 'system.x': has a NUL byte\n");
}

static void test_every_error_is_told(void **state)
{
	(void)state;
	assert_int_equal(parse("set foo\n" E "address 10.0.1.1\n" E "mtu 1\n" R
	                       "0.0.0.0/33 next-hop 1\nset service http port 80"),
	                 5);
	assert_string_equal(
	        said, "config:1: 'foo': unknown word, expected system, interfaces, protocols, "
	              "service\n"
	              "config:2: '10.0.1.1': " NOT_ADDRESS "\n"
	              "config:3: '1': not an MTU: 68 to 9216\n"
	              "config:4: '0.0.0.0/33': prefix length out of range: 0 to 32\n"
	              "config:4: '1': not an IPv4 address\n");
}

/* A gateway of a port that was refused is no error of its own. */
static void test_no_follow_up(void **state)
{
	(void)state;
	assert_int_equal(parse(E "address 10.0.1.1/240\n" R "0.0.0.0/0 next-hop 10.0.1.2"), 1);
}

static void test_many_errors_are_counted(void **state)
{
	static char text[300 * 4 + 1];

	(void)state;
	text[0] = 0;
	for (int i = 0; i < 300; i++)
		strcat(text, "foo\n");
	assert_int_equal(parse(text), 300);
	assert_non_null(strstr(said, "config:200: 'foo'"));
	assert_null(strstr(said, "config:201: 'foo'"));
	assert_non_null(strstr(said, "config: 100 more errors\n"));
}

static void test_too_many_routes(void **state)
{
	static char text[8192];
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i <= ROUTES; i++)
		used += (size_t)sprintf(text + used, R "11.%u.0.0/16 blackhole\n", i);
	assert_int_equal(parse(text), 1);
	assert_string_equal(said, "config:65: 'blackhole': too many routes: memory is for 64\n");
}

static void test_full(void **state)
{
	const struct config_port *port = &config.ports[0];
	static const uint8_t v4[16] = {10, 0, 1, 1};
	static const uint8_t v6[16] = {0xfd, 0, 0, 1, [15] = 1};

	(void)state;
	assert_int_equal(
	        parse("# a comment with an \xc3\xbc\r\n"
	              "\t \n"
	              "  set system host-name Gate-1  # and one behind\r\n" E
	              "address '10.0.1.1/24'\n" E "address fd00:1::1/64\n" E "mtu 1400\n" E
	              "description 'the \"inner\" # net'\n" E "disable\n" D "eth0 core 3\n" D
	              "stack memory 512K\n" D "httpd frames 700\n" D "router budget 50\n"
	              "set system composition httpd\n"
	              "set system migration off\nset system migration off\n"
	              "set service http\nset service iperf3\n" D "iperf3 core 2\n" D
	              "eth0 image " TEN TEN TEN "_\n" D "httpd image My-App1\n" D
	              "httpd image My-App1\n" D "httpd restart never\n" D "httpd restart never\n" D
	              "stack restart always\n" D "eth0 restart-limit 7\n" D "console watchdog 0\n"),
	        0);
	assert_string_equal(config.host_name, "Gate-1");
	assert_int_equal(config.composition, CONFIG_AS_HTTPD);
	assert_int_equal(config.migration, CONFIG_OFF);
	assert_true(config.http);
	assert_true(config.iperf3);
	assert_int_equal(config.domains[CONFIG_IPERF3].core, 2);
	assert_int_equal(config.http_port, 80);
	assert_int_equal(port->line, 4);
	assert_int_equal(port->mtu, 1400);
	assert_true(port->disabled);
	assert_string_equal(port->description, "the \"inner\" # net");
	assert_int_equal(port->addresses_n, 2);
	assert_int_equal(port->addresses[0].net.family, 4);
	assert_int_equal(port->addresses[0].net.prefix, 24);
	assert_memory_equal(port->addresses[0].net.addr, v4, 16);
	assert_int_equal(port->addresses[1].net.family, 6);
	assert_int_equal(port->addresses[1].net.prefix, 64);
	assert_memory_equal(port->addresses[1].net.addr, v6, 16);
	assert_int_equal(config.domains[CONFIG_DRIVER].core, 3);
	assert_int_equal(config.domains[CONFIG_DRIVER].core_line, 9);
	assert_int_equal(config.domains[CONFIG_STACK].heap, 128);
	assert_int_equal(config.domains[CONFIG_HTTPD].frames, 700);
	assert_int_equal(config.domains[CONFIG_ROUTER].budget, 50);
	assert_int_equal(config.domains[CONFIG_ROUTER].core_line, 0);
	assert_string_equal(config.domains[CONFIG_DRIVER].image, TEN TEN TEN "_");
	assert_string_equal(config.domains[CONFIG_HTTPD].image, "My-App1");
	assert_int_equal(config.domains[CONFIG_STACK].image_line, 0);
	assert_int_equal(config.domains[CONFIG_HTTPD].restart, CONFIG_NEVER);
	assert_int_equal(config.domains[CONFIG_STACK].restart, CONFIG_ALWAYS);
	assert_int_equal(config.domains[CONFIG_ROUTER].restart, CONFIG_ALWAYS);
	assert_int_equal(config.domains[CONFIG_DRIVER].limit, 7);
	assert_int_equal(config.domains[CONFIG_ROUTER].limit_line, 0);
	assert_int_not_equal(config.domains[CONFIG_CONSOLE].watchdog_line, 0);
	assert_int_equal(config.domains[CONFIG_CONSOLE].watchdog, 0);
	assert_int_equal(config.domains[CONFIG_STACK].watchdog_line, 0);
}

static void test_routes(void **state)
{
	static const uint8_t via[16] = {10, 0, 1, 2};

	(void)state;
	assert_int_equal(
	        parse(NETS R
	              "10.9.0.0/16 blackhole\n" R "10.8.0.0/16 next-hop 10.0.2.2 interface eth1\n" R
	              "0.0.0.0/0 next-hop 10.0.1.2\n" R6 "::/0 next-hop fe80::1 interface eth3\n" R6
	              "2001:db8::/32 next-hop fd00:1::2\n" R "0.0.0.0/0 next-hop 10.0.1.2\n"),
	        0);
	assert_string_equal(said, "");
	assert_int_equal(config.routes_n, 5);
	assert_int_equal(routes[0].to.prefix, 0);
	assert_int_equal(routes[0].to.family, 4);
	assert_memory_equal(routes[0].via, via, 16);
	assert_int_equal(routes[0].port, CONFIG_NO_PORT);
	assert_int_equal(routes[1].port, 1);
	assert_true(routes[2].blackhole);
	assert_int_equal(routes[3].to.family, 6);
	assert_int_equal(routes[3].port, 3);
	assert_int_equal(routes[4].to.prefix, 32);
}

static void test_repetition_is_no_conflict(void **state)
{
	(void)state;
	assert_int_equal(parse(NETS NETS "set service http\nset service http port 8080\n"
	                                 "set service http port 8080\nset service http\n" E
	                                 "mtu 1500\n" E "mtu 1500\nset system host-name moxie\n"
	                                 "set system host-name moxie\n"),
	                 0);
	assert_int_equal(config.ports[0].addresses_n, 2);
	assert_int_equal(config.http_port, 8080);
	assert_int_equal(config.iperf3_port, 5201);
}

static void test_edges(void **state)
{
	(void)state;
	assert_int_equal(parse(""), 0);
	assert_false(config.http);
	assert_false(config.iperf3);
	assert_int_equal(config.composition, CONFIG_BY_PORTS);
	/* RFC 3021, RFC 6164; two nets on one port; a disabled port keeps its gateways. */
	assert_int_equal(parse(E "address 192.0.2.0/31\n" E "address fd00::/127\n" E
	                         "address 10.0.0.1/32\n" E "disable\n" R
	                         "0.0.0.0/0 next-hop 192.0.2.1\n"),
	                 0);
	assert_int_equal(parse("set system host-name " FIFTY TEN "aaa"), 0);
	assert_int_equal(
	        parse("# " FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY TEN), 0);
}

static void test_default_text(void **state)
{
	static char text[4096];
	FILE *f = fopen("config/appliance.conf", "r");

	(void)state;
	assert_non_null(f);
	assert_int_equal(parse_bytes(text, fread(text, 1, sizeof text, f)), 0);
	fclose(f);
	assert_int_equal(config.ports[1].addresses_n, 2);
	assert_true(config.http);
}

/* Rows that share a prefix must name the same kinds; every kind must exist; values must fit. */
static void test_schema(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < config_schema_n; i++) {
		const char *path = config_schema[i].path;
		uint32_t values = 0;

		for (const char *at = path; (at = strchr(at, '<')); at++, values++)
			assert_non_null(config_kind(at, (uint32_t)strcspn(at, " ")));
		assert_true(values <= CONFIG_VALUES);
	}
}

/* Mutations of a right text: never a crash, and errors are always told. */
static void test_garbage(void **state)
{
	static const char right[] = NETS R "10.9.0.0/16 next-hop 10.0.1.3 interface eth0\n" D
	                                   "stack memory 4M\n" E "description 'x y'\n";
	char text[sizeof right];
	uint32_t errors;

	(void)state;
	srandom(1);
	for (int turn = 0; turn < 20000; turn++) {
		memcpy(text, right, sizeof right);
		for (int i = 0; i < 1 + turn % 4; i++)
			text[(size_t)random() % (sizeof right - 1)] = (char)random();
		errors = parse_bytes(text, sizeof right - 1);
		assert_int_equal(errors > 0, said[0] != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_wrong),
	        cmocka_unit_test(test_nul),
	        cmocka_unit_test(test_every_error_is_told),
	        cmocka_unit_test(test_no_follow_up),
	        cmocka_unit_test(test_many_errors_are_counted),
	        cmocka_unit_test(test_too_many_routes),
	        cmocka_unit_test(test_full),
	        cmocka_unit_test(test_routes),
	        cmocka_unit_test(test_repetition_is_no_conflict),
	        cmocka_unit_test(test_edges),
	        cmocka_unit_test(test_default_text),
	        cmocka_unit_test(test_schema),
	        cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
