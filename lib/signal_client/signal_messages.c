/*
 * signal_messages: the messages on a client's connection: requests, answers,
 * keepalives. The other half of signal_client.
 */
#include "signal_client/signal_client_private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/deviceproof.h"
#include "base/jwt.h"
#include "net/buffer.h"
#include "net/loop.h"
#include "net/netwatch.h"
#include "net/tls.h"
#include "wire/base64.h"

/* If a later request is unanswered for so long, the connection is dead. */
#define ANSWER_MS 10000
#define MOVED_MS 2000		/* likewise, after the network changed */
/* The place of a signature, of the same length, until there is one. */
#define UNSIGNED "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TURN_MAX 16		/* messages taken per turn of the loop */

/*
 * Add the key, with room for a signature. Only the first request of a
 * connection has them, because the others belong to the same device.
 */
static int
add_key(const struct signal_client *c, struct sigmsg *full)
{
	uint8_t public[JWT_PUBLIC];

	if (jwt_key_public(c->key, public) < 0)
		return -EINVAL;
	strncpy(full->user, c->number, sizeof(full->user) - 1);
	base64_encode_url(full->key, public, sizeof(public));
	strcpy(full->proof, UNSIGNED);
	return 0;
}

int
signal_client_write(struct signal_client *c, const struct sigmsg *msg,
    char *text, size_t *len)
{
	struct sigmsg full = *msg;
	bool proves = c->key != NULL && c->first_len == 0;
	ssize_t n;

	if (proves) {
		if (add_key(c, &full) < 0)
			return -EINVAL;
	} else if (c->token != NULL) {
		strncpy(full.user, c->number, sizeof(full.user) - 1);
		strncpy(full.token, c->token, sizeof(full.token) - 1);
	}
	strncpy(full.host, c->server_name, sizeof(full.host) - 1);
	n = sigmsg_write(&full, text, SIGNAL_CLIENT_TEXT);
	crypto_wipe(full.token, sizeof(full.token));
	if (n < 0)
		return (int)n;
	*len = (size_t)n;
	if (proves)
		c->proof_at = (size_t)(strstr(text, UNSIGNED) - text);
	return 0;
}

void
signal_client_prove(const uint8_t exporter[static TLS_EXPORTER], void *arg)
{
	struct signal_client *c = arg;
	const struct deviceproof proof = {
		.number = c->number, .exporter = exporter
	};
	uint8_t signature[P256SIG_BYTES];
	char text[SIGMSG_PROOF];

	if (c->proof_at == 0 ||
	    deviceproof_sign(signature, &proof, c->key) < 0)
		return;		/* the switch will refuse it */
	base64_encode_url(text, signature, sizeof(signature));
	memcpy(c->first + c->proof_at, text, sizeof(UNSIGNED) - 1);
}

static void
answer_request(struct signal_client *c, int status)
{
	struct sigmsg response = {
		.method = SIGMSG_RESPONSE,
		.status = status
	};
	char text[256];
	ssize_t n = sigmsg_write(&response, text, sizeof(text));

	/* A full buffer means a dead peer, which the keepalive will detect. */
	if (n > 0)
		(void)tls_write(c->tls, text, (size_t)n);
}

static void
take_request(struct signal_client *c, const struct sigmsg *msg)
{
	if (msg->method == SIGMSG_GET) {
		answer_request(c, strcmp(msg->target, "/keepalive") == 0 ?
		    200 : 404);
		return;
	}
	if (msg->method == SIGMSG_OTHER || msg->method > SIGMSG_RESUME) {
		answer_request(c, 405);
		return;
	}
	answer_request(c, 200);
	c->handlers.request(msg, c->arg);
}

static void
schedule_keepalive(struct signal_client *c)
{
	if (c->keepalive_ms != 0)
		loop_timer_set_ms(c->keepalive, c->keepalive_ms);
}

static void
take_response(struct signal_client *c, const struct sigmsg *msg)
{
	struct out out;

	if (msg->status < 200)
		return;
	if (c->out_n == 0) {
		signal_client_fail(c, -EPROTO,
		    "the switch answered without a request");
		return;
	}
	if (c->phase == ASKED && msg->status == 503) {
		signal_client_fail(c, -EBUSY,
		    "the switch is full or draining (503)");
		return;
	}
	out = c->out[c->out_head];
	c->out_head = (c->out_head + 1) % SIGNAL_CLIENT_OUT;
	c->out_n--;
	if (c->phase == ASKED) {
		c->phase = OPEN;
		signal_client_keep_ticket(c);
		c->times.answered = clock_ns();
		schedule_keepalive(c);
	}
	loop_event_stop(c->deadline);
	if (c->out_n > 0)
		signal_client_deadline(c, ANSWER_MS);
	if (out.answer != NULL)
		out.answer(msg, out.arg);
}

/*
 * Take one message from the front of `in`. Return false if none is complete, or
 * if it all has ended.
 */
static bool
take_message(struct signal_client *c, struct buffer *in)
{
	struct sigmsg msg;
	size_t len = buffer_len(in), used;
	bool head_done, freed = false;
	struct buffer *whole;
	int err;

	if (len > SIGNAL_CLIENT_TEXT)
		len = SIGNAL_CLIENT_TEXT;
	if (len == 0)
		return false;
	err = sigmsg_parse(&msg, buffer_front(in, (ssize_t)len), len, &used,
	    &head_done);
	if (err == -EAGAIN && len < SIGNAL_CLIENT_TEXT)
		return false;
	if (err < 0) {
		signal_client_fail(c, -EPROTO,
		    "the switch sent a malformed message");
		return false;
	}
	/*
	 * `msg` points into the bytes, which must outlive a handler that frees.
	 */
	whole = buffer_new();
	if (whole == NULL) {
		signal_client_fail(c, -ENOMEM, "out of memory");
		return false;
	}
	(void)buffer_move(whole, in, used);
	(void)sigmsg_parse(&msg, buffer_front(whole, -1), used, &used,
	    &head_done);
	c->freed = &freed;
	if (msg.method == SIGMSG_RESPONSE)
		take_response(c, &msg);
	else
		take_request(c, &msg);
	buffer_free(whole);
	if (freed)
		return false;
	c->freed = NULL;
	return c->tls != NULL;
}

void
signal_client_data(struct buffer *in, void *arg)
{
	struct signal_client *c = arg;
	unsigned left = TURN_MAX;

	while (left > 0 && take_message(c, in))
		left--;
	if (left == 0)
		tls_again(c->tls);
}

static void
ping(struct signal_client *c)
{
	struct sigmsg msg = { .method = SIGMSG_GET };

	strcpy(msg.target, "/keepalive");
	/*
	 * With too many requests outstanding, their deadline serves as a ping.
	 */
	(void)signal_client_request(c, &msg, NULL, NULL);
}

void
signal_client_keepalive(void *arg)
{
	struct signal_client *c = arg;

	schedule_keepalive(c);
	ping(c);
}

bool
signal_client_moved(struct signal_client *c)
{
	bool gone;

	if (c->phase != OPEN) {
		signal_client_moves(c);
		return false;
	}
	gone = netwatch_is_stranded(tls_fd(c->tls));
	ping(c);
	signal_client_deadline(c, gone ? 0 : MOVED_MS);
	return !gone;
}

int
signal_client_request(struct signal_client *c, const struct sigmsg *msg,
    signal_client_answer *answer, void *arg)
{
	char text[SIGNAL_CLIENT_TEXT];
	size_t len = 0;
	int err;

	if (c->phase != OPEN)
		return -ENOTCONN;
	if (c->out_n == SIGNAL_CLIENT_OUT)
		return -ENOBUFS;
	err = signal_client_write(c, msg, text, &len);
	if (err == 0)
		err = tls_write(c->tls, text, len);
	if (err < 0)
		return err;
	c->out[(c->out_head + c->out_n) % SIGNAL_CLIENT_OUT] =
	    (struct out){ answer, arg };
	if (c->out_n++ == 0)
		signal_client_deadline(c, ANSWER_MS);
	return 0;
}
