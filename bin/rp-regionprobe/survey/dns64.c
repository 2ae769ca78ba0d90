/* dns64: prefixes of translated addresses. See dns64.h. */
#include "survey/dns64.h"

#include <string.h>

/* 64:ff9b::/96, and 64:ff9b:1::/48 of RFC 8215 */
static const char *const well_known[] = { "64:ff9b::/96", "64:ff9b:1::/48" };

/* Return whether the IPv4 address after so many bits is one of the two. */
static bool
embeds(const uint8_t ip[static 16], unsigned bits)
{
	static const uint8_t first[] = { 192, 0, 0 };
	uint8_t v4[4];
	size_t i, at = bits / 8;

	for (i = 0; i < 4; i++, at++) {
		at += at == 8;		/* that byte is reserved, and zero */
		v4[i] = ip[at];
	}
	return memcmp(v4, first, 3) == 0 && (v4[3] == 170 || v4[3] == 171);
}

bool
dns64_prefix(struct prefix *out, const struct addr *translated)
{
	static const unsigned lengths[] = { 96, 64, 56, 48, 40, 32 };
	uint8_t top[16] = { 0 };
	size_t ip_bytes, i;
	const uint8_t *ip = addr_ip(translated, &ip_bytes);

	if (ip_bytes != 16)
		return false;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (embeds(ip, lengths[i])) {
			memcpy(top, ip, lengths[i] / 8);
			out->bits = lengths[i];
			return addr_from_bytes(&out->addr, top, 16, 0) == 0;
		}
	return false;
}

bool
dns64_is_well_known(const struct addr *addr)
{
	struct prefix prefix;
	size_t i;

	for (i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
		if (prefix_parse(&prefix, well_known[i]) == 0 &&
		    prefix_holds(&prefix, addr))
			return true;
	return false;
}
