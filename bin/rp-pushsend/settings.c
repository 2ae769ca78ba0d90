#include "settings.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct settings, field)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_MS 3600000L

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
	{ "webpush.key", CONF_STRING, AT(webpush_key), 0, 0 },
	{ "webpush.subject", CONF_STRING, AT(webpush_subject), 0, 0 },
	{ "webpush.rate", CONF_INT, AT(webpush_rate), 0, 1000000 },
	{ "command.run", CONF_STRINGS, AT(command_run), 0, 0 },
	{ "command.in_flight", CONF_INT, AT(command_in_flight), 1, 10000 },
};

/* Those that name files, beside the configuration file. */
static const size_t files[] = { AT(ca_file), AT(webpush_key) };

int
settings_defaults(struct settings *settings)
{
	static const struct settings defaults = {
		.in_flight = 4096,
		.in_flight_per_service = 2048,
		.queue = 8192,
		.attempt_ms = 5000,
		.drain_ms = 5000,
		.command_in_flight = 16,
	};

	*settings = defaults;
	return conf_set(&settings->log_level, "info");
}

int
settings_read(struct settings *settings, const char *file,
    char why[static CONF_WHY])
{
	size_t i;
	int err;

	err = conf_read(file, keys, COUNT(keys), settings, why);
	if (err < 0)
		return err;
	for (i = 0; i < COUNT(files); i++) {
		err = conf_beside((char **)((char *)settings + files[i]),
		    file);
		if (err < 0) {
			strcpy(why, "out of memory");
			return err;
		}
	}
	return 0;
}

int
settings_allow_loopback(struct settings *settings)
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
settings_free(struct settings *settings)
{
	conf_free(keys, COUNT(keys), settings);
}
