/*
 * sender: connect standard input, the engine and standard output. It decides
 * when to read, when to wait, and when to end.
 */
#ifndef RP_PUSHSEND_SENDER_H
#define RP_PUSHSEND_SENDER_H

#include "wire/why.h"

struct pushconf;


/*
 * Serve descriptor `in` until its end or SIGTERM, with results to `out`. Return
 * 0 if all requests were answered, or a negative errno with `why`.
 */
int sender_run(const struct pushconf *settings, int in, int out,
    char why[static WHY_TEXT]);

/* Read the keys and test all that can be tested without a request. */
int sender_test(const struct pushconf *settings, char why[static WHY_TEXT]);

#endif
