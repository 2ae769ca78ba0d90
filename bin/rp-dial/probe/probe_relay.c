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
#include "net/netwatch.h"
#include "net/resolve.h"
#include "probe/probe_clock.h"
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
		.username = server->username,
		.password = server->credential,
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
	char why[WHY_TEXT];

	why_set(why, "the relay does not take %s (401)", what);
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
	const struct media_ice_server *server = &at_hand(relay)->server;
	int64_t late_s = relay->ahead_s;	/* by the switch's clock */
	char why[WHY_TEXT];
	struct turncred cred;

	is_wrong(relay, relay->password != NULL ? "this user and password" :
	    "the credentials that the switch gave");
	if (turncred_parse(&cred, server->username,
	    strlen(server->username)) < 0)
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

	if (!relay->has_secret) {
		check_expiry(relay);
		way_done(relay);
		return;
	}
	turn_options(relay, &at_hand(relay)->server, &options);
	if (probe_clock_new(&relay->clock, relay->context->loop, &options,
	    relay->password, PROBE_RELAY_LIFETIME_S, on_clock, relay) < 0)
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

	return !relay->elsewhere && addr_len(&relay->reached) > 0 &&
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

/* Return the first address to which there is a route, or NULL. */
static const struct addr *
with_route(const struct resolve_answer *found)
{
	struct addr source;
	size_t i;

	for (i = 0; i < found->n; i++)
		if (netwatch_source(&source, &found->addrs[i]) == 0)
			return &found->addrs[i];
	return NULL;
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct probe_relay *relay = arg;
	const struct addr *addr = with_route(found);
	bool none = found->err < 0;

	/* Without a route to any, the first one's failure is reported. */
	if (addr != NULL)
		at_hand(relay)->server.addr = *addr;
	else if (found->first && found->n > 0)
		at_hand(relay)->server.addr = found->addrs[0];
	if (addr == NULL && found->more)
		return;
	if (none)
		way_failed(relay, PROBE_FAULT_NAME, found->why);
	resolve_free(relay->resolve);
	relay->resolve = NULL;
	if (none) {
		way_done(relay);
		return;
	}
	at_hand(relay)->resolved = true;
	try_way(relay);
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
try_next(struct probe_relay *relay)
{
	const struct media_ice_server *server;
	int err;

	if (relay->i == relay->n) {
		relay->done(outcome(relay), relay->arg);
		return;
	}
	if (at_hand(relay)->resolved) {
		try_way(relay);
		return;
	}
	server = &at_hand(relay)->server;
	err = resolve_start(&relay->resolve, relay->context->loop,
	    server->name, at_hand(relay)->port, relay->context->resolve,
	    on_resolved, relay);
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
    const struct probe_relay_switch *from, probe_relay_done *done, void *arg)
{
	struct probe_relay *relay = calloc(1, sizeof(*relay));
	int err = 0;

	if (relay == NULL)
		return -ENOMEM;
	relay->context = context;
	relay->done = done;
	relay->arg = arg;
	if (from->n > 0)
		probe_relay_take_switch(relay, from);
	else
		err = probe_relay_take_options(relay);
	if (err == 0) {
		relay->begin = loop_timer_new(context->loop, on_begin, relay);
		if (relay->begin == NULL)
			err = -ENOMEM;
	}
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
	resolve_free(relay->resolve);
	probe_way_free(relay->way);
	probe_clock_free(relay->clock);
	loop_event_free(relay->begin);
	if (relay->password != NULL)
		crypto_wipe(relay->password, strlen(relay->password));
	free(relay->password);
	crypto_wipe(relay, sizeof(*relay));
	free(relay);
}
