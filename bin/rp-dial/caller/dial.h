/*
 * dial: the caller's side of a call, from a name to the report.
 */
#ifndef RP_DIAL_DIAL_H
#define RP_DIAL_DIAL_H

struct dial_context;

/*
 * Call options->callee and run the loop until the call is over. Return the exit
 * status.
 */
int dial_run(const struct dial_context *context);

#endif
