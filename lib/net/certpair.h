/*
 * certpair: a server's certificate with its chain and its key, as PEM files
 * hold them. Both files are read once, so that what is checked is what is
 * served. Whether clients accept it is for certcheck.
 */
#ifndef RP_NET_CERTPAIR_H
#define RP_NET_CERTPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "net/certname.h"
#include "wire/why.h"

/* Certificates in a file; clients accept no longer chain (GnuTLS: 16). */
#define CERTPAIR_CHAIN 16

#define CERTPAIR_KEY_ID 32	/* SHA-256 of a public key */

struct keyholder;
struct keyholder_key;

/* Where a pair is. */
struct certpair_files {
	const char *certificate, *key;
};

struct certpair {
	char *file, *key_file;
	/*
	 * All certificates of the file. The first `n_sent` are the server's own
	 * and its issuers in their order, which are sent to clients.
	 */
	gnutls_x509_crt_t chain[CERTPAIR_CHAIN];
	unsigned n, n_sent;
	bool reordered;		/* the file has them in another order */
	gnutls_x509_privkey_t key;	/* NULL: `held` has it */
	struct keyholder_key *held;	/* in another process */
	gnutls_pk_algorithm_t type;	/* of the key */
	uint8_t key_id[CERTPAIR_KEY_ID];
	bool key_exposed;	/* everybody may read its file */
	struct certname_list names;
	gnutls_certificate_credentials_t credentials;	/* set by certset */
};

/*
 * Read a pair, the key in the process `holder`, or in this one if that is NULL.
 * Return -EINVAL, with one line in `why` that names the file, if
 * it cannot be read or the key is another certificate's.
 */
int certpair_load(struct certpair **out, const struct certpair_files *files,
    struct keyholder *holder, char why[static WHY_TEXT]);
void certpair_free(struct certpair *pair);

/* Has a certificate signed itself? */
bool certpair_is_root(gnutls_x509_crt_t certificate);

#endif
