/*
 * signal_server: the ports, connections and connection limits of signalling.
 * The gate opens and closes the call port; the answer port stays open. routes
 * handles the requests.
 */
#ifndef RP_SWITCHD_SIGNAL_SERVER_H
#define RP_SWITCHD_SIGNAL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/addr.h"
#include "wire/why.h"

struct answers;
struct calls;
struct descriptors;
struct directory;
struct enrol;
struct event_base;
struct signal_server;
struct gate;
struct handshakes;
struct metrics;
struct push;
struct quotas;
struct settings;
struct tls_config;
struct trials;
struct workers;

struct signal_server_options {
	const struct settings *settings;	/* read at each use */
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
	struct descriptors *descriptors;
	struct handshakes *handshakes;
	struct workers *workers;
};


/*
 * Bind all addresses; nothing is accepted yet. Return 0, or a negative errno
 * with one line in `why`.
 */
int signal_server_new(struct signal_server **out, struct event_base *loop,
    const struct signal_server_options *options, char why[static WHY_TEXT]);
void signal_server_free(struct signal_server *server);

/* Return a bound address, in the order of settings. */
const struct addr *signal_server_call_addr(const struct signal_server *server,
    size_t i);
const struct addr *signal_server_answer_addr(const struct signal_server *server,
    size_t i);

/* Return the number of connections, and of those that have authenticated. */
size_t signal_server_connections(const struct signal_server *server);
size_t signal_server_known(const struct signal_server *server);

/* Return for how long connections have waited to be accepted on either port. */
uint64_t signal_server_queue_ms(const struct signal_server *server);

/*
 * Say whether the switch is under pressure, ten times per second. If so,
 * strangers give way first (places.h).
 */
void signal_server_press(struct signal_server *server, bool pressed);

/* The modules that serve the requests. All must outlive the server. */
struct signal_server_service {
	struct calls *calls;
	struct enrol *enrol;		/* NULL: no registration here */
	struct trials *trials;
	struct quotas *quotas;
	const struct push *push;
	const struct answers *answers;
	struct tls_config *tls;	/* the server takes over the reference */
};

/*
 * Begin to serve: the answer port opens, and signal_server_open opens the call
 * port. Return 0, or a negative errno with one line in `why`.
 */
int signal_server_start(struct signal_server *server,
    const struct signal_server_service *service, char why[static WHY_TEXT]);

/* Set the credentials of new connections. Takes over the reference. */
void signal_server_set_tls(struct signal_server *server,
    struct tls_config *tls);

/* Serve later requests by another directory. */
void signal_server_set_directory(struct signal_server *server,
    struct directory *directory);

/* Open or close the call port. Idempotent. */
void signal_server_open(struct signal_server *server, bool open);

#endif
