/*
 * rounds: one server asked for the name as often as it takes to see all that it
 * answers, and for what stands beside it.
 */
#ifndef RP_REGIONPROBE_ROUNDS_H
#define RP_REGIONPROBE_ROUNDS_H

#include "survey/survey.h"
#include "survey/zone.h"

struct rounds {			/* zeroed, then: */
	const char *name;
	struct addr resolver;	/* to find servers by */
	bool has_resolver;
	struct zone beyond;	/* of an alias out of the name's zone; kept
				   from one question to the next */
};

/*
 * Ask a's server on whoever's behalf a says, n times, and on while the answers
 * differ and bring new addresses (at most ten times as often). A server that
 * only tells an alias is asked no further than that: the servers of the alias
 * are. What comes, or why nothing does, is a's.
 */
void rounds_ask(struct rounds *rounds, struct survey_asked *a, unsigned n);

/* The address under which the world sees a's resolver: some names tell. */
void rounds_whoami(struct survey_asked *a, const char *whoami);

#endif
