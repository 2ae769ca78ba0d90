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
struct token_moment;

#define APNS_TOKEN_RENEW_S (40 * 60)
#define APNS_TOKEN_YOUNG_S (20 * 60)

/*
 * Create it. It takes ownership of `key`; the names are copied.
 *
 *  -ENOMEM  out of memory
 */
int apns_token_new(struct apns_token **out, struct jwt_key *key,
    const char *key_id, const char *team_id);
void apns_token_free(struct apns_token *token);

/*
 * Go on with the header of `former`, if its key and names are the same. Apple
 * refuses one that is made too soon after another.
 */
void apns_token_inherit(struct apns_token *token,
    const struct apns_token *former);

/*
 * Return "Authorization: bearer ...", valid until the next call; NULL if it
 * cannot be made. It is made anew if either clock calls it too old, or if the
 * wall clock was set back. `*serial` identifies the token.
 */
const char *apns_token_header(struct apns_token *token,
    const struct token_moment *now, unsigned *serial);

/*
 * Note that the service refused that token. Return true if the next header is
 * another one. A token that is too young is made anew once in 20 minutes,
 * because Apple refuses more.
 */
bool apns_token_refused(struct apns_token *token, unsigned serial,
    const struct token_moment *now);

#endif
