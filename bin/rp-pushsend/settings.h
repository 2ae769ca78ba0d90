/*
 * settings: the configuration file of rp-pushsend(8) as a struct. Every field
 * has a default; a mistake is an error with file and line.
 */
#ifndef RP_PUSHSEND_SETTINGS_H
#define RP_PUSHSEND_SETTINGS_H

#include "base/conf.h"

struct settings {
	long in_flight;			/* attempts at once */
	long in_flight_per_service;	/* of them at one push service */
	long queue;			/* requests held; then input waits */
	long attempt_ms;		/* one attempt's time */
	long drain_ms;			/* after SIGTERM */
	char *ca_file;			/* instead of the system's; or NULL */
	char *log_level;

	struct conf_strings allow;	/* prefixes open to push endpoints */
	struct conf_strings deny;	/* public ones that are closed */

	char *webpush_key;		/* VAPID, PEM; or NULL */
	char *webpush_subject;		/* "mailto:..." or "https:..." */
	long webpush_rate;		/* a second at one service; 0: any */

	struct conf_strings command_run;	/* path and arguments */
	long command_in_flight;
};

/* Fill in the defaults. -ENOMEM. */
int settings_defaults(struct settings *settings);

/* Read a file over the defaults; its paths are taken from its folder. */
int settings_read(struct settings *settings, const char *file,
    char why[static CONF_WHY]);

/* Open the loopback addresses, as --dev does. -ENOMEM. */
int settings_allow_loopback(struct settings *settings);

void settings_free(struct settings *settings);

#endif
