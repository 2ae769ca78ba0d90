/*
 * redis_link: a connection to a Redis server that holds a directory. It is made
 * again when it is lost or silent, and it is up only while the server answers
 * as a look-up needs it. Servers that answer everything else are common: one
 * that was restarted without its data, loads it, has lost its primary, or
 * forbids us the command. Such a one would call every subscriber unknown.
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
	bool reads;			/* look-ups are asked here */
};

/* Embedded: an engine has two, and their callbacks lead back to it. */
struct redis_link {
	/* The owner's, set before anything is called. */
	struct redis_server server;
	struct event_base *loop;
	void (*changed)(struct redis_link *link, void *arg);
	void *arg;
	bool up;

	redisAsyncContext *context;	/* NULL: none; its data is the link */
	struct redis_guard guard;	/* of it */
	bool refused;			/* by AUTH or SELECT */
	bool probing;			/* a probe is on its way */
	bool holds;			/* its first half said: a directory */
	unsigned asked;			/* commands without a reply */
	uint64_t heard_ms;		/* the last reply, or first question */
	char fault[LOG_TEXT];		/* why it is down, as logged; "": not */
};

/*
 * Connect, and find out whether the server is of use. All of these belong to
 * the loop's thread, none blocks, and each may call changed.
 */
void redis_link_open(struct redis_link *link);

/* Away with it: what was asked is answered NULL before this returns. */
void redis_link_close(struct redis_link *link);

/* Now and then: make it again if it is lost, else see if it is still of use. */
void redis_link_tick(struct redis_link *link);

/* A command of the owner's was sent on context, or answered. */
void redis_link_asked(struct redis_link *link);
void redis_link_answered(struct redis_link *link);

/* The server turned out to be of no use: it is down. The log says why, once. */
void redis_link_fault(struct redis_link *link, const char *why);

#endif
