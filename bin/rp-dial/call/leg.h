/*
 * leg: our signalling connection for one call. It comes back by itself: when
 * the connection breaks it goes to the same switch with RESUME, again and
 * again, and sends what had not been answered once more. It does so at once if
 * the connection had stood for some time, else after a pause that doubles.
 * Requests are answered in order; what is sent while away waits.
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
	const char *server_name;
	const char *number, *token;
	uint32_t deadline_ms;		/* of the first connection */
	enum tlsrace_by race;		/* as in signal_client_options */
	bool smelt;
	struct tickets *tickets;	/* likewise */
	bool more;			/* of the first connection, likewise */
	const char *missing;		/* likewise; copied */
};

struct leg_handlers {
	/* The answer to the first request, of any status. */
	void (*first)(const struct sigmsg *msg, void *arg);
	/* The other side or the switch says something. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* The connection broke. */
	void (*away)(void *arg);
	/*
	 * RESUME was answered: we are back, or still there. A status of 429, or
	 * of 500 and more, is none of the call: what it asks for is not to be
	 * had now, and all else goes on.
	 */
	void (*back)(const struct sigmsg *msg, void *arg);
	/*
	 * Nobody listens where the switch was: it is dead, or something on the
	 * way says so. The leg goes on trying.
	 */
	void (*nobody)(void *arg);
	/* What a request was answered, RESUME too if the call is over: not 200. */
	void (*refused)(enum sigmsg_method asked, const struct sigmsg *msg,
	    void *arg);
	/* There never was a connection. Nothing follows. */
	void (*failed)(int err, const char *why, void *arg);
};

/*
 * Connect to the first of addrs that works and send first. All strings of
 * options must outlive the leg. No handler is called before this returns;
 * leg_free is allowed within any.
 */
int leg_new(struct leg **out, struct event_base *loop,
    const struct addr addrs[], size_t n, const struct leg_options *options,
    const struct leg_handlers *handlers, void *arg,
    const struct sigmsg *first);

/* Further addresses for the first connection, as in signal_client_add. */
void leg_add(struct leg *leg, const struct addr addrs[], size_t n, bool more,
    const char *missing);

/* The call's id, and where it is resumed: there, at the switch's address. */
void leg_session(struct leg *leg, const char *session,
    const char *server_name, uint16_t port);

/*
 * Send a request for the session. body is copied; strings may be NULL.
 * -ENOBUFS if too much waits, -ENOTCONN without a session.
 */
int leg_send(struct leg *leg, enum sigmsg_method method, const char *reason,
    const char *content_type, const char *body, size_t len);

/*
 * The last request: done is called once it is answered, or cannot be within a
 * second, or at once from the loop if there is nobody to tell. No other
 * handler follows.
 */
void leg_finish(struct leg *leg, enum sigmsg_method method,
    const char *reason, void (*done)(void *arg));

/*
 * The network has changed: find out whether the connection still stands. False:
 * it does not, and RESUME follows by itself.
 */
bool leg_moved(struct leg *leg);

/* For the report: NULL before there was a connection. */
const struct signal_client *leg_client(const struct leg *leg);

/* NULL is fine. */
void leg_free(struct leg *leg);

#endif
