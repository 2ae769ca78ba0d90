/* providers: the list of all providers, opened as the settings say. */
#ifndef RP_PUSHSEND_PROVIDERS_H
#define RP_PUSHSEND_PROVIDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "providers/provider.h"
#include "wire/why.h"

struct providers;

struct provider_instance {
	const struct provider *provider;
	struct providers *all;
	void *self;
	bool open;		/* false: not configured */
};

/*
 * Open all configured providers. Return 0, or a negative errno with `why` if
 * one of them cannot be opened.
 */
int providers_open(struct providers **out, const struct provider_env *env,
    char why[static WHY_TEXT]);

/* Close them all, and call `unused` of their environment. NULL is fine. */
void providers_close(struct providers *providers);

/* Take over what is still valid of those that `providers` replace. */
void providers_inherit(struct providers *providers,
    const struct providers *former);

/*
 * Count an attempt that starts or ends. It needs its provider until then, also
 * if others have taken the place of all providers meanwhile.
 */
void providers_begin(const struct provider_instance *instance);
void providers_end(const struct provider_instance *instance);

/* Return how many attempts are under way. */
size_t providers_in_flight(const struct providers *providers);

/* Return the provider for a request's type, or NULL. */
const struct provider_instance *providers_find(
    const struct providers *providers, const char *type);

#endif
