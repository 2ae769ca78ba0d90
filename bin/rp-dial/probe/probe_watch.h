/*
 * probe_watch: --watch: test a relay again and again, and print a line for each
 * round, until a signal.
 */
#ifndef RP_DIAL_PROBE_WATCH_H
#define RP_DIAL_PROBE_WATCH_H

struct dial_context;
struct probe_target;

/*
 * Watch until SIGINT, SIGTERM, SIGQUIT or SIGHUP, then print a summary on
 * standard error. Return the exit status: that of the latest round that failed,
 * or 0.
 */
int probe_watch(const struct dial_context *context,
    const struct probe_target *target);

#endif
