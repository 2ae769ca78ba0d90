/*
 * redis_server: one server that may hold the directory, and what it is good
 * for. A server may answer everything but look-ups: one that was restarted
 * without its data, is loading it, has lost its primary, or denies us the
 * command. Such a server would report every subscriber as unknown. Therefore it
 * is probed with what calls need.
 */
#ifndef RP_DIRECTORY_REDIS_SERVER_H
#define RP_DIRECTORY_REDIS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "directory/redis_link.h"
#include "wire/why.h"

#define REDIS_SERVER_STEADY 8	/* good probes, in two seconds, make it so */

enum redis_role {
	REDIS_UNKNOWN,		/* not asked yet, or we may not ask */
	REDIS_MASTER,
	REDIS_REPLICA
};

struct redis_server {
	struct redis_link link;		/* first, for its handlers */
	/* Set by the owner: */
	void (*changed)(struct redis_server *server);	/* what follows did */
	void *owner;
	struct redis_server *next;
	uint32_t rank;			/* the least is read first */
	bool named;			/* in the owner's present list */
	bool quiet;			/* do not log that it is empty */

	bool attempted;			/* the first attempt has ended */
	bool holds;			/* rp:schema is there and right */
	bool reads;			/* and a look-up is answered */
	bool empty;			/* rp:schema is not there */
	enum redis_role role;
	size_t replicas;		/* of a master, connected to it */
	bool cut;			/* it was good, until the connection
					 * was lost a moment ago */
	bool lost;			/* it was good not long ago */
	bool slots;			/* a script's keys may not be named */
	unsigned good;			/* good probes in a row */
	uint32_t rtt_us;		/* of a probe, the least of some */
	char why[WHY_TEXT];		/* not `reads`; "": not known yet */

	bool probing, again;		/* private, as are: */
	bool probe_holds, probe_empty, probe_reads;
	uint64_t probe_ns;
};

/* Connect, or probe. Call it every quarter of a second. */
void redis_server_tick(struct redis_server *server);

/* Probe now, because something failed. */
void redis_server_doubt(struct redis_server *server);

/* Report that it is unusable. The log says why, once. */
void redis_server_fault(struct redis_server *server, const char *why);

/* Make it a directory: set rp:schema if it is missing, and probe. */
void redis_server_make(struct redis_server *server);

/* Write "HOST:PORT" or a socket's path for a log or a person. */
#define REDIS_SERVER_TEXT 320
const char *redis_server_name(const struct redis_server *server,
    char text[static REDIS_SERVER_TEXT]);

#endif
