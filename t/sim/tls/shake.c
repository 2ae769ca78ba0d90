/*
 * shake: the handshake of the stand-in for GnuTLS. The messages are
 *
 *   client  its hello: random, name, ticket; perhaps early data
 *   server  its hello: random, resumed?, early data?, certificates
 *   client  finished
 *   server  a ticket, after which it is open
 */
#include <stdlib.h>
#include <string.h>

#include "core/world.h"
#include "tls/private.h"

#define TICKET_S 21600
#define WINDOW_S 10		/* GnuTLS's for early data */
#define HELLO_BYTES 512		/* as of a real one, about */
#define SIGNATURE_BYTES 160	/* with the extensions and Finished */

enum message { CLIENT_HELLO = 1, SERVER_HELLO = 2, TICKET = 4, DONE = 20 };

struct client_hello {
	uint8_t message, has_ticket, early;
	uint8_t random[SECRET];
	char name[256];
	struct ticket ticket;
	int64_t age_s;			/* of the ticket, as the client sees it */
};

struct server_hello {
	uint8_t message, resumed, early;
	uint8_t random[SECRET];
	uint32_t n, size[CHAIN];	/* of the certificates behind it */
};

static int64_t
wall_s(void)
{
	return sim_machine_wall_s(sim_process_machine(sim_process_self()));
}

static int
tell_hook(gnutls_session_t s, unsigned type, unsigned incoming)
{
	return s->hook == NULL ? 0 :
	    s->hook(s, type, GNUTLS_HOOK_POST, incoming, NULL);
}

static int
send_client_hello(gnutls_session_t s)
{
	uint8_t bytes[HELLO_BYTES + sizeof(struct ticket)] = { 0 };
	struct client_hello hello = { .message = CLIENT_HELLO };
	int code;

	sim_tls_random(s->client, SECRET);
	memcpy(hello.random, s->client, SECRET);
	memcpy(hello.name, s->name, sizeof(hello.name));
	hello.has_ticket = s->has_ticket;
	hello.early = s->early.len > 0;
	if (s->has_ticket)
		hello.ticket = s->ticket;
	hello.age_s = wall_s() - s->ticket.had_s;
	memcpy(bytes, &hello, sizeof(hello));
	sim_tls_put(s, TYPE_HANDSHAKE, bytes, sizeof(bytes));
	s->last_out = GNUTLS_HANDSHAKE_CLIENT_HELLO;
	s->phase = HELLO;
	code = tell_hook(s, GNUTLS_HANDSHAKE_CLIENT_HELLO, 0);
	if (code < 0)
		return code;
	if (s->early.len > 0)
		sim_tls_put(s, TYPE_DATA, s->early.data + s->early.at,
		    s->early.len);
	sim_bytes_free(&s->early);
	return 0;
}

static bool
takes_ticket(gnutls_session_t s, const struct client_hello *hello)
{
	int64_t age_s = wall_s() - hello->ticket.made_s;

	return s->tickets && hello->has_ticket && age_s >= 0 &&
	    age_s < TICKET_S && memcmp(hello->ticket.key, s->ticket_key,
	    SECRET) == 0;
}

/*
 * As GnuTLS: the ticket's age has to be what the client says it is (RFC 8446
 * 8.3), and a hello must be new for as long as that can be.
 */
static bool
takes_early(gnutls_session_t s, const struct client_hello *hello)
{
	gnutls_datum_t id = { s->client, SECRET };
	int64_t late_s = wall_s() - hello->ticket.made_s - hello->age_s;

	return s->resumed && hello->early && s->early_on &&
	    late_s <= WINDOW_S && late_s >= -WINDOW_S &&
	    s->anti_replay != NULL && s->anti_replay->add != NULL &&
	    s->anti_replay->add(s->anti_replay->ptr,
	    (time_t)(wall_s() + 2 * WINDOW_S), &id, NULL) == 0;
}

static void
send_server_hello(gnutls_session_t s)
{
	const struct gnutls_certificate_credentials_st *c = s->credentials;
	struct server_hello hello = {
		.message = SERVER_HELLO, .resumed = s->resumed,
		.early = s->early_taken
	};
	static const uint8_t signature[SIGNATURE_BYTES];
	struct sim_bytes bytes = { 0 };
	unsigned i;

	sim_tls_random(s->server_random, SECRET);
	memcpy(hello.random, s->server_random, SECRET);
	hello.n = s->resumed || c == NULL ? 0 : c->n;
	for (i = 0; i < hello.n; i++)
		hello.size[i] = c->chain[i].size;
	sim_bytes_add(&bytes, &hello, sizeof(hello));
	for (i = 0; i < hello.n; i++)
		sim_bytes_add(&bytes, c->chain[i].data, c->chain[i].size);
	sim_bytes_add(&bytes, signature, sizeof(signature));
	sim_tls_put(s, TYPE_HANDSHAKE, bytes.data, bytes.len);
	sim_bytes_free(&bytes);
	s->last_out = GNUTLS_HANDSHAKE_FINISHED;
}

static int
on_client_hello(gnutls_session_t s, const uint8_t *data, size_t len)
{
	struct client_hello hello;
	int code;

	if (len < sizeof(hello))
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	memcpy(&hello, data, sizeof(hello));
	memcpy(s->client, hello.random, SECRET);
	memcpy(s->name, hello.name, sizeof(s->name));
	s->resumed = takes_ticket(s, &hello);
	if (s->resumed)
		memcpy(s->secret, hello.ticket.secret, SECRET);
	else
		sim_tls_random(s->secret, SECRET);
	s->early_taken = takes_early(s, &hello);
	code = tell_hook(s, GNUTLS_HANDSHAKE_CLIENT_HELLO, 1);
	if (code == 0 && s->after_hello != NULL)
		code = s->after_hello(s);
	if (code < 0)
		return code;
	send_server_hello(s);
	s->phase = FINISHED;
	return 0;
}

static int
take_certificates(gnutls_session_t s, const struct server_hello *hello,
    const uint8_t *data, size_t len)
{
	uint32_t i;

	for (i = 0; i < hello->n && i < CHAIN; i++) {
		if (hello->size[i] > len)
			return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
		s->peers[i].data = malloc(hello->size[i]);
		if (s->peers[i].data == NULL)
			return GNUTLS_E_MEMORY_ERROR;
		memcpy(s->peers[i].data, data, hello->size[i]);
		s->peers[i].size = hello->size[i];
		s->n_peers++;
		data += hello->size[i];
		len -= hello->size[i];
	}
	return 0;
}

static int
on_server_hello(gnutls_session_t s, const uint8_t *data, size_t len)
{
	static const uint8_t done[64] = { DONE };
	struct server_hello hello;
	int code;

	if (len < sizeof(hello))
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	memcpy(&hello, data, sizeof(hello));
	memcpy(s->server_random, hello.random, SECRET);
	s->resumed = hello.resumed;
	s->early_taken = hello.early;
	if (s->resumed)
		memcpy(s->secret, s->ticket.secret, SECRET);
	code = tell_hook(s, GNUTLS_HANDSHAKE_SERVER_HELLO, 1);
	if (code == 0)
		code = take_certificates(s, &hello, data + sizeof(hello),
		    len - sizeof(hello));
	if (code == 0 && !s->resumed && s->verify != NULL) {
		s->status = sim_tls_verify(s);
		if (s->status != 0)
			code = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
	}
	if (code < 0)
		return code;
	s->has_ticket = false;		/* it was used */
	sim_tls_put(s, TYPE_HANDSHAKE, done, sizeof(done));
	s->last_out = GNUTLS_HANDSHAKE_FINISHED;
	s->phase = OPEN;
	return 0;
}

static int
on_finished(gnutls_session_t s)
{
	uint8_t bytes[1 + sizeof(struct ticket)] = { TICKET };
	int code = tell_hook(s, GNUTLS_HANDSHAKE_FINISHED, 1);

	if (code < 0)
		return code;
	s->phase = OPEN;
	if (!s->tickets)
		return 0;
	memcpy(s->ticket.key, s->ticket_key, SECRET);
	sim_tls_random(s->ticket.secret, SECRET);
	s->ticket.made_s = wall_s();
	memcpy(bytes + 1, &s->ticket, sizeof(s->ticket));
	sim_tls_put(s, TYPE_HANDSHAKE, bytes, sizeof(bytes));
	return 0;
}

static int
on_message(gnutls_session_t s, const uint8_t *data, size_t len)
{
	int message = len > 0 ? data[0] : 0;

	if (s->server && s->phase == HELLO && message == CLIENT_HELLO)
		return on_client_hello(s, data, len);
	if (s->server && s->phase == FINISHED && message == DONE)
		return on_finished(s);
	if (!s->server && s->phase == HELLO && message == SERVER_HELLO)
		return on_server_hello(s, data, len);
	return GNUTLS_E_UNEXPECTED_PACKET;
}

static int
on_record(gnutls_session_t s, int type, const uint8_t *data, size_t len)
{
	if (type == TYPE_ALERT && len >= 2) {
		s->alert = data[1];
		return data[0] == GNUTLS_AL_FATAL ?
		    GNUTLS_E_FATAL_ALERT_RECEIVED :
		    GNUTLS_E_WARNING_ALERT_RECEIVED;
	}
	if (type == TYPE_DATA && s->server && s->phase == FINISHED) {
		if (s->early_taken)
			sim_bytes_add(&s->early, data, len);
		return 0;
	}
	return type == TYPE_HANDSHAKE ? on_message(s, data, len) :
	    GNUTLS_E_UNEXPECTED_PACKET;
}

int
sim_tls_shake(gnutls_session_t s)
{
	const uint8_t *data;
	int code = 0, type;
	ssize_t len;

	if (s->phase == START && !s->server)
		code = send_client_hello(s);
	else if (s->phase == START)
		s->phase = HELLO;
	while (code == 0 && s->phase != OPEN) {
		code = sim_tls_flush(s);
		if (code < 0)
			return code;
		len = sim_tls_next(s, &type, &data);
		if (len < 0)
			return (int)len;
		code = on_record(s, type, data, (size_t)len);
		sim_tls_drop(s, (size_t)len);
	}
	return code < 0 ? code : sim_tls_flush(s);
}
