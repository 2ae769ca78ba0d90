/* import_run: the command that adds a file of devices. */
#ifndef RP_USERS_IMPORT_RUN_H
#define RP_USERS_IMPORT_RUN_H

#include "command.h"

/*
 * Add all devices and blocks in the file ("-": standard input), or none of
 * them. On a terminal it shows how far it is.
 */
command_run import_run;

#endif
