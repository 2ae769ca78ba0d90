/*
 * doors: all of them, opened as the settings say.
 */
#ifndef RP_PUSHSEND_DOORS_H
#define RP_PUSHSEND_DOORS_H

#include <stdbool.h>

#include "door.h"

struct doors;

struct doorway {
	const struct door *door;
	void *self;
	bool open;		/* false: it is not configured */
};

/*
 * A negative errno with why if one that is configured cannot be opened.
 */
int doors_open(struct doors **out, const struct door_room *room,
    char why[static PUSHMSG_WHY]);
void doors_close(struct doors *doors);

/* By a request's type. NULL if there is no such door. */
const struct doorway *doors_find(const struct doors *doors, const char *type);

#endif
