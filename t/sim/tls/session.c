/* session: GnuTLS's functions of a session, under their own names. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/world.h"
#include "tls/private.h"
#include "stand/stand.h"

#define EARLY_MAX 16384
#define CHUNK 16384

int
gnutls_init(gnutls_session_t *out, unsigned flags)
{
	gnutls_session_t s = calloc(1, sizeof(*s));

	if (s == NULL)
		return GNUTLS_E_MEMORY_ERROR;
	s->server = (flags & GNUTLS_SERVER) != 0;
	s->early_on = (flags & GNUTLS_ENABLE_EARLY_DATA) != 0;
	s->datagram = (flags & GNUTLS_DATAGRAM) != 0;
	s->last_out = -1;
	*out = s;
	return 0;
}

void
gnutls_deinit(gnutls_session_t s)
{
	unsigned i;

	for (i = 0; i < s->n_peers; i++)
		free(s->peers[i].data);
	sim_bytes_free(&s->out);
	sim_bytes_free(&s->in);
	sim_bytes_free(&s->early);
	sim_bytes_free(&s->plain);
	free(s);
}

void
sim_tls_put(gnutls_session_t s, int type, const void *data, size_t len)
{
	const uint8_t head[HEAD] = {
		(uint8_t)type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len
	};

	if (s->datagram) {
		sim_dtls_put(s, type, data, len);
		return;
	}
	sim_bytes_add(&s->out, head, sizeof(head));
	sim_bytes_add(&s->out, data, len);
}

static sim_tls_sent *tell_sent;

void
sim_tls_tell(sim_tls_sent *sent)
{
	tell_sent = sent;
}

static ssize_t
push(gnutls_session_t s)
{
	const giovec_t iov = { s->out.data + s->out.at, s->out.len };

	if (s->vec_push != NULL)
		return s->vec_push(s->transport, &iov, 1);
	return s->push(s->transport, iov.iov_base, iov.iov_len);
}

int
sim_tls_flush(gnutls_session_t s)
{
	while (s->out.len > 0 && !s->datagram) {
		ssize_t n = push(s);

		if (n < 0) {
			s->blocked_write = true;
			return s->error == EAGAIN ? GNUTLS_E_AGAIN :
			    GNUTLS_E_PUSH_ERROR;
		}
		if (tell_sent != NULL)
			tell_sent(s, s->out.data + s->out.at, (size_t)n);
		s->out.at += (size_t)n;
		s->out.len -= (size_t)n;
	}
	if (!s->datagram)
		s->out.at = 0;
	s->blocked_write = false;
	return 0;
}

ssize_t
sim_tls_next(gnutls_session_t s, int *type, const uint8_t **data)
{
	uint8_t chunk[4096];
	size_t len;
	ssize_t n;

	for (;;) {
		const uint8_t *head = s->in.data + s->in.at;

		if (s->in.len > 0 && (head[0] < TYPE_ALERT ||
		    head[0] > TYPE_DATA))
			return GNUTLS_E_UNEXPECTED_PACKET;
		len = s->in.len < HEAD ? 0 :
		    (size_t)head[3] << 8 | head[4];
		if (s->in.len >= HEAD && s->in.len >= HEAD + len) {
			*type = head[0];
			*data = head + HEAD;
			return (ssize_t)len;
		}
		n = s->pull(s->transport, chunk, sizeof(chunk));
		s->blocked_write = false;
		if (n == 0)
			return GNUTLS_E_PREMATURE_TERMINATION;
		if (n < 0)
			return s->error == EAGAIN ? GNUTLS_E_AGAIN :
			    GNUTLS_E_PULL_ERROR;
		sim_bytes_add(&s->in, chunk, (size_t)n);
	}
}

void
sim_tls_drop(gnutls_session_t s, size_t len)
{
	s->in.at += HEAD + len;
	s->in.len -= HEAD + len;
	if (s->in.len == 0)
		s->in.at = 0;
}

int
gnutls_handshake(gnutls_session_t s)
{
	return s->datagram ? sim_dtls_shake(s) : sim_tls_shake(s);
}

ssize_t
gnutls_record_send(gnutls_session_t s, const void *data, size_t len)
{
	int code;

	if (data != NULL) {
		if (len > CHUNK)
			len = CHUNK;
		sim_tls_put(s, TYPE_DATA, data, len);
		s->sending = len;
	}
	code = sim_tls_flush(s);
	return code < 0 ? code : (ssize_t)s->sending;
}

/* Take what is no data of the application. 0: go on. */
static int
take_other(gnutls_session_t s, int type, const uint8_t *data, size_t len)
{
	if (type == TYPE_HANDSHAKE && len == 1 + sizeof(s->ticket) &&
	    !s->server) {
		memcpy(&s->ticket, data + 1, sizeof(s->ticket));
		s->ticket.had_s = sim_machine_wall_s(sim_process_machine(
		    sim_process_self()));
		memcpy(s->secret, s->ticket.secret, SECRET);
		s->has_ticket = true;
		return 0;
	}
	if (type != TYPE_ALERT || len < 2)
		return GNUTLS_E_UNEXPECTED_PACKET;
	s->alert = data[1];
	if (data[0] == GNUTLS_AL_FATAL)
		return GNUTLS_E_FATAL_ALERT_RECEIVED;
	s->closed = data[1] == GNUTLS_A_CLOSE_NOTIFY;
	return 0;
}

static ssize_t
take_plain(gnutls_session_t s, void *data, size_t len)
{
	const struct iovec iov = { data, len };

	return (ssize_t)sim_bytes_take(&s->plain, &iov, 1, false);
}

ssize_t
gnutls_record_recv(gnutls_session_t s, void *data, size_t len)
{
	const uint8_t *record;
	ssize_t n;
	int type, code;

	if (s->datagram)
		return sim_dtls_receive(s);
	while (s->plain.len == 0) {
		if (s->closed)
			return 0;
		n = sim_tls_next(s, &type, &record);
		if (n < 0)
			return n;
		code = 0;
		if (type == TYPE_DATA)
			sim_bytes_add(&s->plain, record, (size_t)n);
		else
			code = take_other(s, type, record, (size_t)n);
		sim_tls_drop(s, (size_t)n);
		if (code < 0)
			return code;
	}
	return take_plain(s, data, len);
}

size_t
gnutls_record_check_pending(gnutls_session_t s)
{
	return s->plain.len;
}

int
gnutls_record_get_direction(gnutls_session_t s)
{
	return s->blocked_write;
}

size_t
gnutls_record_get_max_early_data_size(gnutls_session_t s)
{
	return s->has_ticket || s->server ? EARLY_MAX : 0;
}

ssize_t
gnutls_record_send_early_data(gnutls_session_t s, const void *data, size_t len)
{
	sim_bytes_add(&s->early, data, len);
	return (ssize_t)len;
}

ssize_t
gnutls_record_recv_early_data(gnutls_session_t s, void *data, size_t len)
{
	const struct iovec iov = { data, len };

	if (s->early.len == 0)
		return GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
	return (ssize_t)sim_bytes_take(&s->early, &iov, 1, false);
}

int
gnutls_alert_send(gnutls_session_t s, gnutls_alert_level_t level,
    gnutls_alert_description_t what)
{
	const uint8_t alert[2] = { (uint8_t)level, (uint8_t)what };

	sim_tls_put(s, TYPE_ALERT, alert, sizeof(alert));
	return sim_tls_flush(s);
}

int
gnutls_alert_send_appropriate(gnutls_session_t s, int code)
{
	int level, what = gnutls_error_to_alert(code, &level);

	if (code == GNUTLS_E_PREMATURE_TERMINATION ||
	    code == GNUTLS_E_PULL_ERROR || code == GNUTLS_E_PUSH_ERROR)
		return code;
	return gnutls_alert_send(s, GNUTLS_AL_FATAL,
	    what < 0 ? GNUTLS_A_INTERNAL_ERROR :
	    (gnutls_alert_description_t)what);
}

gnutls_alert_description_t
gnutls_alert_get(gnutls_session_t s)
{
	return (gnutls_alert_description_t)s->alert;
}

int
gnutls_bye(gnutls_session_t s, gnutls_close_request_t how)
{
	(void)how;
	return gnutls_alert_send(s, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
}

static void
export(gnutls_session_t s, const char *label, size_t label_len, bool early,
    char *out)
{
	static const char kinds[2] = { 'r', 'e' };
	const void *parts[] = {
		label, s->client, s->server_random,
		early ? s->ticket.secret : s->client, &kinds[early]
	};
	const size_t lens[] = {
		label_len, SECRET, early ? 0 : SECRET, SECRET, 1
	};

	sim_tls_hash((uint8_t *)out, parts, lens, 5);
}

int
gnutls_prf_rfc5705(gnutls_session_t s, size_t label_len, const char *label,
    size_t context_len, const char *context, size_t len, char *out)
{
	(void)context_len;
	(void)context;
	if (len != SECRET)
		return GNUTLS_E_INVALID_REQUEST;
	export(s, label, label_len, false, out);
	return 0;
}

int
gnutls_prf_early(gnutls_session_t s, size_t label_len, const char *label,
    size_t context_len, const char *context, size_t len, char *out)
{
	(void)context_len;
	(void)context;
	if (len != SECRET || (s->server ? !s->early_taken : !s->has_ticket))
		return GNUTLS_E_INVALID_REQUEST;
	if (s->server)
		memcpy(s->ticket.secret, s->secret, SECRET);
	export(s, label, label_len, true, out);
	return 0;
}

int
gnutls_session_get_data2(gnutls_session_t s, gnutls_datum_t *out)
{
	out->data = malloc(sizeof(s->ticket));
	if (out->data == NULL || !s->has_ticket) {
		free(out->data);
		return GNUTLS_E_INTERNAL_ERROR;
	}
	memcpy(out->data, &s->ticket, sizeof(s->ticket));
	out->size = sizeof(s->ticket);
	return 0;
}

int
gnutls_session_set_data(gnutls_session_t s, const void *data, size_t len)
{
	if (len != sizeof(s->ticket))
		return GNUTLS_E_INVALID_SESSION;
	memcpy(&s->ticket, data, len);
	s->has_ticket = true;
	return 0;
}

unsigned
gnutls_session_get_flags(gnutls_session_t s)
{
	return GNUTLS_SFLAGS_EXT_MASTER_SECRET |
	    (s->phase == OPEN && s->has_ticket ?
	    GNUTLS_SFLAGS_SESSION_TICKET : 0) |
	    (s->early_taken ? GNUTLS_SFLAGS_EARLY_DATA : 0);
}

int
gnutls_session_is_resumed(gnutls_session_t s)
{
	return s->resumed;
}

gnutls_protocol_t
gnutls_protocol_get_version(gnutls_session_t s)
{
	(void)s;
	return GNUTLS_TLS1_3;
}

gnutls_handshake_description_t
gnutls_handshake_get_last_out(gnutls_session_t s)
{
	return (gnutls_handshake_description_t)s->last_out;
}
