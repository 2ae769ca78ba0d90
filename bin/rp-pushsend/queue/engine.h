/*
 * engine: take push requests and bring each to its one result. It decides on
 * the provider, the time, the number of attempts and the deadline. The requests
 * held and the attempts under way are bounded.
 */
#ifndef RP_PUSHSEND_ENGINE_H
#define RP_PUSHSEND_ENGINE_H

#include <stdbool.h>

#include "providers/provider.h"
#include "wire/pushmsg.h"
#include "wire/why.h"

struct engine;

/* The handlers are called from within the engine, which they may not call. */
struct engine_handlers {
	/*
	 * A request's result. Results come in the order in which requests end.
	 */
	void (*result)(const struct pushmsg_result *result, void *arg);
	/* engine_full was true and is false again. */
	void (*env)(void *arg);
	/* No request is left. */
	void (*idle)(void *arg);
};

/*
 * Create the engine and open all providers. Return 0, or a negative errno with
 * `why` if a configured provider cannot be opened.
 */
int engine_new(struct engine **out, const struct provider_env *env,
    const struct engine_handlers *handlers, void *arg,
    char why[static WHY_TEXT]);

/*
 * Use the settings and open the providers of another environment. Attempts
 * under way end as they began; everything else goes on by the new settings. If
 * they cannot be used, nothing changes: return a negative errno with `why`.
 */
int engine_reload(struct engine *engine, const struct provider_env *env,
    char why[static WHY_TEXT]);

/* Free the engine and drop its requests without results. */
void engine_free(struct engine *engine);

/*
 * Take ownership of a request (it is moved). Its result may come before this
 * returns.
 *
 * A request equal to one still in the engine (id, type, to, payload) shares its
 * result: one push, two results. A request of the same type, to and topic
 * replaces those that still wait: they end as "retry: superseded".
 */
void engine_push(struct engine *engine, struct pushmsg_request *request);

/*
 * Return whether the engine holds its maximum of requests. Then push no more.
 */
bool engine_full(const struct engine *engine);

/* Return whether any request is left. */
bool engine_busy(const struct engine *engine);

/* End all remaining requests as "retry", for `reason`. */
void engine_stop(struct engine *engine, const char *reason);

#endif
