/*
 * call: what the two ends of a call have in common: its state, its signalling
 * leg, its media, the identities and words, the report. dial adds the caller's
 * side, incoming the callee's.
 */
#ifndef RP_DIAL_CALL_H
#define RP_DIAL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "call/report.h"
#include "media/media.h"
#include "who/account.h"
#include "who/identity.h"
#include "wire/sigmsg.h"

struct call;
struct event_base;
struct reply;
struct resolve_answer;
struct tickets;
struct tls_config;

enum call_state {
	CALL_CALLING,		/* to a switch, then waking the callee */
	CALL_RINGING,
	CALL_ANSWERED,		/* audio starts when media is secure */
	CALL_TALKING,
	CALL_ENDING,		/* saying goodbye */
	CALL_ENDED
};

/* All of it must outlive the call. */
struct call_options {
	struct event_base *loop;
	const struct account *account;
	const struct identity *identity;
	struct tls_config *tls;
	struct tickets *tickets;	/* NULL: none are kept */
	bool caller;
	const char *in, *out;	/* as media_options has them */
	bool echo;
	uint32_t duration_ms;	/* of talking; 0: see call_new */
	double min_mos;		/* 0: any */
};

/* Called from the loop only; call_free is allowed within ended alone. */
struct call_handlers {
	/* The switch's 2xx answer to the first request. */
	void (*accepted)(const struct sigmsg *msg, void *arg);
	/* RING or ANSWER; everything else is the call's own business. */
	void (*request)(const struct sigmsg *msg, void *arg);
	/* Media is up and the peer is who we think, or new. */
	void (*secure)(void *arg);
	/* All is said and done; the report is complete. */
	void (*ended)(void *arg);
};

/*
 * A call ends when duration_ms of talking have passed; without one, at the
 * caller, when its input has ended and what was said last had time to come
 * back; or when the other side hangs up. On an error why is one line: a file
 * that cannot be opened, and the like.
 */
#define CALL_WHY MEDIA_WHY
int call_new(struct call **out, const struct call_options *options,
    const struct call_handlers *handlers, void *arg, char why[static CALL_WHY]);

/* Our offer or, after call_remote, answer. Its length or a negative errno. */
ssize_t call_description(const struct call *call, char *text, size_t text_max);

/*
 * Go to a switch of what a look-up has found, with the first request.
 * server_name must outlive the call.
 */
int call_connect(struct call *call, const struct resolve_answer *found,
    const char *server_name, const struct sigmsg *first);

/* What it has found since; nothing is done once a switch has answered. */
void call_add(struct call *call, const struct resolve_answer *found);

/* The session is known and the relay: allocate there. */
int call_begin(struct call *call, const struct reply *reply);

/*
 * The peer's description, before ANSWER; a further one is another device's, and
 * takes the place of the first. If it is unusable the call is ended, and the
 * return is a negative errno.
 */
int call_remote(struct call *call, const char *text, size_t len);

/* Send a request of this call (with the session's target). */
int call_send(struct call *call, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len);

/* The callee rings; it was answered (by either side). */
void call_ringing(struct call *call);
void call_answered(struct call *call);

/*
 * End it: tell the other side goodbye (NULL: it knows) and call ended. Only
 * the first counts. method is SIGMSG_HANGUP or SIGMSG_BUSY.
 */
void call_end(struct call *call, enum outcome outcome,
    enum sigmsg_method method, const char *reason, const char *why, ...)
    __attribute__((format(printf, 5, 6)));

/* Did we place it, or take it? */
bool call_placed(const struct call *call);

enum call_state call_state(const struct call *call);
struct report *call_report(struct call *call);
/* Why it ended, for the person; "" if nothing is to be added. */
const char *call_why(const struct call *call);
/* Fresh figures while it runs. */
void call_stats(const struct call *call, struct media_stats *out);
/* The peer's number, as far as known. */
const char *call_peer(const struct call *call);
/* Is the signalling connection broken at the moment? */
bool call_away(const struct call *call);

/* Has this host a way to the call's relay? Also when the call is over. */
bool call_online(const struct call *call);

/* Is it, or is the other side silent, so that it may have gone? */
bool call_lost(const struct call *call);

/* NULL is fine. */
void call_free(struct call *call);

#endif
