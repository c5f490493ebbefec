/*
 * Addresses and prefixes as values of statements, and how they compare.
 *
 * inet_pton reads them: it knows no octal and no shortened forms of IPv4.
 */
#include <arpa/inet.h>
#include <string.h>
#include "config/parser.h"

bool config_same_net(const uint8_t *a, const uint8_t *b, uint32_t bits)
{
	uint32_t bytes = bits / 8, rest = bits % 8;

	return memcmp(a, b, bytes) == 0 && (!rest || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

bool config_covers(const struct config_net *net, uint8_t family, const uint8_t *addr)
{
	return net->family == family && config_same_net(net->addr, addr, net->prefix);
}

static bool address(const char *word, uint8_t family, struct config_net *net)
{
	memset(net, 0, sizeof *net);
	net->family = family;
	net->prefix = family == 4 ? 32 : 128;
	return inet_pton(family == 4 ? AF_INET : AF_INET6, word, net->addr) == 1;
}

/* "ADDRESS/BITS" of the family. `reason` is that of a malformed address. */
static const char *net_of(const char *word, uint8_t family, const char *reason,
                          struct config_net *net)
{
	char text[INET6_ADDRSTRLEN];
	const char *slash = strchr(word, '/');
	uint64_t bits;

	if (!slash || (size_t)(slash - word) >= sizeof text)
		return reason;
	memcpy(text, word, (size_t)(slash - word));
	text[slash - word] = 0;
	if (!address(text, family, net))
		return reason;
	if (!config_number(slash + 1, net->prefix, &bits))
		return family == 4 ? "prefix length out of range: 0 to 32"
		                   : "prefix length out of range: 0 to 128";
	net->prefix = (uint8_t)bits;
	return NULL;
}

/* All bits behind the prefix are `bit`. */
static bool host_bits(const struct config_net *net, uint32_t bit)
{
	uint32_t bits = net->family == 4 ? 32 : 128;

	for (uint32_t i = net->prefix; i < bits; i++)
		if ((net->addr[i / 8] >> (7 - i % 8) & 1u) != bit)
			return false;
	return true;
}

/* Addresses no host may have: RFC 1122, 3.2.1.3; RFC 4291, 2.4 to 2.7. */
static const char *not_a_host(const struct config_net *net)
{
	static const uint8_t unspecified[16], loopback[16] = {[15] = 1};
	const uint8_t *a = net->addr;

	if (net->family == 4) {
		if (a[0] == 0 || a[0] == 127 || a[0] >= 224)
			return "not the address of a host";
		return NULL;
	}
	if (a[0] == 0xff || memcmp(a, unspecified, 16) == 0 || memcmp(a, loopback, 16) == 0)
		return "not the address of a host";
	return NULL;
}

static bool link_local(const struct config_net *net)
{
	return net->family == 6 && net->addr[0] == 0xfe && (net->addr[1] & 0xc0) == 0x80;
}

/* An address of the appliance, both families. */
const char *config_read_address(const char *word, struct config_value *value)
{
	struct config_net *net = &value->net;
	uint8_t family = strchr(word, ':') ? 6 : 4;
	const char *reason = net_of(
	        word, family,
	        "not an address with prefix length: such as 10.0.1.1/24 or fd00:1::1/64", net);

	if (!reason)
		reason = not_a_host(net);
	if (reason)
		return reason;
	if (net->prefix == 0)
		return "prefix length out of range: an address needs 1 or more";
	if (link_local(net))
		return "a port forms its link-local address by itself";
	/* RFC 3021 and RFC 6164: the two addresses of a /31 and a /127 are hosts. */
	if (net->prefix < (family == 4 ? 31 : 127) && host_bits(net, 0))
		return "is the address of the net itself";
	if (family == 4 && net->prefix < 31 && host_bits(net, 1))
		return "is the broadcast address of the net";
	return NULL;
}

static const char *read_prefix(const char *word, uint8_t family, const char *malformed,
                               struct config_value *value)
{
	const char *reason = net_of(word, family, malformed, &value->net);

	if (reason)
		return reason;
	if (!host_bits(&value->net, 0))
		return "bits are set behind the prefix length";
	if (value->net.prefix && value->net.addr[0] >= (family == 4 ? 224 : 255))
		return "multicast cannot be routed";
	return NULL;
}

const char *config_read_prefix4(const char *word, struct config_value *value)
{
	return read_prefix(word, 4, "not an IPv4 prefix: such as 192.0.2.0/24", value);
}

const char *config_read_prefix6(const char *word, struct config_value *value)
{
	return read_prefix(word, 6, "not an IPv6 prefix: such as 2001:db8::/32", value);
}

const char *config_read_gateway4(const char *word, struct config_value *value)
{
	if (!address(word, 4, &value->net))
		return "not an IPv4 address";
	return not_a_host(&value->net);
}

const char *config_read_gateway6(const char *word, struct config_value *value)
{
	if (!address(word, 6, &value->net))
		return "not an IPv6 address";
	return not_a_host(&value->net);
}
