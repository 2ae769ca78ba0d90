/*
 * probe_clock: try credentials for other times, to distinguish a wrong clock
 * from a wrong secret. Called by probe_relay. See probe_clock.h.
 */
#include "probe/probe_clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "probe/probe_target.h"
#include "probe/probe_way.h"

#define YEAR_S (366 * 24 * 3600)
#define TRIES 40		/* a bisection of 32 bits, and some */

struct probe_clock {
	struct event_base *loop;
	struct turn_client_options options;
	char *server_name;
	const struct probe_target *target;
	probe_clock_done *done;
	void *arg;
	struct probe_way *way;
	/* Credentials with these lifetimes are refused, and accepted. */
	int64_t refused_s, accepted_s;
	int64_t asked_s;
	unsigned tries;
	bool found;			/* accepted_s is known */
};

static void ask_clock(struct probe_clock *clock);

static void
end_clock(struct probe_clock *clock, int err)
{
	clock->done(err, clock->refused_s, clock->arg);
}

static void
on_way(const struct probe_way_result *result, void *arg)
{
	struct probe_clock *clock = arg;
	enum probe_fault fault = result->fault;

	probe_way_free(clock->way);
	clock->way = NULL;
	if (fault == PROBE_FAULT_NONE) {
		clock->accepted_s = clock->asked_s;
		clock->found = true;
	} else if (fault == PROBE_FAULT_SECRET && clock->found) {
		clock->refused_s = clock->asked_s;
	} else {
		end_clock(clock, fault == PROBE_FAULT_SECRET ? -EACCES :
		    -EPROTO);
		return;
	}
	if (clock->accepted_s - clock->refused_s <= 1)
		end_clock(clock, 0);
	else if (++clock->tries == TRIES)
		end_clock(clock, -ETIMEDOUT);
	else
		ask_clock(clock);
}

/* Start an attempt, unless the search is over. */
static int
try_one(struct probe_clock *clock)
{
	struct probe_target_credentials credentials;
	int err;

	clock->asked_s = clock->found ? clock->refused_s +
	    (clock->accepted_s - clock->refused_s) / 2 : clock->accepted_s;
	err = probe_target_sign(clock->target, clock->asked_s, &credentials);
	if (err < 0)
		return err;
	clock->options.username = credentials.username;
	clock->options.password = credentials.password;
	err = probe_way_new(&clock->way, clock->loop, &clock->options, true,
	    on_way, clock);
	crypto_wipe(&credentials, sizeof(credentials));
	return err;
}

static void
ask_clock(struct probe_clock *clock)
{
	int err = try_one(clock);

	if (err < 0)
		end_clock(clock, err);
}

int
probe_clock_new(struct probe_clock **out, struct event_base *loop,
    const struct turn_client_options *options,
    const struct probe_target *target, int64_t lifetime_s,
    probe_clock_done *done, void *arg)
{
	struct probe_clock *clock = calloc(1, sizeof(*clock));
	int err = -ENOMEM;

	if (clock == NULL)
		return -ENOMEM;
	clock->loop = loop;
	clock->options = *options;
	clock->target = target;
	clock->done = done;
	clock->arg = arg;
	clock->refused_s = lifetime_s;
	/* To coturn 4.6 a time beyond 31 bits has expired. */
	clock->accepted_s = INT32_MAX - clock_wall_s();
	if (clock->accepted_s < YEAR_S)
		clock->accepted_s = YEAR_S;
	if (options->server_name != NULL)
		clock->server_name = strdup(options->server_name);
	clock->options.server_name = clock->server_name;
	if (options->server_name == NULL || clock->server_name != NULL)
		err = try_one(clock);
	if (err < 0) {
		probe_clock_free(clock);
		return err;
	}
	*out = clock;
	return 0;
}

void
probe_clock_free(struct probe_clock *clock)
{
	if (clock == NULL)
		return;
	probe_way_free(clock->way);
	free(clock->server_name);
	free(clock);
}
