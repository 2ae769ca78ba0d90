/*
 * signal_server: where clients come in: the call port, which the gate opens and closes,
 * and the answer port, which stays; the connections and their limits. What the
 * requests on them mean is for routes.
 */
#ifndef RP_SWITCHD_SIGNAL_SERVER_H
#define RP_SWITCHD_SIGNAL_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct answers;
struct calls;
struct directory;
struct enrol;
struct event_base;
struct signal_server;
struct gate;
struct metrics;
struct settings;
struct tls_config;
struct trials;

struct signal_server_options {
	const struct settings *settings;	/* limits are read at each use */
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
};

#define SIGNAL_SERVER_WHY 256

/* Bind all addresses; nothing is accepted yet. -errno with one line in why. */
int signal_server_new(struct signal_server **out, struct event_base *loop,
    const struct signal_server_options *options, char why[static SIGNAL_SERVER_WHY]);
void signal_server_free(struct signal_server *server);

/* The bound addresses, in the order of settings. */
const struct addr *signal_server_call_addr(const struct signal_server *server, size_t i);
const struct addr *signal_server_answer_addr(const struct signal_server *server, size_t i);

size_t signal_server_connections(const struct signal_server *server);

/* Whom the requests are for. All must outlive front. */
struct signal_server_service {
	struct calls *calls;
	struct enrol *enrol;		/* NULL: nobody registers here */
	struct trials *trials;
	const struct answers *answers;
	struct tls_config *tls;		/* front takes over the reference */
};

/*
 * Serve: the answer port opens; the call port is signal_server_open's. -errno with one
 * line in why.
 */
int signal_server_start(struct signal_server *server, const struct signal_server_service *service,
    char why[static SIGNAL_SERVER_WHY]);

/* New connections get this one from now on; takes over the reference. */
void signal_server_set_tls(struct signal_server *server, struct tls_config *tls);

/* Open or close the call port; twice is as good as once. */
void signal_server_open(struct signal_server *server, bool open);

#endif
