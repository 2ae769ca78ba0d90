/*
 * events: the reactions of a running switch to signals, the control socket, a
 * drain, and its own gate.
 */
#ifndef RP_SWITCHD_EVENTS_H
#define RP_SWITCHD_EVENTS_H

#include <stdbool.h>

#include "switchd.h"
#include "wire/why.h"

/* Each returns 0, or a negative errno with one line in `why`. */
int events_open_drain(struct switchd *sw, char why[static WHY_TEXT]);
int events_open_control(struct switchd *sw, char why[static WHY_TEXT]);
int events_watch_processes(struct switchd *sw, char why[static WHY_TEXT]);
int events_open_watchdog(struct switchd *sw, char why[static WHY_TEXT]);
int events_catch_signals(struct switchd *sw, char why[static WHY_TEXT]);

/* A handler for gate_on_change; `arg` is the switch. */
void events_gate_changed(bool open, void *arg);

#endif
