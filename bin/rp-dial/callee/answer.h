/*
 * answer: wait to be woken by pushes and take the calls, one at a time.
 */
#ifndef RP_DIAL_ANSWER_H
#define RP_DIAL_ANSWER_H

struct dial_context;

/* Run the loop until stopped, or --once is through: the exit status. */
int answer_run(const struct dial_context *context);

#endif
