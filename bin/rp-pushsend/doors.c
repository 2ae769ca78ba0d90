#include "doors.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door_apns.h"
#include "door_command.h"
#include "door_fcm.h"
#include "door_sms.h"
#include "door_webpush.h"

/* A line a file. */
static const struct door *const table[] = {
	&door_webpush,
	&door_fcm,
	&door_apns,
	&door_sms,
	&door_command,
};

#define N_DOORS (sizeof(table) / sizeof(table[0]))

struct doors {
	struct doorway way[N_DOORS];
};

int
doors_open(struct doors **out, const struct door_room *room,
    char why[static PUSHMSG_WHY])
{
	struct doors *doors = calloc(1, sizeof(*doors));
	size_t i;
	int err;

	if (doors == NULL) {
		snprintf(why, PUSHMSG_WHY, "out of memory");
		return -ENOMEM;
	}
	for (i = 0; i < N_DOORS; i++) {
		struct doorway *way = &doors->way[i];

		way->door = table[i];
		err = way->door->open(&way->self, room, why);
		if (err < 0 && err != -ENOENT) {
			doors_close(doors);
			return err;
		}
		way->open = err == 0;
	}
	*out = doors;
	return 0;
}

void
doors_close(struct doors *doors)
{
	size_t i;

	if (doors == NULL)
		return;
	for (i = 0; i < N_DOORS; i++)
		if (doors->way[i].open)
			doors->way[i].door->close(doors->way[i].self);
	free(doors);
}

const struct doorway *
doors_find(const struct doors *doors, const char *type)
{
	size_t i;

	for (i = 0; i < N_DOORS; i++)
		if (strcmp(doors->way[i].door->type, type) == 0)
			return &doors->way[i];
	return NULL;
}
