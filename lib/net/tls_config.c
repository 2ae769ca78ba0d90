#include "net/tls_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/addr.h"

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static int
config_new(struct tls_config **out, bool server, char why[static TLS_WHY])
{
	struct tls_config *config = calloc(1, sizeof(*config));
	int err;

	if (config == NULL) {
		snprintf(why, TLS_WHY, "out of memory");
		return -ENOMEM;
	}
	config->references = 1;
	config->server = server;
	err = gnutls_certificate_allocate_credentials(&config->credentials);
	if (err == 0)
		err = gnutls_priority_init(&config->priority, PRIORITY, NULL);
	if (err == 0 && server)
		err = gnutls_session_ticket_key_generate(&config->ticket_key);
	if (err < 0) {
		snprintf(why, TLS_WHY, "%s", gnutls_strerror(err));
		tls_config_free(config);
		return -ENOMEM;
	}
	*out = config;
	return 0;
}

int
tls_config_server(struct tls_config **out, const char *cert_file,
    const char *key_file, char why[static TLS_WHY])
{
	struct tls_config *config;
	int err;

	err = config_new(&config, true, why);
	if (err < 0)
		return err;
	err = gnutls_certificate_set_x509_key_file(config->credentials,
	    cert_file, key_file, GNUTLS_X509_FMT_PEM);
	if (err < 0) {
		snprintf(why, TLS_WHY, "%s, %s: %s", cert_file, key_file,
		    gnutls_strerror(err));
		tls_config_free(config);
		return -EINVAL;
	}
	*out = config;
	return 0;
}

int
tls_config_client(struct tls_config **out, const char *ca_file,
    char why[static TLS_WHY])
{
	struct tls_config *config;
	int n;

	n = config_new(&config, false, why);
	if (n < 0)
		return n;
	if (ca_file != NULL)
		n = gnutls_certificate_set_x509_trust_file(
		    config->credentials, ca_file, GNUTLS_X509_FMT_PEM);
	else
		n = gnutls_certificate_set_x509_system_trust(
		    config->credentials);
	if (n <= 0) {
		snprintf(why, TLS_WHY, "%s: %s",
		    ca_file != NULL ? ca_file : "the system's authorities",
		    n < 0 ? gnutls_strerror(n) : "no certificate in it");
		tls_config_free(config);
		return -EINVAL;
	}
	*out = config;
	return 0;
}

void
tls_config_free(struct tls_config *config)
{
	if (config == NULL || --config->references > 0)
		return;
	if (config->credentials != NULL)
		gnutls_certificate_free_credentials(config->credentials);
	if (config->priority != NULL)
		gnutls_priority_deinit(config->priority);
	gnutls_memset(config->ticket_key.data, 0, config->ticket_key.size);
	gnutls_free(config->ticket_key.data);
	free(config);
}

static int
start_client(gnutls_session_t session, const struct tls_options *options)
{
	struct addr literal;
	int err;

	if (options->server_name == NULL)
		return -EINVAL;
	gnutls_session_set_verify_cert(session, options->server_name, 0);
	if (options->session_bytes > 0)
		gnutls_session_set_data(session, options->session,
		    options->session_bytes);	/* if it is stale: no matter */
	if (addr_parse(&literal, options->server_name, 0) == 0)
		return 0;	/* RFC 6066 3: no literal addresses */
	err = gnutls_server_name_set(session, GNUTLS_NAME_DNS,
	    options->server_name, strlen(options->server_name));
	return err < 0 ? -EINVAL : 0;
}

static int
start(gnutls_session_t session, const struct tls_config *config,
    const struct tls_options *options)
{
	static const gnutls_datum_t http = {
		(unsigned char *)"http/1.1", 8
	};

	if (gnutls_priority_set(session, config->priority) < 0 ||
	    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	    config->credentials) < 0 ||
	    gnutls_alpn_set_protocols(session, &http, 1, 0) < 0)
		return -ENOMEM;
	if (!config->server)
		return start_client(session, options);
	if (gnutls_session_ticket_enable_server(session,
	    &config->ticket_key) < 0)
		return -ENOMEM;
	return 0;
}

int
tls_config_session(gnutls_session_t *out, const struct tls_config *config,
    const struct tls_options *options)
{
	gnutls_session_t session;
	int err;

	if (gnutls_init(&session, GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
	    (config->server ? GNUTLS_SERVER : GNUTLS_CLIENT)) < 0)
		return -ENOMEM;
	err = start(session, config, options);
	if (err < 0) {
		gnutls_deinit(session);
		return err;
	}
	*out = session;
	return 0;
}

void
tls_config_certificate_fault(gnutls_session_t session,
    char why[static TLS_WHY])
{
	static const struct {
		unsigned status;
		const char *text;
	} faults[] = {
		{ GNUTLS_CERT_REVOKED, "is revoked" },
		{ GNUTLS_CERT_EXPIRED, "has expired" },
		{ GNUTLS_CERT_NOT_ACTIVATED, "is not valid yet" },
		{ GNUTLS_CERT_UNEXPECTED_OWNER, "is for another name" },
		{ GNUTLS_CERT_SIGNER_NOT_FOUND,
		    "comes from no authority that we know" },
		{ GNUTLS_CERT_SIGNER_NOT_CA,
		    "comes from no authority that we know" },
	};
	unsigned status = gnutls_session_get_verify_cert_status(session);
	gnutls_datum_t text = { NULL, 0 };
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if ((status & faults[i].status) != 0) {
			snprintf(why, TLS_WHY, "its certificate %s",
			    faults[i].text);
			return;
		}
	if (gnutls_certificate_verification_status_print(status,
	    GNUTLS_CRT_X509, &text, 0) == 0)
		snprintf(why, TLS_WHY, "its certificate: %s",
		    text.data);
	gnutls_free(text.data);
}
