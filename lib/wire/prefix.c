/*
 * prefix: parse an address prefix and test whether it holds an address. Pure.
 * See prefix.h.
 */
#include "wire/prefix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
parse_bits(unsigned *out, const char *text, unsigned max)
{
	unsigned long bits;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return -EINVAL;
	bits = strtoul(text, &end, 10);
	if (*end != '\0' || bits > max)
		return -EINVAL;
	*out = (unsigned)bits;
	return 0;
}

static bool
bit(const uint8_t *ip, size_t i)
{
	return ip[i / 8] >> (7 - i % 8) & 1;
}

int
prefix_parse(struct prefix *out, const char *text)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char address[ADDR_TEXT];
	struct prefix p;
	const uint8_t *ip;
	size_t ip_bytes, i;

	/* A port or brackets are not allowed here. */
	if (len >= sizeof(address) || memchr(text, '[', len) != NULL)
		return -EINVAL;
	memcpy(address, text, len);
	address[len] = '\0';
	if (addr_parse(&p.addr, address, 0) < 0 || addr_port(&p.addr) != 0)
		return -EINVAL;
	ip = addr_ip(&p.addr, &ip_bytes);
	p.bits = (unsigned)(8 * ip_bytes);
	if (slash != NULL && parse_bits(&p.bits, slash + 1, p.bits) < 0)
		return -EINVAL;
	for (i = p.bits; i < 8 * ip_bytes; i++)
		if (bit(ip, i))
			return -EINVAL;
	*out = p;
	return 0;
}

bool
prefix_holds(const struct prefix *prefix, const struct addr *addr)
{
	struct addr plain = *addr;
	const uint8_t *wanted, *ip;
	size_t wanted_bytes, ip_bytes, whole = prefix->bits / 8;
	unsigned rest = prefix->bits % 8;

	addr_unmap(&plain);
	wanted = addr_ip(&prefix->addr, &wanted_bytes);
	ip = addr_ip(&plain, &ip_bytes);
	if (ip_bytes != wanted_bytes || memcmp(ip, wanted, whole) != 0)
		return false;
	return rest == 0 || (ip[whole] ^ wanted[whole]) >> (8 - rest) == 0;
}

bool
prefix_any_holds(const struct prefix prefixes[], size_t n,
    const struct addr *addr)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (prefix_holds(&prefixes[i], addr))
			return true;
	return false;
}
