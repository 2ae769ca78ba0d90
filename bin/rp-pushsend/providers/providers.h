/*
 * providers: all of them, opened as the settings say.
 */
#ifndef RP_PUSHSEND_PROVIDERS_H
#define RP_PUSHSEND_PROVIDERS_H

#include <stdbool.h>

#include "providers/provider.h"

struct doors;

struct provider_instance {
	const struct provider *door;
	void *self;
	bool open;		/* false: it is not configured */
};

/*
 * A negative errno with why if one that is configured cannot be opened.
 */
int providers_open(struct doors **out, const struct provider_env *room,
    char why[static PUSHMSG_WHY]);
void providers_close(struct doors *doors);

/* By a request's type. NULL if there is no such door. */
const struct provider_instance *providers_find(const struct doors *doors, const char *type);

#endif
