/* normalise: the command that brings numbers into one form (E.164). */
#ifndef RP_USERS_NORMALISE_H
#define RP_USERS_NORMALISE_H

#include "command.h"

/*
 * Give each subscriber whose number is a telephone's that in its canonical
 * form (telnumber.h), and print a line for each. A number whose canonical form
 * somebody else has, or several would have, stays. Nothing is changed with
 * `dry_run`.
 */
command_run normalise_run;

#endif
