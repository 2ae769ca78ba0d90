/*
 * calls: all calls of this switch: found by session id and by caller, each a
 * state machine (callfsm.h) with its deadline, its parties' outboxes (outbox.h) and
 * its rings (push.h). A call that is over is kept for a while, so that who
 * comes late is told why.
 */
#ifndef RP_SWITCHD_CALLS_H
#define RP_SWITCHD_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "directory/directory.h"
#include "wire/sigmsg.h"

struct calls;
struct callstats;
struct event_base;
struct gate;
struct outbox_link;
struct outbox_link_handlers;
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

/* A connection as calls see it; see outbox.h. NULL if out of memory. */
struct outbox_link *calls_link(struct calls *calls,
    int (*send)(const struct sigmsg *msg, void *arg), void *arg);

/* A client, and the connection that it uses now. */
struct calls_who {
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	struct outbox_link *link;
};

/* What to answer. Strings are valid until the link is released. */
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
 * May a call begin now, with this INITIATE? If not, `reply` gets 503 (the gate
 * is closed) or 400 (no offer). Ask before the callee is looked up;
 * calls_initiate asks again, because the gate may close meanwhile.
 */
bool calls_may_begin(const struct calls *calls, const struct sigmsg *msg,
    struct calls_reply *reply);

/*
 * Ring the callee. The caller holds who->link until the answer is written.
 * `reply` is
 *
 *  200  the call rings; it has the session
 *  400  the request has no offer
 *  409  glare, or the caller's own number
 *  429  the caller has too many calls
 *  480  no device of the callee can be woken
 *  503  the gate is closed
 */
void calls_initiate(struct calls *calls, const struct calls_who *who,
    const struct directory_subscriber *callee, const struct sigmsg *msg,
    struct calls_reply *reply);

/*
 * Handle RING, ANSWER, INFO, BUSY, HANGUP or RESUME for a session. The caller
 * holds who->link until the answer is written. `reply` is
 *
 *  200  done
 *  404  the client is a party of no such session
 *  409  the request does not fit the state of the call
 *  410  the call is over
 *  429  the other side's outbox is full, or the client says it too often
 */
void calls_request(struct calls *calls, const struct calls_who *who,
    const char *session, const struct sigmsg *msg, struct calls_reply *reply);

/*
 * Cancel the calls that this client started on a connection that was lost
 * before its first answer was sent. The client does not know their sessions
 * and cannot resume them.
 */
void calls_withdraw(struct calls *calls, const struct calls_who *who);

#endif
