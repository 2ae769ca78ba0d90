/* nat64: where an IPv6 address has an IPv4 one in it. Pure. See nat64.h. */
#include "wire/nat64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define IPV4_BYTES 4
#define RESERVED 8		/* bits 64 to 71 are zero (RFC 6052 2.2) */

/* Most networks have the longest. */
static const unsigned lengths[] = { 12, 8, 7, 6, 5, 4 };

#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Return the place of byte `i` of the IPv4 address behind a prefix. */
static unsigned
place_of(unsigned prefix_bytes, unsigned i)
{
	unsigned at = prefix_bytes + i;

	return prefix_bytes <= RESERVED && at >= RESERVED ? at + 1 : at;
}

static bool
has_v4(const uint8_t ip[static 16], unsigned prefix_bytes,
    const uint8_t v4[static IPV4_BYTES])
{
	unsigned i;

	if (prefix_bytes <= RESERVED && ip[RESERVED] != 0)
		return false;
	for (i = 0; i < IPV4_BYTES; i++)
		if (ip[place_of(prefix_bytes, i)] != v4[i])
			return false;
	return true;
}

int
nat64_learn(struct nat64 *out, const struct addr *aaaa)
{
	static const uint8_t known[][IPV4_BYTES] = {
		{ 192, 0, 0, 170 }, { 192, 0, 0, 171 }	/* RFC 7050 8.2 */
	};
	const uint8_t *ip;
	size_t i, len;

	if (!addr_is_v6(aaaa))
		return -ENOENT;
	ip = addr_ip(aaaa, &len);
	for (i = 0; i < 2 * LENGTHS; i++) {
		if (!has_v4(ip, lengths[i / 2], known[i % 2]))
			continue;
		memset(out, 0, sizeof(*out));
		out->bytes = lengths[i / 2];
		memcpy(out->ip, ip, out->bytes);
		return 0;
	}
	return -ENOENT;
}

bool
nat64_prefix(const struct addr *aaaa, char out[static NAT64_TEXT])
{
	char text[ADDR_TEXT];
	struct nat64 prefix;
	struct addr base;

	if (nat64_learn(&prefix, aaaa) < 0)
		return false;
	(void)addr_from_bytes(&base, prefix.ip, sizeof(prefix.ip), 0);
	snprintf(out, NAT64_TEXT, "%s/%u", addr_format_ip(&base, text),
	    prefix.bytes * 8);
	return true;
}

void
nat64_translate(struct addr *out, const struct nat64 *prefix,
    const struct addr *v4)
{
	uint8_t ip[16];
	const uint8_t *bytes;
	size_t len;
	unsigned i;

	memcpy(ip, prefix->ip, sizeof(ip));
	bytes = addr_ip(v4, &len);
	for (i = 0; i < IPV4_BYTES; i++)
		ip[place_of(prefix->bytes, i)] = bytes[i];
	(void)addr_from_bytes(out, ip, sizeof(ip), addr_port(v4));
}

bool
nat64_is(const struct addr *v6, const struct addr *v4)
{
	size_t i, len;

	if (!addr_is_v6(v6) || !addr_is_v4(v4))
		return false;
	for (i = 0; i < LENGTHS; i++)
		if (has_v4(addr_ip(v6, &len), lengths[i], addr_ip(v4, &len)))
			return true;
	return false;
}
