/*
 * events: what a running switch does when it is told: by signals, by the control
 * socket, by a drain, by its own gate.
 */
#ifndef RP_SWITCHD_EVENTS_H
#define RP_SWITCHD_EVENTS_H

#include <stdbool.h>

#include "switchd.h"

/* Each: a negative errno with one line in why. */
int events_open_drain(struct switchd *sw, char why[static SWITCHD_WHY]);
int events_open_control(struct switchd *sw, char why[static SWITCHD_WHY]);
int events_open_watchdog(struct switchd *sw, char why[static SWITCHD_WHY]);
int events_catch_signals(struct switchd *sw, char why[static SWITCHD_WHY]);

/* For gate_on_change, with the switch as arg. */
void events_gate_changed(bool open, void *arg);

#endif
