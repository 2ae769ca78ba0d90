/* certname: names in certificates. See certname.h. */
#include "net/certname.h"

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
