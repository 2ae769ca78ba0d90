/*
 * providers: all of them, opened as the settings say.
 */
#ifndef RP_PUSHSEND_PROVIDERS_H
#define RP_PUSHSEND_PROVIDERS_H

#include <stdbool.h>

#include "providers/provider.h"

struct providers;

struct provider_instance {
	const struct provider *provider;
	void *self;
	bool open;		/* false: it is not configured */
};

/*
 * A negative errno with why if one that is configured cannot be opened.
 */
int providers_open(struct providers **out, const struct provider_env *env,
    char why[static PUSHMSG_WHY]);
void providers_close(struct providers *providers);

/* By a request's type. NULL if there is no such provider. */
const struct provider_instance *providers_find(const struct providers *providers, const char *type);

#endif
