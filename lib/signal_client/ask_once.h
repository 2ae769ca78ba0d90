/*
 * ask_once: one request to a switch, for tools that make no call: resolve its
 * name, race its addresses, send the request, and take the answer. The outcome
 * comes as one result, whatever failed on the way.
 */
#ifndef RP_ASK_ONCE_H
#define RP_ASK_ONCE_H

#include <stdint.h>

#include "net/resolve.h"
#include "signal_client/signal_client.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

struct event_base;
struct ask_once;

/* The objects behind the pointers must outlive the request. */
struct ask_once_options {
	const char *name;		/* of the switch, to look up */
	const char *certified;		/* in its certificate; NULL: `name` */
	uint16_t port;
	const struct resolve_options *resolve;
	const struct addr *at;		/* copied: ask there, without a look-up;
					 * or NULL */
	/*
	 * Its server_name, more and missing are ignored: they come from the
	 * name and the look-up.
	 */
	struct signal_client_options client;
};

struct ask_once_result {
	/*
	 * 0, or why there is no answer:
	 *
	 *   -ENOENT, -EAGAIN, -ETIMEDOUT   no address (net/resolve.h)
	 *   -EINVAL, -EMSGSIZE, -ENOMEM    no request could be made
	 *   those of signal_client_handlers.closed
	 */
	int err;
	const char *why;		/* one line; NULL with an answer */
	const struct sigmsg *answer;	/* of any status; NULL without one */
	/* How it went; NULL if nobody was asked. Valid until ask_once_free. */
	const struct signal_client *client;
};

struct ask_once_handlers {
	/*
	 * Addresses were found and are about to be asked. It is called for
	 * each part of the look-up, and must not free. NULL: of no interest.
	 */
	void (*found)(const struct resolve_answer *found, void *arg);
	/*
	 * The end: called once, and nothing follows. ask_once_free is allowed.
	 * `result` and its strings are valid during the call.
	 */
	void (*done)(const struct ask_once_result *result, void *arg);
};

/*
 * Send `request`, which is copied except for its body; the body must outlive
 * it. No handler is called before this returns. Requests of the switch on the
 * same connection are answered 200 and ignored. The connection stands until
 * ask_once_free.
 *
 *   -ENOMEM, -EINVAL  the look-up cannot start
 *   -EMSGSIZE         likewise with `at`: the request is too large
 */
int ask_once_new(struct ask_once **out, struct event_base *loop,
    const struct ask_once_options *options, const struct sigmsg *request,
    const struct ask_once_handlers *handlers, void *arg);

/*
 * Within `done`, of an answer: send another request on the same connection. Its
 * body must outlive it. `done` is called again.
 *
 *  -ENOTCONN, -EINVAL, -EMSGSIZE
 */
int ask_once_more(struct ask_once *ask, const struct sigmsg *request);

/*
 * Within `done`, of an answer: the switch cannot do it; ask the next one, from
 * the first request on (signal_client_next). `done` is called again.
 *
 *  -ENOTCONN, -ENOENT
 */
int ask_once_next(struct ask_once *ask);

/* Cancel it or clean up; no handler follows. NULL is allowed. */
void ask_once_free(struct ask_once *ask);

#endif
