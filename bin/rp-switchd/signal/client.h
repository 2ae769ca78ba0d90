/*
 * client: one connection's client, as front keeps it and routes serves it.
 */
#ifndef RP_SWITCHD_CLIENT_H
#define RP_SWITCHD_CLIENT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "calls/calls.h"
#include "directory/directory.h"
#include "wire/addr.h"

struct conn;
struct signal_server;
struct routes;

struct client {
	LIST_ENTRY(client) of_front;
	struct signal_server *server;
	struct routes *routes;
	struct conn *conn;
	struct addr peer;
	struct calls_who who;		/* who.link is this connection's */
	bool known;			/* who holds: it has authenticated */
	/* While a request waits for the directory: */
	const struct sigmsg *request;
	struct directory_request *lookup;
};

#endif
