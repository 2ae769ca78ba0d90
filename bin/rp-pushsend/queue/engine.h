/*
 * engine: takes push requests and sees each to its one result: which provider,
 * when, how often again, until when. Bounded in what it holds and in what is
 * under way.
 */
#ifndef RP_PUSHSEND_ENGINE_H
#define RP_PUSHSEND_ENGINE_H

#include <stdbool.h>

#include "providers/provider.h"
#include "wire/pushmsg.h"

struct engine;

/* None of them may call the engine; they are called from within it. */
struct engine_handlers {
	/* A request's result; in the order in which they end. */
	void (*result)(const struct pushmsg_result *result, void *arg);
	/* engine_full was true and is not any more. */
	void (*env)(void *arg);
	/* No request is left. */
	void (*idle)(void *arg);
};

/*
 * Opens all providers. A negative errno with why if one that is configured cannot
 * be opened.
 */
int engine_new(struct engine **out, const struct provider_env *env,
    const struct engine_handlers *handlers, void *arg,
    char why[static PUSHMSG_WHY]);

/* Gives up what is left, without results. */
void engine_free(struct engine *engine);

/*
 * Take a request over (it is moved). Its result may come before this returns.
 *
 * A request that is the same as one still under way (id, type, to, payload)
 * shares its fate: one push, two results. One of the same type, to and topic
 * takes the place of those that still wait: they end as "retry: superseded".
 */
void engine_push(struct engine *engine, struct pushmsg_request *request);

/* Does it hold as many requests as it may? Then push no more. */
bool engine_full(const struct engine *engine);

/* Is any request left? */
bool engine_busy(const struct engine *engine);

/* End all that is left as "retry", for reason. */
void engine_stop(struct engine *engine, const char *reason);

#endif
