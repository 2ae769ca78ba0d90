/*
 * tls: a TLS 1.2+ stream (GnuTLS) on a connected non-blocking TCP socket,
 * driven by a libevent loop. Server and client side.
 */
#ifndef RP_NET_TLS_H
#define RP_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/tls_failure.h"
#include "wire/why.h"

struct event_base;
struct buffer;
struct certset;
struct workers_lane;

/* Credentials. Any number of streams share them, and each keeps a reference. */
struct tls_config;

/*
 * Load a server's credentials from PEM files (the certificate with its chain).
 * Session tickets and ALPN "http/1.1" are on. Return -EINVAL, with one line in
 * `why`, if the files cannot be read or do not match.
 */
int tls_config_server(struct tls_config **out, const char *cert_file,
    const char *key_file, char why[static WHY_TEXT]);

/*
 * Make a server's credentials likewise from certificates that are loaded, of
 * which a client gets one by its SNI. The config keeps a reference to `set`,
 * which the second function returns.
 */
int tls_config_serve(struct tls_config **out, struct certset *set,
    char why[static WHY_TEXT]);
struct certset *tls_config_set(const struct tls_config *config);

/*
 * Make a client's credentials, which trust `ca_file`, or the system's
 * authorities if NULL.
 */
int tls_config_client(struct tls_config **out, const char *ca_file,
    char why[static WHY_TEXT]);

/*
 * Make a server accept early data (RFC 8446 2.3) from now on, once per
 * ClientHello. -ENOMEM. The second function returns how often early data was
 * refused, because it was replayed or because the server had seen too many.
 */
int tls_config_take_early(struct tls_config *config);
uint64_t tls_config_early_refused(struct tls_config *config);

/*
 * Return a text that names a client's trusted authorities: equal if and only if
 * they are.
 */
#define TLS_TRUST 65
const char *tls_config_trust(const struct tls_config *config);

/* Drop one reference. Streams keep theirs. NULL is fine. */
void tls_config_free(struct tls_config *config);

struct tls;

/*
 * Called from the loop only, never before tls_new returns. Each may call
 * tls_free.
 */
struct tls_handlers {
	/*
	 * The peer's first TLS message has come (for a client, the
	 * ServerHello). Bytes that are not TLS do not count. May be NULL.
	 */
	void (*hello)(void *arg);
	/* The handshake is done and the peer's certificate is valid. */
	void (*ready)(void *arg);
	/*
	 * Bytes have come. Drain what is used from `in`; the rest stays. Called
	 * at most once per turn of the loop. On a server with early data it may
	 * come before `ready`; what is written then leaves after `ready`.
	 */
	void (*data)(struct buffer *in, void *arg);
	/*
	 * The stream has ended. `err` is 0 after the peer's orderly end, else a
	 * negative errno: -ETIMEDOUT, -ECONNRESET, -EPROTO, or -EACCES for the
	 * certificate. `why` is one line. Called once, and nothing follows;
	 * free the stream.
	 */
	void (*closed)(int err, const char *why, void *arg);
};

#define TLS_EXPORTER 32		/* bytes, as RFC 9266 has them */

struct tls_options {
	const char *server_name;	/* client: the name to send and
					 * verify */
	uint32_t handshake_ms;		/* for the whole handshake; 0: 10,000 */
	size_t in_max;			/* unread bytes held; 0: 64 KiB */
	size_t out_max;			/* unsent bytes held; 0: 256 KiB */
	/*
	 * Server: the threads that compute the handshake; NULL: it is done on
	 * the loop. The client's Finished of TLS 1.3, which costs little, is
	 * checked there in any case, and so are all handlers called from there.
	 * The lane is that loop's, and must outlive the stream, and tls_free's
	 * call.
	 */
	struct workers_lane *lane;
	const void *session;	/* client: from tls_session, to resume */
	size_t session_bytes;
	/*
	 * Client: data to send with the ClientHello if the session allows.
	 * tls_early says whether the server accepted it. It is protected
	 * against replay only as far as the server does that.
	 */
	const void *early;
	size_t early_bytes;
	/*
	 * Client: if this is not 0, `early` is not final from here on: it holds
	 * a signature over the early exporter. `early_seal` is called once,
	 * when that is known, and may change those bytes, which must stay
	 * valid. It may be called from within any function of the stream.
	 */
	size_t early_seal_at;
	void (*early_seal)(const uint8_t exporter[static TLS_EXPORTER],
	    void *arg);
	void *early_arg;
};

/*
 * Make a stream on `fd`, which is closed by tls_free, or at once on failure.
 * The loop must outlive the stream; `config` is referenced.
 */
int tls_new(struct tls **out, struct event_base *loop, int fd,
    struct tls_config *config, const struct tls_options *options,
    const struct tls_handlers *handlers, void *arg);

/* Replace the handlers; allowed within a handler. */
void tls_hand_over(struct tls *tls, const struct tls_handlers *handlers,
    void *arg);

/*
 * Close and free. No handler follows. With a lane, a handshake that is being
 * computed is ended first, and its descriptor is closed then. NULL is fine.
 */
void tls_free(struct tls *tls);

/*
 * Queue bytes, also before `ready`, and write at once what is possible.
 *
 *   -ENOBUFS  more than `out_max` would be queued
 *   -EPIPE    the stream has ended
 */
int tls_write(struct tls *tls, const void *data, size_t len_bytes);

/*
 * Send what is queued and close_notify, give the peer at most 2 s to read it,
 * and then call `closed` with 0. Input from here on is discarded.
 */
void tls_finish(struct tls *tls);

/*
 * Call `data` again in the next turn and not earlier, with or without new
 * bytes. For a handler with more work than one turn of the loop allows, or one
 * that can use the rest of the input now. Until then nothing more is read, and
 * the end is not reported. It is needed after the input buffer was full, too,
 * for reading to go on.
 */
void tls_again(struct tls *tls);

/*
 * Set a handler that is called when all is passed to the kernel that tls_write
 * had to queue after `ready`. It may call tls_free.
 */
void tls_on_sent(struct tls *tls, void (*sent)(void *arg));

/* Return the number of bytes queued and not yet passed to the kernel. */
size_t tls_unsent(const struct tls *tls);

int tls_fd(const struct tls *tls);

/* Within `closed`: why the handshake failed; TLS_FAILURE_NONE if it did not. */
enum tls_failure tls_failure(const struct tls *tls);

/* After `ready`: was a session ticket used, and early data accepted? */
bool tls_resumed(const struct tls *tls);
bool tls_early(const struct tls *tls);

/*
 * Write the name that a client asked for (RFC 6066 3), after `ready`. Return
 * -ENOENT if it named none.
 */
#define TLS_NAME 256
int tls_asked_name(const struct tls *tls, char name[static TLS_NAME]);

/*
 * Get the session's channel binding (RFC 9266), which differs in any other
 * session; `early` asks for that of early data.
 *
 *   -EAGAIN      it is not known yet, or there was no early data
 *   -EOPNOTSUPP  TLS 1.2 without the extended master secret (RFC 7627)
 */
int tls_exporter(const struct tls *tls, bool early,
    uint8_t out[static TLS_EXPORTER]);

/*
 * Copy a client's session, to resume later, for the caller to free. Return
 * -EAGAIN before the server's ticket has come; with TLS 1.3 that is some time
 * after `ready`.
 */
int tls_session(const struct tls *tls, void **out, size_t *len_bytes);

#endif
