/* certset: a server's certificates, and the choice by SNI. See certset.h. */
#include "net/certset.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "net/certname.h"

#define SNI_BYTES 256		/* longer than any DNS name */

struct certset {
	unsigned references;	/* atomic */
	size_t n;
	struct certpair *pair[CERTSET_MAX];
};

static int
add_key(struct certpair *to, const struct certpair *from)
{
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

static int
fill(struct certset *set, const struct certpair_files files[], size_t n,
    char why[static WHY_TEXT])
{
	size_t i;
	int err, code;

	for (i = 0; i < n; i++) {
		err = certpair_load(&set->pair[i], &files[i], why);
		if (err < 0)
			return err;
		set->n++;
	}
	for (i = 0; i < n; i++) {
		code = make_credentials(set, set->pair[i]);
		if (code < 0) {
			why_set(why, "%s, %s: %s", files[i].certificate,
			    files[i].key, gnutls_strerror(code));
			return -EINVAL;
		}
	}
	return 0;
}

int
certset_load(struct certset **out, const struct certpair_files files[],
    size_t n, char why[static WHY_TEXT])
{
	struct certset *set;
	int err;

	if (n == 0 || n > CERTSET_MAX) {
		why_set(why, "wants 1 to %d certificates", CERTSET_MAX);
		return -EINVAL;
	}
	set = calloc(1, sizeof(*set));
	if (set == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	set->references = 1;
	err = fill(set, files, n, why);
	if (err < 0) {
		certset_free(set);
		return err;
	}
	*out = set;
	return 0;
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
