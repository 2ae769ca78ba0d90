/*
 * offers: the offer of a call. It comes with INITIATE, or later as the first
 * INFO of the caller that is a session description. Until then the requests of
 * devices whose answer contains it wait.
 */
#ifndef RP_SWITCHD_OFFERS_H
#define RP_SWITCHD_OFFERS_H

#include <stdbool.h>

struct call_record;
struct calls_reply;
struct calls_wait;
struct party;
struct sigmsg;

/* Is the body text? It must be, because it goes into JSON. */
bool offers_is_text(const struct sigmsg *msg);

/* Is it an INFO with a session description? */
bool offers_is_one(const struct sigmsg *msg);

/* Has this party to wait for the offer of its call? The caller never has. */
bool offers_is_missing(const struct party *party);

/*
 * Answer an INFO that needs no work, and return true. An offer that cannot be
 * one gets 400. The same offer again gets 200, because its sender may have
 * missed the first answer.
 */
bool offers_is_answered(const struct party *party, const struct sigmsg *msg,
    struct calls_reply *reply);

/*
 * Answer all requests that have waited, each with what `fill` says, then send
 * the devices what has gathered for them. The offer is there, or the call is
 * over.
 */
void offers_settle(struct call_record *record,
    void (*fill)(const struct calls_wait *wait, struct calls_reply *reply));

#endif
