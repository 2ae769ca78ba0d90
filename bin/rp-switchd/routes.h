/*
 * routes: what a client's requests mean: who it is (Basic, against the
 * directory), which handler a method and target have, and the answer.
 */
#ifndef RP_SWITCHD_ROUTES_H
#define RP_SWITCHD_ROUTES_H

struct answers;
struct calls;
struct client;
struct directory;
struct gate;
struct metrics;
struct routes;
struct sigmsg;

struct routes_options {
	struct calls *calls;
	struct gate *gate;
	struct directory *directory;
	struct metrics *metrics;
	const struct answers *answers;
};

/* NULL if out of memory. */
struct routes *routes_new(const struct routes_options *options);
void routes_free(struct routes *routes);

/* Serve a request; it is answered by conn_reply, now or from the loop. */
void routes_request(struct client *client, const struct sigmsg *msg);

/* The client's connection is over: nothing is answered any more. */
void routes_leave(struct client *client);

#endif
