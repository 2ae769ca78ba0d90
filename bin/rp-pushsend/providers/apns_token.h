/*
 * apns_token: the provider token for Apple's push service (a JWT), renewed in
 * time. Apple refuses a token older than an hour, and also a new one if the
 * last is younger than 20 minutes. The caller passes the time.
 */
#ifndef RP_PUSHSEND_APNS_TOKEN_H
#define RP_PUSHSEND_APNS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

struct apns_token;
struct jwt_key;

#define APNS_TOKEN_RENEW_MS (40 * 60000ULL)
#define APNS_TOKEN_YOUNG_MS (20 * 60000ULL)

/*
 * Create it. It takes ownership of `key`; the names are copied.
 *
 *  -ENOMEM  out of memory
 */
int apns_token_new(struct apns_token **out, struct jwt_key *key,
    const char *key_id, const char *team_id);
void apns_token_free(struct apns_token *token);

/*
 * Return "Authorization: bearer ...", valid until the next call; NULL if it
 * cannot be made. `now_ms` is monotonic, `wall_s` goes into the token, and
 * `*serial` identifies the token.
 */
const char *apns_token_header(struct apns_token *token, uint64_t now_ms,
    int64_t wall_s, unsigned *serial);

/*
 * Note that the service rejected that token as expired. Return true if the next
 * header is another one. Return false if the token is so young that a new one
 * would be refused too.
 */
bool apns_token_expired(struct apns_token *token, unsigned serial,
    uint64_t now_ms);

#endif
