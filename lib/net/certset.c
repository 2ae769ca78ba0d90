/* certset: a server's certificates, and the choice by SNI. See certset.h. */
#include "net/certset.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "net/certname.h"
#include "net/keyholder.h"

#define SNI_BYTES 256		/* longer than any DNS name */

struct certset {
	unsigned references;	/* atomic */
	size_t n;
	struct certpair *pair[CERTSET_MAX];
};

/* Take a key of another process. The credentials own what they are given. */
static int
add_held(struct certpair *to, const struct certpair *from)
{
	gnutls_pcert_st chain[CERTPAIR_CHAIN];
	gnutls_privkey_t key;
	unsigned i;
	int code = keyholder_private(&key, from->held);

	if (code < 0)
		return code;
	for (i = 0; code == 0 && i < from->n_sent; i++)
		code = gnutls_pcert_import_x509(&chain[i], from->chain[i], 0);
	if (code == 0)
		return gnutls_certificate_set_key(to->credentials, NULL, 0,
		    chain, (int)from->n_sent, key);
	for (i--; i > 0; i--)
		gnutls_pcert_deinit(&chain[i - 1]);
	gnutls_privkey_deinit(key);
	return code;
}

static int
add_key(struct certpair *to, const struct certpair *from)
{
	if (from->held != NULL)
		return add_held(to, from);
	return gnutls_certificate_set_x509_key(to->credentials,
	    (gnutls_x509_crt_t *)from->chain, (int)from->n_sent, from->key);
}

/*
 * Make the credentials of a pair. They hold the others that can replace it,
 * because a client may not be able to use its type of key.
 */
static int
make_credentials(struct certset *set, struct certpair *pair)
{
	const struct certpair *other;
	size_t i;
	int code;

	code = gnutls_certificate_allocate_credentials(&pair->credentials);
	if (code == 0)
		code = add_key(pair, pair);
	for (i = 0; code >= 0 && i < set->n; i++) {
		other = set->pair[i];
		if (other != pair && other->type != pair->type &&
		    certname_list_covers(&other->names, &pair->names))
			code = add_key(pair, other);
	}
	return code;
}

int
certset_of(struct certset **out, struct certpair *const pairs[], size_t n,
    char why[static WHY_TEXT])
{
	struct certset *set = calloc(1, sizeof(*set));
	size_t i;
	int code = set == NULL ? GNUTLS_E_MEMORY_ERROR : 0;

	for (i = 0; set == NULL && i < n; i++)
		certpair_free(pairs[i]);
	if (set != NULL) {
		set->references = 1;
		set->n = n;
		memcpy(set->pair, pairs, n * sizeof(*pairs));
	}
	for (i = 0; code >= 0 && i < n; i++) {
		code = make_credentials(set, pairs[i]);
		if (code < 0)
			why_set(why, "%s, %s: %s", pairs[i]->file,
			    pairs[i]->key_file, gnutls_strerror(code));
	}
	if (code >= 0) {
		*out = set;
		return 0;
	}
	if (set == NULL)
		why_set(why, "out of memory");
	certset_free(set);
	return set == NULL ? -ENOMEM : -EINVAL;
}

int
certset_load(struct certset **out, const struct certpair_files files[],
    size_t n, struct keyholder *holder, char why[static WHY_TEXT])
{
	struct certpair *pairs[CERTSET_MAX];
	size_t i, j;
	int err;

	if (n == 0 || n > CERTSET_MAX) {
		why_set(why, "wants 1 to %d certificates", CERTSET_MAX);
		return -EINVAL;
	}
	for (i = 0; i < n; i++) {
		err = certpair_load(&pairs[i], &files[i], holder, why);
		if (err == 0)
			continue;
		for (j = 0; j < i; j++)
			certpair_free(pairs[j]);
		return err;
	}
	return certset_of(out, pairs, n, why);
}

struct certset *
certset_hold(struct certset *set)
{
	__atomic_add_fetch(&set->references, 1, __ATOMIC_RELAXED);
	return set;
}

void
certset_free(struct certset *set)
{
	size_t i;

	if (set == NULL || __atomic_sub_fetch(&set->references, 1,
	    __ATOMIC_ACQ_REL) > 0)
		return;
	for (i = 0; i < set->n; i++)
		certpair_free(set->pair[i]);
	free(set);
}

size_t
certset_count(const struct certset *set)
{
	return set->n;
}

const struct certpair *
certset_pair(const struct certset *set, size_t i)
{
	return set->pair[i];
}

int
certset_check(const struct certset *set, int64_t now_s,
    char why[static WHY_TEXT])
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < set->n; i++)
		err = certcheck_refuse(set->pair[i], now_s, why);
	return err;
}

bool
certset_is_for(const struct certset *set, const char *name)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (certname_matches(set->pair[i]->chain[0], name))
			return true;
	return false;
}

void
certset_warn(const struct certset *set, const char *name, int64_t now_s,
    certcheck_warning *warn, void *arg)
{
	char text[WHY_TEXT];
	bool found = name == NULL;
	size_t i;

	for (i = 0; i < set->n; i++) {
		certcheck_warn(set->pair[i], now_s, warn, arg);
		found = found || certname_matches(set->pair[i]->chain[0],
		    name);
	}
	if (found)
		return;
	why_set(text, "not valid for %s, the name of this switch, which "
	    "callees and pages connect to%s", name, set->n > 1 ?
	    "; nor is another" : "");
	warn(set->pair[0]->file, text, arg);
}

void
certset_warn_price(const struct certset *set, certcheck_warning *warn,
    void *arg)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		if (set->pair[i]->type != GNUTLS_PK_RSA &&
		    set->pair[i]->type != GNUTLS_PK_RSA_PSS)
			return;
	warn(set->pair[0]->file, "a handshake with its RSA key costs this "
	    "switch some eight times as much as one with ECDSA P-256", arg);
}

int
certset_begin(const struct certset *set, gnutls_session_t session)
{
	return gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	    set->pair[0]->credentials);
}

/* Can the client verify a signature by that pair's key? */
static bool
is_usable(const struct certpair *pair, gnutls_session_t session)
{
	gnutls_sign_algorithm_t sign;
	size_t i;

	for (i = 0; gnutls_sign_algorithm_get_requested(session, i, &sign) ==
	    0; i++)
		if (gnutls_sign_supports_pk_algorithm(sign, pair->type) != 0)
			return true;
	return i == 0;		/* it says nothing */
}

static const struct certpair *
pair_for(const struct certset *set, gnutls_session_t session, const char *name)
{
	const struct certpair *first = NULL;
	size_t i;

	for (i = 0; i < set->n; i++) {
		if (!certname_list_holds(&set->pair[i]->names, name))
			continue;
		if (is_usable(set->pair[i], session))
			return set->pair[i];
		if (first == NULL)
			first = set->pair[i];
	}
	return first;
}

int
certset_choose(const struct certset *set, gnutls_session_t session)
{
	const struct certpair *pair;
	char name[SNI_BYTES];
	size_t len = sizeof(name);
	unsigned type;

	if (gnutls_server_name_get(session, name, &len, &type, 0) < 0 ||
	    type != GNUTLS_NAME_DNS)
		return 0;
	pair = pair_for(set, session, name);
	return pair == NULL ? 0 : gnutls_credentials_set(session,
	    GNUTLS_CRD_CERTIFICATE, pair->credentials);
}
