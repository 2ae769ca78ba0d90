/*
 * phone_account: the files that rp-dial finds on a phone. Identities take long
 * to make, so a folder keeps them from run to run. They do not depend on the
 * seed, and are the same in each folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "core/sim.h"
#include "stand/stand.h"
#include "world/check.h"
#include "world/phone_private.h"

#define IDENTITIES "identities"
#define DAY_S 86400L
#define VALID_S (30 * 365 * DAY_S)

static void
need(bool works, const char *what)
{
	if (works)
		return;
	fprintf(stderr, "phone: %s: %s\n", what, strerror(errno));
	abort();
}

static void
make_folder(const char *path)
{
	need(mkdir(path, 0700) == 0 || errno == EEXIST, path);
}

static FILE *
create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	need(out != NULL, path);
	return out;
}

static void
must(int err)
{
	errno = EIO;
	need(err >= 0, gnutls_strerror(err));
}

static void
sign(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key, size_t index)
{
	unsigned char serial[16] = { 0x40 };

	memcpy(serial + 1, &index, sizeof(index));
	must(gnutls_x509_crt_set_version(cert, 3));
	must(gnutls_x509_crt_set_serial(cert, serial, sizeof(serial)));
	must(gnutls_x509_crt_set_dn(cert, "CN=rp", NULL));
	must(gnutls_x509_crt_set_activation_time(cert, SIM_START_S - DAY_S));
	must(gnutls_x509_crt_set_expiration_time(cert,
	    SIM_START_S + VALID_S));
	must(gnutls_x509_crt_set_key(cert, key));
	must(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0));
}

static void
make_identity(const char *path, size_t index)
{
	struct sim_random random = { { index + 1, 2, 3, 4 } };
	gnutls_datum_t a, b;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	FILE *out;

	sim_random_lend(&random);
	must(gnutls_x509_privkey_init(&key));
	must(gnutls_x509_crt_init(&cert));
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
	    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	sign(cert, key, index);
	must(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &a));
	must(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
	    GNUTLS_PKCS_PLAIN, &b));
	sim_random_lend(NULL);
	out = create(path);
	fprintf(out, "%.*s%.*s", (int)a.size, (const char *)a.data,
	    (int)b.size, (const char *)b.data);
	need(fclose(out) == 0, path);
	gnutls_free(a.data);
	gnutls_free(b.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

/* Remove what rp-dial left there. */
static void
empty_folder(const struct sim_phone *phone)
{
	static const char *const files[] = {
		"known_peers", "known_peers.words", "addresses", "tickets"
	};
	char path[160];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s.%s", phone->folder,
		    phone->number, files[i]);
		(void)unlink(path);
	}
}

/* All devices of a number have its identity, which its owner copies. */
static size_t
identity_of(const struct sim_phone *phone)
{
	char name[PHONE_NAME];
	const struct sim_phone *first;

	snprintf(name, sizeof(name), "%s/1", phone->number);
	first = sim_phone_find(name);
	return first != NULL ? first->index : phone->index;
}

void
phone_account(struct sim_phone *phone)
{
	char token[96], identity[96];
	size_t index = identity_of(phone);
	FILE *out;

	make_folder("phones");
	make_folder(IDENTITIES);
	make_folder(phone->folder);
	empty_folder(phone);
	snprintf(identity, sizeof(identity), IDENTITIES "/%zu.pem",
	    index);
	if (access(identity, R_OK) < 0)
		make_identity(identity, index);
	snprintf(token, sizeof(token), "secret-token-%s-%u", phone->number,
	    phone->options.device);
	out = create(phone->account);
	fprintf(out, "number = \"%s\";\ntoken = \"%s\";\nswitch = \"%s\";\n"
	    "ca = \"../../ca.pem\";\nidentity = \"../../%s\";\n",
	    phone->number, token, phone->home, identity);
	need(fclose(out) == 0, phone->account);
	sim_directory_add(phone->number, token, "");
	check_key(token);
}
