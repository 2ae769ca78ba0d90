/*
 * signal_client: a client's side of signalling (rp-signal(7)): multi-connect
 * to a switch, TLS, one persistent connection, requests both ways.
 */
#ifndef RP_PEER_SIGNAL_CLIENT_H
#define RP_PEER_SIGNAL_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "net/multiconnect.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

struct event_base;
struct tls_config;
struct signal_client;

struct signal_client_options {
	struct tls_config *tls;
	const char *server_name;	/* what the certificate must be for */
	const char *number, *token;	/* of the account */
	uint32_t deadline_ms;		/* races, TLS and the first answer */
};

struct signal_client_times {		/* monotonic ns; 0: not yet */
	uint64_t start, connected, tls, answered;
};

struct signal_client_handlers {
	/* The switch passes a request on; it has been answered 200 by then. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* The connection is gone, or none could be had. Nothing follows. */
	void (*closed)(int err, const char *why, void *arg);
};

/*
 * The answer to a request: err 0 and msg, or a negative errno. The first
 * request's failure, or a 503, strikes the switch and tries the next; only the
 * final outcome is reported.
 */
typedef void signal_client_answer(int err, const struct sigmsg *msg,
    void *arg);

/* Race addrs. first is sent as soon as TLS stands; its body is copied. */
int signal_client_new(struct signal_client **out, struct event_base *loop,
    const struct addr addrs[], size_t n,
    const struct signal_client_options *options,
    const struct signal_client_handlers *handlers, void *arg,
    const struct sigmsg *first, signal_client_answer *answer);

/* Send a request; its answer comes in order. -ENOTCONN, -ENOBUFS. */
int signal_client_request(struct signal_client *client,
    const struct sigmsg *msg, signal_client_answer *answer, void *arg);

/* Send what is queued and close; no handler follows. */
void signal_client_finish(struct signal_client *client);

const struct multiconnect_entry *signal_client_race(
    const struct signal_client *client, size_t *n);
const struct signal_client_times *signal_client_times(
    const struct signal_client *client);
/* The switch's address once connected, else NULL. */
const struct addr *signal_client_addr(const struct signal_client *client);

void signal_client_free(struct signal_client *client);

#endif
