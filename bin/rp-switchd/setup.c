/*
 * setup: open each part of a switch from its settings, and connect the parts.
 * switchd calls these in the order of privilege.
 */
#include "setup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "calls/calls.h"
#include "conf/settings.h"
#include "kernel/kernel.h"
#include "net/certset.h"
#include "net/tls.h"
#include "ops/control.h"
#include "ops/descriptors.h"
#include "ops/drain.h"
#include "ops/load.h"
#include "ops/metrics.h"
#include "ops/procstats.h"
#include "ops/statusport.h"
#include "push/push.h"
#include "signal/enrol.h"
#include "signal/signal_server.h"
#include "signal/trials.h"
#include "turn/turn.h"
#include "turn/turnkeys.h"
#include "turn/turnlink.h"
#include "wire/why.h"

#define RELAY_MAX 16		/* the relay's listening addresses per kind */

int
setup_fail(char why[static WHY_TEXT], const char *what, const char *wrong)
{
	char text[WHY_TEXT];

	snprintf(text, sizeof(text), "%.100s: %.400s", what, wrong);
	strcpy(why, text);
	return -EINVAL;
}

int
setup_fail_errno(char why[static WHY_TEXT], const char *what, int err)
{
	return setup_fail(why, what, strerror(-err));
}

static int
load_pairs(struct certset **out, const struct settings *settings,
    struct keyholder *keys, char why[static WHY_TEXT])
{
	struct certpair_files files[CERTSET_MAX];
	size_t i, n = settings->certificates.n;

	for (i = 0; i < n && i < CERTSET_MAX; i++) {
		files[i].certificate = settings->certificates.item[i];
		files[i].key = settings->keys.item[i];
	}
	return certset_load(out, files, n, keys, why);
}

int
setup_load_tls(const struct settings *settings, struct keyholder *keys,
    struct tls_config **out, char why[static WHY_TEXT])
{
	struct certset *set = NULL;
	char wrong[WHY_TEXT];
	int err = load_pairs(&set, settings, keys, wrong);

	if (err == 0)
		err = certset_check(set, clock_wall_s(), wrong);
	if (err == 0)
		err = tls_config_serve(out, set, wrong);
	certset_free(set);
	if (err < 0)
		return settings_complain(settings, why, "tls.certificate",
		    "%s", wrong);
	if (settings->tls_early && tls_config_take_early(*out) < 0) {
		tls_config_free(*out);
		return setup_fail_errno(why, "tls", -ENOMEM);
	}
	return 0;
}

static uint64_t
count_overruns(void *arg)
{
	struct switchd *sw = arg;

	return turnlink_overruns(sw->turn);
}

static int
parse_addrs(struct addr out[static RELAY_MAX], const struct conf_strings *list,
    const char *key, char why[static WHY_TEXT])
{
	size_t i;

	if (list->n > RELAY_MAX)
		return setup_fail(why, key, "too many addresses");
	for (i = 0; i < list->n; i++)
		if (addr_parse(&out[i], list->item[i], 0) < 0)
			return setup_fail(why, list->item[i],
			    "invalid address");
	return 0;
}

static enum turn_peers
relay_peers(const struct settings *s)
{
	if (strcmp(s->relay_peers, "any") == 0)
		return TURN_ANY;
	return strcmp(s->relay_peers, "clients") == 0 ? TURN_CLIENTS :
	    TURN_CALLS;
}

static unsigned
or_ours(long limit, unsigned ours)
{
	return limit == SERVICES_AS_RELAY ? ours : (unsigned)limit;
}

static struct turn_service
service_of(const struct service *s, const struct alloc_service_limits *ours)
{
	return (struct turn_service){
		.number = s->number, .name = s->name, .realm = s->realm,
		.secrets = &s->secret, .tls_names = &s->tls_names,
		.users = s->users,
		.limits = {
			.allocations = (unsigned)s->allocations,
			.per_user = or_ours(s->per_user, ours->per_user),
			.kbps_per_user = or_ours(s->kbps_per_user,
			    ours->kbps_per_user),
			.kbps = (unsigned)s->kbps
		}
	};
}

size_t
setup_services(const struct settings *s, struct turn_service *out)
{
	size_t i;

	_Static_assert(TURNKEYS_SERVICES == SERVICES_MAX + 1, "with ours");
	_Static_assert(TURNKEYS_NAME == SERVICES_NAME, "the same");
	out[0] = (struct turn_service){
		.name = "", .realm = s->relay_realm,
		.secrets = &s->relay_secret, .users = s->services.users,
		.limits = {
			.per_user = (unsigned)s->relay_allocations_per_user,
			.kbps_per_user = (unsigned)s->relay_kbps_per_user
		}
	};
	for (i = 0; i < s->services.n; i++)
		out[1 + i] = service_of(&s->services.item[i],
		    &out[0].limits);
	return 1 + i;
}

int
setup_open_relay(struct switchd *sw, char why[static WHY_TEXT])
{
	const struct settings *s = sw->settings;
	struct addr listen[RELAY_MAX], tcp[RELAY_MAX], tls[RELAY_MAX];
	struct turn_service services[TURNKEYS_SERVICES];
	struct turn_options options = {
		.listen = listen,
		.n_listen = s->relay_listen.n,
		.tcp = tcp,
		.n_tcp = s->relay_tcp_listen.n,
		.tls = tls,
		.n_tls = s->relay_tls_listen.n,
		.certificates = tls_config_set(sw->tls),
		.max_streams =
		    (unsigned)descriptors_now(sw->descriptors)->streams,
		.max_streams_per_prefix =
		    (unsigned)s->relay_max_streams_per_prefix,
		.stream_auth_ms = (unsigned)s->relay_stream_auth_ms,
		.stream_strangers = {
			.per = {
				[LOBBY_ADDRESS] =
				    (size_t)s->strangers_per_address,
				[LOBBY_NETWORK] =
				    (size_t)s->strangers_per_network,
				[LOBBY_BLOCK] = (size_t)s->strangers_per_block
			},
			.most = (size_t)s->strangers
		},
		.peers = relay_peers(s),
		.allowed_peers = &s->relay_allowed_peers,
		.realm = s->relay_realm,
		.secrets = &s->relay_secret,
		.services = services,
		.n_services = setup_services(s, services),
		.threads = (unsigned)s->relay_threads,
		.allocations_per_party =
		    (unsigned)s->relay_allocations_per_party,
		.allocates = (unsigned)s->relay_allocates,
		.allocations_per_call =
		    (unsigned)s->relay_allocations_per_call,
		.allocations = (unsigned)s->relay_allocations,
		.kbps_per_allocation = (unsigned)s->relay_kbps_per_allocation,
		.allocations_per_user =
		    (unsigned)s->relay_allocations_per_user,
		.allocations_per_prefix =
		    (unsigned)s->relay_allocations_per_prefix,
		.kbps_per_user = (unsigned)s->relay_kbps_per_user,
		.kbps = (unsigned)s->relay_kbps,
		.coalesce_us = (unsigned)s->relay_coalesce_us,
		.strangers_per_prefix =
		    (unsigned)s->relay_strangers_per_prefix,
		.lifetime_s = (unsigned)s->relay_lifetime_s,
		.metrics = sw->metrics,
		.handshakes = sw->handshakes,
		.handshake_threads = (unsigned)s->handshake_threads
	};
	struct turnlink_options link = {
		.turn = &options, .user = s->user, .sandbox = s->sandbox,
		.log_sink = s->log_syslog ? LOG_TO_SYSLOG : LOG_TO_STDERR,
		.log_level = LOG_LEVEL_INFO
	};
	char wrong[WHY_TEXT];

	log_level_parse(&link.log_level, s->log_level);
	(void)kernel_mode_parse(&options.kernel_mode, s->relay_kernel);
	if (parse_addrs(listen, &s->relay_listen, "relay.listen", why) < 0 ||
	    parse_addrs(tcp, &s->relay_tcp_listen, "relay.tcp_listen",
	    why) < 0 ||
	    parse_addrs(tls, &s->relay_tls_listen, "relay.tls_listen",
	    why) < 0)
		return -EINVAL;
	if (s->relay_external_address != NULL) {
		if (addr_parse(&sw->external, s->relay_external_address,
		    0) < 0)
			return setup_fail(why, s->relay_external_address,
			    "invalid address");
		options.external = &sw->external;
		sw->answers.external = &sw->external;
	}
	if (turnlink_open(sw->turn, &link, wrong) < 0)
		return setup_fail(why, "relay", wrong);
	procstats_add(sw->procstats, turnlink_stat_fd(sw->turn));
	load_watch_relay(sw->load, count_overruns, sw);
	return 0;
}

static void
relay_nonce(const char *username, char nonce[static TURNCRED_NONCE], void *arg)
{
	struct switchd *sw = arg;

	turnlink_early_nonce(sw->turn, username, nonce);
}

static uint64_t
queue_ms(void *arg)
{
	struct switchd *sw = arg;

	return signal_server_queue_ms(sw->server);
}

static void
on_pressure(bool pressed, void *arg)
{
	struct switchd *sw = arg;

	signal_server_press(sw->server, pressed);
}

static void
set_headstart(struct switchd *sw)
{
	struct headstart *headstart = &sw->headstart;
	size_t i;

	headstart_init(headstart, &sw->answers);
	for (i = 0; i < sw->settings->answer_listen.n &&
	    i < HEADSTART_LISTEN; i++)
		headstart->listen[headstart->n_listen++] =
		    *signal_server_answer_addr(sw->server, i);
}

int
setup_open_front(struct switchd *sw, char why[static WHY_TEXT])
{
	struct signal_server_options options = {
		sw->settings, sw->gate, sw->directory, sw->metrics,
		sw->descriptors, sw->handshakes, sw->workers
	};

	if (signal_server_new(&sw->server, sw->loop, &options, why) < 0)
		return -EINVAL;
	load_watch_queue(sw->load, queue_ms, sw);
	load_on_pressure(sw->load, on_pressure, sw);
	sw->answers.settings = sw->settings;
	sw->answers.call_port = addr_port(signal_server_call_addr(sw->server,
	    0));
	sw->answers.answer_port =
	    addr_port(signal_server_answer_addr(sw->server, 0));
	sw->answers.turn = turnlink_addrs(sw->turn, &sw->answers.n_turn);
	sw->answers.tcp = turnlink_tcp_addrs(sw->turn, &sw->answers.n_tcp);
	sw->answers.tls = turnlink_tls_addrs(sw->turn, &sw->answers.n_tls);
	turnlink_relayed(sw->turn, &sw->answers.relayed);
	sw->answers.nonce = relay_nonce;
	sw->answers.arg = sw;
	set_headstart(sw);
	return 0;
}

int
setup_open_push(struct switchd *sw, char why[static WHY_TEXT])
{
	struct push_options options = {
		.command = sw->settings->push_command,
		.settings = sw->settings,
		.directory = sw->directory,
		.alias = &sw->alias,
		.gate = sw->gate,
		.metrics = sw->metrics,
		.quotas = sw->quotas
	};
	int err = push_new(&sw->push, sw->loop, &options);

	return err < 0 ? setup_fail_errno(why, "push", err) : 0;
}

static void
ring_media(const char *session, void *arg)
{
	struct switchd *sw = arg;

	turnlink_ring_call(sw->turn, session);
}

static void
answer_media(const char *session, void *arg)
{
	struct switchd *sw = arg;

	turnlink_answer_call(sw->turn, session);
}

static void
end_media(const char *session, void *arg)
{
	struct switchd *sw = arg;

	turnlink_end_call(sw->turn, session);
}

static uint64_t
media_ms(const char *session, void *arg)
{
	struct switchd *sw = arg;
	struct turn_call call;

	if (turnlink_call(sw->turn, session, &call) < 0)
		return 0;
	return call.last_media_ns / CLOCK_MS;
}

static int
media(const char *session, struct callstats *out, void *arg)
{
	struct switchd *sw = arg;

	return turnlink_callstats(sw->turn, session, out);
}

static int
early(const char *session, const char *party, const struct addr *local,
    struct pushearly *out, void *arg)
{
	struct switchd *sw = arg;

	return headstart_make(&sw->headstart, session, party, local, out);
}

static void
on_calls(void *arg)
{
	struct switchd *sw = arg;

	/* These may be missing while parts are opened or closed. */
	if (sw->control != NULL)
		control_calls_changed(sw->control);
	if (sw->drain != NULL)
		drain_call_ended(sw->drain);
}

int
setup_open_calls(struct switchd *sw, char why[static WHY_TEXT])
{
	struct calls_options options = {
		.settings = sw->settings,
		.gate = sw->gate,
		.push = sw->push,
		.metrics = sw->metrics,
		.quotas = sw->quotas,
		.answer_port = sw->answers.answer_port,
		.ring_media = ring_media,
		.answer_media = answer_media,
		.end_media = end_media,
		.media_ms = media_ms,
		.media = media,
		.early = early,
		.changed = on_calls,
		.arg = sw
	};
	struct trials_options trials = {
		.loop = sw->loop,
		.metrics = sw->metrics,
		.gate = sw->gate,
		.quotas = sw->quotas,
		.lifetime_ms = TRIALS_S * 1000,
		.end_media = end_media,
		.arg = sw
	};
	int err = calls_new(&sw->calls, sw->loop, &options);

	if (err < 0)
		return setup_fail_errno(why, "calls", err);
	sw->trials = trials_new(&trials);
	if (sw->trials == NULL)
		return setup_fail_errno(why, "start", -ENOMEM);
	if (!sw->settings->registration)
		return 0;
	sw->enrol = enrol_new(sw->push, sw->quotas, sw->metrics);
	return sw->enrol == NULL ? setup_fail_errno(why, "start", -ENOMEM) : 0;
}

int
setup_open_metrics(struct switchd *sw, char why[static WHY_TEXT])
{
	const char *text = sw->settings->metrics_listen;
	int err;

	if (text == NULL)
		return 0;
	err = addr_parse(&sw->metrics_addr, text, 0);
	if (err == 0)
		err = statusport_new(&sw->statusport, sw->loop,
		    &sw->metrics_addr, sw->metrics, sw->gate);
	return err == 0 ? 0 : settings_complain(sw->settings, why,
	    "metrics.listen", "%.100s: %s", text, strerror(-err));
}
