/*
 * ask_once: from a name to one answer: the look-up, the race, the request. See
 * ask_once.h.
 */
#include "signal_client/ask_once.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ask_once {
	struct event_base *loop;
	struct ask_once_options options;
	struct ask_once_handlers handlers;
	void *arg;
	struct sigmsg request;
	struct resolve *resolve;	/* NULL: over, or never begun */
	struct signal_client *client;	/* NULL: no address yet */
	bool ended;
};

/* No more addresses are needed, and none may come after the end. */
static void
end_lookup(struct ask_once *ask)
{
	resolve_free(ask->resolve);
	ask->resolve = NULL;
}

/*
 * Only the first end counts, because a switch may answer and close in one go.
 * `done` may free, so nothing follows it.
 */
static void
report_end(struct ask_once *ask, const struct ask_once_result *result)
{
	if (ask->ended)
		return;
	ask->ended = true;
	ask->handlers.done(result, ask->arg);
}

static void
report_failure(struct ask_once *ask, int err, const char *why)
{
	struct ask_once_result result = {
		.err = err, .why = why, .client = ask->client
	};

	report_end(ask, &result);
}

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct ask_once *ask = arg;
	struct ask_once_result result = {
		.answer = msg, .client = ask->client
	};

	if (ask->resolve != NULL)
		resolve_keep(ask->resolve, signal_client_addr(ask->client));
	end_lookup(ask);
	report_end(ask, &result);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;	/* there is no call */
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	end_lookup(arg);
	report_failure(arg, err, why);
}

static int
start_race(struct ask_once *ask, const struct resolve_answer *found)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.closed = on_closed
	};
	struct signal_client_options options = ask->options.client;

	options.server_name = ask->options.certified != NULL ?
	    ask->options.certified : ask->options.name;
	options.more = found->more;
	options.missing = found->missing;
	return signal_client_new(&ask->client, ask->loop, found->addrs,
	    found->n, &options, &handlers, ask, &ask->request, on_answer);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct ask_once *ask = arg;
	int err;

	if (found->err < 0) {
		report_failure(ask, found->err, found->why);
		return;
	}
	if (ask->handlers.found != NULL)
		ask->handlers.found(found, ask->arg);
	if (!found->first) {
		/* Out of memory: the addresses that race already go on. */
		(void)signal_client_add(ask->client, found->addrs, found->n,
		    found->more, found->missing);
		return;
	}
	err = start_race(ask, found);
	if (err == 0)
		return;
	end_lookup(ask);
	report_failure(ask, err, strerror(-err));
}

int
ask_once_new(struct ask_once **out, struct event_base *loop,
    const struct ask_once_options *options, const struct sigmsg *request,
    const struct ask_once_handlers *handlers, void *arg)
{
	struct ask_once *ask = calloc(1, sizeof(*ask));
	struct resolve_answer at = { .addrs = options->at, .n = 1 };
	int err;

	if (ask == NULL)
		return -ENOMEM;
	ask->loop = loop;
	ask->options = *options;
	ask->request = *request;
	ask->handlers = *handlers;
	ask->arg = arg;
	if (options->at != NULL)
		err = start_race(ask, &at);
	else
		err = resolve_start(&ask->resolve, loop, options->name,
		    options->port, options->resolve, on_resolved, ask);
	if (err < 0) {
		free(ask);
		return err;
	}
	*out = ask;
	return 0;
}

int
ask_once_more(struct ask_once *ask, const struct sigmsg *request)
{
	int err;

	if (ask->client == NULL)
		return -ENOTCONN;
	err = signal_client_request(ask->client, request, on_answer, ask);
	if (err == 0)
		ask->ended = false;
	return err;
}

int
ask_once_next(struct ask_once *ask)
{
	int err;

	if (ask->client == NULL)
		return -ENOTCONN;
	/* The look-up has ended: no address comes any more. */
	(void)signal_client_add(ask->client, NULL, 0, false, NULL);
	ask->ended = false;
	err = signal_client_next(ask->client);
	if (err < 0)
		ask->ended = true;
	return err;
}

void
ask_once_free(struct ask_once *ask)
{
	if (ask == NULL)
		return;
	resolve_free(ask->resolve);
	signal_client_free(ask->client);
	free(ask);
}
