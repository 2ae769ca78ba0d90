/*
 * hostport: a host, by name or literal address, and a TCP port, as people write
 * them. Pure: nothing here resolves names.
 */
#ifndef RP_WIRE_HOSTPORT_H
#define RP_WIRE_HOSTPORT_H

#include <stdbool.h>
#include <stdint.h>

#define HOSTPORT_NAME 256		/* a host and its NUL */
#define HOSTPORT_TEXT (HOSTPORT_NAME + 8)	/* "[", "]:65535" */

struct hostport {
	char name[HOSTPORT_NAME];	/* without brackets */
	uint16_t port;
};

/*
 * Parse "NAME", "NAME:PORT", "192.0.2.1:PORT", "2001:db8::1" or
 * "[2001:db8::1]:PORT". The result gets `port` if the text has none. Return
 * -EINVAL for any other form, or if the port is 0.
 */
int hostport_parse(struct hostport *out, const char *text, uint16_t port);

/*
 * Write the host and port, an IPv6 address in brackets, into `text`, and return
 * it.
 */
const char *hostport_format(const struct hostport *hostport,
    char text[static HOSTPORT_TEXT]);

/*
 * Is it a host's name (RFC 1123 2.1), without a port? A dot may follow it. An
 * underscore is accepted, because hosts have such names in spite of the RFC.
 * A name that browsers would read as an address is refused: one whose last part
 * is digits alone.
 */
bool hostport_is_name(const char *text);

/*
 * Drop the last dot of a full name ("rp.example.org."). DNS takes it; SNI and
 * certificates are without (RFC 6066 3).
 */
void hostport_undot(char *name);

#endif
