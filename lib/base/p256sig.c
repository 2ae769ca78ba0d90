/* p256sig: check ECDSA signatures over GnuTLS. See p256sig.h. */
#include "base/p256sig.h"

#include <errno.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define COORDINATE 32

/* GnuTLS wants r and s in DER. */
static int
check_with(gnutls_pubkey_t key, const void *data, size_t len_bytes,
    const uint8_t *signature)
{
	const gnutls_datum_t r = { (void *)signature, COORDINATE };
	const gnutls_datum_t s = { (void *)(signature + COORDINATE),
	    COORDINATE };
	const gnutls_datum_t text = { (void *)data, (unsigned)len_bytes };
	gnutls_datum_t der;
	int err;

	if (gnutls_encode_rs_value(&der, &r, &s) < 0)
		return -ENOMEM;
	err = gnutls_pubkey_verify_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0,
	    &text, &der);
	gnutls_free(der.data);
	return err < 0 ? -EBADMSG : 0;
}

int
p256sig_check(const uint8_t public[static P256_POINT], const void *data,
    size_t len_bytes, const uint8_t signature[static P256SIG_BYTES])
{
	const gnutls_datum_t x = { (void *)(public + 1), COORDINATE };
	const gnutls_datum_t y = { (void *)(public + 1 + COORDINATE),
	    COORDINATE };
	gnutls_pubkey_t key;
	int err = -EBADMSG;

	if (!p256_is_point(public))
		return -EBADMSG;
	if (gnutls_pubkey_init(&key) < 0)
		return -ENOMEM;
	if (gnutls_pubkey_import_ecc_raw(key, GNUTLS_ECC_CURVE_SECP256R1, &x,
	    &y) == 0)
		err = check_with(key, data, len_bytes, signature);
	gnutls_pubkey_deinit(key);
	return err;
}
