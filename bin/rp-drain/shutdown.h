/*
 * shutdown: does the system itself go down? Then a drain has minutes at most,
 * because the host's power may be cut.
 */
#ifndef RP_DRAIN_SHUTDOWN_H
#define RP_DRAIN_SHUTDOWN_H

#include <stdbool.h>

/*
 * Ask the service manager, and wait for its answer for three seconds at most.
 * Return false if there is none.
 */
bool shutdown_is_under_way(void);

#endif
