/*
 * shutdown: ask systemctl(1), which says "stopping" from the moment a reboot
 * or a poweroff has been queued. See shutdown.h.
 */
#include "shutdown.h"

#include <stdio.h>
#include <string.h>

/* The limit is for a bus that does not answer while the system goes down. */
static const char question[] =
    "timeout 3 systemctl is-system-running </dev/null 2>/dev/null";

bool
shutdown_is_under_way(void)
{
	char state[32] = "";
	FILE *answer = popen(question, "re");

	if (answer == NULL)
		return false;
	if (fgets(state, sizeof(state), answer) == NULL)
		state[0] = '\0';
	pclose(answer);
	return strcmp(state, "stopping\n") == 0;
}
