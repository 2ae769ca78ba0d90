#include "switchd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "answers.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "base/service.h"
#include "base/tool.h"
#include "calls.h"
#include "control.h"
#include "dev.h"
#include "drain.h"
#include "enrol.h"
#include "front.h"
#include "gate.h"
#include "load.h"
#include "metrics.h"
#include "net/tls.h"
#include "peer/directory.h"
#include "push.h"
#include "settings.h"
#include "turn.h"

#define RELAY_MAX 16		/* listening addresses of the relay */
#define READY_MAX 4096
#define FAREWELL_MS 200		/* for the HANGUPs to be on their way */

struct switchd {
	struct switchd_options options;
	struct settings *settings;
	struct event_base *loop;
	struct metrics *metrics;
	struct gate *gate;
	struct load *load;
	struct directory *directory;
	struct turn *turn;
	struct front *front;
	struct push *push;
	struct calls *calls;
	struct enrol *enrol;		/* NULL: nobody registers here */
	struct drain *drain;
	struct control *control;
	struct answers answers;
	struct addr external;
	struct addr metrics_addr;
	struct event *signals[3];
	struct event *watchdog;
	bool stopping;			/* a first SIGTERM came */
	bool forced;			/* calls were hung up by us */
	uint64_t *reloads, *reloads_failed;
};

static int
fail(char why[static SWITCHD_WHY], const char *what, const char *wrong)
{
	char text[SWITCHD_WHY];

	snprintf(text, sizeof(text), "%.100s: %.400s", what, wrong);
	strcpy(why, text);
	return -EINVAL;
}

static int
fail_errno(char why[static SWITCHD_WHY], const char *what, int err)
{
	return fail(why, what, strerror(-err));
}

static void
on_directory(bool usable, void *arg)
{
	struct switchd *sw = arg;

	gate_set(sw->gate, GATE_NO_DIRECTORY, !usable);
}

static int
open_directory(struct switchd *sw, char why[static SWITCHD_WHY])
{
	char wrong[DIRECTORY_WHY];
	int err;

	err = directory_open(&sw->directory, sw->loop, sw->settings->directory,
	    false, wrong);
	if (err < 0)
		return fail(why, "directory", wrong);
	directory_on_state(sw->directory, on_directory, sw);
	return 0;
}

static uint64_t
count_overruns(void *arg)
{
	struct switchd *sw = arg;

	return turn_overruns(sw->turn);
}

static int
parse_addrs(struct addr out[static RELAY_MAX], const struct conf_strings *list,
    const char *key, char why[static SWITCHD_WHY])
{
	size_t i;

	if (list->n > RELAY_MAX)
		return fail(why, key, "too many addresses");
	for (i = 0; i < list->n; i++)
		if (addr_parse(&out[i], list->item[i], 0) < 0)
			return fail(why, list->item[i], "is no address");
	return 0;
}

static int
open_relay(struct switchd *sw, char why[static SWITCHD_WHY])
{
	const struct settings *s = sw->settings;
	struct addr listen[RELAY_MAX], tcp[RELAY_MAX], tls[RELAY_MAX];
	struct turn_options options = {
		.listen = listen,
		.n_listen = s->relay_listen.n,
		.tcp = tcp,
		.n_tcp = s->relay_tcp_listen.n,
		.tls = tls,
		.n_tls = s->relay_tls_listen.n,
		.certificate = s->certificate,
		.key = s->key,
		.max_streams = (unsigned)s->relay_max_streams,
		.max_streams_per_prefix =
		    (unsigned)s->relay_max_streams_per_prefix,
		.stream_auth_ms = (unsigned)s->relay_stream_auth_ms,
		.realm = s->relay_realm,
		.secrets = &s->relay_secret,
		.threads = (unsigned)s->relay_threads,
		.allocations_per_party =
		    (unsigned)s->relay_allocations_per_party,
		.kbps_per_allocation = (unsigned)s->relay_kbps_per_allocation,
		.lifetime_s = (unsigned)s->relay_lifetime_s,
		.metrics = sw->metrics
	};
	char wrong[TURN_WHY];

	if (parse_addrs(listen, &s->relay_listen, "relay.listen", why) < 0 ||
	    parse_addrs(tcp, &s->relay_tcp_listen, "relay.tcp_listen",
	    why) < 0 ||
	    parse_addrs(tls, &s->relay_tls_listen, "relay.tls_listen",
	    why) < 0)
		return -EINVAL;
	if (s->relay_external_address != NULL) {
		if (addr_parse(&sw->external, s->relay_external_address,
		    0) < 0)
			return fail(why, s->relay_external_address,
			    "is no address");
		options.external = &sw->external;
		sw->answers.external = &sw->external;
	}
	if (turn_new(&sw->turn, &options, wrong) < 0)
		return fail(why, "relay", wrong);
	load_watch_relay(sw->load, count_overruns, sw);
	return 0;
}

static int
open_front(struct switchd *sw, char why[static SWITCHD_WHY])
{
	struct front_options options = {
		sw->settings, sw->gate, sw->directory, sw->metrics
	};
	char wrong[FRONT_WHY];

	if (front_new(&sw->front, sw->loop, &options, wrong) < 0)
		return fail(why, "listen", wrong);
	sw->answers.settings = sw->settings;
	sw->answers.answer_port = addr_port(front_answer_addr(sw->front, 0));
	sw->answers.turn = turn_addrs(sw->turn, &sw->answers.n_turn);
	sw->answers.tcp = turn_tcp_addrs(sw->turn, &sw->answers.n_tcp);
	sw->answers.tls = turn_tls_addrs(sw->turn, &sw->answers.n_tls);
	return 0;
}

static int
open_push(struct switchd *sw, char why[static SWITCHD_WHY])
{
	struct push_options options = {
		.command = sw->settings->push_command,
		.settings = sw->settings,
		.directory = sw->directory,
		.metrics = sw->metrics
	};
	int err = push_new(&sw->push, sw->loop, &options);

	return err < 0 ? fail_errno(why, "push", err) : 0;
}

static void
end_media(const char *session, void *arg)
{
	struct switchd *sw = arg;

	turn_end_call(sw->turn, session);
}

static uint64_t
media_ms(const char *session, void *arg)
{
	struct switchd *sw = arg;
	struct turn_call call;

	if (turn_call(sw->turn, session, &call) < 0)
		return 0;
	return call.last_media_ns / CLOCK_MS;
}

static void
on_calls(void *arg)
{
	struct switchd *sw = arg;

	/* Not yet there, or no longer, while all is opened or closed. */
	if (sw->control != NULL)
		control_calls_changed(sw->control);
	if (sw->drain != NULL)
		drain_call_ended(sw->drain);
}

static int
open_calls(struct switchd *sw, char why[static SWITCHD_WHY])
{
	struct calls_options options = {
		.settings = sw->settings,
		.gate = sw->gate,
		.push = sw->push,
		.metrics = sw->metrics,
		.answer_port = sw->answers.answer_port,
		.end_media = end_media,
		.media_ms = media_ms,
		.changed = on_calls,
		.arg = sw
	};
	int err = calls_new(&sw->calls, sw->loop, &options);

	if (err < 0)
		return fail_errno(why, "calls", err);
	if (!sw->settings->registration)
		return 0;
	sw->enrol = enrol_new(sw->push, sw->metrics);
	return sw->enrol == NULL ? fail_errno(why, "start", -ENOMEM) : 0;
}

static uint64_t
count_calls(void *arg)
{
	struct switchd *sw = arg;

	return calls_active(sw->calls);
}

static void
on_force(void *arg)
{
	struct switchd *sw = arg;

	sw->forced = true;
	calls_shutdown(sw->calls);
}

static void
on_drained(void *arg)
{
	struct switchd *sw = arg;

	if (sw->control != NULL)
		control_drained(sw->control);
}

static void
on_stop(void *arg)
{
	static const struct timeval farewell = { 0, FAREWELL_MS * 1000 };
	struct switchd *sw = arg;

	event_base_loopexit(sw->loop, sw->forced ? &farewell : NULL);
}

static int
open_drain(struct switchd *sw, char why[static SWITCHD_WHY])
{
	static const struct drain_handlers handlers = {
		count_calls, on_force, on_drained, on_stop
	};
	int err = drain_new(&sw->drain, sw->loop, sw->gate, &handlers, sw);

	return err < 0 ? fail_errno(why, "drain", err) : 0;
}

static int
load_tls(struct switchd *sw, const struct settings *settings,
    struct tls_config **out, char why[static SWITCHD_WHY])
{
	char wrong[TLS_WHY];

	(void)sw;
	if (tls_config_server(out, settings->certificate, settings->key,
	    wrong) < 0)
		return fail(why, "tls", wrong);
	return 0;
}

/*
 * Limits, timing, log level and certificate; what is bound or open stays. A
 * configuration with a mistake changes nothing.
 */
static int
reload(char why[static CTLMSG_WHY], void *arg)
{
	struct switchd *sw = arg;
	struct settings anew = { 0 };
	struct tls_config *tls = NULL;
	enum log_level level;
	char wrong[SWITCHD_WHY];
	int err;

	service_reloading();
	err = sw->options.read(&anew, wrong, sw->options.arg);
	if (err == 0)
		err = load_tls(sw, &anew, &tls, wrong);
	service_ready();
	if (err < 0) {
		++*sw->reloads_failed;
		log_error("reload", "why=\"%s\"", wrong);
		snprintf(why, CTLMSG_WHY, "%.200s", wrong);
		settings_free(&anew);
		return err;
	}
	front_set_tls(sw->front, tls);
	if (turn_set_certificate(sw->turn, anew.certificate, anew.key,
	    wrong) < 0)
		log_error("reload", "why=\"%s\"", wrong);
	if (log_level_parse(&level, anew.log_level) == 0)
		log_set_level(level);
	settings_adopt(sw->settings, &anew);
	if (turn_set_secrets(sw->turn, &sw->settings->relay_secret) < 0)
		log_error("reload", "why=\"out of memory for the secrets\"");
	settings_free(&anew);
	calls_reload(sw->calls);
	++*sw->reloads;
	log_info("reload", "ok=1");
	return 0;
}

static void
counts(int64_t *calls, int64_t *oldest_ms, int64_t *connections, void *arg)
{
	struct switchd *sw = arg;

	*calls = (int64_t)calls_active(sw->calls);
	*oldest_ms = (int64_t)calls_oldest_ms(sw->calls);
	*connections = (int64_t)front_connections(sw->front);
}

static json_t *
list_calls(void *arg)
{
	struct switchd *sw = arg;

	return calls_list(sw->calls);
}

static int
open_control(struct switchd *sw, char why[static SWITCHD_WHY])
{
	static const struct control_source source = {
		counts, list_calls, reload
	};
	struct control_options options = {
		.path = sw->settings->control,
		.fd = -1,
		.name = sw->settings->name,
		.gate = sw->gate,
		.drain = sw->drain,
		.metrics = sw->metrics,
		.source = &source,
		.arg = sw
	};
	int err;

	if (options.path == NULL)
		return 0;
	err = control_new(&sw->control, sw->loop, &options);
	return err < 0 ? fail_errno(why, options.path, err) : 0;
}

static int
open_metrics(struct switchd *sw, char why[static SWITCHD_WHY])
{
	const char *text = sw->settings->metrics_listen;
	int err;

	if (text == NULL)
		return 0;
	err = addr_parse(&sw->metrics_addr, text, 0);
	if (err == 0)
		err = metrics_serve(sw->metrics, sw->loop, &sw->metrics_addr);
	return err < 0 ? fail_errno(why, text, err) : 0;
}

static void
on_gate(bool open, void *arg)
{
	struct switchd *sw = arg;

	front_open(sw->front, open);
	if (sw->control != NULL)
		control_gate_changed(sw->control);
	if (open)
		service_status("Taking calls");
	else
		service_status("Refusing new calls: %s",
		    gate_reason_text(gate_reasons(sw->gate)));
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct switchd *sw = arg;
	char why[CTLMSG_WHY];

	(void)what;
	if (number == SIGHUP) {
		reload(why, sw);
		return;
	}
	log_info("signal", "number=%d calls=%zu", (int)number,
	    calls_active(sw->calls));
	if (sw->stopping) {
		event_base_loopbreak(sw->loop);
		return;
	}
	sw->stopping = true;
	service_stopping();
	drain_begin(sw->drain, sw->settings->drain_ms, true);
}

static int
catch_signals(struct switchd *sw, char why[static SWITCHD_WHY])
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	size_t i;

	for (i = 0; i < 3; i++) {
		sw->signals[i] = evsignal_new(sw->loop, numbers[i], on_signal,
		    sw);
		if (sw->signals[i] == NULL ||
		    event_add(sw->signals[i], NULL) < 0)
			return fail(why, "signals", "out of memory");
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static void
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	service_alive();
}

/* From the loop, so that a loop that hangs is found out. */
static int
open_watchdog(struct switchd *sw, char why[static SWITCHD_WHY])
{
	uint64_t ms = service_watchdog_ms();
	struct timeval every = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	if (ms == 0)
		return 0;
	sw->watchdog = event_new(sw->loop, -1, EV_PERSIST, on_watchdog, NULL);
	if (sw->watchdog == NULL || event_add(sw->watchdog, &every) < 0)
		return fail(why, "watchdog", "out of memory");
	return 0;
}

/* Before anything is opened, so that a reload can open the same. */
static int
become_user(struct switchd *sw, char why[static SWITCHD_WHY])
{
	const char *user = sw->settings->user;
	int err = user != NULL ? privdrop_user(user) : 0;

	return err < 0 ? fail_errno(why, user, err) : 0;
}

/* All is open: what a running switch needs no more is given up. */
static int
lock_down(struct switchd *sw, char why[static SWITCHD_WHY])
{
	int err = sw->settings->user != NULL ? privdrop_bound() : 0;

	if (err == 0 && sw->settings->sandbox)
		err = privdrop_sandbox();
	return err < 0 ? fail_errno(why, "sandbox", err) : 0;
}

static int
open_base(struct switchd *sw, char why[static SWITCHD_WHY])
{
	sw->loop = event_base_new();
	if (sw->loop == NULL)
		return fail(why, "start", "out of memory");
	sw->metrics = metrics_new();
	sw->gate = gate_new(sw->metrics);
	if (sw->gate == NULL)
		return fail(why, "start", "out of memory");
	sw->reloads = metrics_counter(sw->metrics, "rp_reloads_total",
	    "result=\"ok\"", "Reloads of the configuration.");
	sw->reloads_failed = metrics_counter(sw->metrics, "rp_reloads_total",
	    "result=\"failed\"", "Reloads of the configuration.");
	sw->load = load_new(sw->loop, sw->gate, sw->metrics);
	return sw->load == NULL ? fail(why, "start", "out of memory") : 0;
}

/* Two listen with it: say so once, and before anything is bound. */
static int
check_certificate(struct switchd *sw, char why[static SWITCHD_WHY])
{
	struct tls_config *tls;
	int err = load_tls(sw, sw->settings, &tls, why);

	if (err == 0)
		tls_config_free(tls);
	return err;
}

int
switchd_new(struct switchd **out, const struct switchd_options *options,
    char why[static SWITCHD_WHY])
{
	static int (*const steps[])(struct switchd *sw,
	    char why[static SWITCHD_WHY]) = {
		become_user, open_base, catch_signals, open_directory,
		check_certificate, open_relay, open_front, open_push, open_calls, open_drain,
		open_control, open_metrics, open_watchdog, lock_down
	};
	struct switchd *sw = calloc(1, sizeof(*sw));
	size_t i;
	int err;

	if (sw == NULL)
		return fail(why, "start", "out of memory");
	sw->options = *options;
	sw->settings = options->settings;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		err = steps[i](sw, why);
		if (err < 0) {
			switchd_free(sw);
			return err;
		}
	}
	*out = sw;
	return 0;
}

static void
add_line(char text[static READY_MAX], const char *key, const char *value)
{
	size_t n = strlen(text);

	snprintf(text + n, READY_MAX - n, "%s=%s\n", key, value);
}

static int
say_ready(const struct switchd *sw, char why[static SWITCHD_WHY])
{
	const struct settings *s = sw->settings;
	char text[READY_MAX] = "", addr[ADDR_TEXT];
	size_t i;
	int err;

	for (i = 0; i < s->listen.n; i++)
		add_line(text, "call", addr_format(front_call_addr(sw->front,
		    i), addr));
	for (i = 0; i < s->answer_listen.n; i++)
		add_line(text, "answer",
		    addr_format(front_answer_addr(sw->front, i), addr));
	for (i = 0; i < sw->answers.n_turn; i++)
		add_line(text, "turn", addr_format(&sw->answers.turn[i],
		    addr));
	for (i = 0; i < sw->answers.n_tcp; i++)
		add_line(text, "turn_tcp", addr_format(&sw->answers.tcp[i],
		    addr));
	for (i = 0; i < sw->answers.n_tls; i++)
		add_line(text, "turn_tls", addr_format(&sw->answers.tls[i],
		    addr));
	if (s->metrics_listen != NULL)
		add_line(text, "metrics", addr_format(&sw->metrics_addr,
		    addr));
	if (s->control != NULL)
		add_line(text, "control", s->control);
	err = tool_write_file(sw->options.ready_file, text);
	return err < 0 ? fail_errno(why, sw->options.ready_file, err) : 0;
}

int
switchd_run(struct switchd *switchd, char why[static SWITCHD_WHY])
{
	struct switchd *sw = switchd;
	struct front_service service = {
		.calls = sw->calls, .enrol = sw->enrol, .answers = &sw->answers
	};
	struct tls_config *tls;
	char wrong[FRONT_WHY];
	int err;

	err = load_tls(sw, sw->settings, &tls, why);
	if (err < 0)
		return err;
	service.tls = tls;
	if (front_start(sw->front, &service, wrong) < 0)
		return fail(why, "listen", wrong);
	gate_on_change(sw->gate, on_gate, sw);
	gate_set(sw->gate, GATE_STARTING, false);
	if (sw->options.dev_dir != NULL)
		err = dev_accounts(sw->options.dev_dir,
		    front_call_addr(sw->front, 0), why);
	if (err == 0 && sw->options.ready_file != NULL)
		err = say_ready(sw, why);
	if (err < 0)
		return err;
	service_ready();
	log_info("ready", "name=%s", sw->settings->name);
	event_base_dispatch(sw->loop);
	log_info("stopped", "calls=%zu", calls_active(sw->calls));
	return 0;
}

void
switchd_free(struct switchd *switchd)
{
	struct switchd *sw = switchd;
	size_t i;

	if (sw == NULL)
		return;
	if (sw->gate != NULL)
		gate_on_change(sw->gate, NULL, NULL);
	control_free(sw->control);
	sw->control = NULL;
	drain_free(sw->drain);
	sw->drain = NULL;
	calls_free(sw->calls);
	front_free(sw->front);
	enrol_free(sw->enrol);
	push_free(sw->push);
	turn_free(sw->turn);
	directory_free(sw->directory);
	load_free(sw->load);
	for (i = 0; i < 3; i++)
		if (sw->signals[i] != NULL)
			event_free(sw->signals[i]);
	if (sw->watchdog != NULL)
		event_free(sw->watchdog);
	gate_free(sw->gate);
	metrics_free(sw->metrics);
	if (sw->loop != NULL)
		event_base_free(sw->loop);
	free(sw);
}
