/* door_command: see rp-push(7). */
#ifndef RP_PUSHSEND_DOOR_COMMAND_H
#define RP_PUSHSEND_DOOR_COMMAND_H

#include "door.h"

extern const struct door door_command;

#endif
