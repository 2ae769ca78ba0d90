/*
 * sender: standard input, the engine and standard output put together: when
 * to read, when to wait, when it is over.
 */
#ifndef RP_PUSHSEND_SENDER_H
#define RP_PUSHSEND_SENDER_H

struct pushconf;

#define SENDER_WHY 256

/*
 * Serve descriptor in until its end or SIGTERM, results to out. 0 if all was
 * answered; or a negative errno with why.
 */
int sender_run(const struct pushconf *settings, int in, int out,
    char why[static SENDER_WHY]);

/* Read keys and try what can be tried without a request. */
int sender_test(const struct pushconf *settings, char why[static SENDER_WHY]);

#endif
