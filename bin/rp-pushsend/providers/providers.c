/*
 * providers: the table of all providers. A new one is a file and a line here.
 * See providers.h.
 */
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
#include "wire/why.h"

/* One line per file. */
static const struct provider *const table[] = {
	&provider_webpush,
	&provider_fcm,
	&provider_apns,
	&provider_sms,
	&provider_command,
};

#define N_PROVIDERS (sizeof(table) / sizeof(table[0]))

struct providers {
	struct provider_instance instance[N_PROVIDERS];
	struct provider_env env;
	size_t in_flight;
};

static void
close_all(struct providers *providers)
{
	struct provider_instance *instance;
	size_t i;

	for (i = 0; i < N_PROVIDERS; i++) {
		instance = &providers->instance[i];
		if (instance->open)
			instance->provider->close(instance->self);
	}
	free(providers);
}

int
providers_open(struct providers **out, const struct provider_env *env,
    char why[static WHY_TEXT])
{
	struct providers *providers = calloc(1, sizeof(*providers));
	size_t i;
	int err;

	if (providers == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	providers->env = *env;
	for (i = 0; i < N_PROVIDERS; i++) {
		struct provider_instance *instance = &providers->instance[i];

		instance->provider = table[i];
		instance->all = providers;
		err = instance->provider->open(&instance->self, env, why);
		if (err < 0 && err != -ENOENT) {
			close_all(providers);
			return err;
		}
		instance->open = err == 0;
	}
	*out = providers;
	return 0;
}

void
providers_close(struct providers *providers)
{
	struct provider_env env;

	if (providers == NULL)
		return;
	env = providers->env;
	close_all(providers);
	if (env.unused != NULL)
		env.unused(env.arg);
}

void
providers_inherit(struct providers *providers, const struct providers *former)
{
	size_t i;

	for (i = 0; i < N_PROVIDERS; i++)
		if (providers->instance[i].open && former->instance[i].open &&
		    table[i]->inherit != NULL)
			table[i]->inherit(providers->instance[i].self,
			    former->instance[i].self);
}

void
providers_begin(const struct provider_instance *instance)
{
	instance->all->in_flight++;
}

void
providers_end(const struct provider_instance *instance)
{
	instance->all->in_flight--;
}

size_t
providers_in_flight(const struct providers *providers)
{
	return providers->in_flight;
}

const struct provider_instance *
providers_find(const struct providers *providers, const char *type)
{
	size_t i;

	for (i = 0; i < N_PROVIDERS; i++)
		if (strcmp(providers->instance[i].provider->type, type) == 0)
			return &providers->instance[i];
	return NULL;
}
