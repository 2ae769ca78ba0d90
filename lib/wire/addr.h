/*
 * addr: an IPv4 or IPv6 transport address (RFC 8489) as one value, with its
 * text form. Pure: nothing here resolves names.
 */
#ifndef RP_WIRE_ADDR_H
#define RP_WIRE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * Embedded everywhere by value, and therefore not opaque. All zero means no
 * address.
 */
struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/* The longest text is "[ffff:...]:65535" and a NUL; a scope is never kept. */
#define ADDR_TEXT 56

/*
 * Parse "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80". The
 * address gets `port` if the text has none. Return -EINVAL for anything else.
 */
int addr_parse(struct addr *out, const char *text, uint16_t port);

/* Copy a socket address. Return -EAFNOSUPPORT unless it is IPv4 or IPv6. */
int addr_from_sockaddr(struct addr *out, const struct sockaddr *sa,
    socklen_t len_bytes);

/* Make an address from 4 or 16 network-order bytes and a host-order port. */
int addr_from_bytes(struct addr *out, const uint8_t *ip, size_t ip_bytes,
    uint16_t port);

/* Return the length that bind(2) and connect(2) expect. */
socklen_t addr_len(const struct addr *a);

/* Write "192.0.2.1:80" or "[2001:db8::1]:80" into `text`, and return it. */
const char *addr_format(const struct addr *a, char text[static ADDR_TEXT]);

/* Write "192.0.2.1" or "2001:db8::1" into `text`, and return it. */
const char *addr_format_ip(const struct addr *a, char text[static ADDR_TEXT]);

/* Get or set the port, in host order. */
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);

/* Return the 4 or 16 address bytes, in network order. */
const uint8_t *addr_ip(const struct addr *a, size_t *ip_bytes);

bool addr_is_v4(const struct addr *a);
bool addr_is_v6(const struct addr *a);
bool addr_is_any(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

/*
 * Can a packet of one host to another have it as its source? No for the
 * unspecified address, for multicast, for 240.0.0.0/4 with the broadcast
 * address, and for an IPv6 link-local one, whose scope is never kept.
 */
bool addr_is_unicast(const struct addr *a);

/*
 * Is it an address of the public Internet? These are not:
 *
 *   - loopback, link-local, multicast, reserved and documentation addresses
 *   - private addresses (RFC 1918, 4193, 6598)
 *   - the IPv4-mapped, -compatible, 6to4, Teredo and NAT64 forms of these
 */
bool addr_is_public(const struct addr *a);

/*
 * Extract the IPv4 address that an IPv6 address embeds, by NAT64 (RFC 6052) or
 * 6to4 (RFC 3056). Return false if it has neither form.
 */
bool addr_embedded_v4(const struct addr *a, struct addr *v4);

/* Replace an IPv4-mapped IPv6 address by the IPv4 address in it. */
void addr_unmap(struct addr *a);

bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_equal_ip(const struct addr *a, const struct addr *b);

#endif
