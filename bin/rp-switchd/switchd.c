/*
 * switchd: a switch from start to end, as a table of steps in the order of
 * privilege. The reverse order closes it. See switchd.h.
 */
#include "config.h"
#include "switchd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alias.h"
#include "base/build.h"
#include "base/log.h"
#include "base/privdrop.h"
#include "base/service.h"
#include "base/tool.h"
#include "calls/calls.h"
#include "conf/settings.h"
#include "conf/settings_files.h"
#include "dev/dev.h"
#include "directory/directory.h"
#include "events.h"
#include "net/certset.h"
#include "net/keyholder.h"
#include "net/loop.h"
#include "net/reaper.h"
#include "net/tls.h"
#include "net/workers.h"
#include "ops/certwatch.h"
#include "ops/control.h"
#include "ops/descriptors.h"
#include "ops/dirstats.h"
#include "ops/drain.h"
#include "ops/gate.h"
#include "ops/handshakes.h"
#include "ops/load.h"
#include "ops/metrics.h"
#include "ops/procstats.h"
#include "ops/quotas.h"
#include "ops/reloads.h"
#include "ops/statusport.h"
#include "preflight.h"
#include "push/push.h"
#include "reopen.h"
#include "setup.h"
#include "setup_web.h"
#include "signal/enrol.h"
#include "signal/signal_server.h"
#include "signal/trials.h"
#include "turn/turnlink.h"
#include "web/web.h"
#include "wire/why.h"

#define READY_MAX 4096

/*
 * Change the user before anything is opened, so that a reload can open the same
 * files.
 */
static int
become_user(struct switchd *sw, char why[static WHY_TEXT])
{
	const char *user = sw->settings->user;
	gid_t also = PRIVDROP_NO_GROUP;
	/* The group is kept, to make the control socket its own. */
	int err = settings_files_group(sw->settings, &also, why);

	if (err < 0 || user == NULL)
		return err;
	err = privdrop_user(user, also);
	if (err == 0)
		return 0;
	return settings_complain(sw->settings, why, "user", "%.200s: %s", user,
	    err == -ENOENT ? "no such user" : strerror(-err));
}

/* Take from the process with the keys what it does not need. */
static int
seal_keys(struct switchd *sw, char why[static WHY_TEXT])
{
	int err = keyholder_seal(sw->options.keys, sw->settings->sandbox);

	return err < 0 ? setup_fail_errno(why, "sandbox", err) : 0;
}

/*
 * Drop the privileges and sockets that a running switch does not need, because
 * all is open now.
 */
static int
lock_down(struct switchd *sw, char why[static WHY_TEXT])
{
	int err = privdrop_bound();

	service_close_left();
	if (err == 0 && sw->settings->sandbox)
		err = privdrop_sandbox();
	if (err < 0)
		return setup_fail_errno(why, "sandbox", err);
	err = log_start();	/* after the drop, which its thread inherits */
	return err < 0 ? setup_fail_errno(why, "log", err) : 0;
}

static void
collect_log(struct metrics *metrics, struct buffer *out, void *arg)
{
	const struct switchd *sw = arg;

	(void)metrics;
	metrics_emit(out, "counter", "rp_log_lost_total", "",
	    "Log lines lost because nobody read them.",
	    log_lost() + turnlink_log_lost(sw->turn));
}

/* Emit a constant 1, whose labels are joined to other series by queries. */
static void
collect_build(struct metrics *metrics, struct buffer *out, void *arg)
{
	char build[BUILD_TEXT], labels[128];

	(void)metrics;
	(void)arg;
	build_id(build);
	snprintf(labels, sizeof(labels), "version=\"%s\",build=\"%s\"",
	    PACKAGE_VERSION, build);
	metrics_emit(out, "gauge", "rp_build_info", labels,
	    "The program that runs.", 1);
}

static int
open_base(struct switchd *sw, char why[static WHY_TEXT])
{
	sw->loop = loop_new();
	if (sw->loop == NULL)
		return setup_fail(why, "start", "out of memory");
	if (alias_init(&sw->alias) < 0)
		return setup_fail(why, "start", "no random bytes");
	sw->metrics = metrics_new();
	sw->handshakes = handshakes_new(sw->metrics);
	sw->gate = gate_new(sw->metrics);
	if (sw->gate == NULL)
		return setup_fail(why, "start", "out of memory");
	sw->quotas = quotas_new(sw->settings, sw->metrics);
	if (sw->quotas == NULL)
		return setup_fail(why, "start", "out of memory");
	sw->reloads = reloads_new(sw->metrics);
	sw->dirstats = dirstats_new(sw->metrics);
	sw->procstats = procstats_new(sw->metrics);
	if (sw->procstats != NULL)
		procstats_add(sw->procstats,
		    keyholder_stat_fd(sw->options.keys));
	if (sw->reloads == NULL || sw->dirstats == NULL ||
	    sw->procstats == NULL)
		return setup_fail(why, "start", "out of memory");
	metrics_collector(sw->metrics, collect_log, sw);
	metrics_collector(sw->metrics, collect_build, NULL);
	sw->load = load_new(sw->loop, sw->gate, sw->metrics);
	sw->descriptors = descriptors_new(sw->loop, sw->gate, sw->settings);
	return sw->load == NULL || sw->descriptors == NULL ?
	    setup_fail(why, "start", "out of memory") : 0;
}

/*
 * Start the threads of handshakes, before the sandbox, which holds for those
 * that are there.
 */
static int
start_workers(struct switchd *sw, char why[static WHY_TEXT])
{
	int err = workers_new(&sw->workers,
	    (unsigned)sw->settings->handshake_threads);

	return err < 0 ? setup_fail_errno(why, "threads", err) : 0;
}

/* Check all that can be, before anything is opened or bound. */
static int
check_settings(struct switchd *sw, char why[static WHY_TEXT])
{
	return preflight_check(sw->settings, sw->options.keys, why);
}

/*
 * Load the certificates, which two listeners use, once and before anything is
 * bound. Those that --dev makes are for trying out.
 */
static int
load_certificates(struct switchd *sw, char why[static WHY_TEXT])
{
	int err = setup_load_tls(sw->settings, sw->options.keys, &sw->tls,
	    why);

	if (err < 0)
		return err;
	sw->certwatch = certwatch_new(sw->loop, sw->metrics,
	    sw->options.dev_dir == NULL ? CERTWATCH_MS : 0);
	if (sw->certwatch == NULL)
		return setup_fail_errno(why, "start", -ENOMEM);
	certwatch_set(sw->certwatch, tls_config_set(sw->tls),
	    sw->settings->name);
	return 0;
}

int
switchd_new(struct switchd **out, const struct switchd_options *options,
    char why[static WHY_TEXT])
{
	static int (*const steps[])(struct switchd *sw,
	    char why[static WHY_TEXT]) = {
		become_user, seal_keys, check_settings, open_base,
		events_catch_signals, events_watch_processes, reopen_first,
		load_certificates, start_workers, setup_open_relay,
		setup_open_front,
		setup_open_push, setup_open_calls, setup_open_web, events_open_drain,
		events_open_control, setup_open_metrics, events_open_watchdog,
		lock_down
	};
	struct switchd *sw = calloc(1, sizeof(*sw));
	size_t i;
	int err;

	if (sw == NULL)
		return setup_fail(why, "start", "out of memory");
	sw->options = *options;
	sw->settings = options->settings;
	sw->turn = options->turn;
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
say_ready(const struct switchd *sw, char why[static WHY_TEXT])
{
	const struct settings *s = sw->settings;
	char text[READY_MAX] = "", addr[ADDR_TEXT], url[ADDR_TEXT + 8];
	size_t i;
	int err;

	for (i = 0; i < s->listen.n; i++)
		add_line(text, "call",
		    addr_format(signal_server_call_addr(sw->server, i), addr));
	for (i = 0; i < s->answer_listen.n; i++)
		add_line(text, "answer",
		    addr_format(signal_server_answer_addr(sw->server, i),
		    addr));
	for (i = 0; i < sw->answers.n_turn; i++)
		add_line(text, "turn", addr_format(&sw->answers.turn[i],
		    addr));
	for (i = 0; i < sw->answers.n_tcp; i++)
		add_line(text, "turn_tcp", addr_format(&sw->answers.tcp[i],
		    addr));
	for (i = 0; i < sw->answers.n_tls; i++)
		add_line(text, "turn_tls", addr_format(&sw->answers.tls[i],
		    addr));
	for (i = 0; i < s->web_listen.n; i++) {
		snprintf(url, sizeof(url), "%s://%s",
		    sw->options.dev_dir != NULL ? "http" : "https",
		    addr_format(web_addr(sw->web, i), addr));
		add_line(text, "web", url);
	}
	if (s->metrics_listen != NULL)
		add_line(text, "metrics", addr_format(&sw->metrics_addr,
		    addr));
	if (s->control != NULL)
		add_line(text, "control", s->control);
	err = tool_write_file(sw->options.ready_file, text);
	return err < 0 ? setup_fail_errno(why, sw->options.ready_file, err) : 0;
}

static size_t
count_connections(void *arg)
{
	const struct switchd *sw = arg;

	return signal_server_known(sw->server);
}

int
switchd_run(struct switchd *switchd, char why[static WHY_TEXT])
{
	struct switchd *sw = switchd;
	struct signal_server_service service = {
		.calls = sw->calls, .enrol = sw->enrol,
		.trials = sw->trials, .push = sw->push,
		.answers = &sw->answers, .quotas = sw->quotas
	};
	char wrong[WHY_TEXT], build[BUILD_TEXT];
	int err = 0;

	service.tls = sw->tls;
	sw->tls = NULL;
	if (signal_server_start(sw->server, &service, wrong) < 0)
		return setup_fail(why, "listen", wrong);
	if (web_start(sw->web, wrong) < 0)
		return setup_fail(why, "listen", wrong);
	if (descriptors_watch(sw->descriptors, count_connections, sw) < 0)
		return setup_fail(why, "start", "out of memory");
	gate_on_change(sw->gate, events_gate_changed, sw);
	gate_set(sw->gate, GATE_STARTING, false);
	if (sw->options.dev_dir != NULL)
		err = dev_accounts(sw->options.dev_dir,
		    signal_server_call_addr(sw->server, 0),
		    web_addr(sw->web, 0), why);
	if (err == 0 && sw->options.ready_file != NULL)
		err = say_ready(sw, why);
	if (err < 0)
		return err;
	service_ready();
	build_id(build);
	log_info("ready", "name=%s version=%s build=%s", sw->settings->name,
	    PACKAGE_VERSION, build);
	loop_run(sw->loop);
	if (sw->lost != NULL) {
		why_set(why, "%s has ended", sw->lost);
		return -EPIPE;
	}
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
	statusport_free(sw->statusport);
	web_free(sw->web);
	certset_free(sw->web_names);
	tls_config_free(sw->bridge_trust);
	control_free(sw->control);
	sw->control = NULL;
	drain_free(sw->drain);
	sw->drain = NULL;
	calls_free(sw->calls);
	signal_server_free(sw->server);
	enrol_free(sw->enrol);
	trials_free(sw->trials);
	push_free(sw->push);
	workers_free(sw->workers);
	reopen_free(sw);
	directory_free(sw->directory);
	load_free(sw->load);
	descriptors_free(sw->descriptors);
	for (i = 0; i < 3; i++)
		loop_event_free(sw->signals[i]);
	loop_event_free(sw->keys_ended);
	loop_event_free(sw->turn_ended);
	reaper_free(sw->reaper);
	loop_event_free(sw->watchdog);
	gate_free(sw->gate);
	quotas_free(sw->quotas);
	certwatch_free(sw->certwatch);
	tls_config_free(sw->tls);
	handshakes_free(sw->handshakes);
	metrics_free(sw->metrics);
	reloads_free(sw->reloads);
	dirstats_free(sw->dirstats);
	procstats_free(sw->procstats);
	if (sw->loop != NULL)
		loop_free(sw->loop);
	free(sw);
}
