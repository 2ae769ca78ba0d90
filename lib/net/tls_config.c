/*
 * tls_config: credentials that streams share: certificates, trust, ticket keys,
 * replay protection. See tls_config.h.
 */
#include "net/tls_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/tool.h"
#include "net/certset.h"
#include "wire/addr.h"
#include "wire/base64.h"
#include "wire/why.h"

/*
 * The lifetime of the ticket key. Anybody who learns this key later can read
 * the early data of its sessions (RFC 8446 2.3). The key is therefore replaced
 * from time to time, which invalidates its tickets.
 */
#define TICKET_KEY_NS (6 * 3600 * CLOCK_S)
#define CA_BYTES (4 << 20)

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
/*
 * A server takes less: forward secrecy and AEAD only (RFC 9325 4.1), and groups
 * that cost it little. A client chooses the group, and one of ffdhe8192 or
 * P-521 would cost a multiple of the signature.
 */
#define SERVER_PRIORITY PRIORITY ":-RSA:-DHE-RSA:-MAC-ALL:+AEAD:" \
	"-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM:" \
	"%SERVER_PRECEDENCE:" \
	"-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"

static int
new_ticket_key(struct tls_config *config)
{
	gnutls_datum_t key;
	int err = gnutls_session_ticket_key_generate(&key);

	if (err < 0)
		return err;
	gnutls_memset(config->ticket_key.data, 0, config->ticket_key.size);
	gnutls_free(config->ticket_key.data);
	config->ticket_key = key;
	config->ticket_key_ns = clock_ns();
	return 0;
}

static int
config_new(struct tls_config **out, bool server, char why[static WHY_TEXT])
{
	struct tls_config *config = calloc(1, sizeof(*config));
	int err;

	if (config == NULL) {
		why_set(why, "out of memory");
		return -ENOMEM;
	}
	config->references = 1;
	config->server = server;
	pthread_mutex_init(&config->lock, NULL);
	err = gnutls_priority_init(&config->priority,
	    server ? SERVER_PRIORITY : PRIORITY, NULL);
	if (err == 0 && !server)
		err = gnutls_certificate_allocate_credentials(
		    &config->credentials);
	if (err == 0 && server)
		err = new_ticket_key(config);
	if (err < 0) {
		why_set(why, "%s", gnutls_strerror(err));
		tls_config_free(config);
		return -ENOMEM;
	}
	*out = config;
	return 0;
}

int
tls_config_serve(struct tls_config **out, struct certset *set,
    char why[static WHY_TEXT])
{
	struct tls_config *config;
	int err;

	err = config_new(&config, true, why);
	if (err < 0)
		return err;
	config->set = certset_hold(set);
	*out = config;
	return 0;
}

int
tls_config_server(struct tls_config **out, const char *cert_file,
    const char *key_file, char why[static WHY_TEXT])
{
	const struct certpair_files files = { cert_file, key_file };
	struct certset *set;
	int err;

	err = certset_load(&set, &files, 1, NULL, why);
	if (err < 0)
		return err;
	err = tls_config_serve(out, set, why);
	certset_free(set);
	return err;
}

struct certset *
tls_config_set(const struct tls_config *config)
{
	return config->set;
}

/* Answer GnuTLS whether a ClientHello is new. */
static int
add_hello(void *arg, time_t until, const gnutls_datum_t *hello,
    const gnutls_datum_t *unused)
{
	struct tls_config *config = arg;
	bool is_new;

	(void)unused;
	pthread_mutex_lock(&config->lock);
	is_new = tls_replay_is_new(config->replay, hello->data, hello->size,
	    clock_wall_s(), until);
	pthread_mutex_unlock(&config->lock);
	return is_new ? 0 : GNUTLS_E_DB_ENTRY_EXISTS;
}

int
tls_config_take_early(struct tls_config *config)
{
	config->replay = calloc(1, sizeof(*config->replay));
	if (config->replay == NULL ||
	    gnutls_anti_replay_init(&config->anti_replay) < 0)
		return -ENOMEM;
	gnutls_anti_replay_set_add_function(config->anti_replay, add_hello);
	gnutls_anti_replay_set_ptr(config->anti_replay, config);
	return 0;
}

uint64_t
tls_config_early_refused(struct tls_config *config)
{
	uint64_t refused;

	if (config->replay == NULL)
		return 0;
	pthread_mutex_lock(&config->lock);
	refused = config->replay->refused;
	pthread_mutex_unlock(&config->lock);
	return refused;
}

const char *
tls_config_trust(const struct tls_config *config)
{
	return config->trust;
}

/*
 * Trust the file's authorities, and return their number. The trust is named
 * after the contents, not the file's name.
 */
static int
trust_file(struct tls_config *config, const char *ca_file,
    char why[static WHY_TEXT])
{
	uint8_t digest[CRYPTO_SHA256];
	gnutls_datum_t pem;
	char *text;
	int n;

	n = tool_read_file(&text, ca_file, CA_BYTES);
	if (n < 0) {
		why_set(why, "%s: %s", ca_file, tool_read_text(n));
		return n;
	}
	pem.data = (unsigned char *)text;
	pem.size = (unsigned)strlen(text);
	n = gnutls_certificate_set_x509_trust_mem(config->credentials, &pem,
	    GNUTLS_X509_FMT_PEM);
	crypto_sha256(digest, text, strlen(text));
	free(text);
	hex_encode(config->trust, digest, sizeof(digest));
	if (n <= 0)
		why_set(why, "%s: %s", ca_file, n < 0 ?
		    gnutls_strerror(n) : "no certificate in it");
	return n;
}

static int
trust_system(struct tls_config *config, char why[static WHY_TEXT])
{
	int n = gnutls_certificate_set_x509_system_trust(config->credentials);

	strcpy(config->trust, "system");
	if (n <= 0)
		why_set(why, "the system's authorities: %s", n < 0 ?
		    gnutls_strerror(n) : "no certificate in it");
	return n;
}

int
tls_config_client(struct tls_config **out, const char *ca_file,
    char why[static WHY_TEXT])
{
	struct tls_config *config;
	int n;

	n = config_new(&config, false, why);
	if (n < 0)
		return n;
	n = ca_file != NULL ? trust_file(config, ca_file, why) :
	    trust_system(config, why);
	if (n <= 0) {
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
	if (config->anti_replay != NULL)
		gnutls_anti_replay_deinit(config->anti_replay);
	free(config->replay);
	certset_free(config->set);
	pthread_mutex_destroy(&config->lock);
	free(config);
}

/* Choose the certificate, once the client has named the server it wants. */
static int
on_hello(gnutls_session_t session)
{
	const struct tls_config *config = gnutls_db_get_ptr(session);

	return certset_choose(config->set, session);
}

bool
tls_config_sends_early(gnutls_session_t session,
    const struct tls_options *options)
{
	return options->session_bytes > 0 && options->early_bytes > 0 &&
	    gnutls_record_get_max_early_data_size(session) >=
	    options->early_bytes;
}

static int
start_client(gnutls_session_t session, struct tls_config *config,
    const struct tls_options *options)
{
	struct addr literal;
	int err;

	if (options->server_name == NULL)
		return -EINVAL;
	if (gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE,
	    config->credentials) < 0)
		return -ENOMEM;
	gnutls_session_set_verify_cert(session, options->server_name, 0);
	if (options->session_bytes > 0)
		gnutls_session_set_data(session, options->session,
		    options->session_bytes);	/* a stale one does no harm */
	if (tls_config_sends_early(session, options))
		(void)gnutls_record_send_early_data(session, options->early,
		    options->early_seal_at > 0 ? options->early_seal_at :
		    options->early_bytes);
	if (addr_parse(&literal, options->server_name, 0) == 0)
		return 0;	/* RFC 6066 3: no literal addresses */
	err = gnutls_server_name_set(session, GNUTLS_NAME_DNS,
	    options->server_name, strlen(options->server_name));
	return err < 0 ? -EINVAL : 0;
}

static int
enable_tickets(gnutls_session_t session, struct tls_config *config)
{
	int code;

	pthread_mutex_lock(&config->lock);
	/* Without a new one the old one must do. */
	if (clock_ns() - config->ticket_key_ns > TICKET_KEY_NS)
		(void)new_ticket_key(config);
	code = gnutls_session_ticket_enable_server(session,
	    &config->ticket_key);
	pthread_mutex_unlock(&config->lock);
	return code;
}

static int
start_server(gnutls_session_t session, struct tls_config *config)
{
	if (certset_begin(config->set, session) < 0)
		return -ENOMEM;
	/* The pointer is free, because sessions are kept in tickets only. */
	gnutls_db_set_ptr(session, config);
	if (certset_count(config->set) > 1)
		gnutls_handshake_set_post_client_hello_function(session,
		    on_hello);
	if (enable_tickets(session, config) < 0)
		return -ENOMEM;
	if (config->anti_replay != NULL)
		gnutls_anti_replay_enable(session, config->anti_replay);
	return 0;
}

static int
start_session(gnutls_session_t session, struct tls_config *config,
    const struct tls_options *options)
{
	static const gnutls_datum_t http = {
		(unsigned char *)"http/1.1", 8
	};

	if (gnutls_priority_set(session, config->priority) < 0 ||
	    gnutls_alpn_set_protocols(session, &http, 1, 0) < 0)
		return -ENOMEM;
	return config->server ? start_server(session, config) :
	    start_client(session, config, options);
}

int
tls_config_session(gnutls_session_t *out, struct tls_config *config,
    const struct tls_options *options)
{
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL |
	    (config->server ? GNUTLS_SERVER : GNUTLS_CLIENT);
	gnutls_session_t session;
	int err;

	if (config->anti_replay != NULL || options->early_bytes > 0)
		flags |= GNUTLS_ENABLE_EARLY_DATA;
	if (gnutls_init(&session, flags) < 0)
		return -ENOMEM;
	err = start_session(session, config, options);
	if (err < 0) {
		gnutls_deinit(session);
		return err;
	}
	*out = session;
	return 0;
}
