#include "providers/providers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/provider_apns.h"
#include "providers/provider_command.h"
#include "providers/provider_fcm.h"
#include "providers/provider_sms.h"
#include "providers/provider_webpush.h"

/* A line a file. */
static const struct provider *const table[] = {
	&provider_webpush,
	&provider_fcm,
	&provider_apns,
	&provider_sms,
	&provider_command,
};

#define N_DOORS (sizeof(table) / sizeof(table[0]))

struct doors {
	struct provider_instance way[N_DOORS];
};

int
providers_open(struct doors **out, const struct provider_env *room,
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
		struct provider_instance *way = &doors->way[i];

		way->door = table[i];
		err = way->door->open(&way->self, room, why);
		if (err < 0 && err != -ENOENT) {
			providers_close(doors);
			return err;
		}
		way->open = err == 0;
	}
	*out = doors;
	return 0;
}

void
providers_close(struct doors *doors)
{
	size_t i;

	if (doors == NULL)
		return;
	for (i = 0; i < N_DOORS; i++)
		if (doors->way[i].open)
			doors->way[i].door->close(doors->way[i].self);
	free(doors);
}

const struct provider_instance *
providers_find(const struct doors *doors, const char *type)
{
	size_t i;

	for (i = 0; i < N_DOORS; i++)
		if (strcmp(doors->way[i].door->type, type) == 0)
			return &doors->way[i];
	return NULL;
}
