/*
 * outfit: one reading of the configuration, and what is opened by it for the
 * providers. A reload makes another, and the former lives until the last
 * attempt that began with it has ended.
 */
#ifndef RP_PUSHSEND_OUTFIT_H
#define RP_PUSHSEND_OUTFIT_H

#include <stdbool.h>

#include "base/log.h"
#include "conf/pushconf.h"
#include "providers/provider.h"
#include "wire/reach.h"
#include "wire/why.h"

struct event_base;
struct sender_source;

struct outfit {
	struct pushconf settings;
	enum log_level level;
	struct reach *reach;
	struct http *users, *services;
	struct provider_env env;
};

/*
 * Read the settings and open it. `again` says that this is a reload. Return a
 * negative errno with one line in `why`.
 */
int outfit_new(struct outfit **out, struct event_base *loop,
    const struct sender_source *source, bool again,
    char why[static WHY_TEXT]);

/* Free one that no provider has. Providers free theirs by its environment. */
void outfit_free(struct outfit *outfit);

const struct provider_env *outfit_env(const struct outfit *outfit);

/* Return where pushes may go. The texts stay the outfit's. */
struct reach_lists outfit_reach(const struct outfit *outfit);

#endif
