/*
 * rounds: ask one server for the name until all its answers are seen, and for
 * the TXT record beside the name.
 */
#ifndef RP_REGIONPROBE_ROUNDS_H
#define RP_REGIONPROBE_ROUNDS_H

#include <pthread.h>

#include "survey/survey.h"
#include "survey/zone.h"

/* Shared by the threads of a crowd. */
struct rounds {			/* zeroed, then: */
	const char *name;
	struct addr resolver;	/* used to find servers */
	bool has_resolver;
	const char *zone;	/* the name's, or "" */
	pthread_mutex_t lock;	/* for: */
	/* zone of an alias outside the name's zone, kept between queries */
	struct zone beyond;
};

/*
 * Ask the server in `a`, for the subnet in `a`, `n` times. Continue while the
 * answers differ and bring new addresses, at most ten times as often. If a
 * server only returns an alias, the alias's servers are asked instead. The
 * result or the error is written to `a`. It takes at most 20 s and a question.
 */
void rounds_ask(struct rounds *rounds, struct survey_asked *a, unsigned n);

/* Find the public address of the resolver in `a`, which some names return. */
void rounds_whoami(struct survey_asked *a, const char *whoami);

/*
 * Remove from the resolver's answer in `a` the addresses that it has translated
 * from IPv4 (DNS64), and count them.
 */
void rounds_dns64(struct survey_asked *a);

#endif
