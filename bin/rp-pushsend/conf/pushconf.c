/*
 * pushconf: the key table of rp-pushsend(8) with its defaults. See pushconf.h.
 */
#include "conf/pushconf.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secretfile.h"
#include "wire/why.h"

#define AT(field) offsetof(struct pushconf, field)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_MS 3600000L
#define RATE_MAX 1000000

static const struct conf_key keys[] = {
	{ "in_flight", CONF_INT, AT(in_flight), 1, 100000 },
	{ "in_flight_per_service", CONF_INT, AT(in_flight_per_service), 1,
	    100000 },
	{ "queue", CONF_INT, AT(queue), 1, 1000000 },
	{ "attempt_ms", CONF_INT, AT(attempt_ms), 10, HOUR_MS },
	{ "drain_ms", CONF_INT, AT(drain_ms), 0, HOUR_MS },
	{ "ca_file", CONF_STRING, AT(ca_file), 0, 0 },
	{ "log_level", CONF_STRING, AT(log_level), 0, 0 },
	{ "allow", CONF_STRINGS, AT(allow), 0, 0 },
	{ "deny", CONF_STRINGS, AT(deny), 0, 0 },
	{ "webpush.key", CONF_STRINGS, AT(webpush_keys), 0, 0 },
	{ "webpush.subject", CONF_STRING, AT(webpush_subject), 0, 0 },
	{ "webpush.rate", CONF_INT, AT(webpush_rate), 0, RATE_MAX },
	{ "fcm.service_account", CONF_STRING, AT(fcm_service_account), 0, 0 },
	{ "fcm.url", CONF_STRING, AT(fcm_url), 0, 0 },
	{ "fcm.rate", CONF_INT, AT(fcm_rate), 0, RATE_MAX },
	{ "apns.key", CONF_STRING, AT(apns_key), 0, 0 },
	{ "apns.key_id", CONF_STRING, AT(apns_key_id), 0, 0 },
	{ "apns.team_id", CONF_STRING, AT(apns_team_id), 0, 0 },
	{ "apns.url", CONF_STRING, AT(apns_url), 0, 0 },
	{ "apns.sandbox_url", CONF_STRING, AT(apns_sandbox_url), 0, 0 },
	{ "apns.alert_call", CONF_STRING, AT(apns_alert_call), 0, 0 },
	{ "apns.alert_cancel", CONF_STRING, AT(apns_alert_cancel), 0, 0 },
	{ "apns.rate", CONF_INT, AT(apns_rate), 0, RATE_MAX },
	{ "sms.url", CONF_STRING, AT(sms_url), 0, 0 },
	{ "sms.content_type", CONF_STRING, AT(sms_content_type), 0, 0 },
	{ "sms.body", CONF_STRING, AT(sms_body), 0, 0 },
	{ "sms.from", CONF_STRING, AT(sms_from), 0, 0 },
	{ "sms.user", CONF_STRING, AT(sms_user), 0, 0 },
	{ "sms.secret_file", CONF_STRING, AT(sms_secret_file), 0, 0 },
	{ "sms.headers", CONF_STRINGS, AT(sms_headers), 0, 0 },
	{ "sms.text_call", CONF_STRING, AT(sms_text_call), 0, 0 },
	{ "sms.text_cancel", CONF_STRING, AT(sms_text_cancel), 0, 0 },
	{ "sms.text_code", CONF_STRING, AT(sms_text_code), 0, 0 },
	{ "sms.answer", CONF_STRING, AT(sms_answer), 0, 0 },
	{ "sms.answer_sent", CONF_STRINGS, AT(sms_answer_sent), 0, 0 },
	{ "sms.answer_retry", CONF_STRINGS, AT(sms_answer_retry), 0, 0 },
	{ "sms.rate", CONF_INT, AT(sms_rate), 0, RATE_MAX },
	{ "sms.attempt_ms", CONF_INT, AT(sms_attempt_ms), 10, HOUR_MS },
	{ "command.run", CONF_STRINGS, AT(command_run), 0, 0 },
	{ "command.in_flight", CONF_INT, AT(command_in_flight), 1, 10000 },
	{ "command.attempt_ms", CONF_INT, AT(command_attempt_ms), 0, HOUR_MS },
};

/*
 * The settings that name files; paths are relative to the configuration file.
 */
static const struct {
	const char *key;
	size_t at;
	bool secret;
} files[] = {
	{ "ca_file", AT(ca_file), false },
	{ "fcm.service_account", AT(fcm_service_account), true },
	{ "apns.key", AT(apns_key), true },
	{ "sms.secret_file", AT(sms_secret_file), true },
};

static const struct {
	size_t at;
	const char *text;
} texts[] = {
	{ AT(log_level), "info" },
	{ AT(fcm_url), "https://fcm.googleapis.com" },
	{ AT(apns_url), "https://api.push.apple.com" },
	{ AT(apns_sandbox_url), "https://api.sandbox.push.apple.com" },
	{ AT(apns_alert_call), "Incoming call" },
	{ AT(apns_alert_cancel), "Missed call" },
	{ AT(sms_content_type), "application/x-www-form-urlencoded" },
	{ AT(sms_text_call), "Somebody is calling you. Open the app." },
	{ AT(sms_text_code), "Your code is ${code}" },
};

int
pushconf_defaults(struct pushconf *settings)
{
	static const struct pushconf defaults = {
		.in_flight = 4096,
		.in_flight_per_service = 2048,
		.queue = 8192,
		.attempt_ms = 5000,
		.drain_ms = 5000,
		.sms_attempt_ms = 15000, /* gateways ask for 10 to 15 s */
		.command_in_flight = 16,
	};

	char **field;
	size_t i;
	int err = 0;

	*settings = defaults;
	for (i = 0; err == 0 && i < COUNT(texts); i++) {
		field = (char **)((char *)settings + texts[i].at);
		err = conf_set(field, texts[i].text);
	}
	return err;
}

static char **
file_at(struct pushconf *settings, size_t i)
{
	return (char **)((char *)settings + files[i].at);
}

/* Resolve the names of files, and check what no type shows. */
static int
settle(struct pushconf *settings, const struct conf_source *from,
    char why[static WHY_TEXT])
{
	struct conf_strings *vapid = &settings->webpush_keys;
	char beside[PATH_MAX];
	enum log_level level;
	size_t i;
	int n, err = 0;

	n = from->folder != NULL ?
	    snprintf(beside, PATH_MAX, "%s/.", from->folder) :
	    snprintf(beside, PATH_MAX, "%s", from->file);
	if (n >= PATH_MAX)
		err = -ENAMETOOLONG;
	for (i = 0; err == 0 && i < COUNT(files); i++)
		err = conf_beside(file_at(settings, i), beside);
	for (i = 0; err == 0 && i < vapid->n; i++)
		err = conf_beside(&vapid->item[i], beside);
	if (err < 0) {
		why_set(why, "%.400s: %s", from->file, strerror(-err));
		return err;
	}
	if (log_level_parse(&level, settings->log_level) < 0)
		return conf_complain(why, from->file, "log_level",
		    "wants error, warn, info or debug");
	return 0;
}

void
pushconf_warn(const struct pushconf *settings)
{
	const char *file;
	size_t i;

	for (i = 0; i < COUNT(files); i++) {
		file = *(char *const *)((const char *)settings + files[i].at);
		if (files[i].secret && file != NULL)
			secretfile_warn(file);
	}
	for (i = 0; i < settings->webpush_keys.n; i++)
		secretfile_warn(settings->webpush_keys.item[i]);
}

/* Is it a file that can be read without a wait? A FIFO is none. */
static int
check_regular(const char *file, const char *key, const char *name,
    char why[static WHY_TEXT])
{
	struct stat st;

	if (name == NULL)
		return 0;
	if (stat(name, &st) < 0 || access(name, R_OK) < 0)
		return conf_complain(why, file, key, "%.200s: %s", name,
		    strerror(errno));
	if (!S_ISREG(st.st_mode))
		return conf_complain(why, file, key, "%.200s: not a regular "
		    "file", name);
	return 0;
}

/* Check that a reload does not wait for any of the files. */
static int
check_files(struct pushconf *settings, const char *file,
    char why[static WHY_TEXT])
{
	const struct conf_strings *vapid = &settings->webpush_keys;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < COUNT(files); i++)
		err = check_regular(file, files[i].key, *file_at(settings, i),
		    why);
	for (i = 0; err == 0 && i < vapid->n; i++)
		err = check_regular(file, "webpush.key", vapid->item[i], why);
	return err;
}

int
pushconf_read(struct pushconf *settings, const struct conf_source *from,
    char why[static WHY_TEXT])
{
	int err = conf_read_from(from, keys, COUNT(keys), settings, why);

	if (err == 0)
		err = settle(settings, from, why);
	if (err == 0 && from->regular)
		err = check_files(settings, from->file, why);
	return err;
}

void
pushconf_place(char why[static WHY_TEXT], const char *file)
{
	char wrong[WHY_TEXT];
	size_t i, len = strcspn(why, ":");

	if (why[len] == '\0')
		return;
	why_set(wrong, "%s", why + len + strspn(why + len, ": "));
	for (i = 0; i < COUNT(keys); i++)
		if (strlen(keys[i].path) == len &&
		    strncmp(keys[i].path, why, len) == 0) {
			conf_complain(why, file, keys[i].path, "%s", wrong);
			return;
		}
}

int
pushconf_allow_loopback(struct pushconf *settings)
{
	static const char *const loopback[] = { "127.0.0.0/8", "::1" };
	struct conf_strings *allow = &settings->allow;
	char **more;
	size_t i;

	more = realloc(allow->item, (allow->n + COUNT(loopback)) *
	    sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	allow->item = more;
	for (i = 0; i < COUNT(loopback); i++) {
		more[allow->n] = strdup(loopback[i]);
		if (more[allow->n] == NULL)
			return -ENOMEM;
		allow->n++;
	}
	return 0;
}

void
pushconf_free(struct pushconf *settings)
{
	conf_free(keys, COUNT(keys), settings);
}
