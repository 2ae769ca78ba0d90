/*
 * outfit: open what the providers need, by the settings. Called by sender. See
 * outfit.h.
 */
#include "outfit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http/http.h"
#include "sender.h"

#define CONNECT_MS 3000

static void
on_unused(void *arg)
{
	outfit_free(arg);
}

static int
open_http(struct outfit *outfit, struct event_base *loop,
    char why[static WHY_TEXT])
{
	const struct reach_lists lists = outfit_reach(outfit);
	struct http_options users = { .ca_file = outfit->settings.ca_file,
	    .connect_ms = CONNECT_MS }, services = users;
	char wrong[WHY_TEXT];
	int err;

	err = reach_new(&outfit->reach, &lists, wrong);
	if (err < 0) {
		why_set(why, "allow, deny: %.200s", wrong);
		return err;
	}
	strcpy(why, "out of memory");
	users.reach = outfit->reach;
	err = http_new(&outfit->users, loop, &users);
	return err < 0 ? err : http_new(&outfit->services, loop, &services);
}

int
outfit_new(struct outfit **out, struct event_base *loop,
    const struct sender_source *source, bool again, char why[static WHY_TEXT])
{
	struct outfit *outfit = calloc(1, sizeof(*outfit));
	int err;

	strcpy(why, "out of memory");
	if (outfit == NULL)
		return -ENOMEM;
	err = source->read(&outfit->settings, again, why, source->arg);
	if (err == 0)
		err = open_http(outfit, loop, why);
	if (err < 0) {
		outfit_free(outfit);
		return err;
	}
	log_level_parse(&outfit->level, outfit->settings.log_level);
	outfit->env = (struct provider_env){
		.loop = loop,
		.settings = &outfit->settings,
		.users = outfit->users,
		.services = outfit->services,
		.unused = on_unused,
		.arg = outfit
	};
	*out = outfit;
	return 0;
}

void
outfit_free(struct outfit *outfit)
{
	if (outfit == NULL)
		return;
	http_free(outfit->users);
	http_free(outfit->services);
	reach_free(outfit->reach);
	pushconf_free(&outfit->settings);
	free(outfit);
}

const struct provider_env *
outfit_env(const struct outfit *outfit)
{
	return &outfit->env;
}

struct reach_lists
outfit_reach(const struct outfit *outfit)
{
	const struct pushconf *s = &outfit->settings;

	return (struct reach_lists){
		.allow = s->allow.item, .n_allow = s->allow.n,
		.deny = s->deny.item, .n_deny = s->deny.n
	};
}
