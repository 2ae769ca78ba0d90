/*
 * tls_config: the credentials as the tls modules share them; the functions are
 * in tls.h.
 */
#ifndef RP_NET_TLS_CONFIG_H
#define RP_NET_TLS_CONFIG_H

#include <pthread.h>
#include <stdbool.h>

#include <gnutls/gnutls.h>

#include "net/tls.h"
#include "net/tls_replay.h"
#include "wire/why.h"

struct tls_config {
	unsigned references;	/* used on one loop's thread only */
	bool server;
	gnutls_certificate_credentials_t credentials;	/* client */
	struct certset *set;		/* server */
	gnutls_priority_t priority;
	char trust[TLS_TRUST];		/* client */
	gnutls_anti_replay_t anti_replay;	/* NULL: no early data */
	/* Server: what handshakes on several threads change. */
	pthread_mutex_t lock;
	gnutls_datum_t ticket_key;
	uint64_t ticket_key_ns;		/* when it was made */
	struct tls_replay *replay;
};

/* Does a client of these options send early data in this session? */
bool tls_config_sends_early(gnutls_session_t session,
    const struct tls_options *options);

/*
 * Make a session with these credentials. The caller sets its transport. Any
 * thread may, for a server, as long as a reference is held.
 */
int tls_config_session(gnutls_session_t *out, struct tls_config *config,
    const struct tls_options *options);

#endif
