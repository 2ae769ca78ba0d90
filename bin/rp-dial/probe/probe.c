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
#include "net/resolve.h"
#include "probe/probe_relay.h"
#include "signal_client/signal_client.h"
#include "who/account.h"
#include "wire/why.h"

#define DEADLINE_MS 10000
#define BAR 40			/* columns of the longest bar */

struct probe {
	const struct dial_context *context;
	struct resolve *resolve;
	struct signal_client *client;
	struct probe_relay *relay;	/* NULL: the relay is not tried */
	struct report report;
	bool ended;
	char why[WHY_TEXT];
};

/* End the look-up: the race is won, or over. No address is needed. */
static void
end_lookup(struct probe *p)
{
	resolve_free(p->resolve);
	p->resolve = NULL;
}

/*
 * End the probe. Only the first call counts, because a switch may answer and
 * close in one go.
 */
static void
end_probe(struct probe *p, enum outcome outcome, const char *why)
{
	if (p->ended)
		return;
	p->ended = true;
	p->report.outcome = outcome;
	why_set(p->why, "%s", why);
	loop_stop(p->context->loop);
}

static void
take_race(struct probe *p)
{
	const struct signal_client_times *times =
	    signal_client_times(p->client);
	const struct addr *addr = signal_client_addr(p->client);
	const struct multiconnect_entry *race;
	size_t n;

	end_lookup(p);
	race = signal_client_race(p->client, &n);
	(void)report_race(&p->report, race, n);
	p->report.step_ns[REPORT_CONNECT] = times->connected;
	p->report.step_ns[REPORT_TLS] = times->tls;
	p->report.step_ns[REPORT_INITIATE] = times->answered;
	if (addr == NULL)
		return;
	addr_format(addr, p->report.switch_address);
	account_set_proxy(p->context->account, p->context->switch_name,
	    signal_client_suspects_proxy(p->client));
}

static void
on_answer(const struct sigmsg *msg, void *arg)
{
	struct probe *p = arg;

	(void)msg;	/* any answer shows a switch that works */
	take_race(p);
	end_probe(p, OUTCOME_COMPLETED, "");
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
on_credentials(const struct sigmsg *msg, void *arg)
{
	struct probe_relay_switch from = { .n = 0 };
	struct probe *p = arg;
	char why[WHY_TEXT];
	struct reply reply;

	take_race(p);
	if (msg->status != 200) {
		refused(p, msg);
		return;
	}
	if (reply_parse(&reply, msg->body, msg->body_len, why) < 0) {
		end_probe(p, OUTCOME_ERROR, why);
		return;
	}
	from.reached = *signal_client_addr(p->client);
	reply_reach(&reply, &from.reached);
	from.servers = reply.servers;
	from.n = reply.n_servers;
	from.ttl_s = reply.ttl_s;
	if (from.n > 0)
		try_relay(p, &from);
	else
		end_probe(p, OUTCOME_ERROR, "the switch names no relay");
	reply_clear(&reply);
}

static void
on_request(const struct sigmsg *msg, void *arg)
{
	(void)msg;
	(void)arg;
}

static void
on_closed(int err, const char *why, void *arg)
{
	struct probe *p = arg;

	if (p->relay != NULL)
		return;		/* the switch was tried already */
	take_race(p);
	end_probe(p, err == -EACCES ? OUTCOME_UNTRUSTED : OUTCOME_UNREACHABLE,
	    why);
}

static int
race(struct probe *p, const struct resolve_answer *found)
{
	static const struct signal_client_handlers handlers = {
		.request = on_request,
		.closed = on_closed
	};
	struct signal_client_options options = {
		.tls = p->context->tls,
		.server_name = p->context->switch_name,
		.deadline_ms = DEADLINE_MS,
		.race = p->context->account->race,
		.suspects_proxy = account_suspects_proxy(p->context->account,
		    p->context->switch_name),
		.more = found->more,
		.missing = found->missing
	};
	bool relay = p->context->options->relay;
	struct sigmsg first = { .method = SIGMSG_GET };

	report_step(&p->report, REPORT_DNS);
	strcpy(first.target, relay ? "/relay" : "/keepalive");
	if (relay) {
		options.number = p->context->account->number;
		options.token = p->context->account->token;
	}
	return signal_client_new(&p->client, p->context->loop, found->addrs,
	    found->n, &options, &handlers, p, &first,
	    relay ? on_credentials : on_answer);
}

static void
on_resolved(const struct resolve_answer *found, void *arg)
{
	struct probe *p = arg;
	int err;

	if (found->err < 0) {
		end_probe(p, OUTCOME_UNREACHABLE, found->why);
		return;
	}
	if (found->why != NULL)
		tool_warn(p->context->switch_name, "%s", found->why);
	err = found->first ? race(p, found) : signal_client_add(p->client,
	    found->addrs, found->n, found->more, found->missing);
	if (err < 0 && found->first)
		end_probe(p, OUTCOME_ERROR, strerror(-err));
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
	char *text;
	int err = 0;

	if (*p->why != '\0')
		tool_warn(p->context->switch_name, "%s%s",
		    is_unreachable(p->report.outcome) ?
		    "no switch reachable: " : "", p->why);
	if (p->relay != NULL)
		probe_relay_warn(p->relay);
	if (options->json == NULL) {
		print(&p->report);
		if (p->relay != NULL)
			probe_relay_print(p->relay);
	} else {
		text = report_probe_json(&p->report, p->relay != NULL ?
		    probe_relay_json(p->relay) : NULL);
		err = text != NULL ? conclude_write(options->json, text) :
		    -ENOMEM;
		free(text);
	}
	if (err == 0 && fflush(stdout) != 0)
		err = -errno;
	if (err == 0)
		return outcome_exit(p->report.outcome);
	tool_warn("--probe", "%s", strerror(-err));
	return outcome_exit(OUTCOME_ERROR);
}

static int
find_switch(struct probe *p)
{
	const struct dial_context *context = p->context;
	int err;

	snprintf(p->report.switch_name, sizeof(p->report.switch_name), "%s",
	    context->switch_name);
	err = resolve_start(&p->resolve, context->loop, context->switch_name,
	    context->switch_port, context->resolve, on_resolved, p);
	if (err < 0)
		tool_warn(context->switch_name, "%s", strerror(-err));
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
		err = find_switch(&p);
	if (err == 0) {
		loop_run(context->loop);
		status = conclude(&p);
	}
	signal_client_free(p.client);
	resolve_free(p.resolve);
	probe_relay_free(p.relay);
	report_clear(&p.report);
	return status;
}
