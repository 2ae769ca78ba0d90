/*
 * routes: what a client's requests mean: who it is (Basic, against the
 * directory), which handler a method and target have, and the answer.
 */
#ifndef RP_SWITCHD_ROUTES_H
#define RP_SWITCHD_ROUTES_H

#include <stdint.h>

#include "wire/sigmsg.h"

struct answers;
struct calls;
struct client;
struct directory;
struct enrol;
struct gate;
struct metrics;
struct routes;
struct trials;

struct routes_options {
	struct calls *calls;
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
	const struct answers *answers;
	struct enrol *enrol;		/* NULL: nobody registers here */
	struct trials *trials;
};

/* Also for reply and serve, which are routes' other halves. */
struct routes {
	struct routes_options options;
	uint64_t *requests[SIGMSG_OTHER + 1];
	uint64_t *responses[6];		/* by hundreds */
	uint64_t *unauthorized, *unavailable;
};

/* NULL if out of memory. */
struct routes *routes_new(const struct routes_options *options);
void routes_free(struct routes *routes);

/* Serve a request; it is answered by conn_reply, now or from the loop. */
void routes_request(struct client *client, const struct sigmsg *msg);

/* The client's connection is over: nothing is answered any more. */
void routes_leave(struct client *client);

#endif
