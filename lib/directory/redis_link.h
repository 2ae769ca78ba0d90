/*
 * redis_link: a connection to a Redis server that holds a directory. It
 * reconnects when it is lost or silent. It is up only while the server answers
 * as a look-up requires. A server may answer everything else: one that was
 * restarted without its data, is loading it, has lost its primary, or denies us
 * the command. Such a server would report every subscriber as unknown.
 */
#ifndef RP_DIRECTORY_REDIS_LINK_H
#define RP_DIRECTORY_REDIS_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include <hiredis/async.h>

#include "base/log.h"
#include "directory/redis_guard.h"
#include "wire/addr.h"

struct event_base;

#define REDIS_PASSWORD 128

struct redis_server {
	struct addr addr;
	char password[REDIS_PASSWORD];	/* "": none */
	int database;
	bool reads;			/* used for look-ups */
};

/* Embedded: an engine has two, and their callbacks lead back to it. */
struct redis_link {
	/* Set by the owner before anything is called. */
	struct redis_server server;
	struct event_base *loop;
	void (*changed)(struct redis_link *link, void *arg);
	void *arg;
	bool up;

	redisAsyncContext *context;	/* or NULL; its data is the link */
	struct redis_guard guard;	/* of context */
	bool refused;			/* by AUTH or SELECT */
	bool probing;			/* a probe is on its way */
	bool holds;			/* its first half found a directory */
	unsigned asked;			/* commands without a reply */
	uint64_t heard_ms;		/* the last reply, or first command */
	char fault[LOG_TEXT];	/* why it is down, as logged; "": it is up */
};

/*
 * Connect, and check whether the server is usable. All of these functions
 * belong to the loop's thread, none blocks, and each may call `changed`.
 */
void redis_link_open(struct redis_link *link);

/* Close the link. Pending commands get a NULL reply before this returns. */
void redis_link_close(struct redis_link *link);

/*
 * Reconnect if the link is lost, else check that the server is still usable.
 * Call it periodically.
 */
void redis_link_tick(struct redis_link *link);

/* Count a command of the owner's that was sent on `context`, or its reply. */
void redis_link_asked(struct redis_link *link);
void redis_link_answered(struct redis_link *link);

/* Mark the link down because the server is unusable. The log says why, once. */
void redis_link_fault(struct redis_link *link, const char *why);

#endif
