/*
 * tls_private: a TLS stream from inside, for tls.c, which is what its owner
 * sees of it, and tls_loop.c, which is what happens to it on the loop.
 */
#ifndef RP_NET_TLS_PRIVATE_H
#define RP_NET_TLS_PRIVATE_H

#include <gnutls/gnutls.h>

#include "net/tls.h"

struct event;
struct evbuffer;
struct event_base;

#define TLS_HANDSHAKE_MS 10000	/* unless its options say; and to flush */

enum tls_state {
	TLS_HANDSHAKE,
	TLS_READY,
	TLS_FINISHING,		/* flush, then say goodbye */
	TLS_LINGERING,		/* said; the peer may still be reading */
	TLS_ENDED
};

struct tls {
	enum tls_state state;
	int fd;
	gnutls_session_t session;
	struct tls_config *config;
	struct event *read, *write;
	struct event *soon;	/* work that is left for the next turn */
	struct event *timer;
	struct evbuffer *in, *out;
	size_t in_max, out_max;
	size_t sending;		/* length of a record that must be retried */
	struct tls_handlers handlers;
	void *arg;
	bool heard, hello_told;
	bool data_again;	/* told by the handler: once more */
	int read_last;		/* GnuTLS's last word on reading */
	bool finish;		/* once ready */
	unsigned calling;	/* handlers on the stack */
	bool freed;		/* by one of them */
	int err;		/* found by tls_write; told from the loop */
};

/* Its events, for the descriptor and the loop. -ENOMEM: free it. */
int tls_loop_init(struct tls *tls, struct event_base *loop);

/* Free it now, from within no handler. Events and buffers may be missing. */
void tls_loop_destroy(struct tls *tls);

/* End it after ms, unless something else happens before. */
void tls_loop_set_timer(struct tls *tls, uint32_t ms);

/* Send what is queued. 0, -EAGAIN, or GnuTLS's code in *code and -EIO. */
int tls_loop_flush(struct tls *tls, int *code);

#endif
