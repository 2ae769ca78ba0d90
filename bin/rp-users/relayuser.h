/* relayuser: a line for the file of relay.users. It needs no directory. */
#ifndef RP_USERS_RELAYUSER_H
#define RP_USERS_RELAYUSER_H

#include "command.h"

/*
 * Print the line of the user that the operand names. The password is read from
 * a file or standard input, or made up and written to a new file. `users` and
 * `where` are NULL.
 */
command_run relayuser_run;

#endif
