/*
 * probe_relay: --probe --relay: try each path to a relay in turn, and name its
 * fault. Paths come from probe_relay_ways, output from probe_relay_show.
 */
#include "probe/probe_relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "conf/context.h"
#include "net/loop.h"
#include "probe/probe_clock.h"
#include "probe/probe_lookup.h"
#include "probe/probe_relay_private.h"
#include "wire/turncred.h"
#include "wire/why.h"

static void try_next(struct probe_relay *relay);

static struct probe_relay_way *
at_hand(struct probe_relay *relay)
{
	return &relay->ways[relay->i];
}

static void
turn_options(const struct probe_relay *relay,
    const struct media_ice_server *server, struct turn_client_options *out)
{
	*out = (struct turn_client_options){
		.server = server->addr,
		.via = server->via,
		.username = relay->target != NULL ?
		    relay->credentials.username : server->username,
		.password = relay->target != NULL ?
		    relay->credentials.password : server->credential,
		.tls = relay->context->tls,
		.server_name = server->name
	};
}

static void
way_failed(struct probe_relay *relay, enum probe_fault fault,
    const char *why)
{
	struct probe_way_result *result = &at_hand(relay)->result;

	result->fault = fault;
	why_set(result->why, "%s", why);
}

static void
way_done(struct probe_relay *relay)
{
	at_hand(relay)->tried = true;
	relay->i++;
	relay->elsewhere = false;
	try_next(relay);
}

/*
 * Report wrong credentials; `what` is the secret, or the credentials' source.
 */
static void
is_wrong(struct probe_relay *relay, const char *what)
{
	const char *realm = at_hand(relay)->result.realm;
	char why[WHY_TEXT];

	why_set(why, "the relay does not take %s (401)%s%s%s", what,
	    *realm != '\0' ? ": its realm is \"" : "", realm,
	    *realm != '\0' ? "\"" : "");
	way_failed(relay, PROBE_FAULT_SECRET, why);
}

static void
on_clock(int err, int64_t ahead_s, void *arg)
{
	struct probe_relay *relay = arg;
	char why[WHY_TEXT];

	probe_clock_free(relay->clock);
	relay->clock = NULL;
	if (err == 0) {
		why_set(why, "the relay's clock is %lld s ahead "
		    "of this one, so that credentials good for %d s have "
		    "expired there", (long long)ahead_s,
		    PROBE_RELAY_LIFETIME_S);
		way_failed(relay, PROBE_FAULT_CLOCK, why);
	} else if (err == -EACCES) {
		is_wrong(relay, "credentials made with this secret, of "
		    "whatever time");
	}
	way_done(relay);
}

/* Check whether foreign credentials have expired by this clock. */
static void
check_expiry(struct probe_relay *relay)
{
	const char *username = relay->target != NULL ?
	    relay->credentials.username : at_hand(relay)->server.username;
	int64_t late_s = relay->ahead_s;	/* by the switch's clock */
	char why[WHY_TEXT];
	struct turncred cred;

	is_wrong(relay, relay->target != NULL ? "this user and password" :
	    "the credentials that the switch gave");
	if (turncred_parse_any(&cred, username, strlen(username)) < 0)
		return;
	late_s += clock_wall_s() - cred.expiry_s;
	if (late_s < 0)
		return;
	why_set(why, "the credentials expired %lld s ago by "
	    "this clock", (long long)late_s);
	way_failed(relay, PROBE_FAULT_CLOCK, why);
}

/* Find out whether the relay refuses our secret or our clock. */
static void
credentials_refused(struct probe_relay *relay)
{
	struct turn_client_options options;

	if (relay->target == NULL || relay->target->secret == NULL) {
		check_expiry(relay);
		way_done(relay);
		return;
	}
	turn_options(relay, &at_hand(relay)->server, &options);
	if (probe_clock_new(&relay->clock, relay->context->loop, &options,
	    relay->target, PROBE_RELAY_LIFETIME_S, on_clock, relay) < 0)
		way_done(relay);
}

static bool
is_nowhere(enum probe_fault fault)
{
	return fault == PROBE_FAULT_CLOSED || fault == PROBE_FAULT_SILENT ||
	    fault == PROBE_FAULT_UNREACHABLE;
}

/*
 * Return whether the relay may be at the switch's own address, because nothing
 * listens at the one that the switch named.
 */
static bool
may_be_elsewhere(struct probe_relay *relay)
{
	const struct addr *addr = &at_hand(relay)->server.addr;

	return relay->target == NULL && !relay->elsewhere &&
	    is_nowhere(at_hand(relay)->result.fault) &&
	    addr_is_v4(addr) == addr_is_v4(&relay->reached) &&
	    !addr_equal_ip(addr, &relay->reached);
}

static int start_ways(struct probe_relay *relay, const struct addr *addr);

static void
found_elsewhere(struct probe_relay *relay)
{
	char wrong[ADDR_TEXT], right[ADDR_TEXT], why[WHY_TEXT];

	addr_format_ip(&at_hand(relay)->server.addr, wrong);
	addr_format_ip(&relay->reached, right);
	why_set(why, "the switch says that its relay is at %s, %s; it is at "
	    "%s, as the switch", wrong, at_hand(relay)->server.refused ?
	    "which is none of its addresses" : "where there is none", right);
	way_failed(relay, PROBE_FAULT_ADDRESS, why);
}

static void
on_way(const struct probe_way_result *result, void *arg)
{
	struct probe_relay *relay = arg;
	bool works = result->fault == PROBE_FAULT_NONE;
	struct addr addr;

	if (!relay->elsewhere)
		at_hand(relay)->result = *result;
	else if (works)
		found_elsewhere(relay);
	probe_way_free(relay->way);
	relay->way = NULL;
	if (may_be_elsewhere(relay)) {
		addr = relay->reached;
		addr_set_port(&addr, addr_port(&at_hand(relay)->server.addr));
		relay->elsewhere = true;
		if (start_ways(relay, &addr) == 0)
			return;
	}
	if (at_hand(relay)->result.fault == PROBE_FAULT_SECRET)
		credentials_refused(relay);
	else
		way_done(relay);
}

static int
start_ways(struct probe_relay *relay, const struct addr *addr)
{
	struct turn_client_options options;

	turn_options(relay, &at_hand(relay)->server, &options);
	options.server = *addr;
	return probe_way_new(&relay->way, relay->context->loop, &options,
	    false, on_way, relay);
}

/* Name the fault of an address that the switch does not have, and skip it. */
static int
try_elsewhere(struct probe_relay *relay)
{
	char wrong[ADDR_TEXT], why[WHY_TEXT];
	struct addr addr = relay->reached;

	why_set(why, "the switch says that its relay is at %s, which is none "
	    "of its addresses", addr_format_ip(&at_hand(relay)->server.addr,
	    wrong));
	way_failed(relay, PROBE_FAULT_ADDRESS, why);
	addr_set_port(&addr, addr_port(&at_hand(relay)->server.addr));
	relay->elsewhere = true;
	return start_ways(relay, &addr);
}

static void
try_way(struct probe_relay *relay)
{
	int err = at_hand(relay)->server.refused ? try_elsewhere(relay) :
	    start_ways(relay, &at_hand(relay)->server.addr);

	if (err == 0)
		return;
	way_failed(relay, PROBE_FAULT_UNREACHABLE, strerror(-err));
	way_done(relay);
}

/* Add a path behind the current one, to the other family's address. */
static void
add_family(struct probe_relay *relay, const struct addr *addr)
{
	struct probe_relay_way *way = at_hand(relay);

	memmove(way + 2, way + 1, (relay->n - relay->i - 1) * sizeof(*way));
	way[1] = *way;
	way[1].server.addr = *addr;
	relay->n++;
}

/*
 * Take the addresses of a name. One without a route is told and not tried,
 * unless there is no other; its failure is then reported.
 */
static void
on_looked_up(const struct probe_lookup_result *result, void *arg)
{
	struct probe_relay *relay = arg;
	struct probe_relay_way *way = at_hand(relay);
	bool routed = result->route[0] || result->route[1];

	if (result->n > 0) {
		way->server.addr = result->addrs[0];
		way->resolved = true;
		way->skipped = routed && !result->route[0];
	} else {
		way_failed(relay, PROBE_FAULT_NAME, result->why);
	}
	if (result->n == 2 && relay->n < PROBE_RELAY_WAYS) {
		add_family(relay, &result->addrs[1]);
		way[1].skipped = !result->route[1];
	}
	probe_lookup_free(relay->lookup);
	relay->lookup = NULL;
	if (way->resolved)
		try_next(relay);
	else
		way_done(relay);
}

/* Return the outcome of the first path that fails. */
static enum outcome
outcome(const struct probe_relay *relay)
{
	size_t i;

	for (i = 0; i < relay->n; i++)
		if (relay->ways[i].result.fault != PROBE_FAULT_NONE)
			return probe_fault_outcome(
			    relay->ways[i].result.fault);
	return OUTCOME_COMPLETED;
}

static void
end_relay(struct probe_relay *relay)
{
	loop_event_stop(relay->late);
	relay->done(outcome(relay), relay->arg);
}

/* End the test, because what is left would take too long. */
static void
on_late(void *arg)
{
	struct probe_relay *relay = arg;
	char why[WHY_TEXT];

	why_set(why, "the time for all ways, %d s, was over",
	    PROBE_RELAY_MS / 1000);
	for (; relay->i < relay->n; relay->i++) {
		if (at_hand(relay)->skipped)
			continue;
		at_hand(relay)->tried = true;
		way_failed(relay, PROBE_FAULT_LATE, why);
	}
	probe_lookup_free(relay->lookup);
	relay->lookup = NULL;
	probe_way_free(relay->way);
	relay->way = NULL;
	probe_clock_free(relay->clock);
	relay->clock = NULL;
	end_relay(relay);
}

static void
try_next(struct probe_relay *relay)
{
	int err;

	while (relay->i < relay->n && at_hand(relay)->skipped)
		relay->i++;
	if (relay->i == relay->n) {
		end_relay(relay);
		return;
	}
	if (at_hand(relay)->resolved) {
		try_way(relay);
		return;
	}
	err = probe_lookup_new(&relay->lookup, relay->context->loop,
	    at_hand(relay)->server.name, at_hand(relay)->port,
	    relay->context->resolve, on_looked_up, relay);
	if (err < 0) {
		way_failed(relay, PROBE_FAULT_NAME, strerror(-err));
		way_done(relay);
	}
}

static void
on_begin(void *arg)
{
	try_next(arg);
}

int
probe_relay_new(struct probe_relay **out, const struct dial_context *context,
    const struct probe_relay_source *from, probe_relay_done *done, void *arg)
{
	struct probe_relay *relay = calloc(1, sizeof(*relay));
	int err = 0;

	if (relay == NULL)
		return -ENOMEM;
	relay->context = context;
	relay->done = done;
	relay->arg = arg;
	if (from->target != NULL)
		err = probe_relay_take_target(relay, from->target);
	else
		probe_relay_take_switch(relay, from);
	relay->begin = loop_timer_new(context->loop, on_begin, relay);
	relay->late = loop_timer_new(context->loop, on_late, relay);
	if (relay->begin == NULL || relay->late == NULL ||
	    loop_timer_set_ms(relay->late, PROBE_RELAY_MS) < 0)
		err = -ENOMEM;
	if (err < 0) {
		probe_relay_free(relay);
		return err;
	}
	loop_event_soon(relay->begin);
	*out = relay;
	return 0;
}

void
probe_relay_free(struct probe_relay *relay)
{
	if (relay == NULL)
		return;
	probe_lookup_free(relay->lookup);
	probe_way_free(relay->way);
	probe_clock_free(relay->clock);
	loop_event_free(relay->begin);
	loop_event_free(relay->late);
	crypto_wipe(relay, sizeof(*relay));
	free(relay);
}
