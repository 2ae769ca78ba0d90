/*
 * answers: the JSON bodies of the switch's answers.
 */
#ifndef RP_SWITCHD_ANSWERS_H
#define RP_SWITCHD_ANSWERS_H

#include <stddef.h>

#include <jansson.h>

#include "wire/addr.h"
#include "wire/turncred.h"

struct calls_reply;
struct settings;

/* The values that all answers share. */
struct answers {
	const struct settings *settings;
	uint16_t call_port, answer_port;
	const struct addr *turn;	/* the relay's addresses, as bound */
	size_t n_turn;
	const struct addr *tcp, *tls;	/* likewise */
	size_t n_tcp, n_tls;
	const struct addr *web;		/* of the page; NULL: none here */
	const struct addr *external;	/* of the relay, behind 1:1 NAT */
	struct addr relayed;	/* IPv4 of clients that come by IPv6 */
	/* Get the relay's nonce for that username. NULL: let it challenge. */
	void (*nonce)(const char *username, char nonce[static TURNCRED_NONCE],
	    void *arg);
	void *arg;
};

/*
 * Return the `iceServers` of a party that reaches us at `local` or, if that is
 * not NULL, at `other`. NULL if out of memory.
 */
json_t *answers_ice_servers(const struct answers *answers, const char *session,
    const char *party, const struct addr *local, const struct addr *other);

/*
 * Find the IP address that the relay gives a client that reaches us at `local`,
 * and asks for no family. Return false if it has none.
 */
bool answers_relayed(const struct answers *answers, const struct addr *local,
    struct addr *out);

/*
 * Answer INITIATE, RING and RESUME. `local` is our address as this client
 * reached it. The caller frees the result. NULL if out of memory, or if the
 * offer is not UTF-8.
 */
char *answers_session(const struct answers *answers,
    const struct calls_reply *reply, const struct addr *local);

/*
 * Would the answer with this offer to a callee still be short enough for its
 * client? An offer grows there, because it is a JSON string.
 */
bool answers_has_room(const struct answers *answers, const char *offer,
    size_t offer_len);

/*
 * Answer GET /relay, for all parties of that call. `local` is as above. The
 * caller frees the result. NULL if out of memory.
 */
char *answers_relay(const struct answers *answers, const char *session,
    unsigned lifetime_s, const struct addr *local);

/* Answer GET /push/key; a key must be configured. */
char *answers_push_key(const struct answers *answers);

/*
 * Answer GET /switches: this switch first, then the others that are configured.
 */
char *answers_switches(const struct answers *answers);

/*
 * Make rp.json for a page that was asked for by `name`, which is a name of this
 * switch or the region, or "". A `plain_port` that is not 0 means that the page
 * connects to `name` alone, at that port and without TLS. The caller frees the
 * result. NULL if out of memory.
 */
char *answers_page(const struct answers *answers, const char *name,
    uint16_t plain_port);

#endif
