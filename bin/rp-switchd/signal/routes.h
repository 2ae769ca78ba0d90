/*
 * routes: from a request's method and target to its handler. It also
 * authenticates the client, by a token or a key, against the directory.
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
struct joins;
struct lastuse;
struct metrics;
struct places;
struct push;
struct quotas;
struct routes;
struct standing;
struct trials;
struct writes;

/* The modules that handlers use. All must outlive the routes. */
struct routes_options {
	struct calls *calls;
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
	const struct answers *answers;
	struct enrol *enrol;		/* NULL: no registration here */
	struct trials *trials;
	const struct push *push;
	struct standing *standing;
	struct lastuse *lastuse;
	struct writes *writes;
	struct places *places;
	struct joins *joins;
	struct quotas *quotas;
};

/* Make the routes. NULL if out of memory. */
struct routes *routes_new(const struct routes_options *options);
void routes_free(struct routes *routes);

/* Serve a request, which is answered once (request.h), now or later. */
void routes_request(struct client *client, const struct sigmsg *msg);

const struct routes_options *routes_env(const struct routes *routes);

/* Let handlers use another directory. Pending look-ups end on the old one. */
void routes_set_directory(struct routes *routes, struct directory *directory);

/*
 * Count an answer by its status, a refusal by 401 or 403, or a failure of the
 * directory to answer.
 */
void routes_count(struct routes *routes, int status);
void routes_count_refused(struct routes *routes, int status);
void routes_count_no_directory(struct routes *routes);

#endif
