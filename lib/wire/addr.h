/*
 * addr: an IPv4 or IPv6 transport address (RFC 8489 calls it that) as one
 * value, with its text form. Pure: nothing here resolves names.
 */
#ifndef RP_WIRE_ADDR_H
#define RP_WIRE_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Embedded everywhere by value, hence not opaque. Zeroed: no address. */
struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

/* "[ffff:...]:65535" with a scope never kept, and its NUL. */
#define ADDR_TEXT 56

/*
 * Parse "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80".
 * Without a port in the text the address gets port. -EINVAL if it is none.
 */
int addr_parse(struct addr *out, const char *text, uint16_t port);

/* Copy a socket address. -EAFNOSUPPORT unless it is IPv4 or IPv6. */
int addr_from_sockaddr(struct addr *out, const struct sockaddr *sa,
    socklen_t len_bytes);

/* From 4 or 16 network-order bytes and a host-order port. */
int addr_from_bytes(struct addr *out, const uint8_t *ip, size_t ip_bytes,
    uint16_t port);

/* The length that bind(2) and friends want. */
socklen_t addr_len(const struct addr *a);

/* "192.0.2.1:80" or "[2001:db8::1]:80"; returns text. */
const char *addr_format(const struct addr *a, char text[static ADDR_TEXT]);

/* "192.0.2.1" or "2001:db8::1"; returns text. */
const char *addr_format_ip(const struct addr *a, char text[static ADDR_TEXT]);

/* Host order. */
uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);

/* The address bytes in network order: 4 or 16 of them. */
const uint8_t *addr_ip(const struct addr *a, size_t *ip_bytes);

bool addr_is_v4(const struct addr *a);
bool addr_is_v6(const struct addr *a);
bool addr_is_any(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

/*
 * Is it an address of the public Internet? Not so: loopback, private (RFC
 * 1918, 4193, 6598), link-local, multicast, reserved, documentation, and the
 * IPv4-mapped, -compatible, 6to4, Teredo and NAT64 forms of such.
 */
bool addr_is_public(const struct addr *a);

/*
 * The IPv4 address to which an IPv6 address leads, by NAT64 (RFC 6052) or 6to4
 * (RFC 3056). False if it is of neither.
 */
bool addr_embedded_v4(const struct addr *a, struct addr *v4);

/* An IPv4-mapped IPv6 address becomes the IPv4 address it stands for. */
void addr_unmap(struct addr *a);

bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_equal_ip(const struct addr *a, const struct addr *b);

#endif
