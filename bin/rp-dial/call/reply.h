/*
 * reply: parse a switch's answers to INITIATE, RING, RESUME and GET /relay.
 * They are JSON objects of rp-signal(7), checked key by key. Pure.
 */
#ifndef RP_DIAL_REPLY_H
#define RP_DIAL_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/media.h"
#include "wire/sigmsg.h"
#include "wire/turnurl.h"
#include "wire/why.h"

#define REPLY_NAME 256
#define REPLY_SERVERS 4
#define REPLY_TRIES (2 * REPLY_SERVERS)	/* see reply_reach.h */

struct json_t;

struct reply {
	char session[SIGMSG_SESSION];	/* sessionId; "" if absent */
	char server_name[REPLY_NAME];	/* serverName; "" if absent */
	uint16_t port;			/* the answer port; 0 if absent */
	unsigned ttl_s; /* of a trial of the relay; 0 if absent */
	char caller[SIGMSG_NUMBER];	/* "" if not said, or no number */
	bool has_caller;		/* the key was there */
	char *offer;			/* NULL if absent */
	/*
	 * The usable entries of iceServers: UDP first, then TCP and TLS. Names
	 * are not looked up: each is the switch's own, and reply_reach knows
	 * its address.
	 */
	struct media_ice_server servers[REPLY_TRIES];
	size_t n_servers;
	size_t n_tries;			/* with further ways to the same */
	bool has_refused;	/* by reply_reach: see there */
	struct addr refused;
};

/*
 * Parse a switch's answer. Unknown keys are skipped, as rp-signal(7) wants.
 * Call reply_clear on success.
 *
 *  -EBADMSG  a known key has the wrong form; `why` holds one line
 */
int reply_parse(struct reply *out, const char *body, size_t len,
    char why[static WHY_TEXT]);
void reply_clear(struct reply *reply);

enum turn_client_via reply_via(enum turnurl_transport transport);

/* As reply_parse, of an object that is part of another. */
int reply_parse_object(struct reply *out, const struct json_t *object,
    char why[static WHY_TEXT]);

#endif
