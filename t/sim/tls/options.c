/* options: what is set for a session of GnuTLS, under its own names. */
#include <stdlib.h>
#include <string.h>

#include "core/world.h"
#include "tls/private.h"

void
gnutls_session_set_ptr(gnutls_session_t s, void *ptr)
{
	s->ptr = ptr;
}

void *
gnutls_session_get_ptr(gnutls_session_t s)
{
	return s->ptr;
}

void
gnutls_db_set_ptr(gnutls_session_t s, void *ptr)
{
	s->db_ptr = ptr;
}

void *
gnutls_db_get_ptr(gnutls_session_t s)
{
	return s->db_ptr;
}

void
gnutls_transport_set_ptr(gnutls_session_t s, gnutls_transport_ptr_t ptr)
{
	s->transport = ptr;
}

void
gnutls_transport_set_errno(gnutls_session_t s, int error)
{
	s->error = error;
}

void
gnutls_transport_set_pull_function(gnutls_session_t s, gnutls_pull_func pull)
{
	s->pull = pull;
}

void
gnutls_transport_set_pull_timeout_function(gnutls_session_t s,
    gnutls_pull_timeout_func pull)
{
	(void)s;
	(void)pull;
}

void
gnutls_transport_set_push_function(gnutls_session_t s, gnutls_push_func push)
{
	s->push = push;
	s->vec_push = NULL;
}

void
gnutls_transport_set_vec_push_function(gnutls_session_t s,
    gnutls_vec_push_func push)
{
	s->vec_push = push;
}

void
gnutls_handshake_set_hook_function(gnutls_session_t s, unsigned type,
    int when, gnutls_handshake_hook_func hook)
{
	(void)type;
	(void)when;
	s->hook = hook;
}

void
gnutls_handshake_set_post_client_hello_function(gnutls_session_t s,
    gnutls_handshake_post_client_hello_func hook)
{
	s->after_hello = hook;
}

int
gnutls_credentials_set(gnutls_session_t s, gnutls_credentials_type_t type,
    void *credentials)
{
	(void)type;
	s->credentials = credentials;
	return 0;
}

void
gnutls_session_set_verify_cert(gnutls_session_t s, const char *name,
    unsigned flags)
{
	(void)flags;
	s->verify = name;
}

unsigned
gnutls_session_get_verify_cert_status(gnutls_session_t s)
{
	return s->status;
}

const gnutls_datum_t *
gnutls_certificate_get_peers(gnutls_session_t s, unsigned *n)
{
	*n = s->n_peers;
	return s->n_peers > 0 ? s->peers : NULL;
}

int
gnutls_server_name_set(gnutls_session_t s, gnutls_server_name_type_t type,
    const void *name, size_t len)
{
	(void)type;
	if (len >= sizeof(s->name))
		return GNUTLS_E_INVALID_REQUEST;
	memcpy(s->name, name, len);
	s->name[len] = '\0';
	return 0;
}

int
gnutls_server_name_get(gnutls_session_t s, void *name, size_t *len,
    unsigned *type, unsigned i)
{
	size_t n = strlen(s->name);

	if (i > 0 || n == 0 || n >= *len)
		return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
	memcpy(name, s->name, n + 1);
	*len = n;
	*type = GNUTLS_NAME_DNS;
	return 0;
}

int
gnutls_sign_algorithm_get_requested(gnutls_session_t s, size_t i,
    gnutls_sign_algorithm_t *out)
{
	(void)s;
	if (i > 1)
		return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
	*out = i == 0 ? GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 :
	    GNUTLS_SIGN_RSA_PSS_RSAE_SHA256;
	return 0;
}

int
gnutls_priority_init(gnutls_priority_t *out, const char *text,
    const char **wrong)
{
	(void)text;
	(void)wrong;
	*out = malloc(1);
	return *out == NULL ? GNUTLS_E_MEMORY_ERROR : 0;
}

void
gnutls_priority_deinit(gnutls_priority_t priority)
{
	free(priority);
}

int
gnutls_priority_set(gnutls_session_t s, gnutls_priority_t priority)
{
	(void)s;
	(void)priority;
	return 0;
}

int
gnutls_alpn_set_protocols(gnutls_session_t s, const gnutls_datum_t *protocols,
    unsigned n, unsigned flags)
{
	(void)s;
	(void)protocols;
	(void)n;
	(void)flags;
	return 0;
}

int
gnutls_session_ticket_key_generate(gnutls_datum_t *key)
{
	key->data = malloc(SECRET);
	if (key->data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	key->size = SECRET;
	sim_tls_random(key->data, SECRET);
	return 0;
}

int
gnutls_session_ticket_enable_server(gnutls_session_t s,
    const gnutls_datum_t *key)
{
	memcpy(s->ticket_key, key->data, SECRET);
	s->tickets = true;
	return 0;
}

int
gnutls_anti_replay_init(gnutls_anti_replay_t *out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? GNUTLS_E_MEMORY_ERROR : 0;
}

void
gnutls_anti_replay_deinit(gnutls_anti_replay_t a)
{
	free(a);
}

void
gnutls_anti_replay_set_add_function(gnutls_anti_replay_t a,
    gnutls_db_add_func add)
{
	a->add = add;
}

void
gnutls_anti_replay_set_ptr(gnutls_anti_replay_t a, void *ptr)
{
	a->ptr = ptr;
}

void
gnutls_anti_replay_enable(gnutls_session_t s, gnutls_anti_replay_t a)
{
	s->anti_replay = a;
}
