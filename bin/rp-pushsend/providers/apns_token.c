/*
 * apns_token: make the provider token, and renew it within Apple's rules. See
 * apns_token.h.
 */
#include "config.h"
#include "providers/apns_token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/jwt.h"
#include "providers/token_age.h"

struct apns_token {
	struct jwt_key *key;
	char *key_id, *team_id;
	char *header;			/* NULL: none yet */
	struct token_age age;
};

int
apns_token_new(struct apns_token **out, struct jwt_key *key,
    const char *key_id, const char *team_id)
{
	struct apns_token *token = calloc(1, sizeof(*token));

	if (token == NULL) {
		jwt_key_free(key);
		return -ENOMEM;
	}
	token->key = key;
	token->key_id = strdup(key_id);
	token->team_id = strdup(team_id);
	if (token->key_id == NULL || token->team_id == NULL) {
		apns_token_free(token);
		return -ENOMEM;
	}
	*out = token;
	return 0;
}

void
apns_token_free(struct apns_token *token)
{
	if (token == NULL)
		return;
	jwt_key_free(token->key);
	free(token->key_id);
	free(token->team_id);
	free(token->header);
	free(token);
}

static bool
same_key(const struct jwt_key *a, const struct jwt_key *b)
{
	uint8_t one[JWT_PUBLIC], other[JWT_PUBLIC];

	return jwt_key_public(a, one) == 0 && jwt_key_public(b, other) == 0 &&
	    memcmp(one, other, sizeof(one)) == 0;
}

void
apns_token_inherit(struct apns_token *token, const struct apns_token *former)
{
	if (former->header == NULL || !same_key(token->key, former->key) ||
	    strcmp(token->key_id, former->key_id) != 0 ||
	    strcmp(token->team_id, former->team_id) != 0)
		return;
	free(token->header);
	token->header = strdup(former->header);
	token->age = former->age;
	token->age.valid &= token->header != NULL;
}

static char *
make_header(const struct apns_token *token, int64_t wall_s)
{
	json_t *claims = json_pack("{s:s, s:I}", "iss", token->team_id, "iat",
	    (json_int_t)wall_s);
	char *text, *header;
	int err = -ENOMEM;

	if (claims != NULL)
		err = jwt_sign(&text, token->key, token->key_id, claims);
	json_decref(claims);
	if (err < 0)
		return NULL;
	if (asprintf(&header, "Authorization: bearer %s", text) < 0)
		header = NULL;
	free(text);
	return header;
}

const char *
apns_token_header(struct apns_token *token, const struct token_moment *now,
    unsigned *serial)
{
	if (!token_age_below(&token->age, now, APNS_TOKEN_RENEW_S)) {
		free(token->header);
		token->header = make_header(token, now->wall_s);
		token_age_made(&token->age, now);
	}
	*serial = token->age.serial;
	return token->header;
}

bool
apns_token_refused(struct apns_token *token, unsigned serial,
    const struct token_moment *now)
{
	return token_age_refused(&token->age, serial, now,
	    APNS_TOKEN_YOUNG_S);
}
