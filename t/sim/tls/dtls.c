/*
 * dtls: the handshake of the stand-in over datagrams, as DTLS 1.2 has it with
 * certificates of both: four flights, of one record and datagram each. Who has
 * waited for too long repeats his latest one; what does not fit is dropped.
 */
#include <stdlib.h>
#include <string.h>

#include "core/world.h"
#include "tls/private.h"

#define RECORD 13		/* bytes of its head */
#define MASTER 30		/* a key and a salt of SRTP */
#define MESSAGE_MAX 4096

enum message { CLIENT_HELLO = 1, SERVER_HELLO = 2, CLIENT_DONE = 11,
    SERVER_DONE = 20 };

static void
send_record(gnutls_session_t s, int type, const uint8_t *data, size_t len)
{
	uint8_t record[RECORD + MESSAGE_MAX] = { (uint8_t)type, 0xfe, 0xfd };

	if (len > MESSAGE_MAX)
		return;
	/* A repetition is another datagram, which callers tell from copies. */
	record[9] = (uint8_t)(s->sequence >> 8);
	record[10] = (uint8_t)s->sequence++;
	record[RECORD - 2] = (uint8_t)(len >> 8);
	record[RECORD - 1] = (uint8_t)len;
	memcpy(record + RECORD, data, len);
	(void)s->push(s->transport, record, RECORD + len);
}

void
sim_dtls_put(gnutls_session_t s, int type, const void *data, size_t len)
{
	send_record(s, type, data, len);
}

static void
send_flight(gnutls_session_t s)
{
	send_record(s, TYPE_HANDSHAKE, s->out.data + s->out.at, s->out.len);
	s->sent_ns = sim_now();
}

static void
begin_flight(gnutls_session_t s, enum message message, const uint8_t *random,
    bool certificate)
{
	const uint8_t first = (uint8_t)message;

	s->out.len = s->out.at = 0;
	sim_bytes_add(&s->out, &first, 1);
	sim_bytes_add(&s->out, random, SECRET);
	if (certificate && s->credentials != NULL && s->credentials->n > 0)
		sim_bytes_add(&s->out, s->credentials->chain[0].data,
		    s->credentials->chain[0].size);
	s->wait_ns = s->retransmit_ns;
	send_flight(s);
}

static int
take_certificate(gnutls_session_t s, const uint8_t *data, size_t len)
{
	if (s->n_peers > 0 || len <= 1 + SECRET)
		return GNUTLS_E_CERTIFICATE_ERROR;
	len -= 1 + SECRET;
	s->peers[0].data = malloc(len);
	if (s->peers[0].data == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	memcpy(s->peers[0].data, data + 1 + SECRET, len);
	s->peers[0].size = (unsigned)len;
	s->n_peers = 1;
	return s->verify_by == NULL ? 0 : s->verify_by(s);
}

static int
tell_hook(gnutls_session_t s, unsigned incoming)
{
	return s->hook == NULL ? 0 : s->hook(s, GNUTLS_HANDSHAKE_FINISHED,
	    GNUTLS_HOOK_POST, incoming, NULL);
}

static int
on_server(gnutls_session_t s, const uint8_t *data, size_t len)
{
	int code;

	if (data[0] == CLIENT_HELLO && s->phase <= HELLO) {
		memcpy(s->client, data + 1, SECRET);
		sim_tls_random(s->server_random, SECRET);
		begin_flight(s, SERVER_HELLO, s->server_random, true);
		s->phase = FINISHED;
	} else if (data[0] == CLIENT_DONE && s->phase == FINISHED) {
		code = take_certificate(s, data, len);
		if (code < 0)
			return code;
		code = tell_hook(s, 1);
		begin_flight(s, SERVER_DONE, s->server_random, false);
		s->phase = OPEN;
		return code < 0 ? code : tell_hook(s, 0);
	} else if ((data[0] == CLIENT_DONE && s->phase == OPEN) ||
	    (data[0] == CLIENT_HELLO && s->phase == FINISHED &&
	    memcmp(data + 1, s->client, SECRET) == 0)) {
		send_flight(s);		/* it was lost */
	}
	return 0;
}

static int
on_client(gnutls_session_t s, const uint8_t *data, size_t len)
{
	int code;

	if (data[0] == SERVER_HELLO && s->phase == HELLO) {
		memcpy(s->server_random, data + 1, SECRET);
		code = take_certificate(s, data, len);
		if (code < 0)
			return code;
		begin_flight(s, CLIENT_DONE, s->client, true);
		s->phase = FINISHED;
		return tell_hook(s, 0);
	}
	if (data[0] == SERVER_DONE && s->phase == FINISHED) {
		s->phase = OPEN;
		return tell_hook(s, 1);
	}
	return 0;
}

/* Take one record. 0: go on. */
static int
take(gnutls_session_t s, const uint8_t *record, size_t len)
{
	const uint8_t *data = record + RECORD;

	if (record[0] == TYPE_ALERT && len >= 2) {
		s->alert = data[1];
		if (data[0] == GNUTLS_AL_FATAL)
			return GNUTLS_E_FATAL_ALERT_RECEIVED;
		s->closed = data[1] == GNUTLS_A_CLOSE_NOTIFY;
		return 0;
	}
	if (record[0] != TYPE_HANDSHAKE || len < 1 + SECRET)
		return 0;
	return s->server ? on_server(s, data, len) : on_client(s, data, len);
}

/* Take what has come. Return GNUTLS_E_AGAIN when there is no more. */
static int
take_all(gnutls_session_t s)
{
	uint8_t data[2 * (RECORD + MESSAGE_MAX)];
	ssize_t n = s->pull(s->transport, data, sizeof(data));
	const uint8_t *at = data;
	int code = 0;

	if (n < 0)
		return GNUTLS_E_AGAIN;
	while (code == 0 && n >= RECORD) {
		ssize_t len = at[RECORD - 2] << 8 | at[RECORD - 1];

		if (len > n - RECORD)
			break;
		code = take(s, at, (size_t)len);
		at += RECORD + len;
		n -= RECORD + len;
	}
	return code;
}

int
sim_dtls_shake(gnutls_session_t s)
{
	int code = 0;

	if (s->phase == START && !s->server) {
		sim_tls_random(s->client, SECRET);
		s->phase = HELLO;
		begin_flight(s, CLIENT_HELLO, s->client, false);
	}
	while (code == 0 && s->phase != OPEN)
		code = take_all(s);
	if (code != GNUTLS_E_AGAIN)
		return code;
	if (s->out.len > 0 && sim_now() >= s->sent_ns + s->wait_ns) {
		s->wait_ns *= 2;
		send_flight(s);
	}
	return code;
}

ssize_t
sim_dtls_receive(gnutls_session_t s)
{
	int code = 0;

	while (code == 0 && !s->closed)
		code = take_all(s);
	return s->closed ? 0 : code;
}

void
gnutls_dtls_set_mtu(gnutls_session_t s, unsigned mtu)
{
	(void)s;
	(void)mtu;
}

void
gnutls_dtls_set_timeouts(gnutls_session_t s, unsigned retransmit_ms,
    unsigned total_ms)
{
	(void)total_ms;
	s->retransmit_ns = retransmit_ms * SIM_MS;
}

unsigned
gnutls_dtls_get_timeout(gnutls_session_t s)
{
	uint64_t due = s->sent_ns + s->wait_ns;

	return due > sim_now() ? (unsigned)((due - sim_now()) / SIM_MS) : 0;
}

int
gnutls_srtp_set_profile(gnutls_session_t s, gnutls_srtp_profile_t profile)
{
	(void)s;
	(void)profile;
	return 0;
}

int
gnutls_srtp_get_selected_profile(gnutls_session_t s,
    gnutls_srtp_profile_t *out)
{
	(void)s;
	*out = GNUTLS_SRTP_AES128_CM_HMAC_SHA1_80;
	return 0;
}

int
gnutls_srtp_get_keys(gnutls_session_t s, void *material, unsigned len,
    gnutls_datum_t *client_key, gnutls_datum_t *client_salt,
    gnutls_datum_t *server_key, gnutls_datum_t *server_salt)
{
	const void *parts[] = { s->client, s->server_random };
	const size_t lens[] = { SECRET, SECRET };
	uint8_t *to = material;

	if (len < 2 * MASTER)
		return GNUTLS_E_SHORT_MEMORY_BUFFER;
	memset(to, 0, 2 * MASTER);
	sim_tls_hash(to, parts, lens, 2);
	memcpy(to + MASTER + 2, to, MASTER - 2);
	*client_key = (gnutls_datum_t){ to, 16 };
	*server_key = (gnutls_datum_t){ to + 16, 16 };
	*client_salt = (gnutls_datum_t){ to + 32, 14 };
	*server_salt = (gnutls_datum_t){ to + 46, 14 };
	return 2 * MASTER;
}

int
gnutls_priority_set_direct(gnutls_session_t s, const char *text,
    const char **wrong)
{
	(void)s;
	(void)text;
	(void)wrong;
	return 0;
}

void
gnutls_session_set_verify_function(gnutls_session_t s,
    gnutls_certificate_verify_function *verify)
{
	s->verify_by = verify;
}

void
gnutls_certificate_server_set_request(gnutls_session_t s,
    gnutls_certificate_request_t request)
{
	(void)s;
	(void)request;
}
