/* export: the command that writes the whole directory as lines (record.h). */
#ifndef RP_USERS_EXPORT_H
#define RP_USERS_EXPORT_H

#include "command.h"

/*
 * Write it to the operand, a file that only its owner can read and that appears
 * whole or not at all, or to standard output.
 */
command_run export_run;

#endif
