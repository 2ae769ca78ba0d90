/*
 * ask_reply: take from a response what belongs to its query (ldns). Pure: no
 * socket and no clock.
 */
#ifndef RP_REGIONPROBE_ASK_REPLY_H
#define RP_REGIONPROBE_ASK_REPLY_H

#include <ldns/ldns.h>

#include "survey/ask.h"
#include "wire/why.h"

/* Return the type that ldns has for it. */
ldns_rr_type ask_reply_type(enum ask_type type);

/*
 * Return whether this is the response to our query, which ldns does not
 * compare.
 */
bool ask_reply_belongs(const ldns_pkt *query, const ldns_pkt *reply);

/*
 * Return whether the server may not know EDNS, so that the query is to be sent
 * again without it (RFC 6891, 7). Some send no question back, or SERVFAIL.
 */
bool ask_reply_wants_no_edns(const ldns_pkt *query, const ldns_pkt *reply);

/*
 * Fill in `out`, which is zeroed.
 *
 *  -EAGAIN  the response code is an error, or an alias is not a host name;
 *           `why` says so
 */
int ask_reply_take(struct ask_answer *out, const struct ask_question *question,
    ldns_pkt *reply, char why[static WHY_TEXT]);

#endif
