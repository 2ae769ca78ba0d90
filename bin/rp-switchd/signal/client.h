/*
 * client: the client of one connection. signal_server keeps it, and routes
 * serves its requests.
 */
#ifndef RP_SWITCHD_CLIENT_H
#define RP_SWITCHD_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/pace.h"
#include "calls/calls.h"
#include "signal/guests.h"
#include "signal/places.h"
#include "signal/request.h"
#include "wire/addr.h"

struct conn;
struct directory_request;
struct routes;
struct routes_options;
struct signal_server;

struct client {
	LIST_ENTRY(client) of_server;
	struct signal_server *server;
	struct routes *routes;
	const struct routes_options *env;	/* what handlers work with */
	struct conn *conn;
	struct calls_who who;		/* who.link is this connection's */
	struct place place;
	bool at_call_port;
	struct guest_terms guest;	/* if `who` is one */
	bool known;		/* `who` is valid: it has authenticated */
	bool by_call;	/* only its call says so: see routes */
	int refused;	/* it may not go on: the status to say so; 0: it may */
	struct pace changes;	/* to other credentials on this connection */
	struct request request;		/* the open one */

	/* For standing: */
	TAILQ_ENTRY(client) of_standing;
	bool queued;
	uint64_t looked_ms;	/* when it was looked up last */
	struct directory_request *recheck;	/* NULL: none is pending */
};

#endif
