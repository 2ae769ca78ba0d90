/*
 * tls_private: the state of a TLS stream, for tls.c (its interface), tls_loop.c
 * (its events on the loop) and tls_shake.c (its handshake).
 */
#ifndef RP_NET_TLS_PRIVATE_H
#define RP_NET_TLS_PRIVATE_H

#include <gnutls/gnutls.h>

#include "net/tls.h"
#include "net/workers.h"

struct event;
struct evbuffer;
struct event_base;

#define TLS_HANDSHAKE_MS 10000	/* the default; also the limit for flushing */

#define TLS_EXPORTER_LABEL "EXPORTER-Channel-Binding"	/* RFC 9266 2 */

enum tls_state {
	TLS_HANDSHAKE,
	TLS_READY,
	TLS_FINISHING,		/* flush, then send close_notify */
	TLS_LINGERING,		/* it is sent; the peer may still be reading */
	TLS_ENDED
};

struct tls {
	enum tls_state state;
	int fd;
	gnutls_session_t session;
	struct tls_config *config;
	struct event *read, *write;
	struct event *soon;	/* work left for the next turn */
	struct event *timer;
	struct evbuffer *in, *out;
	size_t in_max, out_max;
	size_t sending;		/* length of the record to retry */
	struct tls_handlers handlers;
	void (*sent)(void *arg);	/* NULL: nobody wants to know */
	void *arg;
	/*
	 * A handshake that a thread computes: until it is done, the session,
	 * what follows here and the descriptor are that thread's.
	 */
	struct workers_lane *lane;	/* NULL: on the loop */
	struct workers_job job;
	bool away;			/* it is a thread's now */
	bool shaking;			/* the handshake is not done yet */
	int shaken;			/* GnuTLS's result */
	bool heard;
	/* Of early data: the exporter, and what is sent once that is known. */
	bool has_early_exporter;
	uint8_t early_exporter[TLS_EXPORTER];
	const uint8_t *early_rest;
	size_t early_rest_bytes;
	void (*early_seal)(const uint8_t exporter[static TLS_EXPORTER],
	    void *arg);
	void *early_arg;
	struct tls_heard peer;

	bool hello_told;
	enum tls_failure failure;	/* of the handshake */
	bool data_again;	/* the handler asked to be called again */
	int read_last;		/* GnuTLS's last result of reading */
	bool finish;		/* finish as soon as ready */
	unsigned calling;	/* handlers on the stack */
	bool freed;		/* by one of them */
	int err;		/* found by tls_write; reported from the loop */
};

/* Make its events, for the descriptor and the loop. After -ENOMEM, free it. */
int tls_loop_init(struct tls *tls, struct event_base *loop);

/* Make its session. Return 0 or a negative errno. */
int tls_shake_session(struct tls *tls, const struct tls_options *options);

/*
 * Go on with the handshake as far as there are messages, for `shaken`. A
 * server's makes its session first, if there is none. A thread may call this.
 */
void tls_shake(struct tls *tls);

/*
 * Free it, which has been marked as freed, as soon as no handler runs and no
 * thread has it. Events and buffers may be missing.
 */
void tls_loop_release(struct tls *tls);

/* End the stream after `ms`, unless something else happens before. */
void tls_loop_set_timer(struct tls *tls, uint32_t ms);

/*
 * Send what is queued. Return 0, -EAGAIN, or -EIO with GnuTLS's code in
 * `*code`.
 */
int tls_loop_flush(struct tls *tls, int *code);

#endif
