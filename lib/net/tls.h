/*
 * tls: a TLS 1.2+ stream (GnuTLS) on a connected non-blocking TCP socket,
 * driven by a libevent loop. Server and client side.
 */
#ifndef RP_NET_TLS_H
#define RP_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct buffer;

/* Credentials; shared by any number of streams, which keep a reference. */
struct tls_config;

/*
 * A server's, from PEM files (the certificate with its chain). -EINVAL, with
 * one line in why, if they cannot be read or do not belong together. Session
 * tickets and ALPN "http/1.1" are on.
 */
#define TLS_WHY 256
int tls_config_server(struct tls_config **out, const char *cert_file,
    const char *key_file, char why[static TLS_WHY]);

/* A client's: it trusts ca_file, or the system's authorities if NULL. */
int tls_config_client(struct tls_config **out, const char *ca_file,
    char why[static TLS_WHY]);

/*
 * A server's: take early data (RFC 8446 2.3) from now on, each ClientHello's
 * once. -ENOMEM. How often it was refused, since it had come before or too much
 * had come.
 */
int tls_config_take_early(struct tls_config *config);
uint64_t tls_config_early_refused(const struct tls_config *config);

/* Whom a client's trusts: the same text if and only if the same. */
#define TLS_TRUST 65
const char *tls_config_trust(const struct tls_config *config);

/* Drop one reference; NULL is fine. Streams keep theirs. */
void tls_config_free(struct tls_config *config);

struct tls;

/*
 * Called from the loop only, never before tls_new returns. Within any handler
 * tls_free is allowed.
 */
struct tls_handlers {
	/*
	 * The peer's first TLS message came (a client: its ServerHello); bytes
	 * that are no TLS are none. May be NULL.
	 */
	void (*hello)(void *arg);
	/* The handshake is done and the peer's certificate is good. */
	void (*ready)(void *arg);
	/*
	 * Bytes came: drain what is used from in; the rest stays. At most once
	 * in a turn of the loop. A server that takes early data: before ready,
	 * perhaps; what is written then leaves when it is.
	 */
	void (*data)(struct buffer *in, void *arg);
	/*
	 * The stream is over, once: 0 after the peer's orderly end, else a
	 * negative errno (-ETIMEDOUT, -ECONNRESET, -EPROTO, -EACCES: the
	 * certificate). why is one line. Nothing follows; free it.
	 */
	void (*closed)(int err, const char *why, void *arg);
};

struct tls_options {
	const char *server_name;	/* client: to send and to verify */
	uint32_t handshake_ms;		/* the whole handshake; 0: 10,000 */
	size_t in_max;			/* unread bytes held; 0: 64 KiB */
	size_t out_max;			/* unsent bytes held; 0: 256 KiB */
	const void *session;		/* client: what tls_session gave before */
	size_t session_bytes;
	/*
	 * Client: sent with the ClientHello if the session allows; tls_early
	 * says whether the server took it. Safe against replay only as far as
	 * the server is.
	 */
	const void *early;
	size_t early_bytes;
};

/*
 * Takes over fd (closed by tls_free, or at once on failure). The loop and
 * config must outlive the stream (config is referenced).
 */
int tls_new(struct tls **out, struct event_base *loop, int fd,
    struct tls_config *config, const struct tls_options *options,
    const struct tls_handlers *handlers, void *arg);

/* Somebody else handles it from now on; allowed within a handler. */
void tls_hand_over(struct tls *tls, const struct tls_handlers *handlers,
    void *arg);

/* Close without ceremony. No handler follows. NULL is fine. */
void tls_free(struct tls *tls);

/*
 * Queue bytes (before ready as well). -ENOBUFS beyond out_max, -EPIPE after
 * the end. Writes what it can at once.
 */
int tls_write(struct tls *tls, const void *data, size_t len_bytes);

/*
 * Send what is queued, say goodbye, let the peer read it (2 s at most) and then
 * call closed with 0. What still comes in is thrown away.
 */
void tls_finish(struct tls *tls);

/*
 * There is more to do than one turn of the loop allows, or what was left could
 * be used now: data is called again in the next turn, with or without bytes, and
 * no sooner. Until then nothing more is read, and the end is not told. Needed as
 * well after the buffer was full, for reading to go on.
 */
void tls_again(struct tls *tls);

/* Bytes queued and not yet with the kernel. */
size_t tls_unsent(const struct tls *tls);

int tls_fd(const struct tls *tls);

/* After ready: was a session ticket used, and early data taken? */
bool tls_resumed(const struct tls *tls);
bool tls_early(const struct tls *tls);

/*
 * A client's session to resume later, malloc'd. -EAGAIN before the server's
 * ticket came (with TLS 1.3 that is some time after ready).
 */
int tls_session(const struct tls *tls, void **out, size_t *len_bytes);

#endif
