/*
 * events: handle signals, drains, reloads and changes of the gate in a running
 * switch. Part of switchd; setup opens the parts. See events.h.
 */
#include "events.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/service.h"
#include "calls/calls.h"
#include "conf/settings.h"
#include "directory/directory.h"
#include "net/tls.h"
#include "net/keyholder.h"
#include "net/loop.h"
#include "net/reaper.h"
#include "ops/certwatch.h"
#include "ops/control.h"
#include "ops/control_socket.h"
#include "ops/descriptors.h"
#include "ops/drain.h"
#include "ops/gate.h"
#include "ops/reloads.h"
#include "push/push.h"
#include "preflight.h"
#include "reopen.h"
#include "setup.h"
#include "setup_web.h"
#include "signal/signal_server.h"
#include "turn/turnkeys.h"
#include "turn/turnlink.h"
#include "wire/why.h"

#define FAREWELL_MS 200		/* for the HANGUPs to be sent */
#define ENDS_MS 100		/* between what a process closes as it is killed */

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
	struct switchd *sw = arg;

	loop_stop_in(sw->loop, sw->forced ? FAREWELL_MS : 0);
}

int
events_open_drain(struct switchd *sw, char why[static WHY_TEXT])
{
	static const struct drain_handlers handlers = {
		count_calls, on_force, on_drained, on_stop
	};
	int err = drain_new(&sw->drain, sw->loop, sw->gate, &handlers, sw);

	return err < 0 ? setup_fail_errno(why, "drain", err) : 0;
}

/* Have push.command reload, too. `note` says if it could not be told. */
static void
reload_push(struct switchd *sw, char note[static WHY_TEXT])
{
	int err = push_reload(sw->push);

	*note = '\0';
	if (err == 0)
		return;
	why_set(note, "push.command was not told to reload: %s",
	    err == -ENOTSUP ? "it does not say that it can" : strerror(-err));
	log_warn("push_reload", "why=\"%s\"", note);
}

/* The parts that a reload has read and opened. */
struct fresh {
	struct settings settings;
	struct tls_config *tls;
	struct directory *directory;	/* NULL: the one in use */
	struct setup_page page;
};

/* Free what was not taken over. */
static void
free_fresh(struct fresh *fresh)
{
	directory_free(fresh->directory);
	tls_config_free(fresh->tls);
	setup_web_clear(&fresh->page);
	settings_free(&fresh->settings);
}

/* The relay's process is part of the switch: what it refuses is not reloaded. */
static int
reload_relay(struct switchd *sw, const struct fresh *fresh,
    char why[static WHY_TEXT])
{
	struct turn_service services[TURNKEYS_SERVICES];
	size_t n = setup_services(&fresh->settings, services);
	char wrong[WHY_TEXT];

	/* Realm and peers want a restart; a random secret outlives a reload. */
	if (strcmp(sw->settings->relay_peers, "calls") == 0) {
		services[0].users = NULL;
		n = 1;
	}
	services[0].realm = sw->settings->relay_realm;
	if (fresh->settings.relay_secret_made)
		services[0].secrets = &sw->settings->relay_secret;
	if (turnlink_reload(sw->turn, services, n, tls_config_set(fresh->tls),
	    wrong) < 0)
		return setup_fail(why, "relay", wrong);
	return 0;
}

/*
 * Read what a reload needs, and check it. The relay comes last, because it takes
 * over at once; what follows cannot fail.
 */
static int
read_again(struct switchd *sw, struct fresh *out, char why[static WHY_TEXT])
{
	struct settings *anew = &out->settings;
	int err = sw->options.read(anew, why, sw->options.arg);
	bool idle[TURNKEYS_SERVICES];

	if (err == 0) {
		turnlink_idle(sw->turn, idle);
		err = services_number(anew, sw->settings, idle, why);
	}
	if (err == 0)
		err = preflight_check(anew, sw->options.keys, why);
	if (err == 0)
		err = setup_load_tls(anew, sw->options.keys, &out->tls, why);
	if (err == 0)
		err = setup_web_read(&out->page, sw, anew,
		    tls_config_set(out->tls), why);
	if (err == 0)
		err = reopen_directory(&out->directory, sw, anew, why);
	return err < 0 ? err : reload_relay(sw, out, why);
}

/* JSON wants UTF-8, and a path or a value may hold anything. */
static void
make_ascii(char *text)
{
	for (; *text != '\0'; text++)
		if ((*text & 0x80) != 0)
			*text = '?';
}

/* Take over what was read. `left` becomes the keys that need a restart. */
static void
adopt(struct switchd *sw, struct fresh *fresh, char left[static WHY_TEXT])
{
	struct settings *anew = &fresh->settings;
	enum log_level level;

	signal_server_set_tls(sw->server, fresh->tls);
	certwatch_set(sw->certwatch, tls_config_set(fresh->tls),
	    sw->settings->name);
	fresh->tls = NULL;
	setup_web_use(sw, &fresh->page);
	reopen_use(sw, fresh->directory);
	fresh->directory = NULL;
	if (log_level_parse(&level, anew->log_level) == 0) {
		log_set_level(level);
		turnlink_set_level(sw->turn, level);
	}
	settings_left(sw->settings, anew, left);
	settings_adopt(sw->settings, anew);
	descriptors_reload(sw->descriptors);
	calls_reload(sw->calls);
}

/*
 * Reload limits, timing, log level, certificate and directory; what is bound
 * stays. A faulty configuration changes nothing. On success `why` becomes the
 * changed keys that need a restart.
 */
static int
reload(char why[static WHY_TEXT], char note[static WHY_TEXT], void *arg)
{
	struct switchd *sw = arg;
	struct fresh fresh = { 0 };
	char wrong[WHY_TEXT];
	int err;

	service_reloading();
	err = read_again(sw, &fresh, wrong);
	service_ready();
	if (err < 0) {
		reloads_note(sw->reloads, false);
		log_error("reload", "why=\"%s\"", wrong);
		strcpy(why, wrong);
		make_ascii(why);
		free_fresh(&fresh);
		return err;
	}
	adopt(sw, &fresh, why);
	free_fresh(&fresh);
	reload_push(sw, note);
	reloads_note(sw->reloads, true);
	if (*why != '\0')
		log_warn("reload", "ok=1 restart_needed=\"%s\"", why);
	else
		log_info("reload", "ok=1");
	return 0;
}

static void
counts(int64_t *calls, int64_t *oldest_ms, int64_t *connections, void *arg)
{
	struct switchd *sw = arg;

	*calls = (int64_t)calls_active(sw->calls);
	*oldest_ms = (int64_t)calls_oldest_ms(sw->calls);
	*connections = (int64_t)signal_server_connections(sw->server);
}

static json_t *
list_calls(void *arg)
{
	struct switchd *sw = arg;

	return calls_list(sw->calls);
}

static json_t *
list_sessions(int64_t after, int64_t *next, void *arg)
{
	struct switchd *sw = arg;

	return calls_sessions(sw->calls, after, next);
}

static const char *
state_of_push(void *arg)
{
	static const char *const names[] = {
		[PUSH_STDOUT] = "none", [PUSH_UP] = "up", [PUSH_DOWN] = "down"
	};
	const struct switchd *sw = arg;

	return names[push_state(sw->push)];
}

static void
tell_directory(char why[static WHY_TEXT], void *arg)
{
	struct switchd *sw = arg;
	const char *read = directory_why(sw->directory, false);
	const char *write = directory_why(sw->directory, true);

	if (*read != '\0')
		why_set(why, "cannot be read: %s", read);
	else if (sw->next != NULL)
		why_set(why, "the new one cannot be read, and the last one is "
		    "used: %s", directory_why(sw->next, false));
	else if (*write != '\0')
		why_set(why, "cannot be written: %s", write);
	else
		why[0] = '\0';
	make_ascii(why);
}

static void
tell_kernel(char text[static WHY_TEXT], void *arg)
{
	const struct switchd *sw = arg;
	struct kernel_stats stats;

	text[0] = '\0';
	if (strcmp(sw->settings->relay_kernel, "off") == 0)
		return;
	turnlink_kernel(sw->turn, &stats);
	kernel_stats_text(&stats, text);
	make_ascii(text);
}

int
events_open_control(struct switchd *sw, char why[static WHY_TEXT])
{
	static const struct control_source source = {
		counts, list_calls, list_sessions, tell_directory, reload,
		state_of_push, tell_kernel
	};
	struct control_options options = {
		.path = sw->settings->control,
		.group = sw->settings->control_group,
		.fd = -1,
		.name = sw->settings->name,
		.gate = sw->gate,
		.drain = sw->drain,
		.metrics = sw->metrics,
		.source = &source,
		.arg = sw
	};
	int err;

	control_socket_compare(options.path);
	if (options.path == NULL)
		return 0;
	err = control_new(&sw->control, sw->loop, &options);
	return err == 0 ? 0 : settings_complain(sw->settings, why, "control",
	    "%.200s: %s", options.path, strerror(-err));
}

void
events_gate_changed(bool open, void *arg)
{
	struct switchd *sw = arg;

	signal_server_open(sw->server, open);
	if (sw->control != NULL)
		control_gate_changed(sw->control);
	if (open)
		service_status("Taking calls");
	else
		service_status("Refusing new calls: %s",
		    gate_reason_text(gate_reasons(sw->gate)));
}

static void
on_reload_signal(void *arg)
{
	char why[WHY_TEXT], note[WHY_TEXT];

	reload(why, note, arg);
}

static void
stop_by_signal(struct switchd *sw, int number)
{
	log_info("signal", "number=%d calls=%zu", number,
	    calls_active(sw->calls));
	if (sw->stopping) {
		loop_stop(sw->loop);
		return;
	}
	sw->stopping = true;
	service_stopping();
	drain_stop(sw->drain, (uint64_t)sw->settings->drain_ms);
}

static void
on_terminate(void *arg)
{
	stop_by_signal(arg, SIGTERM);
}

static void
on_interrupt(void *arg)
{
	stop_by_signal(arg, SIGINT);
}

/* push_free and the child's own handler wait for the push command. */
static bool
is_push(pid_t pid, void *arg)
{
	const struct switchd *sw = arg;

	return sw->push != NULL && push_pid(sw->push) == pid;
}

int
events_catch_signals(struct switchd *sw, char why[static WHY_TEXT])
{
	static const struct {
		int number;
		loop_handler *handler;
	} caught[] = {
		{ SIGTERM, on_terminate },
		{ SIGINT, on_interrupt },
		{ SIGHUP, on_reload_signal }
	};
	size_t i;

	for (i = 0; i < 3; i++) {
		sw->signals[i] = loop_signal_new(sw->loop, caught[i].number,
		    caught[i].handler, sw);
		if (sw->signals[i] == NULL ||
		    loop_event_start(sw->signals[i]) < 0)
			return setup_fail(why, "signals", "out of memory");
	}
	return reaper_new(&sw->reaper, sw->loop, is_push, sw) < 0 ?
	    setup_fail(why, "signals", "out of memory") : 0;
}

/*
 * End, because nothing goes on without the process that ended. The service
 * manager starts all again.
 */
static void
lose(struct switchd *sw, const char *name, const char *what)
{
	if (sw->lost == NULL)
		sw->lost = what;	/* the other ends by it */
	log_error("process", "name=%s why=\"it has ended\"", name);
	loop_stop(sw->loop);
}

static void
on_keys_ended(void *arg)
{
	lose(arg, "keys", "the process with the keys");
}

/* Has it ended, or does it just now? */
static bool
has_ended(int fd)
{
	struct pollfd ended = { .fd = fd, .events = POLLIN };

	return poll(&ended, 1, ENDS_MS) == 1;
}

/* The relay ends by the keys' process, and may be seen first. */
static void
on_turn_ended(void *arg)
{
	struct switchd *sw = arg;

	if (sw->lost == NULL &&
	    has_ended(keyholder_ended_fd(sw->options.keys))) {
		loop_event_stop(sw->keys_ended);
		on_keys_ended(sw);
	}
	lose(sw, "relay", "the relay's process");
}

int
events_watch_processes(struct switchd *sw, char why[static WHY_TEXT])
{
	sw->keys_ended = loop_reader_new(sw->loop,
	    keyholder_ended_fd(sw->options.keys), on_keys_ended, sw);
	sw->turn_ended = loop_reader_new(sw->loop,
	    turnlink_ended_fd(sw->turn), on_turn_ended, sw);
	if (sw->keys_ended == NULL || loop_event_start(sw->keys_ended) < 0 ||
	    sw->turn_ended == NULL || loop_event_start(sw->turn_ended) < 0)
		return setup_fail(why, "start", "out of memory");
	return 0;
}

static void
on_watchdog(void *arg)
{
	(void)arg;
	service_alive();
}

/*
 * Feed the watchdog from the loop, so that a hanging loop is detected. It comes
 * first in its turn, because a loop that is behind with its work does not hang.
 */
int
events_open_watchdog(struct switchd *sw, char why[static WHY_TEXT])
{
	uint64_t ms = service_watchdog_ms();

	if (ms == 0)
		return 0;
	sw->watchdog = loop_ticker_new(sw->loop, on_watchdog, NULL);
	if (sw->watchdog == NULL)
		return setup_fail(why, "watchdog", "out of memory");
	loop_event_first(sw->watchdog);
	if (loop_timer_set_ms(sw->watchdog, ms) < 0)
		return setup_fail(why, "watchdog", "out of memory");
	return 0;
}
