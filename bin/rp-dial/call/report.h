/*
 * report: what is known about a call: collected while it runs, written as one
 * JSON object (rp-dial(1), "--json") or as a few lines for a person.
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

struct report_attempt {
	char address[ADDR_TEXT];
	char outcome[MULTICONNECT_TEXT];
	double ms;
	bool won;
};

struct report {
	char callee[SIGMSG_NUMBER];
	char caller[SIGMSG_NUMBER];	/* "": not said (we are the caller) */
	enum outcome outcome;
	char switch_address[ADDR_TEXT];	/* "": none answered */
	char switch_name[256];
	bool resumed, early;		/* its TLS session, and in it INITIATE */
	struct report_attempt *attempts;
	size_t n_attempts;
	uint64_t start_ns;		/* monotonic */
	uint64_t step_ns[REPORT_STEPS];	/* monotonic; 0: not reached */
	uint64_t end_ns;
	bool has_media;
	struct media_stats media;
	bool has_peer;
	uint8_t peer_fingerprint[CRYPTO_SHA256];
	enum identity_known known;
	bool has_words;
	uint8_t words[WORDS_N];
};

/* Starts its clock. */
void report_init(struct report *report);
void report_clear(struct report *report);

/* Reached now, unless it was before. */
void report_step(struct report *report, enum report_step step);

/* Take over what the race says, in place of what was there. -ENOMEM. */
int report_race(struct report *report,
    const struct multiconnect_entry entries[], size_t n);

/* One line of JSON with its newline, malloc'd; NULL if out of memory. */
char *report_json(const struct report *report);

/*
 * The same for --probe: only the switch, the race and the times to it; and
 * relay, which is taken over, unless it is NULL.
 */
char *report_probe_json(const struct report *report, json_t *relay);

/* A few lines for a person. */
void report_print(const struct report *report, FILE *out);

#endif
