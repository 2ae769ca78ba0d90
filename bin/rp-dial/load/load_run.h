/*
 * load_run: place many calls from one process, and sum them up (rp-dial(1),
 * "--calls").
 */
#ifndef RP_DIAL_LOAD_RUN_H
#define RP_DIAL_LOAD_RUN_H

struct dial_context;

/*
 * Place options->calls calls, options->rate of them per second, and run the
 * loop until the last is over. Return the exit status.
 */
int load_run(const struct dial_context *context);

#endif
