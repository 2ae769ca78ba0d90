/*
 * signal_client: the client's side of signalling (rp-signal(7)): multi-connect
 * to a switch, TLS, and one persistent connection with requests both ways.
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
struct jwt_key;
struct tickets;
struct tls_config;
struct signal_client;

/*
 * The answer to a request, of any status, valid during the call. If the first
 * request fails or gets 503, the switch is struck and the next one is tried.
 * The handler sees only the answer of a switch that works.
 */
typedef void signal_client_answer(const struct sigmsg *msg, void *arg);

struct signal_client_options {
	struct tls_config *tls;		/* must outlive the client */
	const char *server_name;	/* the name in the certificate */
	const char *number, *token;	/* NULL: no credentials */
	const struct jwt_key *key;	/* in place of the token, which is not
					 * told then; must outlive the client */
	uint32_t deadline_ms;	/* for races, TLS and the first answer */
	uint32_t keepalive_ms;		/* between pings when open; 0: none */
	enum tlsrace_by race;		/* what decides the race */
	unsigned proxy_races;		/* as in tlsrace_options */
	struct tickets *tickets;	/* used and kept; NULL: none */
	/*
	 * A request that leaves right behind the first one, without waiting for
	 * its answer, though never as early data; copied. NULL: none.
	 */
	const struct sigmsg *then;
	signal_client_answer *then_answer;
	bool more;			/* as in signal_client_add */
	const char *missing;		/* likewise; copied */
};

struct signal_client_times {		/* monotonic ns; 0: not yet */
	uint64_t start, connected, tls, answered;
};

struct signal_client_handlers {
	/*
	 * The switch forwards a request, which has been answered 200 by then.
	 */
	void (*request)(const struct sigmsg *msg, void *arg);
	/*
	 * The first request has left, with what follows it, for a switch whose
	 * certificate we trust. It comes again if that one is struck. May be
	 * NULL.
	 */
	void (*asked)(void *arg);
	/*
	 * The connection is lost, or none could be made. Nothing follows, and
	 * outstanding answers never come; free the client. `why` is one line.
	 *
	 *   -ECONNREFUSED, -EHOSTUNREACH, -ETIMEDOUT, -EPROTO, -ECONNRESET
	 *   -EACCES  no certificate that we trust
	 *   -EBUSY   every switch answered 503
	 */
	void (*closed)(int err, const char *why, void *arg);
};

/*
 * Race `addrs`, and send `first` (copied) as soon as TLS is ready. INITIATE and
 * RING go with the ClientHello if there is a ticket. Handlers and answers are
 * never called before this returns, and each may call signal_client_free.
 * Return -EINVAL or -EMSGSIZE if `first` cannot be written.
 */
int signal_client_new(struct signal_client **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct signal_client_options *options,
    const struct signal_client_handlers *handlers, void *arg,
    const struct sigmsg *first, signal_client_answer *answer);

/*
 * Add further addresses of the switches, which are copied; `n` may be 0. They
 * join the race while it runs. `more` says that others may follow: until a call
 * without it, the race does not end before the deadline for lack of addresses.
 * `missing` (copied; may be NULL) says why there are not more, and becomes part
 * of `why` if nobody is left. -ENOMEM is as in multiconnect_add.
 */
int signal_client_add(struct signal_client *client, const struct addr addrs[],
    size_t n, bool more, const char *missing);

/*
 * Send a request; answers come in order.
 *
 *   -ENOTCONN  before the first answer, and after `closed`
 *   -ENOBUFS   too many are outstanding
 *   -EINVAL, -EMSGSIZE
 */
int signal_client_request(struct signal_client *client,
    const struct sigmsg *msg, signal_client_answer *answer, void *arg);

/*
 * Within an answer: the switch works, but not for us, as one whose directory
 * cannot be written. Strike it, and send the first request to the next one;
 * other requests that are outstanding are forgotten. The answer of the first
 * request is called again, or `closed` with the last failure.
 *
 *   -ENOENT  there is no other, or no time: the connection stands
 */
int signal_client_next(struct signal_client *client);

/*
 * Check the connection after this host's network has changed. If our address is
 * gone, return false; `closed` is then called at once, from the loop. Otherwise
 * it is called if a ping is not answered within two seconds. Before the first
 * answer return false, too: the race then begins again in the time that is
 * left, unless that would repeat an INITIATE.
 */
bool signal_client_moved(struct signal_client *client);

/*
 * Return the outcome of every address, in the order given, valid until some are
 * added.
 */
const struct multiconnect_entry *signal_client_race(
    const struct signal_client *client, size_t *n);
const struct signal_client_times *signal_client_times(
    const struct signal_client *client);

/* As tlsrace_proxy_races. Ask it after the first answer. */
unsigned signal_client_proxy_races(const struct signal_client *client);

/* Was a session resumed, and the first request sent as early data? */
bool signal_client_resumed(const struct signal_client *client);
bool signal_client_early(const struct signal_client *client);

/* Return the switch's address after it answered, else NULL. */
const struct addr *signal_client_addr(const struct signal_client *client);

/* Close at once and free; no handler follows. NULL is fine. */
void signal_client_free(struct signal_client *client);

#endif
