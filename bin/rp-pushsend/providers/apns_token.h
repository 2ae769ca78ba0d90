/*
 * apns_token: the provider token that Apple's push service wants (a JWT), made
 * anew when it is time: one older than an hour is refused, and so is a new one
 * when the last is younger than 20 minutes. The clock is the caller's.
 */
#ifndef RP_PUSHSEND_APNS_TOKEN_H
#define RP_PUSHSEND_APNS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

struct apns_token;
struct jwt_key;

#define APNS_TOKEN_RENEW_MS (40 * 60000ULL)
#define APNS_TOKEN_YOUNG_MS (20 * 60000ULL)

/* Takes the key over. The names are copied. -ENOMEM. */
int apns_token_new(struct apns_token **out, struct jwt_key *key,
    const char *key_id, const char *team_id);
void apns_token_free(struct apns_token *token);

/*
 * "Authorization: bearer ...", until it is called again. now_ms is monotonic,
 * wall_s goes into the token; *serial names it. NULL if it cannot be made.
 */
const char *apns_token_header(struct apns_token *token, uint64_t now_ms,
    int64_t wall_s, unsigned *serial);

/*
 * The service calls that one expired. true if the next header is another;
 * false if it is so young that a new one would be refused too.
 */
bool apns_token_expired(struct apns_token *token, unsigned serial,
    uint64_t now_ms);

#endif
