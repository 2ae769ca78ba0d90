/* changes: the commands that make, remove and block. */
#ifndef RP_USERS_CHANGES_H
#define RP_USERS_CHANGES_H

#include "command.h"

/* Make an empty directory where there is none. */
command_run changes_init;
/* Add a device with a new token, which is printed or written to a file. */
command_run changes_add;
/* Remove a subscriber with all devices. */
command_run changes_remove;
/* Remove the one device that the second operand names. */
command_run changes_revoke;
command_run changes_block;
command_run changes_unblock;

#endif
