/*
 * addr: parse, format and classify transport addresses, IPv4 in IPv6 included.
 * Pure. See addr.h.
 */
#include "wire/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"

static int
parse_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long value;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	value = strtoul(text, &end, 10);
	if (*end != '\0' || value > 65535)
		return -EINVAL;
	*port = (uint16_t)value;
	return 0;
}

/* Split host and port; a bare IPv6 address has more than one colon. */
static int
split(const char *text, char host[static ADDR_TEXT], uint16_t *port)
{
	const char *start = text, *end, *rest;

	if (*text == '[') {
		start = text + 1;
		end = strchr(start, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return -EINVAL;
		rest = end[1] == ':' ? end + 2 : NULL;
	} else {
		end = strchr(text, ':');
		if (end != NULL && strchr(end + 1, ':') != NULL)
			end = NULL;
		rest = end != NULL ? end + 1 : NULL;
		if (end == NULL)
			end = text + strlen(text);
	}
	if ((size_t)(end - start) >= ADDR_TEXT)
		return -EINVAL;
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	return rest != NULL ? parse_port(rest, port) : 0;
}

int
addr_parse(struct addr *out, const char *text, uint16_t port)
{
	struct addr a = { 0 };
	char host[ADDR_TEXT];

	if (split(text, host, &port) < 0)
		return -EINVAL;
	if (inet_pton(AF_INET, host, &a.v4.sin_addr) == 1)
		a.sa.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &a.v6.sin6_addr) == 1)
		a.sa.sa_family = AF_INET6;
	else
		return -EINVAL;
	addr_set_port(&a, port);
	*out = a;
	return 0;
}

int
addr_from_sockaddr(struct addr *out, const struct sockaddr *sa,
    socklen_t len_bytes)
{
	struct addr a = { 0 };

	if (sa->sa_family == AF_INET && len_bytes >= sizeof(a.v4))
		memcpy(&a.v4, sa, sizeof(a.v4));
	else if (sa->sa_family == AF_INET6 && len_bytes >= sizeof(a.v6))
		memcpy(&a.v6, sa, sizeof(a.v6));
	else
		return -EAFNOSUPPORT;
	*out = a;
	return 0;
}

int
addr_from_bytes(struct addr *out, const uint8_t *ip, size_t ip_bytes,
    uint16_t port)
{
	struct addr a = { 0 };

	if (ip_bytes == 4) {
		a.sa.sa_family = AF_INET;
		memcpy(&a.v4.sin_addr, ip, 4);
	} else if (ip_bytes == 16) {
		a.sa.sa_family = AF_INET6;
		memcpy(&a.v6.sin6_addr, ip, 16);
	} else {
		return -EAFNOSUPPORT;
	}
	addr_set_port(&a, port);
	*out = a;
	return 0;
}

socklen_t
addr_len(const struct addr *a)
{
	return addr_is_v6(a) ? sizeof(a->v6) : sizeof(a->v4);
}

const char *
addr_format_ip(const struct addr *a, char text[static ADDR_TEXT])
{
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(a, &ip_bytes);

	if (ip_bytes == 0 ||
	    inet_ntop(a->sa.sa_family, ip, text, ADDR_TEXT) == NULL)
		snprintf(text, ADDR_TEXT, "-");
	return text;
}

const char *
addr_format(const struct addr *a, char text[static ADDR_TEXT])
{
	char ip[ADDR_TEXT];

	addr_format_ip(a, ip);
	snprintf(text, ADDR_TEXT, addr_is_v6(a) ? "[%.45s]:%u" : "%.45s:%u",
	    ip, addr_port(a));
	return text;
}

uint16_t
addr_port(const struct addr *a)
{
	return ntohs(addr_is_v6(a) ? a->v6.sin6_port : a->v4.sin_port);
}

void
addr_set_port(struct addr *a, uint16_t port)
{
	if (addr_is_v6(a))
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
}

const uint8_t *
addr_ip(const struct addr *a, size_t *ip_bytes)
{
	*ip_bytes = addr_is_v4(a) ? 4 : addr_is_v6(a) ? 16 : 0;
	if (addr_is_v6(a))
		return a->v6.sin6_addr.s6_addr;
	return (const uint8_t *)&a->v4.sin_addr;
}

bool
addr_is_v4(const struct addr *a)
{
	return a->sa.sa_family == AF_INET;
}

bool
addr_is_v6(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6;
}

bool
addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];
	size_t ip_bytes;
	const uint8_t *ip = addr_ip(a, &ip_bytes);

	return memcmp(ip, zero, ip_bytes) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	struct addr plain = *a;

	addr_unmap(&plain);
	if (addr_is_v4(&plain))
		return ntohl(plain.v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&plain.v6.sin6_addr);
}

bool
addr_is_unicast(const struct addr *a)
{
	struct addr plain = *a;

	addr_unmap(&plain);
	if (addr_is_any(&plain))
		return false;
	if (addr_is_v4(&plain))		/* class D and E: 224.0.0.0 and above */
		return ntohl(plain.v4.sin_addr.s_addr) < 0xe0000000;
	return !IN6_IS_ADDR_MULTICAST(&plain.v6.sin6_addr) &&
	    !IN6_IS_ADDR_LINKLOCAL(&plain.v6.sin6_addr);
}

/*
 * Is it globally reachable, by IANA's IPv4 special-purpose registry (RFC 6890)?
 */
static bool
v4_is_public(uint32_t ip)
{
	static const struct {
		uint32_t net;
		int bits;
	} closed[] = {
		{ 0x00000000, 8 },	/* this network */
		{ 0x0a000000, 8 },	/* private */
		{ 0x64400000, 10 },	/* carrier-grade NAT */
		{ 0x7f000000, 8 },	/* loopback */
		{ 0xa9fe0000, 16 },	/* link-local */
		{ 0xac100000, 12 },	/* private */
		{ 0xc0000000, 24 },	/* protocol assignments */
		{ 0xc0000200, 24 },	/* documentation */
		{ 0xc0586300, 24 },	/* 6to4 relays */
		{ 0xc0a80000, 16 },	/* private */
		{ 0xc6120000, 15 },	/* benchmarks */
		{ 0xc6336400, 24 },	/* documentation */
		{ 0xcb007100, 24 },	/* documentation */
		{ 0xe0000000, 3 },	/* multicast, reserved, broadcast */
	};
	size_t i;

	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if ((ip ^ closed[i].net) >> (32 - closed[i].bits) == 0)
			return false;
	return true;
}

/* Return the IPv4 address that it embeds, or NULL. */
static const uint8_t *
v4_within(const uint8_t ip[static 16])
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(ip, nat64, sizeof(nat64)) == 0)
		return ip + 12;
	if (ip[0] == 0x20 && ip[1] == 0x02)	/* 6to4 */
		return ip + 2;
	return NULL;
}

bool
addr_embedded_v4(const struct addr *a, struct addr *v4)
{
	const uint8_t *ip = NULL;

	if (addr_is_v6(a))
		ip = v4_within(a->v6.sin6_addr.s6_addr);
	return ip != NULL && addr_from_bytes(v4, ip, 4, addr_port(a)) == 0;
}

static bool
v6_is_public(const uint8_t ip[static 16])
{
	const uint8_t *v4 = v4_within(ip);

	if (v4 != NULL)
		return v4_is_public(bytes_get32(v4));
	if ((ip[0] & 0xe0) != 0x20)		/* not 2000::/3 */
		return false;
	/* 2001::/23: protocol assignments, Teredo, ORCHID, benchmarks */
	if (ip[0] == 0x20 && ip[1] == 0x01 && (ip[2] & 0xfe) == 0)
		return false;
	if (bytes_get32(ip) == 0x20010db8)	/* documentation */
		return false;
	if (bytes_get32(ip) >> 12 == 0x3fff0000 >> 12) /* documentation */
		return false;
	return true;
}

bool
addr_is_public(const struct addr *a)
{
	struct addr plain = *a;

	addr_unmap(&plain);
	if (addr_is_v4(&plain))
		return v4_is_public(ntohl(plain.v4.sin_addr.s_addr));
	return addr_is_v6(&plain) && v6_is_public(plain.v6.sin6_addr.s6_addr);
}

void
addr_unmap(struct addr *a)
{
	uint8_t ip[4];
	uint16_t port;

	if (!addr_is_v6(a) || !IN6_IS_ADDR_V4MAPPED(&a->v6.sin6_addr))
		return;
	port = addr_port(a);
	memcpy(ip, a->v6.sin6_addr.s6_addr + 12, sizeof(ip));
	addr_from_bytes(a, ip, sizeof(ip), port);
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_equal_ip(a, b) && addr_port(a) == addr_port(b);
}

bool
addr_equal_ip(const struct addr *a, const struct addr *b)
{
	size_t a_bytes, b_bytes;
	const uint8_t *a_ip = addr_ip(a, &a_bytes);
	const uint8_t *b_ip = addr_ip(b, &b_bytes);

	return a_bytes == b_bytes && memcmp(a_ip, b_ip, a_bytes) == 0;
}
