/*
 * leg: our signalling connection for one call. It restores itself: when the
 * connection breaks, it connects to the same switch again, sends RESUME, and
 * repeats the requests that were not answered. It does so at once if the
 * connection had stood for some time, otherwise after a pause that doubles. If
 * there is no route to the switch's address any more, its name is looked up.
 * Requests are answered in order. A request sent during an outage waits.
 */
#ifndef RP_DIAL_LEG_H
#define RP_DIAL_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signal_client/signal_client.h"
#include "wire/sigmsg.h"

struct event_base;
struct leg;
struct tickets;
struct tls_config;

struct leg_options {
	struct tls_config *tls;
	const char *server_name;	/* to look up, until leg_session */
	const char *certified;	/* what every certificate must be valid for */
	const char *number, *token;	/* as in signal_client_options */
	const struct jwt_key *key;
	uint32_t deadline_ms;		/* of the first connection */
	enum tlsrace_by race;		/* as in signal_client_options */
	unsigned proxy_races;
	struct tickets *tickets;	/* likewise */
	bool more;			/* of the first connection, likewise */
	const char *missing;		/* likewise; copied */
	const struct sigmsg *then;	/* behind the first request, likewise;
					 * a request without a body */
};

struct leg_handlers {
	/* The answer to the first request, of any status. */
	void (*first)(const struct sigmsg *msg, void *arg);
	/* As in signal_client_handlers, for the first connection. */
	void (*asked)(void *arg);
	/* A request of the other side or of the switch. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* The connection broke. */
	void (*away)(void *arg);
	/*
	 * RESUME was answered: the connection is back, or still stands. A
	 * status of 429, or of 500 and more, does not concern the call. Only
	 * the credentials that RESUME asks for are unavailable now; everything
	 * else goes on.
	 */
	void (*back)(const struct sigmsg *msg, void *arg);
	/*
	 * A try to come back has failed. The leg keeps trying.
	 *
	 *  -ECONNREFUSED  nothing listens at the switch's address: the switch
	 *                 is dead, or a host on the way claims so
	 *  -EBUSY         it has answered RESUME by 503: it is there, and does
	 *                 not know yet who we are
	 *  others         it does not answer
	 */
	void (*missed)(int err, void *arg);
	/*
	 * The answer other than 200 to a request, including RESUME if the call
	 * is over.
	 */
	void (*refused)(enum sigmsg_method asked, const struct sigmsg *msg,
	    void *arg);
	/* No connection was ever established. No handler follows. */
	void (*failed)(int err, const char *why, void *arg);
};

/*
 * Connect to the first address of `addrs` that works and send `first`. All
 * strings of `options` but `missing` must outlive the leg. No handler is called
 * before this returns. leg_free is allowed within any handler.
 */
int leg_new(struct leg **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct leg_options *options,
    const struct leg_handlers *handlers, void *arg,
    const struct sigmsg *first);

/* Add addresses for the first connection, as in signal_client_add. */
void leg_add(struct leg *leg, const struct addr addrs[], size_t n, bool more,
    const char *missing);

/*
 * Set the call's id and the target of RESUME: this name and port, at the
 * switch's address. The certificate there must be valid for the same name as
 * that of the first connection, because a switch could name any other host.
 */
void leg_session(struct leg *leg, const char *session,
    const char *server_name, uint16_t port);

/*
 * Send a request for the session, which waits for leg_session if that has not
 * come. `body` is copied; strings may be NULL.
 *
 *  -ENOBUFS   too much is waiting
 */
int leg_send(struct leg *leg, enum sigmsg_method method, const char *reason,
    const char *content_type, const char *body, size_t len);

/*
 * Send the last request. `done` is called once it is answered or a second has
 * passed, or from the loop at once if there is no connection. No other handler
 * follows. With `again` a connection that is missing, or breaks, is replaced
 * within that second, unless nobody listens there.
 */
void leg_finish(struct leg *leg, enum sigmsg_method method,
    const char *reason, bool again, void (*done)(void *arg));

/*
 * Check, after the network has changed, whether the connection still stands.
 * Return false if it does not; RESUME then follows by itself.
 */
bool leg_moved(struct leg *leg);

/* Return the connection, for the report; NULL before there was one. */
const struct signal_client *leg_client(const struct leg *leg);

/* Free the leg. NULL is allowed. */
void leg_free(struct leg *leg);

#endif
