/*
 * call: the part that the two ends of a call share: its state, signalling leg,
 * media, identities, words and report. caller/dial adds the caller's side,
 * callee/incoming the callee's.
 */
#ifndef RP_DIAL_CALL_H
#define RP_DIAL_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "call/call_options.h"
#include "call/callstate.h"
#include "call/outcome.h"
#include "call/report.h"
#include "media/media.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

struct call;
struct reply;
struct reply_early;
struct resolve_answer;

/*
 * Create a call. It ends after `duration_ms` of talking, or when the other side
 * hangs up. Without a duration, the caller ends it once its input has ended and
 * the last audio had time to come back. On an error `why` holds one line, for
 * example that a file cannot be opened.
 */
int call_new(struct call **out, const struct call_options *options,
    const struct call_handlers *handlers, void *arg, char why[static WHY_TEXT]);

/*
 * Write our offer or, after call_remote, our answer. Return its length or a
 * negative errno.
 */
ssize_t call_description(const struct call *call, char *text, size_t text_max);

/*
 * Begin media by what the push of the call says, before call_connect: allocate,
 * and meet the caller. call_description is the answer then, if there was an
 * offer. On an error call_begin and call_remote do it, as without.
 */
int call_early(struct call *call, const struct reply_early *early);

/*
 * Let ANSWER leave right behind the first request, which is RING with our
 * answer. The call is answered then. For a callee that asks nobody.
 */
void call_answer_at_once(struct call *call);

/*
 * Connect to one of the switches that a look-up has found and send it `first`.
 * `server_name` is what it is called, and `certified` the name that its
 * certificate must be valid for. Both must outlive the call.
 */
int call_connect(struct call *call, const struct resolve_answer *found,
    const char *server_name, const char *certified,
    const struct sigmsg *first);

/*
 * Add addresses that the look-up has found since. Does nothing once a switch
 * has answered.
 */
void call_add(struct call *call, const struct resolve_answer *found);

/*
 * Allocate at the relay, now that it and the session are known, unless that was
 * done early. Its servers are placed where this host reaches them.
 */
int call_begin(struct call *call, struct reply *reply);

/*
 * Take the peer's description, before ANSWER. A further one comes from another
 * device and replaces the first. If it is unusable, the call ends and the
 * return value is a negative errno.
 */
int call_remote(struct call *call, const char *text, size_t len);

/* Send a request of this call to the session's target. */
int call_send(struct call *call, enum sigmsg_method method,
    const char *content_type, const char *body, size_t len);

/* Note that the callee rings, or that either side has answered the call. */
void call_ringing(struct call *call);
void call_answered(struct call *call);

/*
 * End the call: send `method` to the other side, unless `reason` is NULL
 * because it knows already, then call `ended`. Only the first call of this
 * counts. `method` is SIGMSG_HANGUP or SIGMSG_BUSY.
 */
void call_end(struct call *call, enum outcome outcome,
    enum sigmsg_method method, const char *reason, const char *why, ...)
    __attribute__((format(printf, 5, 6)));

/* Return whether we placed the call rather than took it. */
bool call_placed(const struct call *call);

enum call_state call_state(const struct call *call);
struct report *call_report(struct call *call);
/* Return why the call ended, for the user; "" if there is nothing to add. */
const char *call_why(const struct call *call);
/* Send silence in place of what we say, or no longer; is it so? */
void call_mute(struct call *call, bool mute);
bool call_muted(const struct call *call);
/*
 * Remember that the user has compared the words, in a call that runs.
 *
 *  -EAGAIN  there are none yet; other errors are those of the file
 */
int call_confirm(struct call *call, char why[static WHY_TEXT]);
/* Write the current figures of a running call. */
void call_stats(const struct call *call, struct media_stats *out);
/* Return the peer's number, as far as it is known. */
const char *call_peer(const struct call *call);
/* Return that for a user to read: "anonymous" if the caller gave none. */
const char *call_peer_name(const struct call *call);
/* Return whether the peer has said that it is not there for a while. */
bool call_peer_away(const struct call *call);
/* Return whether the signalling connection is broken at the moment. */
bool call_away(const struct call *call);

/*
 * Return whether this host has a network path to the call's relay. Works when
 * the call is over too.
 */
bool call_online(const struct call *call);

/*
 * Return whether the signalling connection is broken or the other side is
 * silent, so that it may have gone.
 */
bool call_lost(const struct call *call);

/* Free the call. NULL is allowed. */
void call_free(struct call *call);

#endif
