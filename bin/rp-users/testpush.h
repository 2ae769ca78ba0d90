/* testpush: the command that wakes a subscriber's devices as a call would. */
#ifndef RP_USERS_TESTPUSH_H
#define RP_USERS_TESTPUSH_H

#include "command.h"

/*
 * Send a test push to each device of the first operand, or to the one that the
 * second names. Print a line for each with what the service said, and keep that
 * with the device.
 */
command_run testpush_run;

#endif
