/*
 * pushconf: the configuration file of rp-pushsend(8) as a struct. Every field
 * has a default; a mistake is an error with file and line.
 */
#ifndef RP_PUSHSEND_PUSHCONF_H
#define RP_PUSHSEND_PUSHCONF_H

#include "base/conf.h"
#include "wire/why.h"

struct pushconf {
	long in_flight;			/* attempts at once */
	long in_flight_per_service;	/* of them at one push service */
	long queue;			/* requests held; then input waits */
	long attempt_ms;		/* timeout of one attempt */
	long drain_ms;			/* after SIGTERM */
	char *ca_file;			/* instead of the system's; or NULL */
	char *log_level;

	struct conf_strings allow;	/* prefixes open to push endpoints */
	struct conf_strings deny;	/* public prefixes that are closed */

	struct conf_strings webpush_keys;	/* VAPID; the first is new */
	char *webpush_subject;		/* "mailto:..." or "https:..." */
	long webpush_rate; /* per second and service; 0: unlimited */

	char *fcm_service_account;	/* Google's JSON file; or NULL */
	char *fcm_url;
	long fcm_rate;

	char *apns_key;			/* Apple's .p8 file; or NULL */
	char *apns_key_id;
	char *apns_team_id;
	char *apns_url;
	char *apns_sandbox_url;
	char *apns_alert_call;		/* shown if the app does not decrypt */
	char *apns_alert_cancel;
	long apns_rate;

	char *sms_url;			/* or NULL */
	char *sms_content_type;		/* of a form or JSON */
	char *sms_body;			/* template */
	char *sms_from;
	char *sms_user;			/* Basic authorization; or NULL */
	char *sms_secret_file;		/* its password, and ${secret} */
	struct conf_strings sms_headers;
	char *sms_text_call;		/* templates by the payload's kind */
	char *sms_text_cancel;
	char *sms_text_code;
	char *sms_answer;		/* "messages.0.status"; or NULL */
	struct conf_strings sms_answer_sent;
	struct conf_strings sms_answer_retry;
	long sms_rate;
	long sms_attempt_ms;		/* timeout of one attempt */

	struct conf_strings command_run;	/* path and arguments */
	long command_in_flight;
	long command_attempt_ms;	/* 0: as attempt_ms */
};

/*
 * Fill in the defaults.
 *
 *  -ENOMEM  out of memory
 */
int pushconf_defaults(struct pushconf *settings);

/*
 * Read a file over the defaults. Its relative paths start at its folder, or at
 * that of `from`. For a reload, where `from` wants regular files, so must be
 * those that it names.
 */
int pushconf_read(struct pushconf *settings, const struct conf_source *from,
    char why[static WHY_TEXT]);

/*
 * Put file and line before an error that begins with a key's name, such as
 * "apns.key: wants a P-256 key". Others stay as they are.
 */
void pushconf_place(char why[static WHY_TEXT], const char *file);

/* Warn in the log of keys and secrets that other users can read. */
void pushconf_warn(const struct pushconf *settings);

/*
 * Allow the loopback addresses, as --dev does.
 *
 *  -ENOMEM  out of memory
 */
int pushconf_allow_loopback(struct pushconf *settings);

void pushconf_free(struct pushconf *settings);

#endif
