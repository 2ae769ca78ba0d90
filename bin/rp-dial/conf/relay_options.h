/*
 * relay_options: which options of the test of a relay go together, and what a
 * monitor's plugin is to print for a mistake.
 */
#ifndef RP_DIAL_RELAY_OPTIONS_H
#define RP_DIAL_RELAY_OPTIONS_H

#include "conf/options.h"

/* The beginning of a plugin's line for a mistake, and its exit status. */
#define RELAY_OPTIONS_UNKNOWN "RELAY UNKNOWN - "
#define RELAY_OPTIONS_UNKNOWN_STATUS 3

/*
 * If --nagios is among the arguments, have mistakes printed and exited with as
 * a plugin does, those in the options before it too.
 */
void relay_options_plugin(int argc, char *argv[]);

/* Check the combinations. A mistake is printed and ends the program. */
void relay_options_check(const struct options *options);

#endif
