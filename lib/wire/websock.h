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

/* Called from within websock_feed, _send and _close; must not free it. */
struct websock_handlers {
	/* A whole text message. */
	void (*message)(const char *text, size_t len, void *arg);
	/* Bytes for the peer. Negative if they cannot be taken. */
	int (*send)(const void *data, size_t len, void *arg);
};

/* message_max: bytes; what is longer ends it with 1009. -ENOMEM. */
int websock_new(struct websock **out, size_t message_max,
    const struct websock_handlers *handlers, void *arg);
void websock_free(struct websock *websock);

/*
 * Bytes from the peer, all of which are used. Pings are answered here.
 * -EPROTO: it broke the rules, or has said goodbye; a close frame was sent, and
 * there is nothing more to do but to close.
 */
int websock_feed(struct websock *websock, const void *data, size_t len);

/* A text message. Negative if it cannot be sent. */
int websock_send(struct websock *websock, const char *text, size_t len);

/* Say goodbye; nothing can be sent afterwards. */
void websock_close(struct websock *websock, unsigned code);

/*
 * What Sec-WebSocket-Accept has to say to a Sec-WebSocket-Key. -EINVAL unless
 * that is 16 bytes in base64.
 */
int websock_accept(char accept[static WEBSOCK_ACCEPT], const char *key);

#endif
