/*
 * settings: the key table of rp-switchd.conf(5), its defaults, and what a
 * reload takes over. See settings.h.
 */
#include "conf/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/pace.h"
#include "base/tool.h"
#include "conf/settings_check.h"
#include "conf/settings_listen.h"
#include "conf/settings_paths.h"
#include "conf/settings_secrets.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define HOUR_MS (60 * 60 * 1000L)
#define GUEST_MAX 8		/* as many as of any caller */
#define LIMIT_MAX 60000		/* a bucket of a minute counts milliseconds */

#define AT(field) offsetof(struct settings, field)

/*
 * The keys, in the order of rp-switchd.conf(5), and which of them a reload may
 * change; a test compares the two.
 */
static const struct conf_key keys[] = {
	{ "name", CONF_STRING, AT(name), 0, 0 },
	{ "switches", CONF_STRINGS | CONF_RELOAD, AT(switches), 0, 0 },
	{ "max_calls", CONF_INT | CONF_RELOAD, AT(max_calls), 1, 10000000 },
	{ "drain_ms", CONF_INT | CONF_RELOAD, AT(drain_ms), 0, 24 * HOUR_MS },
	{ "directory", CONF_STRING | CONF_RELOAD, AT(directory), 0, 0 },
	{ "directory_file", CONF_STRING | CONF_RELOAD, AT(directory_file), 0,
	    0 },
	{ "control", CONF_STRING, AT(control), 0, 0 },
	{ "control_group", CONF_STRING, AT(control_group), 0, 0 },
	{ "tls.certificate", CONF_STRINGS | CONF_RELOAD, AT(certificates), 0,
	    0 },
	{ "tls.key", CONF_STRINGS | CONF_RELOAD, AT(keys), 0, 0 },
	{ "tls.early_data", CONF_BOOL | CONF_RELOAD, AT(tls_early), 0, 0 },
	{ "tls.handshake_threads", CONF_INT, AT(handshake_threads), 0, 64 },
	{ "call.listen", CONF_STRINGS, AT(listen), 0, 0 },
	{ "call.ring_ms", CONF_INT | CONF_RELOAD, AT(ring_ms), 1000, HOUR_MS },
	{ "call.push_ms", CONF_INT | CONF_RELOAD, AT(push_ms), 100, HOUR_MS },
	{ "call.offer_ms", CONF_INT | CONF_RELOAD, AT(offer_ms), 100, HOUR_MS },
	{ "call.media_silence_ms", CONF_INT | CONF_RELOAD, AT(media_silence_ms),
	    1000, HOUR_MS },
	{ "call.over_ms", CONF_INT | CONF_RELOAD, AT(over_ms), 0, HOUR_MS },
	{ "call.info_queue", CONF_INT | CONF_RELOAD, AT(info_queue), 1, 1024 },
	{ "call.infos", CONF_INT | CONF_RELOAD, AT(infos), 0, PACE_WINDOW_MS },
	{ "call.resumes", CONF_INT | CONF_RELOAD, AT(resumes), 0,
	    PACE_WINDOW_MS },
	{ "call.per_caller_per_minute", CONF_INT | CONF_RELOAD,
	    AT(calls_per_caller), 0, LIMIT_MAX },
	{ "call.per_callee_per_minute", CONF_INT | CONF_RELOAD,
	    AT(calls_per_callee), 0, LIMIT_MAX },
	{ "call.per_pair_per_minute", CONF_INT | CONF_RELOAD,
	    AT(calls_per_pair), 0, LIMIT_MAX },
	{ "call.unknown_per_minute", CONF_INT | CONF_RELOAD, AT(unknowns), 0,
	    LIMIT_MAX },
	{ "call.unacquainted_per_hour", CONF_INT | CONF_RELOAD,
	    AT(calls_unacquainted), 0, LIMIT_MAX },
	{ "call.per_guest_per_hour", CONF_INT | CONF_RELOAD,
	    AT(calls_per_guest), 0, LIMIT_MAX },
	{ "call.per_guest_at_once", CONF_INT | CONF_RELOAD,
	    AT(guest_calls_at_once), 1, GUEST_MAX },
	{ "answer.listen", CONF_STRINGS, AT(answer_listen), 0, 0 },
	{ "numbers.country_code", CONF_STRING | CONF_RELOAD, AT(country_code),
	    0, 0 },
	{ "numbers.national_prefix", CONF_STRING | CONF_RELOAD,
	    AT(national_prefix), 0, 0 },
	{ "numbers.international_prefix", CONF_STRING | CONF_RELOAD,
	    AT(international_prefix), 0, 0 },
	{ "subscribers.basic", CONF_BOOL | CONF_RELOAD, AT(basic), 0, 0 },
	{ "registration.enabled", CONF_BOOL, AT(registration), 0, 0 },
	{ "registration.prefixes", CONF_STRINGS | CONF_RELOAD,
	    AT(registration_prefixes), 0, 0 },
	{ "registration.per_hour", CONF_INT | CONF_RELOAD, AT(signups), 0,
	    LIMIT_MAX },
	{ "registration.per_prefix_per_hour", CONF_INT | CONF_RELOAD,
	    AT(signups_per_prefix), 0, LIMIT_MAX },
	{ "registration.per_address_per_hour", CONF_INT | CONF_RELOAD,
	    AT(signups_per_address), 0, LIMIT_MAX },
	{ "registration.per_number_per_hour", CONF_INT | CONF_RELOAD,
	    AT(signups_per_number), 0, LIMIT_MAX },
	{ "registration.guesses_per_code", CONF_INT | CONF_RELOAD,
	    AT(guesses_per_code), 1, 100 },
	{ "registration.guesses_per_number_per_hour", CONF_INT | CONF_RELOAD,
	    AT(guesses_per_number), 1, 1000 },
	{ "registration.per_wide_prefix_per_hour", CONF_INT | CONF_RELOAD,
	    AT(signups_per_wide_prefix), 0, LIMIT_MAX },
	{ "sms.per_hour", CONF_INT | CONF_RELOAD, AT(sms), 0, LIMIT_MAX },
	{ "sms.per_number_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_number), 0, LIMIT_MAX },
	{ "sms.per_address_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_address), 0, LIMIT_MAX },
	{ "sms.per_prefix_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_prefix), 0, LIMIT_MAX },
	{ "sms.per_caller_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_caller), 0, LIMIT_MAX },
	{ "sms.per_callee_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_callee), 0, LIMIT_MAX },
	{ "sms.per_country_per_hour", CONF_INT | CONF_RELOAD,
	    AT(sms_per_country), 0, LIMIT_MAX },
	{ "web.origins", CONF_STRINGS, AT(web_origins), 0, 0 },
	{ "web.listen", CONF_STRINGS, AT(web_listen), 0, 0 },
	{ "web.root", CONF_STRING | CONF_RELOAD, AT(web_root), 0, 0 },
	{ "web.connect", CONF_STRINGS | CONF_RELOAD, AT(web_connect), 0, 0 },
	{ "web.max_files", CONF_INT | CONF_RELOAD, AT(web_files), 1, 10000 },
	{ "web.max_bytes", CONF_INT | CONF_RELOAD, AT(web_bytes), 1,
	    64 * 1024 * 1024 },
	{ "web.max_connections", CONF_INT | CONF_RELOAD, AT(web_connections),
	    1, 100000 },
	{ "web.max_connections_per_address", CONF_INT | CONF_RELOAD,
	    AT(web_per_address), 1, 100000 },
	{ "web.max_requests", CONF_INT | CONF_RELOAD, AT(web_requests), 1,
	    1000000 },
	{ "web.idle_ms", CONF_INT | CONF_RELOAD, AT(web_idle_ms), 100,
	    HOUR_MS },
	{ "web.send_ms", CONF_INT | CONF_RELOAD, AT(web_send_ms), 100,
	    HOUR_MS },
	{ "connections.max", CONF_INT | CONF_RELOAD, AT(max_connections), 1,
	    10000000 },
	{ "connections.max_per_address", CONF_INT | CONF_RELOAD,
	    AT(max_connections_per_address), 1, 10000000 },
	{ "connections.auth_ms", CONF_INT | CONF_RELOAD, AT(auth_ms), 100,
	    HOUR_MS },
	{ "connections.idle_ms", CONF_INT | CONF_RELOAD, AT(idle_ms), 1000,
	    HOUR_MS },
	{ "connections.recheck_ms", CONF_INT | CONF_RELOAD, AT(recheck_ms),
	    100, HOUR_MS },
	{ "connections.writes_per_minute", CONF_INT | CONF_RELOAD, AT(writes),
	    0, LIMIT_MAX },
	{ "connections.reads_per_minute", CONF_INT | CONF_RELOAD, AT(reads),
	    0, LIMIT_MAX },
	{ "connections.strangers", CONF_INT | CONF_RELOAD, AT(strangers), 1,
	    10000000 },
	{ "connections.strangers_per_address", CONF_INT | CONF_RELOAD,
	    AT(strangers_per_address), 1, 10000000 },
	{ "connections.strangers_per_network", CONF_INT | CONF_RELOAD,
	    AT(strangers_per_network), 1, 10000000 },
	{ "connections.strangers_per_block", CONF_INT | CONF_RELOAD,
	    AT(strangers_per_block), 1, 10000000 },
	{ "push.command", CONF_STRING, AT(push_command), 0, 0 },
	{ "push.public_key", CONF_STRINGS | CONF_RELOAD, AT(push_public_keys),
	    0, 0 },
	{ "push.repeat_ms", CONF_INT | CONF_RELOAD, AT(push_repeat_ms), 100,
	    HOUR_MS },
	{ "push.early", CONF_BOOL | CONF_RELOAD, AT(push_early), 0, 0 },
	{ "push.queue", CONF_INT | CONF_RELOAD, AT(push_queue), 1, 1000000 },
	{ "push.per_caller_per_minute", CONF_INT | CONF_RELOAD,
	    AT(pushes_per_caller), 0, LIMIT_MAX },
	{ "relay.listen", CONF_STRINGS, AT(relay_listen), 0, 0 },
	{ "relay.tcp_listen", CONF_STRINGS, AT(relay_tcp_listen), 0, 0 },
	{ "relay.tls_listen", CONF_STRINGS, AT(relay_tls_listen), 0, 0 },
	{ "relay.peers", CONF_STRING, AT(relay_peers), 0, 0 },
	{ "relay.allowed_peers", CONF_STRINGS, AT(relay_allowed_peers), 0, 0 },
	{ "relay.max_streams", CONF_INT, AT(relay_max_streams), 1, 1000000 },
	{ "relay.max_streams_per_prefix", CONF_INT,
	    AT(relay_max_streams_per_prefix), 1, 1000000 },
	{ "relay.stream_auth_ms", CONF_INT, AT(relay_stream_auth_ms), 100,
	    HOUR_MS },
	{ "relay.realm", CONF_STRING, AT(relay_realm), 0, 0 },
	{ "relay.secret", CONF_STRINGS | CONF_RELOAD, AT(relay_secret), 0, 0 },
	{ "relay.secret_file", CONF_STRING | CONF_RELOAD,
	    AT(relay_secret_file), 0, 0 },
	{ "relay.users", CONF_STRING | CONF_RELOAD, AT(relay_users), 0, 0 },
	{ "relay.services", CONF_STRINGS | CONF_RELOAD, AT(relay_services), 0,
	    0 },
	{ "relay.external_address", CONF_STRING, AT(relay_external_address),
	    0, 0 },
	{ "relay.threads", CONF_INT, AT(relay_threads), 1, 64 },
	{ "relay.allocations_per_party", CONF_INT,
	    AT(relay_allocations_per_party), 1, 1024 },
	{ "relay.allocates", CONF_INT, AT(relay_allocates), 0, 10000 },
	{ "relay.allocations_per_call", CONF_INT,
	    AT(relay_allocations_per_call), 2, 65536 },
	{ "relay.allocations", CONF_INT, AT(relay_allocations), 2, 10000000 },
	{ "relay.kbps_per_allocation", CONF_INT,
	    AT(relay_kbps_per_allocation), 0, 1000000 },
	{ "relay.allocations_per_user", CONF_INT | CONF_RELOAD,
	    AT(relay_allocations_per_user), 0, 10000000 },
	{ "relay.allocations_per_prefix", CONF_INT,
	    AT(relay_allocations_per_prefix), 0, 10000000 },
	{ "relay.kbps_per_user", CONF_INT | CONF_RELOAD,
	    AT(relay_kbps_per_user), 0, 100000000 },
	{ "relay.kbps", CONF_INT, AT(relay_kbps), 0, 100000000 },
	{ "relay.strangers_per_prefix", CONF_INT,
	    AT(relay_strangers_per_prefix), 0, 1000000 },
	{ "relay.kernel", CONF_STRING, AT(relay_kernel), 0, 0 },
	{ "relay.coalesce_us", CONF_INT, AT(relay_coalesce_us), 0, 10000 },
	{ "relay.lifetime_s", CONF_INT, AT(relay_lifetime_s), 1, 600 },
	{ "relay.credential_s", CONF_INT | CONF_RELOAD, AT(relay_credential_s),
	    1, 86400 },
	{ "relay.trials_per_hour", CONF_INT | CONF_RELOAD, AT(relay_trials), 0,
	    LIMIT_MAX },
	{ "metrics.listen", CONF_STRING, AT(metrics_listen), 0, 0 },
	{ "log.level", CONF_STRING | CONF_RELOAD, AT(log_level), 0, 0 },
	{ "log.syslog", CONF_BOOL, AT(log_syslog), 0, 0 },
	{ "user", CONF_STRING, AT(user), 0, 0 },
	{ "sandbox", CONF_BOOL, AT(sandbox), 0, 0 },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

int
settings_set_list(struct conf_strings *list, const char *text)
{
	char **item = malloc(sizeof(*item));
	char *copy = strdup(text);
	size_t i;

	if (item == NULL || copy == NULL) {
		free(item);
		free(copy);
		return -ENOMEM;
	}
	for (i = 0; i < list->n; i++)
		free(list->item[i]);
	free(list->item);
	item[0] = copy;
	list->item = item;
	list->n = 1;
	return 0;
}

static const struct settings numbers = {
	.max_calls = 1000,
	.drain_ms = 60000,
	.sandbox = true,
	.basic = true,
	.tls_early = true,
	.max_connections = 16384,
	.max_connections_per_address = 1024,
	.strangers = 2048,
	.strangers_per_address = 256,
	.strangers_per_network = 512,
	.strangers_per_block = 1024,
	.auth_ms = 10000,
	.idle_ms = 60000,
	.recheck_ms = 30000,
	.writes = 30,
	.reads = 60,
	.ring_ms = 45000,
	.push_ms = 30000,
	.offer_ms = 8000,
	.media_silence_ms = 60000,
	.over_ms = 120000,
	.info_queue = 32,
	.infos = 250,
	.resumes = 10,
	.calls_per_caller = 30,
	.calls_per_callee = 240,
	.calls_per_pair = 20,
	.calls_per_guest = 60,
	.guest_calls_at_once = 4,
	.unknowns = 5,
	.signups = 1000,
	.signups_per_prefix = 100,
	.signups_per_address = 20,
	.signups_per_number = 3,
	.guesses_per_code = 5,
	.guesses_per_number = 30,
	.signups_per_wide_prefix = 300,
	.sms = 10000,
	.sms_per_number = 20,
	.sms_per_address = 60,
	.sms_per_prefix = 300,
	.sms_per_caller = 30,
	.sms_per_callee = 30,
	.sms_per_country = 1000,
	.web_files = 256,
	.web_bytes = 4194304,
	.web_connections = 256,
	.web_per_address = 32,
	.web_requests = 100,
	.web_idle_ms = 15000,
	.web_send_ms = 60000,
	.push_repeat_ms = 3000,
	.push_early = true,
	.push_queue = 1024,
	.pushes_per_caller = 600,
	.relay_max_streams = 4096,
	.relay_max_streams_per_prefix = 256,
	.relay_stream_auth_ms = 10000,
	.relay_threads = 1,
	.relay_allocations_per_party = 16,
	.relay_allocates = 64,
	.relay_allocations_per_call = 64,
	.relay_allocations = 100000,
	.relay_kbps_per_allocation = 128,
	.relay_allocations_per_user = 64,
	.relay_allocations_per_prefix = 4096,
	.relay_kbps_per_user = 8000,
	.relay_kbps = 500000,
	.relay_strangers_per_prefix = 100,
	.relay_coalesce_us = 400,
	.relay_lifetime_s = 600,
	.relay_credential_s = 3600,
	.relay_trials = 30,
};

int
settings_defaults(struct settings *settings)
{
	char host[SIGMSG_TARGET] = "";
	struct settings *s = settings;

	*s = numbers;
	if (gethostname(host, sizeof(host) - 1) < 0 || host[0] == '\0')
		strcpy(host, "localhost");
	if (conf_set(&s->name, host) < 0 ||
	    settings_set_list(&s->certificates, "/etc/rp/tls/cert.pem") < 0 ||
	    settings_set_list(&s->keys, "/etc/rp/tls/key.pem") < 0 ||
	    conf_set(&s->control, "/run/rp-switchd/control") < 0 ||
	    conf_set(&s->web_root, RP_WEB_ROOT) < 0 ||
	    conf_set(&s->relay_realm, "rp") < 0 ||
	    conf_set(&s->relay_peers, "calls") < 0 ||
	    conf_set(&s->relay_kernel, "off") < 0 ||
	    conf_set(&s->log_level, "info") < 0 ||
	    conf_set(&s->country_code, "") < 0 ||
	    conf_set(&s->national_prefix, "0") < 0 ||
	    conf_set(&s->international_prefix, "00") < 0 ||
	    settings_set_list(&s->listen, "0.0.0.0:31337") < 0 ||
	    settings_set_list(&s->answer_listen, "0.0.0.0:31338") < 0 ||
	    settings_set_list(&s->relay_listen, "0.0.0.0:3478") < 0)
		return -ENOMEM;
	return 0;
}

/* Treat "" as absent, which switches an optional string off. */
static int
none_if_empty(char **field)
{
	if (*field != NULL && **field == '\0')
		return conf_set(field, NULL);
	return 0;
}

bool
settings_none_if_off(struct conf_strings *list)
{
	if (list->n != 1 || *list->item[0] != '\0')
		return false;
	conf_strings_clear(list);
	return true;
}

static int
settle_absent(struct settings *s)
{
	char **const fields[] = {
		&s->control, &s->control_group, &s->push_command,
		&s->metrics_listen, &s->user, &s->relay_external_address,
		&s->directory_file, &s->relay_secret_file, &s->relay_users
	};
	size_t i;
	int err = 0;

	settings_none_if_off(&s->push_public_keys);
	settings_none_if_off(&s->web_origins);
	settings_none_if_off(&s->web_listen);
	settings_none_if_off(&s->web_connect);
	for (i = 0; err == 0 && i < sizeof(fields) / sizeof(fields[0]); i++)
		err = none_if_empty(fields[i]);
	return err;
}

/* Resolve the names of files, and read what is in them. */
static int
settle_files(struct settings *s, char why[static WHY_TEXT])
{
	int err = settings_paths_resolve(s, why);

	if (err == 0)
		err = settings_secrets_read(s, why);
	if (err < 0)
		return err;
	if (s->directory == NULL &&
	    conf_set(&s->directory, "sqlite:/var/lib/rp/rp.db") < 0)
		return -ENOMEM;
	return settings_paths_resolve_directory(s, why);
}

int
settings_read(struct settings *settings, const struct conf_source *from,
    const char *listen, char why[static WHY_TEXT])
{
	int err;

	settings->from = *from;
	err = conf_read_from(from, keys, N_KEYS, settings, why);
	if (err < 0)
		return err;
	why[0] = '\0';
	if (listen != NULL)
		err = settings_set_list(&settings->listen, listen);
	if (err == 0)
		err = settle_absent(settings);
	if (err == 0)
		err = settle_files(settings, why);
	if (err == 0)
		err = settings_listen_settle(settings, why);
	if (err == 0)
		err = settings_check(settings, why);
	if (err == 0)
		err = services_read(settings, why);
	if (err < 0 && *why == '\0')
		why_set(why, "%.400s: %s", from->file, strerror(-err));
	return err;
}

/* Say where a key is, and what is wrong with it. */
static void
place(const struct settings *s, char why[static WHY_TEXT], const char *path,
    const char *wrong)
{
	if (s->from.file != NULL)
		conf_place(why, &s->from, path, wrong);
	else
		why_set(why, "%s: %s", path, wrong);
}

int
settings_complain(const struct settings *s, char why[static WHY_TEXT],
    const char *path, const char *format, ...)
{
	char wrong[WHY_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(wrong, sizeof(wrong), format, ap);
	va_end(ap);
	place(s, why, path, wrong);
	return -EINVAL;
}

void
settings_warn(const struct settings *s, const char *path, const char *format,
    ...)
{
	char wrong[WHY_TEXT], why[WHY_TEXT];
	va_list ap;

	va_start(ap, format);
	vsnprintf(wrong, sizeof(wrong), format, ap);
	va_end(ap);
	if (!s->testing) {
		log_warn("configuration", "key=%s why=\"%s\"", path, wrong);
		return;
	}
	place(s, why, path, wrong);
	tool_warn("warning", "%s", why);
}

const char *
settings_directory_key(const struct settings *settings)
{
	return settings->directory_file != NULL ? "directory_file" :
	    "directory";
}

void
settings_adopt(struct settings *settings, struct settings *anew)
{
	const struct services services = settings->services;
	struct conf_strings secret;

	conf_adopt(keys, N_KEYS, settings, anew);
	settings->services = anew->services;
	anew->services = services;
	if (!anew->relay_secret_made) {
		settings->relay_secret_made = false;
		return;
	}
	/* A random secret outlives a reload that sets none. */
	secret = settings->relay_secret;
	settings->relay_secret = anew->relay_secret;
	anew->relay_secret = secret;
}

void
settings_left(const struct settings *settings, const struct settings *anew,
    char paths[static WHY_TEXT])
{
	conf_left(keys, N_KEYS, settings, anew, paths);
}

void
settings_free(struct settings *settings)
{
	conf_free(keys, N_KEYS, settings);
	services_clear(&settings->services);
}
