/* certpair: read a certificate, its chain and its key. See certpair.h. */
#include "net/certpair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secretfile.h"
#include "base/tool.h"
#include "net/keyholder.h"

#define PEM_BYTES (1 << 17)	/* a chain has some 5,000 bytes */

/*
 * Read a PEM file. GnuTLS would read it whole, whatever it is, and wait for a
 * FIFO. This runs in a reload too.
 */
static int
read_pem(gnutls_datum_t *out, const char *file, char why[static WHY_TEXT])
{
	struct tool_file pem;
	int err = tool_load_file(&pem, file, PEM_BYTES, true);

	if (err < 0) {
		why_set(why, "%s: %s", file, tool_read_text(err));
		return -EINVAL;
	}
	out->data = (unsigned char *)pem.text;
	out->size = (unsigned)pem.len;
	return 0;
}

static int
refuse(char why[static WHY_TEXT], const char *file, const char *wrong)
{
	why_set(why, "%s: %s", file, wrong);
	return -EINVAL;
}

/* Drop what comes a second time, as where two files were joined. */
static void
drop_doubles(struct certpair *pair)
{
	unsigned i, j, n = 0;

	for (i = 0; i < pair->n; i++) {
		for (j = 0; j < n; j++)
			if (gnutls_x509_crt_equals(pair->chain[i],
			    pair->chain[j]) != 0)
				break;
		if (j < n)
			gnutls_x509_crt_deinit(pair->chain[i]);
		else
			pair->chain[n++] = pair->chain[i];
	}
	pair->n = n;
}

static int
load_chain(struct certpair *pair, char why[static WHY_TEXT])
{
	gnutls_datum_t pem;
	unsigned n = CERTPAIR_CHAIN;
	int code, err = read_pem(&pem, pair->file, why);

	if (err < 0)
		return err;
	code = gnutls_x509_crt_list_import(pair->chain, &n, &pem,
	    GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
	free(pem.data);
	if (code == GNUTLS_E_SHORT_MEMORY_BUFFER)
		return refuse(why, pair->file, "more than 16 certificates");
	if (code == GNUTLS_E_NO_CERTIFICATE_FOUND ||
	    code == GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR || code == 0)
		return refuse(why, pair->file, "no certificate in it");
	if (code < 0)
		return refuse(why, pair->file, gnutls_strerror(code));
	pair->n = (unsigned)code;
	drop_doubles(pair);
	return 0;
}

/* Say why a key cannot be read; its text may tell more than GnuTLS does. */
static int
refuse_key(const struct certpair *pair, const gnutls_datum_t *pem, int code,
    char why[static WHY_TEXT])
{
	const char *text = (const char *)pem->data;

	if (strstr(text, "PRIVATE KEY-----") == NULL)
		return refuse(why, pair->key_file, "no private key in it");
	if (strstr(text, "ENCRYPTED") != NULL)
		return refuse(why, pair->key_file, "the key is encrypted, and "
		    "nobody can type its passphrase");
	return refuse(why, pair->key_file, gnutls_strerror(code));
}

static int
load_key_here(struct certpair *pair, char why[static WHY_TEXT])
{
	size_t n = sizeof(pair->key_id);
	gnutls_datum_t pem;
	int code, err = read_pem(&pem, pair->key_file, why);

	if (err < 0)
		return err;
	code = gnutls_x509_privkey_init(&pair->key);
	if (code == 0)
		code = gnutls_x509_privkey_import2(pair->key, &pem,
		    GNUTLS_X509_FMT_PEM, NULL, 0);
	if (code == 0)
		code = gnutls_x509_privkey_get_key_id(pair->key,
		    GNUTLS_KEYID_USE_SHA256, pair->key_id, &n);
	if (code < 0)
		err = refuse_key(pair, &pem, code, why);
	gnutls_memset(pem.data, 0, pem.size);
	free(pem.data);
	return err;
}

static int
load_key(struct certpair *pair, struct keyholder *holder,
    char why[static WHY_TEXT])
{
	int err = holder == NULL ? load_key_here(pair, why) :
	    keyholder_load(&pair->held, holder, pair->key_file, why);

	if (err == 0 && holder != NULL)
		memcpy(pair->key_id, keyholder_id(pair->held),
		    sizeof(pair->key_id));
	pair->key_exposed = secretfile_exposed(pair->key_file) != 0;
	return err;
}

static bool
is_key_of(const struct certpair *pair, gnutls_x509_crt_t certificate)
{
	unsigned char its[CERTPAIR_KEY_ID];
	size_t n = sizeof(its);

	return gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256,
	    its, &n) == 0 && n == sizeof(its) &&
	    memcmp(pair->key_id, its, n) == 0;
}

static int
match_key(const struct certpair *pair, char why[static WHY_TEXT])
{
	unsigned i;

	if (is_key_of(pair, pair->chain[0]))
		return 0;
	for (i = 1; i < pair->n; i++) {
		if (gnutls_x509_crt_get_ca_status(pair->chain[i], NULL) > 0 ||
		    !is_key_of(pair, pair->chain[i]))
			continue;
		why_set(why, "%s: the key of %s is that of certificate %u, "
		    "which must come first", pair->file, pair->key_file, i + 1);
		return -EINVAL;
	}
	why_set(why, "%s, %s: the key is not the certificate's", pair->file,
	    pair->key_file);
	return -EINVAL;
}

bool
certpair_is_root(gnutls_x509_crt_t certificate)
{
	unsigned status = 0;

	return gnutls_x509_crt_check_issuer(certificate, certificate) != 0 &&
	    gnutls_x509_crt_verify(certificate, &certificate, 1,
	    GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN |
	    GNUTLS_VERIFY_DISABLE_CA_SIGN, &status) == 0 &&
	    (status & GNUTLS_CERT_SIGNATURE_FAILURE) == 0;
}

/* Did `issuer` sign that certificate? Dates are no matter here. */
static bool
has_signed(gnutls_x509_crt_t issuer, gnutls_x509_crt_t certificate)
{
	const unsigned wrong = GNUTLS_CERT_SIGNATURE_FAILURE |
	    GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA;
	unsigned status = 0;

	return gnutls_x509_crt_check_issuer(certificate, issuer) != 0 &&
	    gnutls_x509_crt_verify(certificate, &issuer, 1,
	    GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN,
	    &status) == 0 && (status & wrong) == 0;
}

/* Bring the issuers to the front, in the order in which clients want them. */
static void
order_chain(struct certpair *pair)
{
	gnutls_x509_crt_t last, found;
	unsigned i;

	for (pair->n_sent = 1; pair->n_sent < pair->n; pair->n_sent++) {
		last = pair->chain[pair->n_sent - 1];
		if (certpair_is_root(last))
			return;
		for (i = pair->n_sent; i < pair->n; i++)
			if (has_signed(pair->chain[i], last))
				break;
		if (i == pair->n)
			return;
		pair->reordered = pair->reordered || i != pair->n_sent;
		found = pair->chain[i];
		memmove(&pair->chain[pair->n_sent + 1],
		    &pair->chain[pair->n_sent],
		    (i - pair->n_sent) * sizeof(found));
		pair->chain[pair->n_sent] = found;
	}
}

static int
load_names(struct certpair *pair, char why[static WHY_TEXT])
{
	int err = certname_list(&pair->names, pair->chain[0]);

	if (err == 0)
		return 0;
	return refuse(why, pair->file, err == -E2BIG ?
	    "more than 256 names in it" : strerror(-err));
}

int
certpair_load(struct certpair **out, const struct certpair_files *files,
    struct keyholder *holder, char why[static WHY_TEXT])
{
	struct certpair *pair = calloc(1, sizeof(*pair));
	int err = -ENOMEM;

	why_set(why, "out of memory");
	if (pair != NULL) {
		pair->file = strdup(files->certificate);
		pair->key_file = strdup(files->key);
	}
	if (pair != NULL && pair->file != NULL && pair->key_file != NULL)
		err = load_chain(pair, why);
	if (err == 0)
		err = load_key(pair, holder, why);
	if (err == 0)
		err = match_key(pair, why);
	if (err == 0)
		err = load_names(pair, why);
	if (err < 0) {
		certpair_free(pair);
		return err;
	}
	order_chain(pair);
	pair->type = (gnutls_pk_algorithm_t)
	    gnutls_x509_crt_get_pk_algorithm(pair->chain[0], NULL);
	*out = pair;
	return 0;
}

void
certpair_free(struct certpair *pair)
{
	unsigned i;

	if (pair == NULL)
		return;
	for (i = 0; i < pair->n; i++)
		gnutls_x509_crt_deinit(pair->chain[i]);
	if (pair->key != NULL)
		gnutls_x509_privkey_deinit(pair->key);
	if (pair->credentials != NULL)
		gnutls_certificate_free_credentials(pair->credentials);
	keyholder_drop(pair->held);
	certname_list_free(&pair->names);
	free(pair->file);
	free(pair->key_file);
	free(pair);
}
