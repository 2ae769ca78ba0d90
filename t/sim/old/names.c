/*
 * names: functions of GnuTLS, c-ares and the C library that 0.1.0 calls and this
 * version does not, by those that t/sim has.
 */
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ares.h>
#include <gnutls/gnutls.h>

int
pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

int
gnutls_certificate_set_x509_key_file(gnutls_certificate_credentials_t c,
    const char *cert_file, const char *key_file, gnutls_x509_crt_fmt_t format)
{
	gnutls_datum_t pem = { 0 }, key = { 0 };
	int code = gnutls_load_file(cert_file, &pem);

	if (code == 0)
		code = gnutls_load_file(key_file, &key);
	if (code == 0)
		code = gnutls_certificate_set_x509_key_mem(c, &pem, &key,
		    format);
	gnutls_free(pem.data);
	gnutls_free(key.data);
	return code;
}

int
gnutls_certificate_set_x509_trust_file(gnutls_certificate_credentials_t c,
    const char *file, gnutls_x509_crt_fmt_t format)
{
	gnutls_datum_t pem = { 0 };
	int code = gnutls_load_file(file, &pem);

	if (code == 0)
		code = gnutls_certificate_set_x509_trust_mem(c, &pem, format);
	gnutls_free(pem.data);
	return code;
}

/* No machine of the world has names in a file. */
int
ares_gethostbyname_file(ares_channel channel, const char *name, int family,
    struct hostent **host)
{
	(void)channel;
	(void)name;
	(void)family;
	*host = NULL;
	return ARES_ENOTFOUND;
}

void
ares_free_hostent(struct hostent *host)
{
	(void)host;
}
