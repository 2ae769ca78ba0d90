/*
 * probe: --probe: race all switches and finish TLS with the winner, or go to a
 * relay. See probe.h.
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/tool.h"
#include "call/reply_reach.h"
#include "call/reply.h"
#include "call/report.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "probe/probe_conclude.h"
#include "probe/probe_network.h"
#include "probe/probe_relay.h"
#include "probe/probe_target.h"
#include "probe/probe_watch.h"
#include "signal_client/ask_once.h"
#include "who/account.h"
#include "wire/why.h"

#define DEADLINE_MS 10000

struct probe {
	const struct dial_context *context;
	struct ask_once *ask;
	struct probe_network *network;	/* NULL: no switch is raced */
	struct probe_relay *relay;	/* NULL: the relay is not tried */
	struct report report;
	uint64_t began_ms;
	bool ended;
	char why[WHY_TEXT];
};

/* End the loop, once nothing is awaited any more. */
static void
stop_if_over(struct probe *p)
{
	if (p->ended &&
	    (p->network == NULL || probe_network_done(p->network)))
		loop_stop(p->context->loop);
}

static void
end_probe(struct probe *p, enum outcome outcome, const char *why)
{
	p->ended = true;
	p->report.outcome = outcome;
	why_set(p->why, "%s", why);
	stop_if_over(p);
}

static void
on_network(void *arg)
{
	stop_if_over(arg);
}

/* Report the race, however it ended. */
static void
take_race(struct probe *p, const struct signal_client *client)
{
	const struct signal_client_times *times = signal_client_times(client);
	const struct addr *addr = signal_client_addr(client);
	const struct multiconnect_entry *race;
	size_t n;

	race = signal_client_race(client, &n);
	(void)report_race(&p->report, race, n);
	p->report.step_ns[REPORT_CONNECT] = times->connected;
	p->report.step_ns[REPORT_TLS] = times->tls;
	p->report.step_ns[REPORT_INITIATE] = times->answered;
	if (addr == NULL)
		return;
	addr_format(addr, p->report.switch_address);
	account_set_proxy_races(p->context->account, p->context->switch_name,
	    signal_client_proxy_races(client));
}

static void
on_relay(enum outcome outcome, void *arg)
{
	end_probe(arg, outcome, "");
}

static void
try_relay(struct probe *p, const struct probe_relay_source *from)
{
	if (probe_relay_new(&p->relay, p->context, from, on_relay, p) < 0)
		end_probe(p, OUTCOME_ERROR, "");
}

/* Note that the switch gives no credentials for its relay. */
static void
refused(struct probe *p, const struct sigmsg *msg)
{
	enum outcome outcome = OUTCOME_REFUSED;
	char why[sizeof(p->why)];

	if (msg->status == 401 || msg->status == 403)
		outcome = OUTCOME_UNAUTHORISED;
	if (outcome == OUTCOME_UNAUTHORISED)
		why_set(why, "%s is not authorised: check "
		    "number and token in %.100s", p->context->account->number,
		    p->context->account->file);
	else if (msg->status == 429)
		why_set(why, "the relay was tried too often: "
		    "again in %u s", msg->retry_after_s);
	else
		why_set(why, "the switch gives no credentials "
		    "for its relay (%d)%s", msg->status, msg->status == 404 ?
		    ": is it of an older version?" : "");
	end_probe(p, outcome, why);
}

/* Take the answer to GET /relay. */
static void
take_credentials(struct probe *p, const struct sigmsg *msg,
    const struct addr *reached)
{
	struct addr known[RESOLVE_MAX];
	struct reply_place place = { reached, known, 0 };
	struct probe_relay_source from = { .n = 0 };
	char why[WHY_TEXT];
	struct reply reply;

	if (msg->status != 200) {
		refused(p, msg);
		return;
	}
	if (reply_parse(&reply, msg->body, msg->body_len, why) < 0) {
		end_probe(p, OUTCOME_ERROR, why);
		return;
	}
	place.n_known = report_addresses(&p->report, known, RESOLVE_MAX);
	reply_reach_mark(&reply, &place);
	from.servers = reply.servers;
	from.n = reply.n_servers;
	from.reached = *reached;
	from.ttl_s = reply.ttl_s;
	if (from.n > 0)
		try_relay(p, &from);
	else
		end_probe(p, OUTCOME_ERROR, "the switch names no relay");
	reply_clear(&reply);
}

static enum outcome
outcome_of(int err)
{
	switch (err) {
	case -EACCES:
		return OUTCOME_UNTRUSTED;
	case -EINVAL:		/* we could not write the request */
	case -EMSGSIZE:
	case -ENOMEM:
		return OUTCOME_ERROR;
	default:
		return OUTCOME_UNREACHABLE;
	}
}

static void
on_found(const struct resolve_answer *found, void *arg)
{
	struct probe *p = arg;

	if (found->why != NULL)
		tool_warn(p->context->switch_name, "%s", found->why);
	if (found->first)
		report_step(&p->report, REPORT_DNS);
}

static void
on_asked(const struct ask_once_result *result, void *arg)
{
	struct probe *p = arg;

	if (result->client != NULL)
		take_race(p, result->client);
	if (result->err < 0)
		end_probe(p, outcome_of(result->err), result->why);
	else if (p->context->options->relay)
		take_credentials(p, result->answer,
		    signal_client_addr(result->client));
	else	/* any answer shows a switch that works */
		end_probe(p, OUTCOME_COMPLETED, "");
}

static int
ask_switch(struct probe *p)
{
	static const struct ask_once_handlers handlers = {
		.found = on_found,
		.done = on_asked
	};
	const struct dial_context *c = p->context;
	struct ask_once_options options = {
		.name = c->switch_name,
		.port = c->switch_port,
		.resolve = c->resolve,
		.client = {
			.tls = c->tls,
			.deadline_ms = DEADLINE_MS,
			.race = c->account->race,
			.proxy_races = account_proxy_races(c->account,
			    c->switch_name)
		}
	};
	struct sigmsg msg = { .method = SIGMSG_GET };

	snprintf(p->report.switch_name, sizeof(p->report.switch_name), "%s",
	    c->switch_name);
	strcpy(msg.target, c->options->relay ? "/relay" : "/keepalive");
	if (c->options->relay) {
		options.client.number = c->account->number;
		options.client.token = c->account->token;
		options.client.key = c->account->key;
	}
	return ask_once_new(&p->ask, c->loop, &options, &msg, &handlers, p);
}

/* Begin with the relay, or with the switch and what network this is. */
static int
begin(struct probe *p, const struct probe_target *target)
{
	const struct probe_relay_source source = { .target = target };
	const struct dial_context *context = p->context;
	int err;

	if (target->n > 0)
		return probe_relay_new(&p->relay, context, &source, on_relay,
		    p);
	err = ask_switch(p);
	return err < 0 ? err : probe_network_new(&p->network, context,
	    on_network, p);
}

static int
probe_once(const struct dial_context *context,
    const struct probe_target *target)
{
	struct probe p = { .context = context, .began_ms = clock_ms() };
	int status, err;

	report_init(&p.report);
	err = begin(&p, target);
	if (err < 0)
		tool_fail(1, context->switch_name != NULL ?
		    context->switch_name : "probe", "%s", strerror(-err));
	loop_run(context->loop);
	status = probe_conclude(&(const struct probe_conclusion) {
		.context = context,
		.report = &p.report,
		.network = p.network,
		.relay = p.relay,
		.why = p.why,
		.began_ms = p.began_ms
	});
	ask_once_free(p.ask);
	probe_network_free(p.network);
	probe_relay_free(p.relay);
	report_clear(&p.report);
	return status;
}

int
probe_run(const struct dial_context *context)
{
	struct probe_target target = { .n = 0 };
	int status;

	if (context->options->n_relays > 0)
		probe_target_read(&target, context->options);
	status = context->options->watch_ms != 0 ?
	    probe_watch(context, &target) : probe_once(context, &target);
	probe_target_clear(&target);
	return status;
}
