/*
 * probe: race the switches, finish TLS with the winner, have it answer, and
 * tell how fast everybody was. No call.
 */
#ifndef RP_DIAL_PROBE_H
#define RP_DIAL_PROBE_H

struct dial_context;

/* context->account and ->identity may be NULL. The exit status. */
int probe_run(const struct dial_context *context);

#endif
