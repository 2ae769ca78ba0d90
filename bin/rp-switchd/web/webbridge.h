/*
 * webbridge: the way of a plain WebSocket to a port of this very switch, for
 * --dev alone: a client of TLS that carries its bytes there and back.
 * Signalling then has no code for clients without TLS, which no setting could
 * let in by mistake.
 */
#ifndef RP_SWITCHD_WEBBRIDGE_H
#define RP_SWITCHD_WEBBRIDGE_H

#include <stddef.h>

struct addr;
struct buffer;
struct event_base;
struct tls_config;
struct webbridge;

/* Where it leads. */
struct webbridge_ports {
	struct tls_config *trust;	/* a client's */
	const char *name;		/* in the certificate */
	const struct addr *call;
	const struct addr *answer;	/* while the call port is closed */
};

/* Called from the loop only, never before webbridge_new returns. */
struct webbridge_handlers {
	/* Bytes have come from the switch. Take all. */
	void (*data)(struct buffer *in, void *arg);
	/* It has ended. Free it, within the handler or later. */
	void (*ended)(void *arg);
};

/* Begin to connect. 0 or a negative errno. */
int webbridge_new(struct webbridge **out, struct event_base *loop,
    const struct webbridge_ports *ports,
    const struct webbridge_handlers *handlers, void *arg);

/* Close at once and free; no handler follows. NULL is fine. */
void webbridge_free(struct webbridge *bridge);

/* Queue bytes for the switch. A negative errno: it takes no more, or ended. */
int webbridge_write(struct webbridge *bridge, const void *data, size_t len);

#endif
