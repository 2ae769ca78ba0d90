/*
 * front: where clients come in: the call port, which the gate opens and closes,
 * and the answer port, which stays; the connections and their limits. What the
 * requests on them mean is for routes.
 */
#ifndef RP_SWITCHD_FRONT_H
#define RP_SWITCHD_FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/addr.h"

struct answers;
struct calls;
struct directory;
struct enrol;
struct event_base;
struct front;
struct gate;
struct metrics;
struct settings;
struct tls_config;
struct trials;

struct front_options {
	const struct settings *settings;	/* limits are read at each use */
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
};

#define FRONT_WHY 256

/* Bind all addresses; nothing is accepted yet. -errno with one line in why. */
int front_new(struct front **out, struct event_base *loop,
    const struct front_options *options, char why[static FRONT_WHY]);
void front_free(struct front *front);

/* The bound addresses, in the order of settings. */
const struct addr *front_call_addr(const struct front *front, size_t i);
const struct addr *front_answer_addr(const struct front *front, size_t i);

size_t front_connections(const struct front *front);

/* Whom the requests are for. All must outlive front. */
struct front_service {
	struct calls *calls;
	struct enrol *enrol;		/* NULL: nobody registers here */
	struct trials *trials;
	const struct answers *answers;
	struct tls_config *tls;		/* front takes over the reference */
};

/*
 * Serve: the answer port opens; the call port is front_open's. -errno with one
 * line in why.
 */
int front_start(struct front *front, const struct front_service *service,
    char why[static FRONT_WHY]);

/* New connections get this one from now on; takes over the reference. */
void front_set_tls(struct front *front, struct tls_config *tls);

/* Open or close the call port; twice is as good as once. */
void front_open(struct front *front, bool open);

#endif
