/*
 * settings: rp-switchd.conf(5) as a struct. Every field has a default. A
 * mistake is an error with file and line.
 */
#ifndef RP_SWITCHD_SETTINGS_H
#define RP_SWITCHD_SETTINGS_H

#include <stdbool.h>

#include "base/conf.h"
#include "conf/services.h"
#include "wire/why.h"

#define SETTINGS_SECRET_MIN 16	/* characters of a configured secret */
#define SETTINGS_SECRET_MAX 1024	/* of one in a file; HMAC gains nothing */

struct settings {
	struct conf_source from;	/* file NULL: not from a file (--dev) */
	bool testing;			/* for -t, whose reader is a person */
	char *name;			/* this switch's own name, in pushes */
	struct conf_strings switches;	/* the region's, "NAME:PORT" */
	struct conf_strings listen;	/* call port: "0.0.0.0:31337", ... */
	struct conf_strings answer_listen;	/* "0.0.0.0:31338", ... */
	struct conf_strings certificates;	/* PEM files, each with */
	struct conf_strings keys;		/* its key */
	char *directory;		/* URL: "sqlite:/var/lib/rp/rp.db" */
	char *directory_file;		/* it was read from there; or NULL */
	char *control;			/* Unix socket's path; NULL: none */
	char *control_group;		/* who may connect too; NULL: none */
	char *metrics_listen;		/* HTTP; NULL: none */
	char *log_level;
	bool log_syslog;
	char *user;			/* to run as; NULL: do not change */
	bool sandbox;

	bool tls_early;			/* accept early data */
	long handshake_threads;		/* 0: one for each processor */
	char *country_code, *national_prefix;	/* number_rules.h */
	char *international_prefix;
	bool basic;			/* tokens count, and not only keys */
	bool registration;		/* by SMS */
	struct conf_strings registration_prefixes;	/* "+27"; none: all */
	struct conf_strings web_origins;	/* pages that may connect */
	struct conf_strings web_listen;	/* HTTPS; none: no page */
	char *web_root;			/* folder of the page */
	struct conf_strings web_connect;	/* hosts that it may connect to */
	long web_files, web_bytes;	/* of the folder, at most */
	long web_connections, web_per_address;
	long web_requests;		/* on one connection */
	long web_idle_ms;		/* until a whole request is there */
	long web_send_ms;		/* for an answer to be taken */

	long max_calls;
	long drain_ms;		/* after SIGTERM, until calls are hung up */
	long max_connections;
	long max_connections_per_address;
	long strangers;		/* connections without a credential */
	long strangers_per_address, strangers_per_network;	/* lobby.h */
	long strangers_per_block;
	long auth_ms;		/* for a new connection to authenticate */
	long idle_ms;			/* between its requests */
	long recheck_ms;		/* between look-ups of its client */
	long ring_ms;			/* INITIATE to ANSWER */
	long push_ms;			/* INITIATE to RING */
	long offer_ms;			/* INITIATE to an offer by INFO */
	long media_silence_ms;	/* until a call without media or parties ends */
	long over_ms;			/* how long an ended call answers 410 */
	long info_queue;		/* messages kept per absent party */
	long infos, resumes;		/* per party and PACE_WINDOW_MS */

	/* Limits of ops/quotas.h; 0: none. */
	long calls_per_caller, calls_per_callee;	/* per minute */
	long calls_per_guest;				/* per hour */
	long guest_calls_at_once;
	long calls_unacquainted;			/* per hour */
	long calls_per_pair, unknowns;			/* per minute, */
	long writes, reads, pushes_per_caller;			/* and so are these */
	long signups, signups_per_prefix;	/* these and SMS: per hour */
	long signups_per_address, signups_per_number;
	long signups_per_wide_prefix;
	long guesses_per_code, guesses_per_number;
	long sms, sms_per_number, sms_per_address, sms_per_prefix;
	long sms_per_caller, sms_per_callee, sms_per_country;
	long relay_trials;

	char *push_command;		/* NULL: requests to standard output */
	struct conf_strings push_public_keys;	/* VAPID; the first is told */
	long push_repeat_ms;
	bool push_early;		/* tell devices what to begin with */
	long push_queue;		/* requests waiting for the child */

	struct conf_strings relay_listen;	/* UDP */
	struct conf_strings relay_tcp_listen;
	struct conf_strings relay_tls_listen;
	char *relay_peers;		/* "calls", "clients" or "any" */
	struct conf_strings relay_allowed_peers;	/* prefixes */
	long relay_max_streams;		/* TCP and TLS */
	long relay_max_streams_per_prefix;
	long relay_stream_auth_ms;	/* for a new one to allocate */
	char *relay_realm;
	struct conf_strings relay_secret;	/* first signs, all verify */
	char *relay_secret_file;	/* they were read there; or NULL */
	bool relay_secret_made;		/* random, because not configured */
	char *relay_users;		/* file of static users; or NULL */
	struct conf_strings relay_services;	/* files */
	struct services services;	/* what is in these */
	char *relay_external_address;
	long relay_threads;
	long relay_allocations_per_party;
	long relay_allocates;		/* per party and ALLOC_PACE_MS */
	long relay_allocations_per_call;
	long relay_allocations;
	long relay_kbps_per_allocation;
	long relay_allocations_per_user;	/* of other applications */
	long relay_allocations_per_prefix;	/* of such users */
	long relay_kbps_per_user;
	long relay_kbps;			/* of all */
	long relay_strangers_per_prefix;
	char *relay_kernel;		/* "off", "tc", "xdp" or "auto" */
	long relay_coalesce_us;
	long relay_lifetime_s;		/* of an allocation, if not renewed */
	long relay_credential_s;
};

/* Fill in the defaults. -ENOMEM. */
int settings_defaults(struct settings *settings);

/*
 * Read a file over the defaults, and the secrets from files that it names. Then
 * check what no single key shows. Relative paths are relative to the file's
 * folder, or to that of `from`, whose strings must outlive the settings.
 * `listen` takes the place of call.listen, unless it is NULL. Without a secret
 * of the relay a random one is made, which suffices until the switch is
 * restarted. Files that are used later are not looked at (settings_files.h).
 *
 * Return -EINVAL or a negative errno with one line in `why`. Call settings_free
 * also after an error.
 */
int settings_read(struct settings *settings, const struct conf_source *from,
    const char *listen, char why[static WHY_TEXT]);

/*
 * Report an error in what a key means: "file:line: path: what is wrong". Return
 * -EINVAL.
 */
int settings_complain(const struct settings *settings,
    char why[static WHY_TEXT], const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Warn of what a key means. With -t the warning is on standard error, in the
 * form of settings_complain; otherwise it is in the log (event=configuration).
 */
void settings_warn(const struct settings *settings, const char *path,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Return the key that says where the directory is. */
const char *settings_directory_key(const struct settings *settings);

/* Empty a list that is "", which switches it off. Return whether it was. */
bool settings_none_if_off(struct conf_strings *list);

/* Replace a list by one string. -ENOMEM. */
int settings_set_list(struct conf_strings *list, const char *text);

/*
 * Apply a reload: take over from `anew` the keys that the table marks with
 * CONF_RELOAD. The replaced values are then in `anew` and freed with it, so
 * that nobody may keep a pointer to a string of such a key.
 */
void settings_adopt(struct settings *settings, struct settings *anew);

/*
 * Write the keys, with blanks between, that a reload does not take over from
 * `anew` although their values differ.
 */
void settings_left(const struct settings *settings,
    const struct settings *anew, char paths[static WHY_TEXT]);

void settings_free(struct settings *settings);

#endif
