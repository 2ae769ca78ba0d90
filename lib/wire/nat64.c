/*
 * nat64: read DNS64's prefix out of an address. Pure. See nat64.h.
 */
#include "wire/nat64.h"

#include <stdio.h>
#include <string.h>

/* The bytes of the IPv4 address, which leave out byte 8 (RFC 6052 2.2). */
static const struct {
	int bits;
	uint8_t at[4];
} places[] = {
	{ 96, { 12, 13, 14, 15 } },
	{ 64, { 9, 10, 11, 12 } },
	{ 56, { 7, 9, 10, 11 } },
	{ 48, { 6, 7, 9, 10 } },
	{ 40, { 5, 6, 7, 9 } },
	{ 32, { 4, 5, 6, 7 } },
};

static bool
is_well_known(const uint8_t *ip, const uint8_t at[static 4])
{
	return ip[at[0]] == 192 && ip[at[1]] == 0 && ip[at[2]] == 0 &&
	    (ip[at[3]] == 170 || ip[at[3]] == 171);
}

bool
nat64_prefix(const struct addr *a, char out[static NAT64_TEXT])
{
	char text[ADDR_TEXT];
	uint8_t prefix[16] = { 0 };
	struct addr base;
	const uint8_t *ip;
	size_t i, bytes;

	if (!addr_is_v6(a))
		return false;
	ip = addr_ip(a, &bytes);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!is_well_known(ip, places[i].at))
			continue;
		memcpy(prefix, ip, (size_t)places[i].bits / 8);
		if (addr_from_bytes(&base, prefix, sizeof(prefix), 0) < 0)
			return false;
		snprintf(out, NAT64_TEXT, "%s/%d",
		    addr_format_ip(&base, text), places[i].bits);
		return true;
	}
	return false;
}
