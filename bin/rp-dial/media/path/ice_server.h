/*
 * ice_server: one address and transport of a TURN server with its credentials,
 * as the switch hands them out (RFC 8656; "iceServers" in rp-signal(7)).
 */
#ifndef RP_DIAL_ICE_SERVER_H
#define RP_DIAL_ICE_SERVER_H

#include <stdbool.h>

#include "turn_client/turn_client.h"
#include "wire/addr.h"

struct media_ice_server {
	struct addr addr;
	bool literal;			/* the switch named an address */
	bool refused;			/* and it is none of the switch's */
	enum turn_client_via via;	/* zeroed: UDP */
	char username[128];
	char credential[64];
	char realm[128], nonce[128];	/* "": the server will send them */
	char name[256];			/* TLS: the name in its certificate */
};

#endif
