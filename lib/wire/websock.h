/*
 * websock: the server's side of a WebSocket (RFC 6455) that carries text
 * messages, over libwslay. Pure: bytes in, messages and bytes out.
 */
#ifndef RP_WIRE_WEBSOCK_H
#define RP_WIRE_WEBSOCK_H

#include <stddef.h>

#define WEBSOCK_ACCEPT 29	/* 20 bytes in base64, and a NUL */

/* Close codes (RFC 6455 7.4.1). */
#define WEBSOCK_NORMAL 1000
#define WEBSOCK_POLICY 1008

struct websock;

/*
 * Called from within websock_feed, websock_send and websock_close. A handler
 * must not free the websock.
 */
struct websock_handlers {
	/* A whole text message has come. */
	void (*message)(const char *text, size_t len, void *arg);
	/*
	 * Send bytes to the peer. Return a negative number if they cannot be
	 * taken.
	 */
	int (*send)(const void *data, size_t len, void *arg);
};

/*
 * Make one. A message of more than `message_max` bytes closes it with 1009.
 * -ENOMEM.
 */
int websock_new(struct websock **out, size_t message_max,
    const struct websock_handlers *handlers, void *arg);
void websock_free(struct websock *websock);

/*
 * Process bytes from the peer, all of which are consumed. Pings are answered
 * here. Return -EPROTO if the peer violated the protocol or has closed. A close
 * frame has been sent by then, and the caller only has to close the connection.
 */
int websock_feed(struct websock *websock, const void *data, size_t len);

/*
 * After an error: return the code with which we closed, such as 1002, or 0 if
 * the peer has closed or is gone.
 */
unsigned websock_refusal(const struct websock *websock);

/* Send a text message. Return a negative number if it cannot be sent. */
int websock_send(struct websock *websock, const char *text, size_t len);

/* Send a close frame. Nothing can be sent afterwards. */
void websock_close(struct websock *websock, unsigned code);

/*
 * Compute the Sec-WebSocket-Accept for a Sec-WebSocket-Key. Return -EINVAL
 * unless the key is 16 bytes in base64.
 */
int websock_accept(char accept[static WEBSOCK_ACCEPT], const char *key);

#endif
