/*
 * certcheck: what clients refuse at which moment, what they are warned of, and
 * how the chain of a file is found. t/653 has more of what is refused.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cert.h"
#include "net/certcheck.h"
#include "net/certpair.h"
#include "unit.h"

#define DAY 86400
#define NOW 1800000000LL	/* in 2027 */

/* A certificate that was made, with its key. */
struct made {
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

struct spec {
	const char *name;
	const struct made *issuer;	/* NULL: itself */
	bool authority;
	int from_days, to_days;		/* from NOW */
	int hash;			/* 0: SHA-256 */
};

static struct made root, inter, leaf;
static char cert_file[CERT_PATH], key_file[CERT_PATH];

static void
make(struct made *out, const struct spec *spec)
{
	const struct made *issuer = spec->issuer != NULL ? spec->issuer : out;
	gnutls_x509_crt_t crt;

	gnutls_x509_privkey_init(&out->key);
	gnutls_x509_privkey_generate(out->key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&out->crt);
	crt = out->crt;
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\1", 1);
	gnutls_x509_crt_set_activation_time(crt,
	    (time_t)(NOW + (long long)spec->from_days * DAY));
	gnutls_x509_crt_set_expiration_time(crt,
	    (time_t)(NOW + (long long)spec->to_days * DAY));
	gnutls_x509_crt_set_basic_constraints(crt, spec->authority, -1);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
	    spec->name, (unsigned)strlen(spec->name));
	gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
	    spec->name, (unsigned)strlen(spec->name), GNUTLS_FSAN_SET);
	gnutls_x509_crt_set_key(crt, out->key);
	ck_assert_int_eq(gnutls_x509_crt_sign2(crt, issuer->crt, issuer->key,
	    spec->hash != 0 ? (gnutls_digest_algorithm_t)spec->hash :
	    GNUTLS_DIG_SHA256, 0), 0);
}

static void
unmake(struct made *made)
{
	gnutls_x509_crt_deinit(made->crt);
	gnutls_x509_privkey_deinit(made->key);
}

/* Load a file with these certificates, and the key of the leaf. */
static struct certpair *
load(const struct made *const chain[], size_t n)
{
	const struct certpair_files files = { cert_file, key_file };
	char text[16384] = "", why[WHY_TEXT];
	gnutls_datum_t pem, whole = { (unsigned char *)text, 0 };
	struct certpair *pair;
	size_t i;

	for (i = 0; i < n; i++) {
		gnutls_x509_crt_export2(chain[i]->crt, GNUTLS_X509_FMT_PEM,
		    &pem);
		memcpy(text + whole.size, pem.data, pem.size);
		whole.size += pem.size;
		gnutls_free(pem.data);
	}
	cert_save(cert_file, &whole);
	gnutls_x509_privkey_export2(leaf.key, GNUTLS_X509_FMT_PEM, &pem);
	cert_save(key_file, &pem);
	gnutls_free(pem.data);
	ck_assert_msg(certpair_load(&pair, &files, NULL, why) == 0, "%s", why);
	unlink(cert_file);
	unlink(key_file);
	return pair;
}

static void
make_three(int leaf_days, int inter_days)
{
	make(&root, &(struct spec){ "root", NULL, true, -9, -1,
	    GNUTLS_DIG_SHA1 });
	make(&inter, &(struct spec){ "inter", &root, true, -9, inter_days, 0 });
	make(&leaf, &(struct spec){ "a.test", &inter, false, -9, leaf_days,
	    0 });
}

static void
unmake_three(void)
{
	unmake(&root);
	unmake(&inter);
	unmake(&leaf);
}

static bool
refused(const struct certpair *pair, long long at, const char *why_like)
{
	char why[WHY_TEXT] = "";

	if (certcheck_refuse(pair, at, why) == 0)
		return false;
	ck_assert_msg(strstr(why, why_like) != NULL, "%s", why);
	ck_assert_ptr_eq(strstr(why, pair->file), why);
	return true;
}

struct warnings {
	int n;
	char last[WHY_TEXT];
};

static void
on_warning(const char *file, const char *text, void *arg)
{
	struct warnings *warnings = arg;

	ck_assert_ptr_nonnull(file);
	warnings->n++;
	snprintf(warnings->last, sizeof(warnings->last), "%s", text);
}

/* Return the only warning, or "" for none. */
static const char *
warned(const struct certpair *pair, long long at)
{
	static struct warnings warnings;

	memset(&warnings, 0, sizeof(warnings));
	certcheck_warn(pair, at, on_warning, &warnings);
	ck_assert_msg(warnings.n <= 1, "%d: %s", warnings.n, warnings.last);
	return warnings.last;
}

START_TEST(judges_dates)
{
	const struct made *chain[] = { &leaf, &inter };
	struct certpair *pair;

	make_three(81, 900);		/* 90 days in all */
	pair = load(chain, 2);
	ck_assert(!refused(pair, NOW, ""));
	ck_assert(!refused(pair, NOW + 81 * DAY, ""));
	ck_assert(refused(pair, NOW + 81 * DAY + 1, "expired on 2027"));
	ck_assert(!refused(pair, NOW - 9 * DAY - 3600, ""));
	ck_assert(refused(pair, NOW - 9 * DAY - 3601, "not valid before"));
	ck_assert(!refused(pair, 0, ""));	/* no clock */
	ck_assert_str_eq(warned(pair, NOW), "");
	ck_assert_str_eq(warned(pair, NOW + 67 * DAY), "");
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW + 67 * DAY + 1),
	    "in 13 days"));
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW + 82 * DAY),
	    "expired on 2027"));
	ck_assert_ptr_nonnull(strstr(warned(pair, 0), "not checked"));
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW - 9 * DAY - 1),
	    "not valid yet"));
	ck_assert_int_eq(certcheck_end(pair), NOW + 81 * DAY);
	certpair_free(pair);
	unmake_three();
}
END_TEST

START_TEST(warns_in_the_last_fifth)
{
	const struct made *chain[] = { &leaf, &inter };
	struct certpair *pair;

	make_three(1, 900);		/* 10 days in all */
	pair = load(chain, 2);
	ck_assert_str_eq(warned(pair, NOW - 1 * DAY), "");
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW - 1 * DAY + 1),
	    "in 1 days"));
	certpair_free(pair);
	unmake_three();
}
END_TEST

START_TEST(heeds_the_issuer)
{
	const struct made *chain[] = { &leaf, &inter };
	struct certpair *pair;

	make_three(81, 60);
	pair = load(chain, 2);
	ck_assert_int_eq(certcheck_end(pair), NOW + 60 * DAY);
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW), "before it does"));
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW + 55 * DAY),
	    "its issuer's certificate expires on"));
	ck_assert(refused(pair, NOW + 61 * DAY, "its issuer's certificate"));
	certpair_free(pair);
	unmake_three();
}
END_TEST

START_TEST(finds_the_chain)
{
	const struct made *mixed[] = { &leaf, &root, &inter };
	const struct made *alone[] = { &leaf };
	const struct made *skipped[] = { &leaf, &root };
	struct certpair *pair;

	make_three(81, 900);
	/* A root's dates and signature are the clients' matter. */
	pair = load(mixed, 3);
	ck_assert(!refused(pair, NOW, ""));
	ck_assert_uint_eq(pair->n_sent, 3);
	ck_assert(pair->reordered);
	ck_assert_int_eq(certcheck_end(pair), NOW + 81 * DAY);
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW), "not in order"));
	certpair_free(pair);
	pair = load(alone, 1);
	ck_assert(!refused(pair, NOW, ""));
	ck_assert_ptr_nonnull(strstr(warned(pair, NOW), "does not follow it"));
	certpair_free(pair);
	pair = load(skipped, 2);
	ck_assert(refused(pair, NOW, "none of the other"));
	certpair_free(pair);
	unmake_three();
}
END_TEST

/* One of the issuer's name that has not signed is no issuer. */
START_TEST(believes_signatures)
{
	const struct made *chain[] = { &leaf, &inter };
	struct certpair *pair;

	make_three(81, 900);
	unmake(&inter);
	make(&inter, &(struct spec){ "inter", &root, true, -9, 900, 0 });
	pair = load(chain, 2);
	ck_assert_uint_eq(pair->n_sent, 1);
	ck_assert(refused(pair, NOW, "none of the other"));
	certpair_free(pair);
	unmake_three();
}
END_TEST

UNIT_SUITE(certcheck, judges_dates, warns_in_the_last_fifth, heeds_the_issuer,
    finds_the_chain, believes_signatures)
