/*
 * answers: the JSON that the switch answers with.
 */
#ifndef RP_SWITCHD_ANSWERS_H
#define RP_SWITCHD_ANSWERS_H

#include <stddef.h>

#include "wire/addr.h"

struct calls_reply;
struct settings;

#define ANSWERS_NONCE 30

/* What is the same for all. */
struct answers {
	const struct settings *settings;
	uint16_t call_port, answer_port;
	const struct addr *turn;	/* as bound, the relay's addresses */
	size_t n_turn;
	const struct addr *tcp, *tls;	/* likewise */
	size_t n_tcp, n_tls;
	const struct addr *external;	/* of the relay, behind 1:1 NAT */
	/* The relay's nonce for that username; NULL: it is to challenge. */
	void (*nonce)(const char *username, char nonce[static ANSWERS_NONCE],
	    void *arg);
	void *arg;
};

/*
 * To INITIATE, RING and RESUME. local: our address as this client reached it.
 * malloc'd; NULL if out of memory or if the offer is no UTF-8.
 */
char *answers_session(const struct answers *answers,
    const struct calls_reply *reply, const struct addr *local);

/*
 * To GET /relay: for all parties of that call. local as above; malloc'd, or
 * NULL if out of memory.
 */
char *answers_relay(const struct answers *answers, const char *session,
    unsigned lifetime_s, const struct addr *local);

/* To GET /push/key; there must be one. */
char *answers_push_key(const struct answers *answers);

/* To GET /switches: this one first, then the others that are configured. */
char *answers_switches(const struct answers *answers);

#endif
