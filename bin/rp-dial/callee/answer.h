/* answer: wait for pushes and answer the calls, one or a few at a time. */
#ifndef RP_DIAL_ANSWER_H
#define RP_DIAL_ANSWER_H

struct dial_context;

/*
 * Run the loop until it is stopped, or until the call of --once is over. Return
 * the exit status.
 */
int answer_run(const struct dial_context *context);

#endif
