/*
 * tlsrace_private: the state of a race for TLS, for tlsrace.c (the rule that
 * decides it, and its end), tlsrace_runner.c (one stream, and its turn to
 * begin) and tlsrace_proxy.c (signs of a proxy).
 */
#ifndef RP_NET_TLSRACE_PRIVATE_H
#define RP_NET_TLSRACE_PRIVATE_H

#include "net/tlsrace.h"
#include "wire/why.h"

struct event;
struct tlsrace_proxy;

struct runner {
	struct tlsrace *race;
	struct tls *stream;	/* while it belongs to the race */
	int fd;			/* connected, waiting for its turn; or -1 */
	unsigned turn;		/* the lowest is next */
	uint64_t connected_ns;
	size_t entry;
};

struct tlsrace {
	struct event_base *loop;
	struct multiconnect *connects;
	struct tlsrace_options options;
	struct runner **runners;	/* by entry; NULL: TCP never
					 * connected */
	size_t n_runners;
	struct event *turn;		/* the next runner may begin */
	unsigned turns, at_once;	/* that many begin in the next turn */
	struct event *patience;		/* time for the winner by TCP */
	size_t winner;			/* the last winner */
	bool by_tls;			/* TLS decides this race */
	bool late;			/* a winner's ServerHello was late */
	struct tlsrace_proxy *proxy;
	int struck;			/* err of the last strike, or 0 */
	char why[WHY_TEXT];
	char missing[WHY_TEXT / 2];	/* as in tlsrace_options, or "" */
	tlsrace_handler *done;
	void *arg;
};

/*
 * Begin TLS on the connected `fd`, which is taken over also on failure. In
 * tlsrace_runner.c, as the next three.
 */
int tlsrace_runner_start(struct tlsrace *race, int fd, size_t entry);

/*
 * Functions of the prover: TLS with the first begins at once, and with others
 * after its connect time, then in turns of one, two, four and so on. So few are
 * asked if one works, and all of them soon if most hang.
 */
int tlsrace_runner_begin(int fd, size_t entry, void *arg);
void tlsrace_runner_drop(size_t entry, void *arg);

/* Begin with the next ones that wait. `arg` is the race. */
void tlsrace_runner_turn(int fd, short what, void *arg);

/* Free all runners. */
void tlsrace_runner_free(struct tlsrace *race);

/*
 * Make the memory for signs of a proxy. `races` is as in
 * tlsrace_options. In tlsrace_proxy.c, as the next three.
 */
int tlsrace_proxy_new(struct tlsrace_proxy **out, unsigned races);

/*
 * Consider a winner's ServerHello, which has just come. Other addresses may be
 * connected to, for comparison only.
 */
void tlsrace_proxy_hello(struct tlsrace *race, const struct runner *runner);

/* Return how many races in a row spoke for a proxy, this one included. */
unsigned tlsrace_proxy_count(const struct tlsrace_proxy *proxy);

void tlsrace_proxy_free(struct tlsrace_proxy *proxy);

#endif
