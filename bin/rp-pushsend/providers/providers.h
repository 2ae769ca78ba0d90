/* providers: the list of all providers, opened as the settings say. */
#ifndef RP_PUSHSEND_PROVIDERS_H
#define RP_PUSHSEND_PROVIDERS_H

#include <stdbool.h>

#include "providers/provider.h"
#include "wire/why.h"

struct providers;

struct provider_instance {
	const struct provider *provider;
	void *self;
	bool open;		/* false: not configured */
};

/*
 * Open all configured providers. Return 0, or a negative errno with `why` if
 * one of them cannot be opened.
 */
int providers_open(struct providers **out, const struct provider_env *env,
    char why[static WHY_TEXT]);
void providers_close(struct providers *providers);

/* Return the provider for a request's type, or NULL. */
const struct provider_instance *providers_find(
    const struct providers *providers, const char *type);

#endif
