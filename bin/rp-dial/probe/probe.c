/*
 * probe: --probe: race all switches, finish TLS with the winner, and print a
 * table. See probe.h.
 */
#include "probe/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/tool.h"
#include "call/conclude.h"
#include "call/reply_reach.h"
#include "call/reply.h"
#include "call/report.h"
#include "conf/context.h"
#include "conf/options.h"
#include "net/loop.h"
#include "probe/probe_network.h"
#include "probe/probe_relay.h"
#include "signal_client/ask_once.h"
#include "who/account.h"
#include "wire/why.h"

#define DEADLINE_MS 10000
#define BAR 40			/* columns of the longest bar */

struct probe {
	const struct dial_context *context;
	struct ask_once *ask;
	struct probe_network *network;	/* NULL: no switch is raced */
	struct probe_relay *relay;	/* NULL: the relay is not tried */
	struct report report;
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
try_relay(struct probe *p, const struct probe_relay_switch *from)
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
	struct probe_relay_switch from = { .n = 0 };
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
	reply_reach(&reply, reached);
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

static double
longest(const struct report *report)
{
	double most = 0.001;
	size_t i;

	for (i = 0; i < report->n_attempts; i++)
		if (report->attempts[i].ms > most)
			most = report->attempts[i].ms;
	return most;
}

static int
widest(const struct report *report)
{
	size_t i, most = 0, len;

	for (i = 0; i < report->n_attempts; i++) {
		len = strlen(report->attempts[i].address);
		most = len > most ? len : most;
	}
	return (int)most;
}

static void
print(const struct report *report)
{
	static const char bar[BAR + 1] =
	    "########################################";
	double most = longest(report);
	bool bars = isatty(STDOUT_FILENO);
	int width = widest(report);
	size_t i;

	for (i = 0; i < report->n_attempts; i++) {
		const struct report_attempt *a = &report->attempts[i];
		int columns = (int)(a->ms / most * BAR);

		printf("%s %-*s %9.2f ms  %s", a->won ? "*" : " ", width,
		    a->address, a->ms, a->outcome);
		if (bars)
			printf("\n  %.*s", columns > 0 ? columns : 1, bar);
		putchar('\n');
	}
}

static bool
is_unreachable(enum outcome outcome)
{
	return outcome == OUTCOME_UNREACHABLE || outcome == OUTCOME_UNTRUSTED;
}

static int
conclude(struct probe *p)
{
	const struct options *options = p->context->options;
	char *text, hint[WHY_TEXT] = "";
	int err = 0;

	if (is_unreachable(p->report.outcome))
		conclude_hint(hint, p->report.outcome, p->why,
		    p->context->account);
	if (*p->why != '\0')
		tool_warn(p->context->switch_name, "%s%s%s",
		    is_unreachable(p->report.outcome) ?
		    "no switch reachable: " : "", p->why, hint);
	if (p->relay != NULL)
		probe_relay_warn(p->relay);
	if (p->network != NULL && is_unreachable(p->report.outcome))
		probe_network_warn(p->network);
	if (options->json == NULL) {
		if (p->network != NULL)
			probe_network_print(p->network, stdout);
		print(&p->report);
		if (p->relay != NULL)
			probe_relay_print(p->relay);
	} else {
		text = report_probe_json(&p->report,
		    p->network != NULL ? probe_network_json(p->network) : NULL,
		    p->relay != NULL ? probe_relay_json(p->relay) : NULL);
		err = text != NULL ? conclude_write(options->json, text) :
		    -ENOMEM;
		free(text);
	}
	if (err == 0 && fflush(stdout) != 0)
		err = -errno;
	if (err == 0)
		return outcome_exit(p->report.outcome);
	conclude_complain(options->json != NULL ? options->json : "-", err);
	return outcome_exit(OUTCOME_ERROR);
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
	int err;

	snprintf(p->report.switch_name, sizeof(p->report.switch_name), "%s",
	    c->switch_name);
	strcpy(msg.target, c->options->relay ? "/relay" : "/keepalive");
	if (c->options->relay) {
		options.client.number = c->account->number;
		options.client.token = c->account->token;
		options.client.key = c->account->key;
	}
	err = ask_once_new(&p->ask, c->loop, &options, &msg, &handlers, p);
	if (err < 0)
		tool_warn(c->switch_name, "%s", strerror(-err));
	return err;
}

int
probe_run(const struct dial_context *context)
{
	static const struct probe_relay_switch none = { .n = 0 };
	struct probe p = { .context = context };
	int status = outcome_exit(OUTCOME_ERROR), err;

	report_init(&p.report);
	if (context->options->n_relays > 0)
		err = probe_relay_new(&p.relay, context, &none, on_relay, &p);
	else
		err = ask_switch(&p);
	if (err == 0 && context->options->n_relays == 0)
		err = probe_network_new(&p.network, context, on_network, &p);
	if (err == 0) {
		loop_run(context->loop);
		status = conclude(&p);
	}
	ask_once_free(p.ask);
	probe_network_free(p.network);
	probe_relay_free(p.relay);
	report_clear(&p.report);
	return status;
}
