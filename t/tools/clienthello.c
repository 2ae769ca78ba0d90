/* clienthello: GnuTLS begins a handshake with nobody. See its header. */
#include "tools/clienthello.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>

#include "base/tool.h"

struct hello {
	unsigned char *bytes;
	size_t len;
};

static ssize_t
keep(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct hello *hello = arg;

	if (len > CLIENTHELLO_MAX - hello->len)
		tool_fail(1, "TLS", "too long a ClientHello");
	memcpy(hello->bytes + hello->len, data, len);
	hello->len += len;
	return (ssize_t)len;
}

static ssize_t
no_answer(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	errno = EAGAIN;
	return -1;
}

size_t
clienthello_make(unsigned char out[static CLIENTHELLO_MAX])
{
	struct hello hello = { out, 0 };
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
	    gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK) < 0 ||
	    gnutls_set_default_priority(session) < 0 ||
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	    credentials) < 0)
		tool_fail(1, "TLS", "cannot be set up");
	gnutls_transport_set_ptr(session, &hello);
	gnutls_transport_set_push_function(session, keep);
	gnutls_transport_set_pull_function(session, no_answer);
	(void)gnutls_handshake(session);
	gnutls_deinit(session);
	gnutls_certificate_free_credentials(credentials);
	if (hello.len == 0)
		tool_fail(1, "TLS", "no ClientHello was made");
	return hello.len;
}
