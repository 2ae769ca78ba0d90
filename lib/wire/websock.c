/*
 * websock: frames in and out by libwslay, and the Sec-WebSocket-Accept key.
 * See websock.h.
 */
#include "wire/websock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <nettle/sha1.h>
#include <wslay/wslay.h>

#include "wire/base64.h"

#define KEY_BYTES 16
#define KEY_TEXT 24

struct websock {
	wslay_event_context_ptr wslay;
	struct websock_handlers handlers;
	void *arg;
	const uint8_t *in;	/* the rest of the bytes being fed */
	size_t in_len;
	bool failed;		/* a send has failed */
};

static ssize_t
on_recv(wslay_event_context_ptr wslay, uint8_t *data, size_t len, int flags,
    void *arg)
{
	struct websock *ws = arg;

	(void)flags;
	if (ws->in_len == 0) {
		wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (len > ws->in_len)
		len = ws->in_len;
	memcpy(data, ws->in, len);
	ws->in += len;
	ws->in_len -= len;
	return (ssize_t)len;
}

static ssize_t
on_send(wslay_event_context_ptr wslay, const uint8_t *data, size_t len,
    int flags, void *arg)
{
	struct websock *ws = arg;

	(void)flags;
	if (ws->handlers.send(data, len, ws->arg) < 0) {
		ws->failed = true;
		wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	return (ssize_t)len;
}

static void
on_message(wslay_event_context_ptr wslay,
    const struct wslay_event_on_msg_recv_arg *msg, void *arg)
{
	struct websock *ws = arg;

	if (msg->opcode == WSLAY_TEXT_FRAME)
		ws->handlers.message((const char *)msg->msg, msg->msg_length,
		    ws->arg);
	else if (msg->opcode == WSLAY_BINARY_FRAME)
		wslay_event_queue_close(wslay,
		    WSLAY_CODE_UNSUPPORTED_DATA, NULL, 0);
}

int
websock_new(struct websock **out, size_t message_max,
    const struct websock_handlers *handlers, void *arg)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = on_recv,
		.send_callback = on_send,
		.on_msg_recv_callback = on_message
	};
	struct websock *ws = calloc(1, sizeof(*ws));

	if (ws == NULL)
		return -ENOMEM;
	ws->handlers = *handlers;
	ws->arg = arg;
	if (wslay_event_context_server_init(&ws->wslay, &callbacks, ws) != 0) {
		free(ws);
		return -ENOMEM;
	}
	wslay_event_config_set_max_recv_msg_length(ws->wslay, message_max);
	*out = ws;
	return 0;
}

void
websock_free(struct websock *websock)
{
	if (websock == NULL)
		return;
	wslay_event_context_free(websock->wslay);
	free(websock);
}

static int
flush_message(struct websock *ws)
{
	if (wslay_event_send(ws->wslay) != 0 || ws->failed)
		return -EPIPE;
	return 0;
}

unsigned
websock_refusal(const struct websock *websock)
{
	if (websock->failed || wslay_event_get_close_received(websock->wslay) ||
	    !wslay_event_get_close_sent(websock->wslay))
		return 0;
	return wslay_event_get_status_code_sent(websock->wslay);
}

int
websock_feed(struct websock *websock, const void *data, size_t len)
{
	struct websock *ws = websock;
	int err;

	ws->in = data;
	ws->in_len = len;
	err = wslay_event_recv(ws->wslay);
	ws->in_len = 0;
	if (flush_message(ws) < 0 || err != 0 ||
	    wslay_event_get_close_sent(ws->wslay) ||
	    wslay_event_get_close_received(ws->wslay))
		return -EPROTO;
	return 0;
}

int
websock_send(struct websock *websock, const char *text, size_t len)
{
	struct wslay_event_msg msg = {
		WSLAY_TEXT_FRAME, (const uint8_t *)text, len
	};

	if (wslay_event_queue_msg(websock->wslay, &msg) != 0)
		return -EPIPE;
	return flush_message(websock);
}

void
websock_close(struct websock *websock, unsigned code)
{
	if (wslay_event_queue_close(websock->wslay, (uint16_t)code, NULL,
	    0) == 0)
		flush_message(websock);
}

int
websock_accept(char accept[static WEBSOCK_ACCEPT], const char *key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t raw[KEY_BYTES], digest[SHA1_DIGEST_SIZE];
	size_t len = sizeof(raw);
	struct sha1_ctx sha1;

	if (strlen(key) != KEY_TEXT ||
	    base64_decode(raw, &len, key, KEY_TEXT) < 0 || len != sizeof(raw))
		return -EINVAL;
	sha1_init(&sha1);
	sha1_update(&sha1, KEY_TEXT, (const uint8_t *)key);
	sha1_update(&sha1, sizeof(guid) - 1, (const uint8_t *)guid);
	sha1_digest(&sha1, sizeof(digest), digest);
	base64_encode(accept, digest, sizeof(digest));
	return 0;
}
