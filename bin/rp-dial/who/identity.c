/*
 * identity: make or load our certificate, and look peers up in known_peers or
 * pin them. See identity.h.
 */
#include "config.h"
#include "who/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/x509.h>

#include "base/tool.h"
#include "wire/base64.h"
#include "wire/sigmsg.h"
#include "wire/why.h"

#define PEM_MAX 65536
#define CONFIRMED "# confirmed "
#define KNOWN_PEERS_MAX (1024 * 1024)
#define DAY_S (24L * 3600)
#define VALID_S (30 * 365 * DAY_S)	/* pinned, not dated */

static int
complain_file(char why[static WHY_TEXT], const char *file, int err)
{
	why_set(why, "%.180s: %s", file, tool_read_text(err));
	return err;
}

static int
complain_tls(char why[static WHY_TEXT], const char *file, int err)
{
	why_set(why, "%.180s: %.60s", file, gnutls_strerror(err));
	return err == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EINVAL;
}

/*
 * Sign the certificate. It holds no name, because the fingerprint identifies
 * it.
 */
static int
sign_own(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key)
{
	uint8_t serial[16];
	time_t now = time(NULL);
	int err = 0;

	if (crypto_random(serial, sizeof(serial)) < 0)
		return GNUTLS_E_RANDOM_FAILED;
	serial[0] &= 0x7f;
	serial[0] |= 0x40;
	if (err >= 0)
		err = gnutls_x509_crt_set_version(cert, 3);
	if (err >= 0)
		err = gnutls_x509_crt_set_serial(cert, serial, sizeof(serial));
	if (err >= 0)
		err = gnutls_x509_crt_set_dn(cert, "CN=rp", NULL);
	if (err >= 0)
		err = gnutls_x509_crt_set_activation_time(cert, now - DAY_S);
	if (err >= 0)
		err = gnutls_x509_crt_set_expiration_time(cert, now + VALID_S);
	if (err >= 0)
		err = gnutls_x509_crt_set_key(cert, key);
	if (err >= 0)
		err = gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256,
		    0);
	return err;
}

static int
export_pem(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key, char **pem)
{
	gnutls_datum_t a = { NULL, 0 }, b = { NULL, 0 };
	int err;

	*pem = NULL;
	err = gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &a);
	if (err >= 0)
		err = gnutls_x509_privkey_export2_pkcs8(key,
		    GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &b);
	if (err >= 0 && asprintf(pem, "%.*s%.*s", (int)a.size,
	    (const char *)a.data, (int)b.size, (const char *)b.data) < 0) {
		*pem = NULL;
		err = GNUTLS_E_MEMORY_ERROR;
	}
	if (b.data != NULL)
		crypto_wipe(b.data, b.size);
	gnutls_free(a.data);
	gnutls_free(b.data);
	return err;
}

static int
generate(char **pem)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t cert = NULL;
	int err;

	err = gnutls_x509_privkey_init(&key);
	if (err >= 0)
		err = gnutls_x509_crt_init(&cert);
	if (err >= 0)
		err = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (err >= 0)
		err = sign_own(cert, key);
	if (err >= 0)
		err = export_pem(cert, key, pem);
	if (cert != NULL)
		gnutls_x509_crt_deinit(cert);
	if (key != NULL)
		gnutls_x509_privkey_deinit(key);
	return err;
}

static int
make_identity(const char *file, char why[static WHY_TEXT])
{
	char *pem;
	int err = generate(&pem);

	if (err < 0)
		return complain_tls(why, file, err);
	err = tool_write_secret(file, pem);
	crypto_wipe(pem, strlen(pem));
	free(pem);
	return err < 0 ? complain_file(why, file, err) : 0;
}

static int
fingerprint(uint8_t digest[static CRYPTO_SHA256], const gnutls_datum_t *pem)
{
	gnutls_datum_t der = { NULL, 0 };
	gnutls_x509_crt_t cert;
	int err;

	err = gnutls_x509_crt_init(&cert);
	if (err < 0)
		return err;
	err = gnutls_x509_crt_import(cert, pem, GNUTLS_X509_FMT_PEM);
	if (err >= 0)
		err = gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_DER, &der);
	if (err >= 0)
		crypto_sha256(digest, der.data, der.size);
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(cert);
	return err;
}

static int
use(struct identity *out, char *text)
{
	gnutls_datum_t pem = {
		(unsigned char *)text, (unsigned)strlen(text)
	};
	gnutls_certificate_credentials_t credentials;
	int err;

	err = gnutls_certificate_allocate_credentials(&credentials);
	if (err < 0)
		return err;
	err = gnutls_certificate_set_x509_key_mem(credentials, &pem, &pem,
	    GNUTLS_X509_FMT_PEM);
	if (err >= 0)
		err = fingerprint(out->fingerprint, &pem);
	if (err < 0) {
		gnutls_certificate_free_credentials(credentials);
		return err;
	}
	out->credentials = credentials;
	return 0;
}

int
identity_load(struct identity *out, const char *file,
    char why[static WHY_TEXT])
{
	struct stat st;
	char *text;
	int err;

	if (stat(file, &st) < 0) {
		if (errno != ENOENT)
			return complain_file(why, file, -errno);
		err = make_identity(file, why);
		if (err < 0)
			return err;
	} else if ((st.st_mode & 077) != 0) {
		why_set(why, "%.180s: others may read this key: "
		    "chmod 600 it", file);
		return -EPERM;
	}
	err = tool_read_file(&text, file, PEM_MAX);
	if (err < 0)
		return complain_file(why, file, err);
	err = use(out, text);
	crypto_wipe(text, strlen(text));
	free(text);
	return err < 0 ? complain_tls(why, file, err) : 0;
}

void
identity_clear(struct identity *identity)
{
	if (identity->credentials != NULL)
		gnutls_certificate_free_credentials(identity->credentials);
	memset(identity, 0, sizeof(*identity));
}

void
identity_text(char text[static IDENTITY_TEXT],
    const uint8_t digest[static CRYPTO_SHA256])
{
	size_t i;

	for (i = 0; i < CRYPTO_SHA256; i++)
		sprintf(text + 3 * i, "%02X%s", digest[i],
		    i + 1 < CRYPTO_SHA256 ? ":" : "");
}

/*
 * Return whether the line is a fingerprint without a number: 0.1.0 wrote such a
 * line for a caller who gave none.
 */
static bool
is_nameless(const char *line)
{
	uint8_t digest[CRYPTO_SHA256];

	return *line == ' ' && hex_decode(digest, CRYPTO_SHA256, line + 1) == 0;
}

/*
 * Parse one line without its newline. Return 1 if it is `number`'s, 0 if
 * another's.
 */
static int
read_line(char *line, const char *number, uint8_t known[static CRYPTO_SHA256])
{
	char *space;

	if (*line == '\0' || *line == '#' || is_nameless(line))
		return 0;
	space = strchr(line, ' ');
	if (space == NULL)
		return -EINVAL;
	*space = '\0';
	if (!sigmsg_number_ok(line) ||
	    hex_decode(known, CRYPTO_SHA256, space + 1) < 0)
		return -EINVAL;
	return strcmp(line, number) == 0;
}

static int
look_up(char *text, const char *number, uint8_t known[static CRYPTO_SHA256],
    unsigned *line_number)
{
	char *line, *next;

	*line_number = 1;
	for (line = text; *line != '\0'; line = next, (*line_number)++) {
		int found;

		next = strchrnul(line, '\n');
		if (*next != '\0')
			*next++ = '\0';
		found = read_line(line, number, known);
		if (found != 0)
			return found;
	}
	return 0;
}

int
identity_find(uint8_t known[static CRYPTO_SHA256], const char *file,
    const char *number, char why[static WHY_TEXT])
{
	unsigned line;
	char *text;
	int found, err;

	err = tool_read_file(&text, file, KNOWN_PEERS_MAX);
	if (err == -ENOENT)
		return err;
	if (err < 0)
		return complain_file(why, file, err);
	found = look_up(text, number, known, &line);
	free(text);
	if (found < 0) {
		why_set(why, "%.180s:%u: wants NUMBER "
		    "SHA256-HEX", file, line);
		return -EINVAL;
	}
	return found == 0 ? -ENOENT : 0;
}

unsigned
identity_nameless(const char *file)
{
	unsigned line_number = 0, found = 0;
	char *text, *line, *next;

	if (tool_read_file(&text, file, KNOWN_PEERS_MAX) < 0)
		return 0;
	for (line = text; found == 0 && *line != '\0'; line = next) {
		next = strchrnul(line, '\n');
		if (*next != '\0')
			*next++ = '\0';
		line_number++;
		if (is_nameless(line))
			found = line_number;
	}
	free(text);
	return found;
}

/* Return whether the file's last line has no end, as some editors leave it. */
static bool
is_cut_short(int fd)
{
	struct stat st;
	char last;

	return fstat(fd, &st) == 0 && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

/*
 * `line` begins with a newline, which is left out unless it ends another line.
 * One write, so that two calls that end at once do not mix their lines.
 */
int
identity_append(const char *file, const char *line)
{
	int fd = open(file, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK |
	    O_NOCTTY | O_CLOEXEC, 0600);
	ssize_t len;
	int err = 0;

	if (fd < 0)
		return -errno;
	line += !is_cut_short(fd);
	len = (ssize_t)strlen(line);
	errno = 0;
	if (write(fd, line, (size_t)len) != len)
		err = errno != 0 ? -errno : -EIO;
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

static int
append_peer(const char *file, const char *prefix, const char *number,
    const uint8_t digest[static CRYPTO_SHA256], char why[static WHY_TEXT])
{
	char hex[HEX_TEXT(CRYPTO_SHA256)];
	char line[sizeof(CONFIRMED) + SIGMSG_NUMBER + sizeof(hex) + 3];
	int err;

	hex_encode(hex, digest, CRYPTO_SHA256);
	snprintf(line, sizeof(line), "\n%s%s %s\n", prefix, number, hex);
	err = identity_append(file, line);
	return err < 0 ? complain_file(why, file, err) : 0;
}

int
identity_pin(const char *file, const char *number,
    const uint8_t digest[static CRYPTO_SHA256],
    char why[static WHY_TEXT])
{
	return append_peer(file, "", number, digest, why);
}

int
identity_confirm(const char *file, const char *number,
    const uint8_t digest[static CRYPTO_SHA256],
    char why[static WHY_TEXT])
{
	return append_peer(file, CONFIRMED, number, digest, why);
}

bool
identity_confirmed(const char *file, const char *number,
    const uint8_t digest[static CRYPTO_SHA256])
{
	char hex[HEX_TEXT(CRYPTO_SHA256)];
	char line[sizeof(CONFIRMED) + SIGMSG_NUMBER + sizeof(hex) + 2];
	char *text, *at;
	bool found = false;
	int len;

	if (tool_read_file(&text, file, KNOWN_PEERS_MAX) < 0)
		return false;
	hex_encode(hex, digest, CRYPTO_SHA256);
	len = snprintf(line, sizeof(line), CONFIRMED "%s %s\n", number, hex);
	for (at = text; !found && *at != '\0'; at += *at == '\n') {
		found = strncmp(at, line, (size_t)len) == 0;
		at = strchrnul(at, '\n');
	}
	free(text);
	return found;
}
