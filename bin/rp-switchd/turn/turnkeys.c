/* turnkeys: find the key that signed a request. See turnkeys.h. */
#include "turn/turnkeys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"

struct service {
	unsigned number;
	char *name, *realm;
	struct conf_strings secrets, tls_names;
	struct turnusers *users;
};

struct turnkeys {
	struct service *service;
	size_t n;
};

static int
copy_list(struct conf_strings *to, const struct conf_strings *from)
{
	size_t i;
	int err = 0;

	for (i = 0; from != NULL && err == 0 && i < from->n; i++)
		err = conf_strings_add(to, from->item[i]);
	return err;
}

static int
copy_service(struct service *to, const struct turn_service *from)
{
	int err;

	to->number = from->number;
	to->name = strdup(from->name);
	to->realm = strdup(from->realm);
	if (to->name == NULL || to->realm == NULL)
		return -ENOMEM;
	err = copy_list(&to->secrets, from->secrets);
	if (err == 0)
		err = copy_list(&to->tls_names, from->tls_names);
	to->users = turnusers_hold(from->users);
	return err;
}

int
turnkeys_new(struct turnkeys **out, const struct turn_service *services,
    size_t n)
{
	struct turnkeys *keys = calloc(1, sizeof(*keys));
	int err = -ENOMEM;

	if (keys == NULL)
		return err;
	keys->service = calloc(n, sizeof(*keys->service));
	if (keys->service == NULL)
		goto failed;
	for (err = 0; err == 0 && keys->n < n; keys->n++)
		err = copy_service(&keys->service[keys->n],
		    &services[keys->n]);
	if (err < 0)
		goto failed;
	*out = keys;
	return 0;

failed:
	turnkeys_free(keys);
	return err;
}

void
turnkeys_free(struct turnkeys *keys)
{
	struct service *s;
	size_t i;

	if (keys == NULL)
		return;
	for (s = keys->service; s < keys->service + keys->n; s++) {
		for (i = 0; i < s->secrets.n; i++)
			crypto_wipe(s->secrets.item[i],
			    strlen(s->secrets.item[i]));
		conf_strings_clear(&s->secrets);
		conf_strings_clear(&s->tls_names);
		turnusers_free(s->users);
		free(s->name);
		free(s->realm);
	}
	free(keys->service);
	free(keys);
}

/* Return the service of that name of a host, or NULL. */
static const struct service *
at_name(const struct turnkeys *keys, const char *server_name)
{
	const struct service *s;
	size_t i;

	for (s = keys->service; s < keys->service + keys->n; s++)
		for (i = 0; i < s->tls_names.n; i++)
			if (strcasecmp(s->tls_names.item[i], server_name) == 0)
				return s;
	return NULL;
}

const char *
turnkeys_realm(const struct turnkeys *keys, const struct stun_attr *realm,
    const char *server_name)
{
	const struct service *s;

	for (s = keys->service; realm != NULL && s < keys->service + keys->n;
	    s++)
		if (strlen(s->realm) == realm->len &&
		    memcmp(s->realm, realm->value, realm->len) == 0)
			return s->realm;
	s = server_name != NULL ? at_name(keys, server_name) : NULL;
	return s != NULL ? s->realm : keys->service[0].realm;
}

static int
check(const struct turnkeys_asked *asked, const struct stunauth_key *key,
    unsigned *tried)
{
	const struct stun_msg *msg = asked->msg;

	++*tried;
	return msg->integrity_sha256 != 0 ?
	    stunauth_check_sha256(msg, key->bytes, key->len) :
	    stunauth_check(msg, key->bytes, key->len);
}

static int
try_user(const struct service *s, const struct turnkeys_asked *asked,
    struct stunauth_key *key, unsigned *tried)
{
	int err = turnusers_key(s->users, asked->username, s->realm,
	    asked->algorithm, key);

	if (err == 0 && check(asked, key, tried) < 0)
		err = -EACCES;
	return err;
}

static int
try_secrets(const struct service *s, const struct turnkeys_asked *asked,
    struct stunauth_key *key, unsigned *tried)
{
	const char *username = asked->username;
	char password[TURNCRED_PASSWORD];
	size_t i;

	for (i = 0; i < s->secrets.n; i++) {
		turncred_password(password, username, s->secrets.item[i]);
		if (stunauth_key(key, asked->algorithm, username,
		    strlen(username), s->realm, password) < 0)
			return -EINVAL;
		if (check(asked, key, tried) == 0)
			return 0;
	}
	return -EACCES;
}

static int
parse(const struct turnkeys_asked *asked, struct turncred *cred)
{
	size_t len = strlen(asked->username);
	int err = asked->any_names ?
	    turncred_parse_any(cred, asked->username, len) :
	    turncred_parse(cred, asked->username, len);

	if (err < 0)
		return err;
	return asked->wall_s >= cred->expiry_s ? -ETIMEDOUT : 0;
}

/*
 * Verify by this service. `parsed` is what parse() said of the username, and
 * `cred` what it found, which becomes that of the service.
 */
static int
verify(const struct service *s, const struct turnkeys_asked *asked,
    int parsed, struct turncred *cred, struct stunauth_key *key,
    unsigned *tried)
{
	const char *username = asked->username;
	int err = try_user(s, asked, key, tried);

	if (err == 0) {
		*cred = (struct turncred){ .service = s->number };
		turncred_set_user(cred, s->name, username, strlen(username));
		return 0;
	}
	if (s->secrets.n == 0 || parsed < 0)
		return err == -EACCES || parsed == 0 ? err : parsed;
	err = try_secrets(s, asked, key, tried);
	if (err < 0)
		return err;
	cred->service = s->number;
	if (s->number != 0 || !cred->ours)
		turncred_set_user(cred, s->name, username + cred->user_at,
		    cred->user_len);
	return 0;
}

int
turnkeys_find(const struct turnkeys *keys, const struct turnkeys_asked *asked,
    struct turncred *cred, struct stunauth_key *key, unsigned *tried)
{
	const char *realm = turnkeys_realm(keys, asked->realm, NULL);
	struct turncred found = { 0 };
	struct stunauth_key candidate = { 0 };
	int parsed = parse(asked, &found), err = -EINVAL, one;
	const struct service *s;

	*tried = 0;
	for (s = keys->service; s < keys->service + keys->n; s++) {
		if (strcmp(s->realm, realm) != 0)
			continue;
		one = verify(s, asked, parsed, &found, &candidate, tried);
		if (one == 0) {
			*cred = found;
			*key = candidate;
			return 0;
		}
		/* A wrong password tells more than an expiry. */
		if (one == -EACCES || (one == -ETIMEDOUT && err != -EACCES))
			err = one;
	}
	/* Somebody unknown costs as much as somebody known. */
	candidate.len = STUNAUTH_MD5;
	if (*tried == 0)
		(void)check(asked, &candidate, tried);
	return err;
}
