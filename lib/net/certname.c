/* certname: names in certificates. See certname.h. */
#include "net/certname.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/addr.h"

#define NAME_BYTES 256		/* longer than any DNS name */

/* Return whether there is an alternative name of that type. */
static bool
has_type(gnutls_x509_crt_t certificate, unsigned wanted)
{
	char name[NAME_BYTES];
	unsigned seq, type;
	size_t len;
	int err;

	for (seq = 0;; seq++) {
		len = sizeof(name);
		err = gnutls_x509_crt_get_subject_alt_name2(certificate, seq,
		    name, &len, &type, NULL);
		/* Its type is known before its length turns out too great. */
		if (err < 0 && err != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return false;
		if (err >= 0 && type == wanted)
			return true;
	}
}

bool
certname_has_any(gnutls_x509_crt_t certificate)
{
	return has_type(certificate, GNUTLS_SAN_DNSNAME) ||
	    has_type(certificate, GNUTLS_SAN_IPADDRESS);
}

bool
certname_matches(gnutls_x509_crt_t certificate, const char *name)
{
	struct addr literal;
	size_t ip_bytes;
	const uint8_t *ip;

	if (addr_parse(&literal, name, 0) < 0)
		return has_type(certificate, GNUTLS_SAN_DNSNAME) &&
		    gnutls_x509_crt_check_hostname(certificate, name) != 0;
	ip = addr_ip(&literal, &ip_bytes);
	return gnutls_x509_crt_check_ip(certificate, ip,
	    (unsigned)ip_bytes, 0) != 0;
}

bool
certname_of_peer(gnutls_session_t session)
{
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t leaf;
	unsigned n = 0;
	bool has;

	chain = gnutls_certificate_get_peers(session, &n);
	if (chain == NULL || n == 0 || gnutls_x509_crt_init(&leaf) < 0)
		return false;
	has = gnutls_x509_crt_import(leaf, &chain[0],
	    GNUTLS_X509_FMT_DER) == 0 && certname_has_any(leaf);
	gnutls_x509_crt_deinit(leaf);
	return has;
}

static int
append(struct certname_list *list, const char *name, size_t len)
{
	char *copy, **grown;
	size_t i;

	grown = realloc(list->name, (list->n + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	list->name = grown;
	copy = malloc(len + 1);
	if (copy == NULL)
		return -ENOMEM;
	for (i = 0; i < len; i++)
		copy[i] = (char)tolower((unsigned char)name[i]);
	copy[len] = '\0';
	list->name[list->n++] = copy;
	return 0;
}

static int
collect(struct certname_list *list, gnutls_x509_crt_t certificate)
{
	char name[NAME_BYTES];
	unsigned seq, type;
	size_t len;
	int err, code;

	for (seq = 0; seq <= CERTNAME_MAX; seq++) {
		len = sizeof(name);
		code = gnutls_x509_crt_get_subject_alt_name2(certificate, seq,
		    name, &len, &type, NULL);
		if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;	/* no host has a name that long */
		if (code < 0)
			return 0;
		if (type != GNUTLS_SAN_DNSNAME || memchr(name, '\0', len))
			continue;
		err = append(list, name, len);
		if (err < 0)
			return err;
	}
	return -E2BIG;
}

int
certname_list(struct certname_list *out, gnutls_x509_crt_t certificate)
{
	struct certname_list list = { NULL, 0 };
	int err = collect(&list, certificate);

	if (err < 0) {
		certname_list_free(&list);
		return err;
	}
	*out = list;
	return 0;
}

void
certname_list_free(struct certname_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->name[i]);
	free(list->name);
	list->name = NULL;
	list->n = 0;
}

static bool
is_match(const char *pattern, const char *host)
{
	const char *rest;

	if (strncmp(pattern, "*.", 2) != 0)
		return strcasecmp(pattern, host) == 0;
	rest = strchr(host, '.');
	return rest != NULL && rest != host &&
	    strcasecmp(pattern + 1, rest) == 0;
}

bool
certname_list_holds(const struct certname_list *list, const char *host)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (is_match(list->name[i], host))
			return true;
	return false;
}

bool
certname_list_covers(const struct certname_list *list,
    const struct certname_list *other)
{
	size_t i;

	/* A wildcard covers another, because its first label is one, too. */
	for (i = 0; i < other->n; i++)
		if (!certname_list_holds(list, other->name[i]))
			return false;
	return other->n > 0;
}
