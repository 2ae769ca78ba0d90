/*
 * probe: race the switches, finish TLS with the winner, make one request, and
 * report how fast each of them was. It makes no call.
 */
#ifndef RP_DIAL_PROBE_H
#define RP_DIAL_PROBE_H

struct dial_context;

/*
 * Probe. context->account and context->identity may be NULL. Return the exit
 * status.
 */
int probe_run(const struct dial_context *context);

#endif
