/*
 * report: the record of a call, collected while it runs and written as one JSON
 * object (rp-dial(1), "--json") or as a few lines for a user.
 */
#ifndef RP_DIAL_REPORT_H
#define RP_DIAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "call/outcome.h"
#include "media/media.h"
#include "net/multiconnect.h"
#include "who/identity.h"
#include "wire/sigmsg.h"
#include "wire/words.h"

enum report_step {
	REPORT_DNS,
	REPORT_CONNECT,
	REPORT_TLS,
	REPORT_INITIATE,
	REPORT_RING,
	REPORT_ANSWER,
	REPORT_MEDIA,
	REPORT_STEPS
};

/* Why a call has no words, if that is worth a warning. */
enum report_no_words {
	REPORT_WORDS_FINE,
	REPORT_WORDS_LOST,	/* there were words with this peer before */
	REPORT_WORDS_EARLY,	/* a callee of 0.1.0, see verify.h */
	REPORT_WORDS_UNREVEALED	/* the caller does not show its nonce */
};

struct report_attempt {
	char address[ADDR_TEXT];
	char outcome[MULTICONNECT_TEXT];
	double ms;
	bool won;
};

struct report {
	char callee[SIGMSG_NUMBER];
	char caller[SIGMSG_NUMBER];	/* "": unknown (we are the caller) */
	enum outcome outcome;
	int status;			/* the switch's refusal; 0: none */
	unsigned retry_after_s;		/* and its Retry-After; 0: none */
	char session[SIGMSG_SESSION];	/* "": the switch has told none */
	char switch_address[ADDR_TEXT];	/* "": none answered */
	char switch_name[256];
	bool resumed, early; /* TLS session resumed; INITIATE as early data */
	struct report_attempt *attempts;
	size_t n_attempts;
	uint64_t start_ns;		/* monotonic */
	int64_t start_wall_s;		/* the same, since 1970 */
	uint64_t step_ns[REPORT_STEPS];	/* monotonic; 0: not reached */
	uint64_t end_ns;
	bool has_media;
	struct media_stats media;
	bool has_peer;
	uint8_t peer_fingerprint[CRYPTO_SHA256];
	enum identity_known known;
	bool unsigned_now;		/* see pin.h */
	bool confirmed;			/* a user compared the words */
	bool anonymous;			/* the caller gave no number */
	bool has_words;
	enum report_no_words no_words;
	uint8_t words[WORDS_N];
};

/* Initialise the report and start its clock. */
void report_init(struct report *report);
void report_clear(struct report *report);

/* Note that `step` is reached now, unless it was reached before. */
void report_step(struct report *report, enum report_step step);

/*
 * Copy the results of the connection race, in place of earlier ones.
 *
 *  -ENOMEM  out of memory
 */
int report_race(struct report *report,
    const struct multiconnect_entry entries[], size_t n);

/*
 * Get the address of the switch that answered, and is trusted therefore. Return
 * false if none did.
 */
bool report_switch(const struct report *report, struct addr *out);

/*
 * Copy the addresses of the race, at most `max`, without their outcomes. Return
 * how many there are.
 */
size_t report_addresses(const struct report *report, struct addr out[],
    size_t max);

/*
 * Return one line of JSON with its newline, to be freed by the caller; NULL if
 * out of memory.
 */
char *report_json(const struct report *report);

/*
 * Return a line of the figures of a running call, likewise: of its last second
 * and of the peer's last report.
 */
char *report_stats_json(const struct report *report,
    const struct media_stats *stats);

/*
 * Return the same for --probe: only the switch, the race and the times to it.
 * The function takes ownership of `network` and `relay`, and adds each unless
 * it is NULL.
 */
char *report_probe_json(const struct report *report, json_t *network,
    json_t *relay);

/*
 * Return the warning for a call without words, or NULL if there is nothing to
 * warn of.
 */
const char *report_no_words_text(enum report_no_words no_words);

/* Write a few lines for the user. */
void report_print(const struct report *report, FILE *out);

#endif
