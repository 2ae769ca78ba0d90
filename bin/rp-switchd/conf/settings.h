/*
 * settings: rp-switchd.conf(5) as a struct. Every field has a default; a
 * mistake is an error with file and line.
 */
#ifndef RP_SWITCHD_SETTINGS_H
#define RP_SWITCHD_SETTINGS_H

#include <stdbool.h>

#include "base/conf.h"

struct settings {
	char *name;			/* this switch's own name, in pushes */
	struct conf_strings switches;	/* the region's, "NAME:PORT" */
	struct conf_strings listen;	/* call port: "0.0.0.0:31337", ... */
	struct conf_strings answer_listen;	/* "0.0.0.0:31338", ... */
	char *certificate;		/* PEM files */
	char *key;
	char *directory;		/* URL: "sqlite:/var/lib/rp/rp.db" */
	char *control;			/* Unix socket's path; NULL: none */
	char *metrics_listen;		/* HTTP; NULL: none */
	char *log_level;
	bool log_syslog;
	char *user;			/* to become; NULL: stay who we are */
	bool sandbox;

	bool tls_early;			/* take the first request early */
	bool registration;		/* by SMS */
	struct conf_strings web_origins;	/* pages that may use us */

	long max_calls;
	long drain_ms;			/* SIGTERM: then calls are hung up */
	long max_connections;
	long max_connections_per_address;
	long auth_ms;			/* a new connection's time to speak */
	long idle_ms;			/* its time between requests */
	long ring_ms;			/* INITIATE to ANSWER */
	long push_ms;			/* INITIATE to RING */
	long media_silence_ms;		/* nobody connected and no media */
	long over_ms;			/* how long an ended call answers 410 */
	long info_queue;		/* messages kept for an absent party */
	long infos, resumes;		/* of a party, in PACE_WINDOW_MS */

	char *push_command;		/* NULL: requests to standard output */
	char *push_public_key;		/* VAPID, base64url; NULL: none */
	long push_repeat_ms;
	long push_queue;		/* requests waiting for the child */

	struct conf_strings relay_listen;	/* UDP */
	struct conf_strings relay_tcp_listen;
	struct conf_strings relay_tls_listen;
	char *relay_peers;		/* "calls" or "any" */
	struct conf_strings relay_allowed_peers;	/* prefixes, with any */
	long relay_max_streams;		/* TCP and TLS */
	long relay_max_streams_per_prefix;
	long relay_stream_auth_ms;	/* a new one's time to allocate */
	char *relay_realm;
	struct conf_strings relay_secret;	/* first signs, all verify */
	bool relay_secret_made;		/* at random: not configured */
	char *relay_external_address;
	long relay_threads;
	long relay_allocations_per_party;
	long relay_allocations_per_call;
	long relay_allocations;
	long relay_kbps_per_allocation;
	long relay_strangers_per_prefix;
	long relay_coalesce_us;
	long relay_lifetime_s;		/* of an allocation, if not renewed */
	long relay_credential_s;
};

/* Fill in the defaults. -ENOMEM. */
int settings_defaults(struct settings *settings);

/*
 * Read a file over the defaults, then check what no single key can show:
 * addresses parse, files can be read, secrets are long enough. Relative paths
 * are taken from the file's folder. Without relay.secret a random one is made,
 * which does until the switch is restarted. -EINVAL or a negative errno with
 * one line in why. settings_free in either case.
 */
int settings_read(struct settings *settings, const char *file,
    char why[static CONF_WHY]);

/* The same for a reload, which may not wait: of regular files (conf_reread). */
int settings_reread(struct settings *settings, const char *file,
    char why[static CONF_WHY]);

/* Replace a list by one string. -ENOMEM. */
int settings_set_list(struct conf_strings *list, const char *text);

/*
 * A reload: take over what may change while the switch runs, its limits, times
 * and secrets. What is replaced is then in anew, to be freed with it.
 */
void settings_adopt(struct settings *settings, struct settings *anew);

void settings_free(struct settings *settings);

#endif
