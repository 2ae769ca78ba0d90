/*
 * calls: all calls of this switch: found by session id and by caller, each a
 * state machine (call.h) with its deadline, its parties' mailboxes (mail.h) and
 * its rings (push.h). A call that is over is kept for a while, so that who
 * comes late is told why.
 */
#ifndef RP_SWITCHD_CALLS_H
#define RP_SWITCHD_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "peer/directory.h"
#include "wire/sigmsg.h"

struct calls;
struct callstats;
struct event_base;
struct gate;
struct mail_line;
struct mail_line_handlers;
struct metrics;
struct push;
struct settings;

#define CALLS_PARTY 8		/* "a", "b0" ... "b15", and a NUL */

struct calls_options {
	const struct settings *settings;	/* read anew for each call */
	struct gate *gate;
	struct push *push;
	struct metrics *metrics;
	uint16_t answer_port;
	/* The relay's side. Last media: clock_ms; 0: none. */
	void (*end_media)(const char *session, void *arg);
	uint64_t (*media_ms)(const char *session, void *arg);
	/* Its numbers; -ENOENT: there are none. */
	int (*media)(const char *session, struct callstats *out, void *arg);
	/* A call has begun or ended. */
	void (*changed)(void *arg);
	void *arg;
};

int calls_new(struct calls **out, struct event_base *loop,
    const struct calls_options *options);

/* Ends what still runs ("moved") and forgets all. NULL is fine. */
void calls_free(struct calls *calls);

/* How many are not over. */
size_t calls_active(const struct calls *calls);

/* max_calls may be another now. */
void calls_reload(struct calls *calls);

/* The age of the oldest of these; 0 if there is none. */
uint64_t calls_oldest_ms(const struct calls *calls);

/* {"session", "state", "age_ms"} of each, rp-ctl(7). NULL: out of memory. */
json_t *calls_list(const struct calls *calls);

/*
 * At most CTLMSG_PAGE of them with all that is known of each, rp-ctl(7), from
 * the first that began after the one whose number is after. *next: the number
 * of the last, or 0 if no more follow. NULL: out of memory.
 */
json_t *calls_sessions(const struct calls *calls, int64_t after,
    int64_t *next);

/* End all: HANGUP "moved" to who is connected. */
void calls_shutdown(struct calls *calls);

/* A connection as the calls see it; see mail.h. NULL if out of memory. */
struct mail_line *calls_line(struct calls *calls,
    int (*send)(const struct sigmsg *msg, void *arg), void *arg);

/* Who asks, on which connection. */
struct calls_who {
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	struct mail_line *line;
};

/* What to answer. Strings are valid until the line is released. */
struct calls_reply {
	int status;
	char reason[SIGMSG_REASON];	/* "": none */
	unsigned retry_after_s;
	const char *session;		/* NULL: an empty body */
	char party[CALLS_PARTY];	/* for the relay's credentials */
	bool bare;			/* without these: keep the old way */
	const char *caller;		/* to a callee, else NULL */
	const char *offer;		/* to a callee: the body of INITIATE */
	size_t offer_len;
};

/*
 * Ring the callee. 200 with session; 400 without an offer; 409 glare, or one's
 * own number; 429 too many at once; 480 no device can be woken; 503 the gate is
 * closed. Holds who's line: release it when the response is written.
 */
void calls_initiate(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const struct sigmsg *msg,
    struct calls_reply *reply);

/*
 * RING, ANSWER, INFO, BUSY, HANGUP, RESUME for a session. 404 where there is
 * none that who is a party of; 410 when it is over; 409; 429 when the other
 * side's mailbox is full, or when it is said too often. Holds who's line as
 * well.
 */
void calls_request(struct calls *calls, const struct calls_who *who,
    const char *session, const struct sigmsg *msg, struct calls_reply *reply);

/*
 * The line is lost on which who began calls of which he has not heard: nobody
 * can come back to them, so they are cancelled.
 */
void calls_withdraw(struct calls *calls, const struct calls_who *who);

#endif
