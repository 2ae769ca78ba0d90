/*
 * sender: connect standard input, the engine and standard output. It decides
 * when to read, when to wait, and when to end.
 */
#ifndef RP_PUSHSEND_SENDER_H
#define RP_PUSHSEND_SENDER_H

#include <stdbool.h>

#include "wire/why.h"

struct pushconf;

/*
 * Where the settings come from, at the start and at each SIGHUP. `again` says
 * that it is the latter, so that reading must not wait. Return a negative errno
 * with `why`; `settings` is freed in either case.
 */
struct sender_source {
	int (*read)(struct pushconf *settings, bool again,
	    char why[static WHY_TEXT], void *arg);
	/* Say where in the configuration the cause of an error is. */
	void (*place)(char why[static WHY_TEXT], void *arg);
	void *arg;
};

/*
 * Serve descriptor `in` until its end or SIGTERM, with results to `out`. Return
 * 0 if all requests were answered, or a negative errno with `why`.
 */
int sender_run(const struct sender_source *source, int in, int out,
    char why[static WHY_TEXT]);

/* Read the keys and test all that can be tested without a request. */
int sender_test(const struct sender_source *source, char why[static WHY_TEXT]);

#endif
