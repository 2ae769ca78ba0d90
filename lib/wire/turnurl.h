/*
 * turnurl: the URI of a TURN server (RFC 7065), such as
 * "turn:192.0.2.1:3478?transport=udp" and "turns:s1.example.org:443". Pure.
 */
#ifndef RP_WIRE_TURNURL_H
#define RP_WIRE_TURNURL_H

#include "wire/hostport.h"

enum turnurl_transport {
	TURNURL_UDP,
	TURNURL_TCP,
	TURNURL_TLS
};

struct turnurl {
	enum turnurl_transport transport;	/* by default UDP for turn:,
						 * TLS for turns: */
	struct hostport at;		/* by default port 3478 or 5349 */
};

/*
 * Parse a URI. Return -EINVAL if it is not a TURN URI, or for another transport
 * (DTLS).
 */
int turnurl_parse(struct turnurl *out, const char *text);

#endif
