/*
 * calls: all calls of this switch, found by session id and by caller. Each has
 * a state machine (callfsm.h) with a deadline, its parties' outboxes
 * (outbox.h), and its rings (push.h). A call that has ended is kept for a
 * while, to tell late parties why.
 */
#ifndef RP_SWITCHD_CALLS_H
#define RP_SWITCHD_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <jansson.h>

#include "directory/directory.h"
#include "wire/addr.h"
#include "wire/sigmsg.h"

struct calls;
struct callstats;
struct event_base;
struct gate;
struct outbox_link;
struct outbox_link_handlers;
struct metrics;
struct party;
struct push;
struct pushearly;
struct quotas;
struct settings;

#define CALLS_PARTY 8		/* "a", "b0" ... "b15", and a NUL */

struct calls_options {
	const struct settings *settings;	/* read again for each call */
	struct gate *gate;
	struct push *push;
	struct metrics *metrics;
	struct quotas *quotas;
	uint16_t answer_port;
	/*
	 * The relay's functions. The last media is a time of clock_ms; 0: none.
	 */
	void (*ring_media)(const char *session, void *arg);
	void (*answer_media)(const char *session, void *arg);
	void (*end_media)(const char *session, void *arg);
	uint64_t (*media_ms)(const char *session, void *arg);
	/* Read the media statistics. Return -ENOENT if there are none. */
	int (*media)(const char *session, struct callstats *out, void *arg);
	/*
	 * Fill in what this party may begin with before it connects, but for
	 * the offer (lib/wire/pushearly.h). `local` is our address as the
	 * caller reached it. -ENOMEM. NULL: nothing.
	 */
	int (*early)(const char *session, const char *party,
	    const struct addr *local, struct pushearly *out, void *arg);
	/* A call has begun or ended. */
	void (*changed)(void *arg);
	void *arg;
};

int calls_new(struct calls **out, struct event_base *loop,
    const struct calls_options *options);

/* End the running calls ("moved") and free all. NULL is fine. */
void calls_free(struct calls *calls);

/* Return the number of calls that have not ended. */
size_t calls_active(const struct calls *calls);

/* Apply a changed max_calls. */
void calls_reload(struct calls *calls);

/* Return the age of the oldest of these; 0 if there is none. */
uint64_t calls_oldest_ms(const struct calls *calls);

/*
 * Return {"session", "state", "age_ms"} of each (rp-ctl(7)). NULL if out of
 * memory.
 */
json_t *calls_list(const struct calls *calls);

/*
 * Return at most CTLMSG_PAGE of them with all that is known of each
 * (rp-ctl(7)), beginning after the call with number `after`. `*next` becomes
 * the number of the last, or 0 if no more follow. NULL if out of memory.
 */
json_t *calls_sessions(const struct calls *calls, int64_t after,
    int64_t *next);

/* End all calls, with HANGUP "moved" to connected parties. */
void calls_shutdown(struct calls *calls);

/* Make a link for a connection; see outbox.h. NULL if out of memory. */
struct outbox_link *calls_link(struct calls *calls,
    int (*send)(const struct sigmsg *msg, void *arg), void *arg);

/* A client, and the connection that it uses now. */
struct calls_who {
	char number[SIGMSG_NUMBER];
	uint8_t token_hash[CRYPTO_SHA256];
	bool guest;		/* by a link; `number` is nobody's */
	struct addr peer;	/* of the connection */
	struct addr local;	/* ours, as an INITIATE came to it */
	uint64_t asked_ns;	/* when its latest request came */
	struct outbox_link *link;
};

/* The answer to a request. Strings are valid until the link is released. */
struct calls_reply {
	int status;
	char reason[SIGMSG_REASON];	/* "": none */
	unsigned retry_after_s;
	const char *session;		/* NULL: an empty body */
	char party[CALLS_PARTY];	/* for the relay's credentials */
	bool bare;			/* no credentials: keep the old relay */
	const char *caller;		/* only to a callee, else NULL */
	const char *offer;		/* to a callee */
	size_t offer_len;
	struct party *waits;		/* there is no answer yet: calls_await */
};

/* A request whose answer waits for the offer of its call. */
struct calls_wait {
	LIST_ENTRY(calls_wait) of_call;
	struct party *party;		/* NULL: it does not wait */
	bool bare;			/* for the reply */
	void (*done)(const struct calls_reply *reply, void *arg);
	void *arg;
};

/*
 * May a call begin now, with this INITIATE? If not, `reply` gets 503 (the gate
 * is closed), 400 (the offer is not text) or 429 (the caller has too many calls,
 * calls too often, or has called nobody too often). It costs no look-up and no
 * walk: ask before the callee is looked up. calls_initiate asks again for what
 * may change meanwhile.
 */
bool calls_may_begin(const struct calls *calls, const struct calls_who *who,
    const struct sigmsg *msg, struct calls_reply *reply);

/* Return how many calls of this caller go on. */
size_t calls_by(const struct calls *calls, const char *caller);

/* Count an INITIATE, whatever comes of it, or one to a number of nobody. */
void calls_count_try(struct calls *calls, const struct calls_who *who);
void calls_count_unknown(struct calls *calls, const struct calls_who *who);

/*
 * Ring the callee. The caller holds who->link until the answer is written.
 * `reply` is
 *
 *  200  the call rings; it has the session
 *  400  the offer is not text
 *  409  glare, or the caller's own number
 *  429  the caller has too many calls, the callee is called too often, by this
 *       caller or in all, or an SMS would be one too many
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
 *  200  done, unless `waits` is set
 *  400  the offer that comes by INFO is empty, or not text
 *  404  the client is a party of no such session
 *  409  the request does not fit the state of the call
 *  410  the call is over
 *  429  the other side's outbox is full, or the client says it too often
 */
void calls_request(struct calls *calls, const struct calls_who *who,
    const char *session, const struct sigmsg *msg, struct calls_reply *reply);

/*
 * Have `done` called with the answer to a request whose reply set `waits`, when
 * the offer has come or the call is over. It is not called before this
 * function returns. The owner of `wait` cancels it before freeing it.
 */
void calls_await(struct calls_wait *wait, const struct calls_reply *reply,
    void (*done)(const struct calls_reply *reply, void *arg), void *arg);
void calls_await_cancel(struct calls_wait *wait);

/* Is there this session, though it may be over? */
bool calls_has(const struct calls *calls, const char *session);

/* Return the party that the client is in that session, or NULL. */
struct party *calls_party(const struct calls *calls, const char *session,
    const struct calls_who *who);

/*
 * Cancel the calls that this client started on a connection that was lost
 * before its first answer was sent. The client does not know their sessions
 * and cannot resume them.
 */
void calls_withdraw(struct calls *calls, const struct calls_who *who);

#endif
