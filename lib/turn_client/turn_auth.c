/*
 * turn_auth: sign requests and answer challenges, with the client's long-term
 * credentials. Pure. See turn_auth.h.
 */
#include "turn_client/turn_auth.h"

#include <errno.h>
#include <string.h>

#include "base/crypto.h"

int
turn_auth_init(struct turn_auth *auth, const char *username,
    const char *password)
{
	if (strlen(username) >= TURN_AUTH_USERNAME ||
	    strlen(password) >= TURN_AUTH_USERNAME)
		return -EINVAL;
	memset(auth, 0, sizeof(*auth));
	strcpy(auth->username, username);
	strcpy(auth->password, password);
	return 0;
}

static void
make_key(struct turn_auth *auth)
{
	stunauth_key_md5(auth->key, auth->username, strlen(auth->username),
	    auth->realm, auth->password);
}

int
turn_auth_expect(struct turn_auth *auth, const char *realm, const char *nonce)
{
	size_t len = strlen(nonce);

	if (strlen(realm) >= TURN_AUTH_REALM || len > TURN_AUTH_NONCE)
		return -EINVAL;
	strcpy(auth->realm, realm);
	memcpy(auth->nonce, nonce, len);
	auth->nonce_len = len;
	make_key(auth);
	return 0;
}

/*
 * Return whether the text can be of a quoted string, as RFC 8489 14.9 wants.
 * The text of a server goes back to it in each request.
 */
static bool
is_quotable(const struct stun_attr *text)
{
	size_t i;

	for (i = 0; i < text->len; i++)
		if (text->value[i] < ' ' || text->value[i] == 0x7f)
			return false;
	return true;
}

int
turn_auth_challenged(struct turn_auth *auth, const struct stun_msg *msg)
{
	struct stun_attr realm, nonce;

	if (stun_find(msg, STUN_ATTR_NONCE, &nonce) < 0 || nonce.len == 0 ||
	    nonce.len > TURN_AUTH_NONCE ||
	    stun_find(msg, STUN_ATTR_REALM, &realm) < 0 ||
	    realm.len >= TURN_AUTH_REALM || !is_quotable(&realm) ||
	    !is_quotable(&nonce))
		return -EPROTO;
	memcpy(auth->realm, realm.value, realm.len);
	auth->realm[realm.len] = '\0';
	memcpy(auth->nonce, nonce.value, nonce.len);
	auth->nonce_len = nonce.len;
	make_key(auth);
	return 0;
}

void
turn_auth_sign(const struct turn_auth *auth, struct stun_builder *b)
{
	if (auth->nonce_len == 0)
		return;
	stun_add(b, STUN_ATTR_USERNAME, auth->username,
	    strlen(auth->username));
	stun_add(b, STUN_ATTR_REALM, auth->realm, strlen(auth->realm));
	stun_add(b, STUN_ATTR_NONCE, auth->nonce, auth->nonce_len);
	stunauth_add(b, auth->key, sizeof(auth->key));
}

bool
turn_auth_accepts(const struct turn_auth *auth, const struct stun_msg *msg)
{
	int err = stunauth_check(msg, auth->key, sizeof(auth->key));

	return err == 0 ||
	    (err == -ENOENT && stun_class(msg->type) == STUN_ERROR);
}

void
turn_auth_wipe(struct turn_auth *auth)
{
	crypto_wipe(auth, sizeof(*auth));
}
