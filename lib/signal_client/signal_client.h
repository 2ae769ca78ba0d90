/*
 * signal_client: a client's side of signalling (rp-signal(7)): multi-connect
 * to a switch, TLS, one persistent connection, requests both ways.
 */
#ifndef RP_SIGNAL_CLIENT_H
#define RP_SIGNAL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/multiconnect.h"
#include "net/tlsrace.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

struct event_base;
struct tickets;
struct tls_config;
struct signal_client;

struct signal_client_options {
	struct tls_config *tls;		/* must outlive the client */
	const char *server_name;	/* what the certificate must be for */
	const char *number, *token;	/* NULL: no credentials */
	uint32_t deadline_ms;		/* races, TLS and the first answer */
	uint32_t keepalive_ms;		/* between pings once open; 0: none */
	enum tlsrace_by race;		/* what decides it */
	bool smelt;			/* signal_client_smells, last time */
	struct tickets *tickets;	/* used and kept; NULL: none */
	bool more;			/* as in signal_client_add */
	const char *missing;		/* likewise; copied */
};

struct signal_client_times {		/* monotonic ns; 0: not yet */
	uint64_t start, connected, tls, answered;
};

struct signal_client_handlers {
	/* The switch passes a request on; it has been answered 200 by then. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/*
	 * The connection is gone, or none could be had: -ECONNREFUSED,
	 * -EHOSTUNREACH, -ETIMEDOUT, -EACCES (no certificate we trust), -EBUSY
	 * (every switch answered 503), -EPROTO, -ECONNRESET. why is one line.
	 * Nothing follows, and the answers that are still out never come;
	 * free it.
	 */
	void (*closed)(int err, const char *why, void *arg);
};

/*
 * The answer to a request, of any status. Valid during the call. The first
 * request's failure, or a 503 to it, strikes the switch and tries the next; it
 * is only called with the answer of a switch that works.
 */
typedef void signal_client_answer(const struct sigmsg *msg, void *arg);

/*
 * Race addrs; first (copied) is sent as soon as TLS stands or, if it is INITIATE
 * or RING and there is a ticket, with the ClientHello. Handlers and
 * answers are never called before this returns; signal_client_free is allowed
 * within any of them. -EINVAL, -EMSGSIZE: first cannot be written.
 */
int signal_client_new(struct signal_client **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct signal_client_options *options,
    const struct signal_client_handlers *handlers, void *arg,
    const struct sigmsg *first, signal_client_answer *answer);

/*
 * Further addresses of the switches (copied; n may be 0), which join the race
 * while it runs. more: others may follow, and until a call without it nobody is
 * told to be left before the deadline. missing (copied; NULL: nothing): why there
 * are not more, which is said too if there is nobody. -ENOMEM: as in
 * multiconnect_add.
 */
int signal_client_add(struct signal_client *client, const struct addr addrs[],
    size_t n, bool more, const char *missing);

/*
 * Send a request; its answer comes in order. -ENOTCONN before the first answer
 * and after closed, -ENOBUFS if too many are out, -EINVAL, -EMSGSIZE.
 */
int signal_client_request(struct signal_client *client,
    const struct sigmsg *msg, signal_client_answer *answer, void *arg);

/*
 * This host's network has changed: is the connection still there? If our
 * address is gone, false, and closed is called at once (from the loop); else
 * if a ping is not answered within two seconds.
 */
bool signal_client_moved(struct signal_client *client);

/*
 * Every address and what became of it, in the order given; valid until some are
 * added.
 */
const struct multiconnect_entry *signal_client_race(
    const struct signal_client *client, size_t *n);
const struct signal_client_times *signal_client_times(
    const struct signal_client *client);
/* Is TCP completed by something before the switches (net/tlsrace.h)? */
bool signal_client_smells(const struct signal_client *client);

/* Was a session resumed, and the first request sent early in it? */
bool signal_client_resumed(const struct signal_client *client);
bool signal_client_early(const struct signal_client *client);

/* The switch's address once it answered, else NULL. */
const struct addr *signal_client_addr(const struct signal_client *client);

/* Close at once; nothing follows. NULL is fine. */
void signal_client_free(struct signal_client *client);

#endif
