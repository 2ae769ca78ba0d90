/*
 * ice_server: one way to a TURN server and the credentials for it, as the
 * switch hands them out (RFC 8656; "iceServers" in rp-signal(7)).
 */
#ifndef RP_DIAL_ICE_SERVER_H
#define RP_DIAL_ICE_SERVER_H

#include "turn_client/turn_client.h"
#include "wire/addr.h"

struct media_ice_server {
	struct addr addr;
	enum turn_client_via via;	/* zeroed: UDP */
	char username[128];
	char credential[64];
	char realm[128], nonce[128];	/* "": the server is to say them */
	char name[256];			/* TLS: what its certificate is for */
};

#endif
