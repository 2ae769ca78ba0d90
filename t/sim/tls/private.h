/*
 * private: the stand-in for GnuTLS's sessions, for the files of t/sim/tls. Its
 * flights are those of TLS 1.3 and its records have TLS's heads. Nothing is
 * encrypted: who reads it has it. What GnuTLS does without a session, such as
 * reading certificates, is done by GnuTLS.
 */
#ifndef RP_SIM_TLS_PRIVATE_H
#define RP_SIM_TLS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/dtls.h>

#include "core/private.h"

#define SECRET 32
#define CHAIN 8
#define CA_MAX 16

struct gnutls_certificate_credentials_st {
	gnutls_datum_t chain[CHAIN];	/* DER */
	unsigned n;
	gnutls_x509_crt_t authorities[CA_MAX];
	unsigned n_authorities;
	uint8_t trust[SECRET];		/* of what they were read from */
};

/* What a ticket holds, and what a client keeps of a session. */
struct ticket {
	uint8_t key[SECRET];		/* of the server, that made it */
	uint8_t secret[SECRET];
	int64_t made_s;			/* by the server's clock */
	int64_t had_s;			/* by the client's, since it came */
};

enum phase {
	START,				/* a client's hello is to be sent */
	HELLO,				/* the peer's hello is to come */
	FINISHED,			/* its end of the handshake is */
	OPEN
};

struct gnutls_session_int {
	bool server, early_on, blocked_write, resumed, early_taken;
	bool closed, has_ticket, has_exporter;
	enum phase phase;
	void *ptr, *db_ptr, *transport;
	gnutls_pull_func pull;
	gnutls_push_func push;
	gnutls_vec_push_func vec_push;
	int error;			/* errno of the transport */
	gnutls_handshake_hook_func hook;
	gnutls_handshake_post_client_hello_func after_hello;
	struct gnutls_certificate_credentials_st *credentials;
	struct gnutls_anti_replay_st *anti_replay;
	const char *verify;		/* the host's name; NULL: do not */
	unsigned status;		/* of the verification */
	char name[256];			/* SNI */
	uint8_t client[SECRET], server_random[SECRET], secret[SECRET];
	struct ticket ticket;
	uint8_t ticket_key[SECRET];
	bool tickets;
	gnutls_datum_t peers[CHAIN];
	unsigned n_peers;
	int alert, last_out;
	struct sim_bytes out, in, early, plain;
	size_t sending;			/* of a record that is not out yet */
	/* DTLS: `out` is the latest flight, and is kept. */
	bool datagram;
	uint16_t sequence;
	uint64_t sent_ns, wait_ns, retransmit_ns;
	gnutls_certificate_verify_function *verify_by;
};

struct gnutls_anti_replay_st {
	gnutls_db_add_func add;
	void *ptr;
};

/* Verify the peer's certificate: 0 or the bits of a status. */
unsigned sim_tls_verify(gnutls_session_t session);

void sim_tls_hash(uint8_t out[static SECRET], const void *const parts[],
    const size_t lens[], size_t n);

/* Random bytes for the machine of the process that runs. */
void sim_tls_random(void *data, size_t len);

/* The same over datagrams. */
int sim_dtls_shake(gnutls_session_t session);
void sim_dtls_put(gnutls_session_t session, int type, const void *data,
    size_t len);
ssize_t sim_dtls_receive(gnutls_session_t session);

/* Go on with the handshake. */
int sim_tls_shake(gnutls_session_t session);

/* Put a record into `out`. Types are those of TLS. */
#define TYPE_ALERT 21
#define TYPE_HANDSHAKE 22
#define TYPE_DATA 23
#define HEAD 5
void sim_tls_put(gnutls_session_t session, int type, const void *data,
    size_t len);
/* Send what is in `out`. 0, GNUTLS_E_AGAIN or an error. */
int sim_tls_flush(gnutls_session_t session);
/*
 * Get the next record whole: its length, and `*data` in `in`, to be dropped by
 * sim_tls_drop. Or an error.
 */
ssize_t sim_tls_next(gnutls_session_t session, int *type,
    const uint8_t **data);
void sim_tls_drop(gnutls_session_t session, size_t len);

#endif
